"""Reads what was typed into a form, every value of every field, as text."""

from typing import Any, TypeAlias, cast

from litestar import Request

Typed: TypeAlias = dict[str, list[str]]
"""What was typed, by the names of the fields."""

MOST_FIELDS = 200
_KEPT = "samsyn.typed"
_MOST_DIGITS = 9


async def read_typed(request: Request[Any, Any, Any]) -> Typed:
    """Every text value by field name; one ticked box is a list of one."""
    form = await request.form()
    typed: Typed = {}
    for name, value in list(form.multi_items())[:MOST_FIELDS]:
        if isinstance(value, str) and name != "_csrf_token":
            typed.setdefault(name, []).append(value)
    cast("dict[str, Any]", request.scope)[_KEPT] = typed
    return typed


def typed_so_far(request: Request[Any, Any, Any]) -> Typed:
    """What a form sent with this request, for a page that must give it back."""
    kept: Typed = cast("dict[str, Any]", request.scope).get(_KEPT, {})
    return kept


def asked_for(request: Request[Any, Any, Any]) -> Typed:
    """What a link asks to be filled in beforehand."""
    return {name: list(request.query_params.getall(name)) for name in request.query_params}


def whole(text: str) -> int:
    """A number that was sent along; 0 if it is none that we would have sent."""
    return int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0
