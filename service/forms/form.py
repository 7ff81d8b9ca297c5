"""Describes the form of a command, field by field, from the command's own types."""

import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.command import Command, Text, text_fields
from domain.refusals import FieldError
from service.forms.choices import Choices, Option
from service.forms.words import FIELD_HINTS, FIELD_WORDS

NOT_ON_FORMS = frozenset(
    {
        "area_id",
        "est_focus_id",
        "est_week",
        "external_ref",
        "issue_id",
        "items_disclosed",
        "level",
        "number",
        "occurred_at",
        "performer_unknown",
        "promise_commitment_id",
        "receiving_agency",
        "referral_id",
        "registering_agency",
        "reporter_ref",
    }
)
"""Fields that the path, the session or programs give, never a person."""

LONG_TEXT = 200
"""Texts that may be longer than this get several lines."""


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field as a template shows it."""

    name: str
    kind: str
    words: str
    hint: str
    required: bool
    options: Sequence[Option]
    value: str
    values: Sequence[str]
    errors: Sequence[str]
    most: int | None

    @property
    def chosen(self) -> Sequence[str]:
        """What is ticked or selected."""
        return self.values or ((self.value,) if self.value else ())


def describe(
    command: type[Command],
    choices: Choices,
    typed: Mapping[str, Sequence[str]],
    errors: Sequence[FieldError] = (),
    leave_out: frozenset[str] = frozenset(),
) -> list[FormField]:
    """The form of a command with what was typed so far and what is wrong with it.

    Nothing that a user typed is lost: it comes back in the field it was typed in.
    """
    limits = text_fields(command)
    hints = get_type_hints(command)
    told = {error.field for error in errors}
    shown: list[FormField] = []
    for field in fields(command):
        name = field.name
        if name in NOT_ON_FORMS | leave_out:
            continue
        if name == "not_personal" and not _asks_to_confirm(errors):
            continue
        kind, options = kind_of(name, hints[name], limits.get(name), choices)
        shown.append(
            FormField(
                name=name,
                kind=kind,
                words=choices.word(FIELD_WORDS[name]),
                hint=choices.word(FIELD_HINTS[name]) if name in FIELD_HINTS else "",
                required=field.default is MISSING and field.default_factory is MISSING,
                options=options,
                value=_default(typed, name, field.default),
                values=tuple(typed.get(name, ())),
                errors=_words_of(errors, name, choices) if name in told else (),
                most=limits[name].most if name in limits else None,
            )
        )
    return sorted(shown, key=lambda field: field.name == "not_personal")


def kind_of(  # noqa: PLR0911  one line for each kind of field
    name: str,
    hint: object,
    limit: Text | None,
    choices: Choices,
) -> tuple[str, Sequence[Option]]:
    """How a field is shown, and what can be chosen in it."""
    inner, many = unwrap(hint)
    by_name = {
        "category": ("select", choices.categories),
        "colleague": ("select", choices.colleagues),
        "user_id": ("select", choices.colleagues),
        "to_agency": ("select", choices.other_agencies),
        "suggested_agency": ("select", choices.other_agencies),
        "proposed_agency": ("select", choices.every_agency),
        "responsible_agency": ("select", choices.every_agency),
        "together_with": ("checkboxes", choices.other_agencies),
        "agencies_present": ("checkboxes", choices.every_agency),
        "perceived_unsafety": ("select", choices.unsafety),
        "place": ("place", choices.places),
    }
    if name in by_name:
        kind, options = by_name[name]
        return kind, options()
    if name == "report_ids":
        return "checkboxes", choices.reports
    if name == "action_id":
        return "select", choices.planned_actions
    if isinstance(inner, type) and issubclass(inner, StrEnum):
        return ("checkboxes" if many else "select"), choices.of_enum(inner)
    simple = {bool: "checkbox", int: "number", datetime: "datetime-local", date: "date"}
    if inner in simple:
        return simple[inner], ()
    if inner is UUID:
        return "text", ()
    return ("textarea" if limit is not None and limit.most > LONG_TEXT else "text"), ()


def unwrap(hint: Any) -> tuple[Any, bool]:  # noqa: ANN401  any type
    """The type inside an optional or a tuple, and whether there may be many."""
    if get_origin(hint) in (Union, types.UnionType):
        inner = [each for each in get_args(hint) if each is not type(None)]
        return unwrap(inner[0])
    if get_origin(hint) is tuple:
        return get_args(hint)[0], True
    return hint, False


def _default(typed: Mapping[str, Sequence[str]], name: str, default: object) -> str:
    if typed:
        given = typed.get(name, ())
        return given[0] if given else ""
    if isinstance(default, StrEnum):
        return default.value
    return ""


def _words_of(errors: Sequence[FieldError], name: str, choices: Choices) -> tuple[str, ...]:
    return tuple(
        error.sv if choices.language == "sv" else error.en
        for error in errors
        if error.field == name
    )


def _asks_to_confirm(errors: Sequence[FieldError]) -> bool:
    return any(error.code.startswith("looks_like_") for error in errors)
