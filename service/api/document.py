"""The API's own description, OpenAPI 3.1, made from the tables of commands and queries."""

import inspect
import re
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, Final, get_type_hints

from domain.command import Command
from service.api.asking import Query
from service.api.document_parts import FRESHNESS, HEADERS, PROBLEM, RECEIPT
from service.api.schema import Schema, Schemas, is_required, reference
from service.commands import Row, Target
from service.problems import MEDIA_TYPE, WORDS

VERSION: Final = "1.0.0"
_PARAMETER: Final = re.compile(r"\{(\w+):uuid\}|\{(\w+):str\}")
_OF_ANY: Final = (400, 401, 403, 404, 500, 503)
_OF_COMMANDS: Final = (*_OF_ANY, 409, 412, 413, 415, 422)
_OF_QUERIES: Final = (*_OF_ANY, 422)
_EXISTING: Final = (Target.REPORT, Target.ISSUE, Target.DIRECTORY)

_DESCRIPTION: Final = """\
Every command of Samsyn and every query. The operationId of a command is the command's name.

Send `Authorization: Bearer svc_…`; the token acts as its user, for the one agency and in the one
role the directory gives. Send `Idempotency-Key` with every command: the same key and command
again gives the first answer and writes nothing. Send `If-Match` with the ETag you have read to
be refused (412) when somebody else was first. A receipt's `position`, given to a query as
`at_position`, makes the query wait until it can tell of that command.

Every error is a problem document (RFC 9457); `Accept-Language` chooses Swedish or English.
"""


def document(base: str, rows: Iterable[Row], queries: Iterable[Query]) -> Schema:
    """The whole description; `base` is the path under which everything lies."""
    schemas = Schemas()
    paths: dict[str, dict[str, Schema]] = {}
    for row in rows:
        paths.setdefault(_shown(base + row.path), {})["post"] = _command(row, schemas)
    for query in queries:
        paths.setdefault(_shown(base + query.path), {})["get"] = _query(query, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Samsyn", "version": VERSION, "description": _DESCRIPTION},
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(
                sorted({**schemas.components, "Problem": PROBLEM, "Receipt": RECEIPT}.items())
            ),
            "parameters": dict(HEADERS),
            "responses": {str(status): _problem(status) for status in sorted(set(_OF_COMMANDS))},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "svc_<id>_<secret>"}
            },
        },
    }


def creates(row: Row) -> bool:
    """Whether a command makes something new and is therefore answered with 201."""
    return get_type_hints(row.decision)["return"] is not type(None)


def path_names(path: str) -> list[str]:
    """The parameters in a path, in order."""
    return [found[1] or found[2] for found in _PARAMETER.finditer(path)]


def _command(row: Row, schemas: Schemas) -> Schema:
    names = path_names(row.path)
    body = schemas.taken(row.command, row.name, without=frozenset(names))
    required = any(is_required(f) for f in fields(row.command) if f.name not in names)
    operation = _operation(row.name, row.target.value, row.command, _OF_COMMANDS)
    operation["description"] = _rules(row)
    operation["parameters"] = [
        *(_in_path(row.command, name, schemas) for name in names),
        {"$ref": "#/components/parameters/IdempotencyKey"},
        *([{"$ref": "#/components/parameters/IfMatch"}] if row.target in _EXISTING else []),
        {"$ref": "#/components/parameters/AcceptLanguage"},
    ]
    operation["requestBody"] = {
        "required": required,
        "content": {"application/json": {"schema": body}},
    }
    operation["responses"] = {
        "201" if creates(row) else "200": _answer(
            "Done and durable.", reference("Receipt"), versioned=True
        ),
        **operation["responses"],
    }
    return operation


def _query(query: Query, schemas: Schemas) -> Schema:
    names = path_names(query.path)
    operation = _operation(query.name, query.tag, query.answer, _OF_QUERIES)
    operation["parameters"] = [_in_path(query.parameters, name, schemas) for name in names]
    for field in fields(query.parameters):
        if field.name not in names:
            schema = schemas.field(query.parameters, field.name)
            if isinstance(schema.get("type"), list):
                schema = schema | {"type": schema["type"][0]}
            elif "anyOf" in schema:
                schema = schema["anyOf"][0]
            operation["parameters"].append(
                {
                    "name": field.name,
                    "in": "query",
                    "required": is_required(field),
                    "schema": schema,
                }
            )
    operation["parameters"].append({"$ref": "#/components/parameters/AcceptLanguage"})
    versioned = query.version is not None
    found = _answer("Found.", schemas.answered(query.result), versioned=versioned)
    found["headers"] = {**found.get("headers", {}), **FRESHNESS}
    answers = {"200": found}
    if versioned:
        answers["304"] = {"description": "As in If-None-Match.", "headers": dict(FRESHNESS)}
    operation["responses"] = {**answers, **operation["responses"]}
    return operation


def _operation(name: str, tag: str, told_by: object, problems: Iterable[int]) -> Schema:
    said = inspect.getdoc(told_by) or name
    return {
        "operationId": name,
        "tags": [tag],
        "summary": said.split("\n", maxsplit=1)[0].rstrip("."),
        "description": said,
        "responses": {
            str(status): {"$ref": f"#/components/responses/{status}"} for status in sorted(problems)
        },
    }


def _rules(row: Row) -> str:
    roles = ", ".join(sorted(role.value for role in row.roles))
    told = [inspect.getdoc(row.command) or "", inspect.getdoc(row.decision) or ""]
    told.append(f"Roles: {roles}.")
    if row.target is Target.ISSUE:
        states = ", ".join(sorted(state.value for state in row.command.states))
        told.append(f"Status of the issue: {states}. Agency: {row.command.who}.")
    if row.command.referral_states:
        told.append(
            "Status of the referral: "
            + ", ".join(sorted(state.value for state in row.command.referral_states))
            + "."
        )
    return "\n\n".join(filter(None, told))


def _in_path(wanted: type[Any] | type[Command], name: str, schemas: Schemas) -> Schema:
    return {"name": name, "in": "path", "required": True, "schema": schemas.field(wanted, name)}


def _answer(description: str, schema: Schema, *, versioned: bool) -> Schema:
    answer: Schema = {
        "description": description,
        "content": {"application/json": {"schema": schema}},
    }
    if versioned:
        answer["headers"] = {
            "ETag": {"description": "The version.", "required": True, "schema": {"type": "string"}}
        }
    return answer


def _problem(status: int) -> Schema:
    problem: Schema = {
        "description": WORDS[status].en,
        "content": {MEDIA_TYPE: {"schema": reference("Problem")}},
    }
    if status == 503:  # noqa: PLR2004  the one status that passes by itself
        problem["headers"] = {
            "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}
        }
    return problem


def _shown(path: str) -> str:
    return _PARAMETER.sub(lambda found: "{" + (found[1] or found[2]) + "}", path)
