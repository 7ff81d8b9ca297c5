"""How single values are said in a sentence: names, codes, days and times, in one language."""

import string
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from babel.dates import format_date, format_datetime

from domain import codes
from domain.categories import CATEGORIES
from domain.labels import UNSAFETY_LABELS, Label, label
from domain.text_lint import FindingKind
from domain.values import SYSTEM, PlacePrecision, Role
from domain.working_days import LOCAL_ZONE

Language = Literal["sv", "en"]
Names = Callable[[str, Language], str]
"""Gives the name of an agency or a user by its id."""

_DAY = "d MMMM y"
_TIME = {"sv": "d MMMM y 'kl.' H.mm", "en": "d MMMM y 'at' H:mm"}
_LOCALE = {"sv": "sv_SE", "en": "en_GB"}

_THE_REFERRAL: Mapping[str | None, Label] = {
    None: Label("överlämningen", "the referral"),
    "transfer": Label("överlämningen", "the transfer"),
    "assist": Label("begäran om insats", "the request for assistance"),
    "consult": Label("remissen", "the consultation"),
    "inform": Label("det som skickades för kännedom", "what was sent for information"),
}
_A_REFERRAL: Mapping[str, Label] = {
    "transfer": Label("en överlämning", "a transfer"),
    "assist": Label("en begäran om insats", "a request for assistance"),
    "consult": Label("en remiss", "a consultation"),
    "inform": Label("ärendet för kännedom", "the issue for information"),
}
_TO_ROLE: Mapping[str, Label] = {
    "unit_inbox": Label("enhetens inkorg", "the unit's inbox"),
    "receiving_manager": Label("mottagarens chef och avsändaren", "receiving manager and sender"),
    "coordinator": Label("samordnare", "coordinator"),
    "steering_group": Label("styrgruppen", "steering group"),
}
_KIND_OF_DATA: Mapping[str, Label] = {
    FindingKind.PERSONAL_IDENTITY_NUMBER: Label("personnummer", "personal identity number"),
    FindingKind.PHONE: Label("telefonnummer", "phone number"),
    FindingKind.PLATE: Label("registreringsnummer", "number plate"),
    FindingKind.EMAIL: Label("e-postadress", "e-mail address"),
    FindingKind.SIGNALEMENT: Label("signalement", "description of a person"),
}
_YES = Label("Ja", "Yes")
_UNKNOWN_CATEGORY = Label("Okänd kategori", "Unknown category")

_ENUMS: Mapping[str, type[StrEnum]] = {
    **{
        name: member
        for name, member in vars(codes).items()
        if isinstance(member, type) and issubclass(member, StrEnum)
    },
    "Role": Role,
    "PlacePrecision": PlacePrecision,
}

Say = Callable[[Any, Language, Names], str]


class Teller(string.Formatter):
    """Fills the placeholders of a sentence: ``{field:how}``, where ``how`` is a key of ``HOW``.

    There is no way to say a value as it stands, so no sentence can repeat what a user wrote.
    """

    def __init__(self, facts: Mapping[str, Any], language: Language, names: Names) -> None:
        self._facts = facts
        self._language: Language = language
        self._names = names

    def tell(self, sentence: str) -> str:
        """Say it, with a capital first letter."""
        said = self.vformat(sentence, (), self._facts)
        return said[:1].upper() + said[1:]

    def get_field(
        self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Any, str]:
        """Look a field up, also one inside another: ``deadlines.respond_by``."""
        del args
        return look_up(kwargs, field_name), field_name

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401  any JSON value
        """Say a value the way its placeholder asks for."""
        return say(value, format_spec, self._language, self._names)


def look_up(facts: Mapping[str, Any], path: str) -> Any:  # noqa: ANN401  any JSON value
    """A fact, or one inside another; None when what it is inside of is not there.

    Raises:
        KeyError: the event has no such field.
    """
    value: Any = facts
    for part in path.split("."):
        if value is None:
            return None
        value = value[part]
    return value


def say(value: Any, how: str, language: Language, names: Names) -> str:  # noqa: ANN401  as above
    """Say one value; ``how`` may end in ``/lower`` for the middle of a sentence."""
    how, _, lower = how.partition("/")
    said = HOW[how](value, language, names)
    return said[:1].lower() + said[1:] if lower else said


def _in(language: Language, words: Label) -> str:
    return words.sv if language == "sv" else words.en


def _name(value: str, language: Language, names: Names) -> str:
    return (
        _in(language, label(Role.SYSTEM)) if value == SYSTEM.agency_id else names(value, language)
    )


def _names(value: Sequence[str], language: Language, names: Names) -> str:
    said = [_name(each, language, names) for each in value]
    last = " och " if language == "sv" else " and "
    return last.join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def _day(value: str, language: Language, _names: Names) -> str:
    day = _local(value).date() if "T" in value else date.fromisoformat(value)
    return format_date(day, _DAY, locale=_LOCALE[language])


def _time(value: str, language: Language, _names: Names) -> str:
    return format_datetime(_local(value), _TIME[language], locale=_LOCALE[language])


def _local(value: str) -> datetime:
    return datetime.fromisoformat(value).astimezone(LOCAL_ZONE)


def _category(value: str, language: Language, _names: Names) -> str:
    return _in(language, CATEGORIES[value].label if value in CATEGORIES else _UNKNOWN_CATEGORY)


def _number(value: object, _language: Language, _names: Names) -> str:
    return str(value)


def _unsafety(value: int, language: Language, _names: Names) -> str:
    return _in(language, UNSAFETY_LABELS[value])


def _from(table: Mapping[Any, Label]) -> Say:
    return lambda value, language, _names: _in(language, table[value])


def _all_from(table: Mapping[Any, Label]) -> Say:
    return lambda value, language, _names: ", ".join(_in(language, table[one]) for one in value)


def _code(enum: type[StrEnum]) -> Say:
    return lambda value, language, _names: _in(language, label(enum(value)))


def _codes(enum: type[StrEnum]) -> Say:
    return lambda value, language, _names: ", ".join(
        _in(language, label(enum(one))) for one in value
    )


HOW: Mapping[str, Say] = {
    "name": _name,
    "names": _names,
    "day": _day,
    "time": _time,
    "category": _category,
    "number": _number,
    "unsafety": _unsafety,
    "a_referral": _from(_A_REFERRAL),
    "the_referral": _from(_THE_REFERRAL),
    "to_role": _from(_TO_ROLE),
    "kinds_of_data": _all_from(_KIND_OF_DATA),
    "yes": lambda _value, language, _names: _in(language, _YES),
    "context_flags": _codes(codes.ContextFlag),
    "access_patterns": _codes(codes.AccessPattern),
    "access_findings": _codes(codes.AccessFinding),
    **{name: _code(enum) for name, enum in _ENUMS.items()},
}
"""Every way to say a value; none of them repeats free text."""
