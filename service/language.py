"""The two languages of the screen and the API, and which of them somebody wants."""

from enum import StrEnum

from domain.labels import Label


class Language(StrEnum):
    """Swedish first."""

    SV = "sv"
    EN = "en"

    def of(self, label: Label) -> str:
        """The label's text in this language."""
        return label.sv if self is Language.SV else label.en

    def pick(self, sv: str, en: str) -> str:
        """One of two texts that say the same."""
        return sv if self is Language.SV else en


def wanted_language(accept_language: str | None) -> Language:
    """Choose by an Accept-Language header (RFC 9110 12.5.4); Swedish unless English is preferred.

    Norwegian and Danish readers get Swedish, everybody else whose language we lack English.
    """
    best: tuple[float, Language] | None = None
    for part in (accept_language or "").split(","):
        tag, _, parameters = part.strip().partition(";")
        weight = _weight(parameters)
        language = _language(tag.strip().lower())
        if language is not None and weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return best[1] if best else Language.SV


def _language(tag: str) -> Language | None:
    primary = tag.split("-", maxsplit=1)[0]
    if primary in {"sv", "nb", "nn", "no", "da", "*"}:
        return Language.SV
    return Language.EN if primary.isalpha() else None


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(max(float(value), 0.0), 1.0)
    except ValueError:
        return 0.0
