"""The fixed parts of the API's description: problems, receipts and headers."""

from collections.abc import Mapping
from typing import Final

from service.api.schema import Schema

PROBLEM: Final[Schema] = {
    "type": "object",
    "description": "What went wrong (RFC 9457), in the language asked for.",
    "additionalProperties": False,
    "required": ["type", "title", "status", "detail", "code", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string", "description": "What went wrong, for programs."},
        "request_id": {"type": "string"},
        "who_may": {
            "type": "array",
            "items": {"type": "string"},
            "description": "403: roles or agencies that may.",
        },
        "happened": {"type": "string", "description": "409, 412: what stands in the way."},
        "errors": {
            "type": "array",
            "description": "422: every bad field at once.",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["field", "code", "message"],
                "properties": {
                    "field": {"type": "string"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}

RECEIPT: Final[Schema] = {
    "type": "object",
    "description": "A command that is durable: where it stands in the log and what it created.",
    "additionalProperties": False,
    "required": ["position", "stream_id", "version", "created_id", "replayed", "receipt"],
    "properties": {
        "position": {"type": "string", "description": "Place in the log; give as at_position."},
        "stream_id": {
            "type": "string",
            "format": "uuid",
            "description": "The report, issue or directory that was changed.",
        },
        "version": {"type": "integer", "description": "Of that stream; also the ETag."},
        "created_id": {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "The new report, issue, referral, action or note, if any.",
        },
        "replayed": {"type": "boolean", "description": "The key was used before; as then."},
        "receipt": {
            "type": ["string", "null"],
            "description": "Signed note (C2SP): event, hash of its entry in the audit log, position"
            " and time. The log holds it within a minute; null if none could be signed.",
        },
    },
}

BEHIND_EVENTS: Final = "Samsyn-Behind-Events"
BEHIND_SECONDS: Final = "Samsyn-Behind-Seconds"

FRESHNESS: Final[Mapping[str, Schema]] = {
    BEHIND_EVENTS: {
        "description": "How many events of the log this answer may lack; as of half a second ago.",
        "required": True,
        "schema": {"type": "integer", "minimum": 0},
    },
    BEHIND_SECONDS: {
        "description": "How long ago the oldest event that it may lack was recorded.",
        "required": True,
        "schema": {"type": "number", "minimum": 0},
    },
}

HEADERS: Final[Mapping[str, Schema]] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "The same key and command again gives the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200, "pattern": "^[!-~]+$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": 'The ETag that was read, for example "7".',
        "schema": {"type": "string", "pattern": '^("[0-9]{1,9}"|\\*)$'},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of problems: sv or en.",
        "schema": {"type": "string"},
        "example": "sv",
    },
}
