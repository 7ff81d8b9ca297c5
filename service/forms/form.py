"""Describes the form of a command, field by field, from the command's own types."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, get_args, get_origin
from uuid import UUID

from domain import codes
from domain.command import Command, Text
from domain.refusals import FieldError
from service.forms.choices import Choices, Option
from service.forms.layout import Layout
from service.forms.words import hint_of, words_of
from service.reading import hints_of, take_apart

LONG_TEXT = 200
"""Texts that may be longer than this get several lines."""
RADIOS = frozenset(
    {
        codes.CloseOutcome,
        codes.DeclineReason,
        codes.DismissReason,
        codes.Effect,
        codes.Horizon,
        codes.Implementation,
        codes.Priority,
        codes.ReferralType,
    }
)
"""Scales that are shown as a whole, if one of them must be chosen: their words need comparing."""
CONFIRM = "not_personal"


@dataclass(frozen=True, kw_only=True)
class FormField:
    """One field as a template shows it; `errors` in the order in which they were found."""

    name: str
    kind: str
    words: str
    hint: str = ""
    needed: bool = False
    optional: bool = False
    options: Sequence[Option] = ()
    values: Sequence[str] = ()
    errors: Sequence[str] = ()

    @property
    def value(self) -> str:
        """The one value of a field that has one."""
        return self.values[0] if self.values else ""

    @property
    def id(self) -> str:
        """Where a label, a hint and the summary of errors lead to."""
        return f"f-{self.name}"

    @property
    def described_by(self) -> str:
        """The ids of the hint and the errors, for whoever does not see them beside the field."""
        ids = [f"{self.id}-hint"] if self.hint else []
        ids += [f"{self.id}-error-{index}" for index in range(len(self.errors))]
        return " ".join(ids)


def describe(
    command: type[Command],
    layout: Layout,
    choices: Choices,
    typed: Mapping[str, Sequence[str]],
    errors: Sequence[FieldError] = (),
    *,
    hints: Mapping[str, str] | None = None,
    hidden: frozenset[str] = frozenset(),
) -> list[FormField]:
    """The form of a command with what was typed so far and what is wrong with it.

    Nothing that a user typed is lost: it comes back in the field it was typed in. `hints` are
    sentences that only this issue gives; `hidden` are fields that a link has filled in.
    """
    name = command.__name__
    types = hints_of(command)
    shown: list[FormField] = []
    for field in layout.shown:
        kind, options = _kind_of(field, types[field], choices, needed=field in layout.needed)
        helps = hint_of(name, field)
        shown.append(
            FormField(
                name=field,
                kind="hidden" if field in hidden else kind,
                words=choices.word(words_of(name, field)),
                hint=(hints or {}).get(field) or (choices.word(helps) if helps else ""),
                needed=field in layout.needed,
                optional=field in layout.optional,
                options=options,
                values=tuple(typed.get(field, ())),
                errors=_told(errors, field, choices),
            )
        )
    if asks_to_confirm(errors) or CONFIRM in typed:
        shown.append(_confirmation(name, typed, choices))
    return shown


def asks_to_confirm(errors: Sequence[FieldError]) -> bool:
    """Whether a text looks like personal data, which the user may say it is not (L11)."""
    return any(error.code.startswith("looks_like_") for error in errors)


def base_of(field: str) -> str:
    """The field of the form that an error belongs to: `place.name` is said beside `place`."""
    return field.split(".", maxsplit=1)[0]


def _kind_of(
    name: str, hint: object, choices: Choices, *, needed: bool
) -> tuple[str, Sequence[Option]]:
    """How a field is shown, and what can be chosen in it."""
    by_name: Mapping[str, tuple[str, Callable[[], Sequence[Option]]]] = {
        "action_id": ("select", lambda: choices.planned_actions),
        "agencies_present": ("checkboxes", choices.every_agency),
        "category": ("select", choices.categories),
        "perceived_unsafety": ("select", choices.unsafety),
        "place": ("place", choices.places),
        "proposed_agency": ("select", choices.authorities),
        "refers_to_event": ("select", lambda: choices.events),
        "report_id": ("select", lambda: choices.reports),
        "responsible_agency": ("select", choices.authorities),
        "suggested_agency": ("select", choices.other_agencies),
        "to_agency": ("select", choices.other_agencies),
        "together_with": ("checkboxes", choices.other_agencies),
        "user_id": ("select", choices.colleagues),
    }
    if name in by_name:
        kind, options = by_name[name]
        return kind, options()
    wanted = take_apart(hint)
    inner: Any = wanted.kind
    if get_origin(inner) is tuple:
        return "checkboxes", choices.of_enum(take_apart(get_args(inner)[0]).kind)
    if issubclass(inner, StrEnum):
        whole = inner in RADIOS and (needed or not wanted.optional)
        return ("radios" if whole else "select"), choices.of_enum(inner)
    simple = {bool: "checkbox", int: "number", datetime: "datetime-local", date: "date"}
    return simple.get(inner) or _of_text(inner, wanted.text), ()


def _of_text(inner: type[Any], limit: Text | None) -> str:
    long = inner is not UUID and limit is not None and limit.most > LONG_TEXT
    return "textarea" if long else "text"


def _told(errors: Sequence[FieldError], name: str, choices: Choices) -> tuple[str, ...]:
    said = [
        choices.language.pick(error.sv, error.en)
        for error in errors
        if base_of(error.field) == name
    ]
    return tuple(dict.fromkeys(said))


def _confirmation(command: str, typed: Mapping[str, Sequence[str]], choices: Choices) -> FormField:
    return FormField(
        name=CONFIRM,
        kind="checkbox",
        words=choices.word(words_of(command, CONFIRM)),
        values=tuple(typed.get(CONFIRM, ())),
    )
