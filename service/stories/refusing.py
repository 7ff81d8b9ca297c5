"""Compares a refusal with what the story tells of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from domain.refusals import Conflict, Invalid, NotAllowed, NotFound, Refused
from service.stories.story import is_list, nearest, shown

STATUS: Mapping[type[Refused], int] = {
    NotAllowed: 403,
    NotFound: 404,
    Conflict: 409,
    Invalid: 422,
}
"""The status that the API answers with, which stories use too."""

KEYS: Mapping[str, type] = {
    "status": int,
    "code": str,
    "fields": list,
    "happened": str,
    "who_may": list,
    "says": str,
}
"""What a story may tell of a refusal."""


def check_refusal(told: Mapping[str, Any], where: str) -> Iterator[str]:
    """What is wrong with how a story tells of a refusal."""
    for key, value in told.items():
        if key not in KEYS:
            yield f"{where}: refused has no {shown(key)}.{nearest(key, KEYS)}"
        elif not _is_of(KEYS[key], value):
            kind = {int: "a number", str: "text", list: "a list of words"}[KEYS[key]]
            yield f"{where}: {key} is {kind}, not {shown(value)}"
    if isinstance(told.get("status"), int) and told["status"] not in STATUS.values():
        yield f"{where}: a refusal has the status 403, 404, 409 or 422, not {told['status']}"


def _is_of(kind: type, value: object) -> bool:
    if is_list(value):
        return kind is list and all(isinstance(each, str) for each in value)
    return isinstance(value, kind) and not isinstance(value, bool)


def described(refused: Refused) -> Mapping[str, Any]:
    """A refusal in the words of stories."""
    found: dict[str, Any] = {
        "status": next(status for kind, status in STATUS.items() if isinstance(refused, kind)),
        "code": refused.code,
    }
    if isinstance(refused, Invalid):
        found["fields"] = sorted({error.field for error in refused.errors})
    if isinstance(refused, Conflict):
        found["happened"] = refused.happened
    if isinstance(refused, NotAllowed):
        found["who_may"] = sorted(refused.who_may)
    return found


def differences(told: Mapping[str, Any], refused: Refused) -> list[str]:
    """In what a refusal is not as told.

    `code` may also be the code of one bad field, and `says` is part of the Swedish or English text.
    """
    found = described(refused)
    wrong: list[str] = []
    for key, wanted in told.items():
        if key == "says":
            if wanted not in refused.sv and wanted not in refused.en:
                wrong.append(f"it does not say {wanted!r}")
        elif key == "code" and isinstance(refused, Invalid):
            codes = {error.code for error in refused.errors} | {refused.code}
            if wanted not in codes:
                wrong.append(f"the codes are {', '.join(sorted(codes))}")
        elif found.get(key) != (sorted(wanted) if is_list(wanted) else wanted):
            wrong.append(f"{key} is {found.get(key)!r}")
    return wrong
