"""How the domain says no: typed refusals, each with a sentence that the user can act on."""

from collections.abc import Iterator
from dataclasses import dataclass, field


class Refused(Exception):
    """A command that is not carried out; nothing has been recorded."""

    def __init__(self, code: str, sv: str, en: str) -> None:
        super().__init__(f"{code}: {en}")
        self.code = code
        self.sv = sv
        self.en = en


class NotAllowed(Refused):
    """The actor may not do this; `who_may` names the roles or agencies that may."""

    def __init__(self, code: str, sv: str, en: str, *, who_may: tuple[str, ...] = ()) -> None:
        super().__init__(code, sv, en)
        self.who_may = who_may


class NotFound(Refused):
    """The issue, report, referral or action does not exist."""


class Conflict(Refused):
    """Wrong state or lost race (R13); `happened` names what stands in the way."""

    def __init__(self, code: str, sv: str, en: str, *, happened: str = "") -> None:
        super().__init__(code, sv, en)
        self.happened = happened


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One bad field: which, what is wrong and how to mend it."""

    field: str
    code: str
    sv: str
    en: str


class Invalid(Refused):
    """Bad input: every bad field at once."""

    def __init__(self, errors: tuple[FieldError, ...]) -> None:
        super().__init__(
            "invalid",
            "Uppgifterna behöver rättas: " + " ".join(e.sv for e in errors),
            "The input needs mending: " + " ".join(e.en for e in errors),
        )
        self.errors = errors


@dataclass
class Problems:
    """Collects bad fields while a decision looks at the whole command, then refuses once."""

    errors: list[FieldError] = field(default_factory=list)

    def __iter__(self) -> Iterator[FieldError]:
        return iter(self.errors)

    def add(self, name: str, code: str, sv: str, en: str) -> None:
        """Note that field `name` is bad."""
        self.errors.append(FieldError(field=name, code=code, sv=sv, en=en))

    def need(self, holds: object, name: str, code: str, sv: str, en: str) -> None:
        """Note that field `name` is bad unless `holds` is truthy."""
        if not holds:
            self.add(name, code, sv, en)

    def raise_any(self) -> None:
        """Refuse if anything was noted.

        Raises:
            Invalid: with every bad field.
        """
        if self.errors:
            raise Invalid(tuple(self.errors))
