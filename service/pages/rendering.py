"""Turns a template and its content into a page, with words, times and numbers of one language."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context as TemplateContext
from markupsafe import Markup, escape

from domain.categories import CATEGORIES
from domain.codes import IssueStatus, Priority, ReferralStatus, ReferralType, ReportChannel
from domain.labels import label
from service.i18n import day_in_text, how_long, number, translations, when, when_in_text
from service.language import Language
from service.pages.static_files import static_path

KINDS: dict[str, type[StrEnum]] = {
    "priority": Priority,
    "status": IssueStatus,
    "referral_status": ReferralStatus,
    "type": ReferralType,
    "channel": ReportChannel,
}
"""The scales of codes that read models keep as text."""
NOTHING = "–"


class Templates:
    """The templates of all pages, each compiled once."""

    def __init__(self) -> None:
        self._environment = _environment()

    def render(self, name: str, content: Mapping[str, object]) -> str:
        """The page; `content` says the `language` among other things."""
        return self._environment.get_template(name).render(content)


@cache
def _environment() -> Environment:
    """Every template, compiled: now and not while the first visitor waits, once in a process."""
    environment = Environment(
        loader=PackageLoader("service"),
        autoescape=True,
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    # Functions and not filters, and with the context: Jinja computes a filter of a literal
    # when it compiles, which would freeze the language of the first reader.
    offered: dict[str, Any] = environment.globals
    offered.update(
        _=_translate,
        static=static_path,
        word=_word,
        category=_category,
        when=_when,
        when_in_text=_when_in_text,
        day_in_text=_day_in_text,
        long=_long,
        number=_number,
        soft=soft,
    )
    for name in environment.list_templates(extensions=["html"]):
        environment.get_template(name)
    return environment


def soft(text: str) -> Markup:
    """A text that may be broken after each slash: places and codes are named "one/other"."""
    return Markup("/<wbr>").join(text.split("/"))


def _language_of(context: TemplateContext) -> Language:
    return Language(context["language"])


@pass_context
def _translate(context: TemplateContext, text: str, **values: str) -> str:
    """The text in the reader's language, with values in the places that it names %(like)s.

    A value may be a link: then the text is markup around it, and all else in it is plain.
    """
    said = translations(_language_of(context)).gettext(text)
    if any(isinstance(value, Markup) for value in values.values()):
        return escape(said) % values
    return said % values if values else said


@pass_context
def _word(context: TemplateContext, code: StrEnum | str | None, kind: str = "") -> str:
    """The words of a code; read models that keep codes as text say which `kind` it is."""
    if code is None:
        return NOTHING
    member = code if isinstance(code, StrEnum) else KINDS[kind](code)
    return _language_of(context).of(label(member))


@pass_context
def _category(context: TemplateContext, code: str | None) -> str:
    """The words of a category; reports may have none yet."""
    category = CATEGORIES.get(code or "")
    language = _language_of(context)
    return language.of(category.label) if category else language.pick("Vet ej", "Not known")


@pass_context
def _when(context: TemplateContext, moment: datetime | date | None) -> str:
    return NOTHING if moment is None else when(moment, _language_of(context))


@pass_context
def _when_in_text(context: TemplateContext, moment: datetime | date | None) -> str:
    return NOTHING if moment is None else when_in_text(moment, _language_of(context))


@pass_context
def _day_in_text(context: TemplateContext, day: date) -> str:
    said = day_in_text(day, _language_of(context))
    return said[0].upper() + said[1:]


@pass_context
def _long(context: TemplateContext, seconds: float | None) -> str:
    return NOTHING if seconds is None else how_long(seconds, _language_of(context))


@pass_context
def _number(context: TemplateContext, value: float | None, digits: int = 0) -> str:
    return NOTHING if value is None else number(value, _language_of(context), digits)
