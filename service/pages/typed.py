"""Reads what was typed into a form, every value of every field, as text."""

from service.pages.frame import AnyRequest

MOST_FIELDS = 200


async def read_typed(request: AnyRequest) -> dict[str, list[str]]:
    """Every text value by field name; one ticked box is a list of one."""
    form = await request.form()
    typed: dict[str, list[str]] = {}
    for name, value in list(form.multi_items())[:MOST_FIELDS]:
        if isinstance(value, str) and name != "_csrf_token":
            typed.setdefault(name, []).append(value)
    return typed
