"""What can be said of an action that was done: the fields of its form and how they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from domain.action import PerformAction
from domain.codes import ActionType
from domain.labels import Label
from domain.refusals import FieldError, Invalid
from projections.issue_story_queries import issue_by_number
from service.forms.choices import Choices, Option
from service.forms.form import FormField, base_of, describe
from service.forms.layout import Layout
from service.forms.reading import read_form
from service.forms.words import said_of, words_of
from service.language import Language
from service.pages.frame import Frame, Typed, first_of
from service.visitors import Visitor

NAME: Final = PerformAction.__name__
AT_ONCE: Final = ("performed_from", "place", "result_sv", "implementation")
MORE: Final = ("implementation_reason_sv", "performed_to", "people", "together_with")
"""What is seldom filled in stands further down, behind one line."""
LAYOUT: Final = Layout(
    shown=("action_type", *AT_ONCE, *MORE),
    needed=frozenset({"action_type"}),
    optional=frozenset((*AT_ONCE, *MORE)) - {"implementation", "implementation_reason_sv"},
)
RESULTS: Final = "results"
"""The field of the chips that say in a word what came out of it."""
RESULTS_WORDS: Final = Label("Resultat i korthet", "Result in brief")
RESULT_CHIPS: Final[Mapping[str, Label]] = {
    "nothing": Label("Inget att rapportera", "Nothing to report"),
    "dialogue": Label("Dialog", "Dialogue"),
    "sent_away": Label("Avvisningar", "Sent away"),
    "seizure": Label("Beslag", "Seizure"),
    "reported": Label("Anmälningar", "Crimes reported"),
}
COUNTED: Final = frozenset({"sent_away", "reported"})
"""Of these it is also said how many."""
COUNT: Final = "results_count_"
MOST_COUNTED: Final = 999


@dataclass(frozen=True, kw_only=True)
class ResultChip:
    """A result that is chosen with one tap; `count` is the field that says how many, if any."""

    value: str
    words: str
    count: str


@dataclass(frozen=True, kw_only=True)
class ActionForm:
    """The form in the order in which a phone shows it; `types` are what the own agency does."""

    action_type: FormField
    types: Sequence[Option]
    other_types: Sequence[Option]
    results: Sequence[ResultChip]
    results_errors: Sequence[str]
    at_once: Sequence[FormField]
    more: Sequence[FormField]
    confirm: FormField | None


def form_of(
    frame: Frame,
    language: Language,
    own_agency: str,
    typed: Typed,
    errors: Sequence[FieldError] = (),
) -> ActionForm:
    """The form with what was typed so far and what is wrong with it."""
    choices = Choices(
        agencies=frame.visitors.agencies_known(),
        own_agency=own_agency,
        language=language,
        now=frame.samsyn.clock(),
    )
    form = {each.name: each for each in describe(PerformAction, LAYOUT, choices, typed, errors)}
    own = {each.value for each in choices.own_action_types()}
    return ActionForm(
        action_type=form["action_type"],
        types=[each for each in choices.of_enum(ActionType) if each.value in own],
        other_types=[each for each in form["action_type"].options if each.value not in own],
        results=[
            ResultChip(
                value=value,
                words=language.of(words),
                count=f"{COUNT}{value}" if value in COUNTED else "",
            )
            for value, words in RESULT_CHIPS.items()
        ],
        results_errors=[
            language.pick(each.sv, each.en) for each in errors if each.field == RESULTS
        ],
        at_once=[form[name] for name in AT_ONCE],
        more=[form[name] for name in MORE],
        confirm=form.get("not_personal"),
    )


def read_action(frame: Frame, visitor: Visitor, typed: Typed) -> PerformAction:
    """The action as typed; which issue it belongs to is one of its fields here.

    Raises:
        Invalid: with every bad field.
    """
    errors: tuple[FieldError, ...] = ()
    issue_id = _issue_of(frame, visitor, typed)
    if issue_id is None:
        errors += (
            _field(
                "issue_id",
                "Välj ett ärende eller skriv dess nummer.",
                "Choose an issue or write its number.",
            ),
        )
    if any(_count_of(typed, value) is None for value in COUNTED):
        errors += (
            FieldError(
                field=RESULTS,
                code="bad_count",
                sv=f"Skriv antalet med siffror, högst {MOST_COUNTED}.",
                en=f"Write how many in digits, at most {MOST_COUNTED}.",
            ),
        )
    if not first_of(typed, "action_type"):
        errors += (_field("action_type", "Välj åtgärdstyp.", "Choose the type of action."),)
    try:
        command = read_form(
            PerformAction,
            {**typed, "result_sv": [_result(typed)]},
            {"issue_id": issue_id or UUID(int=0)},
            frame.visitors.agencies_known(),
            lambda _number: None,
        )
    except Invalid as invalid:
        raise Invalid((*errors, *invalid.errors)) from invalid
    if errors or not isinstance(command, PerformAction):
        raise Invalid(errors)
    return command


def summary_of(errors: Sequence[FieldError], language: Language) -> list[tuple[str, str]]:
    """Where each bad field is and what is wrong with it."""
    summary: list[tuple[str, str]] = []
    for error in errors:
        name = base_of(error.field)
        called = RESULTS_WORDS if name == RESULTS else words_of(NAME, name)
        words = said_of(language.of(called), language.pick(error.sv, error.en))
        summary.append(("f-issue" if name == "issue_id" else f"f-{name}", words))
    return list(dict.fromkeys(summary))


def _result(typed: Typed) -> str:
    """The chips as words in front of the text; in Swedish, as everything recorded is."""
    said: list[str] = []
    chosen = set(typed.get(RESULTS, ()))
    for value, words in RESULT_CHIPS.items():
        count = _count_of(typed, value) if value in COUNTED else None
        # Whoever writes how many means that there were some.
        if count or value in chosen:
            said.append(f"{words.sv}: {int(count)}" if count else words.sv)
    return " ".join([*(f"{each}." for each in said), first_of(typed, "result_sv")]).strip()


def _count_of(typed: Typed, value: str) -> str | None:
    """How many of a result as typed, maybe nothing; None if it is no such number."""
    count = first_of(typed, f"{COUNT}{value}")
    # Its length first: to read an int of any number of digits may take for ever.
    fits = count.isdecimal() and len(count) <= len(str(MOST_COUNTED))
    return count if fits or not count else None


def _field(name: str, sv: str, en: str) -> FieldError:
    return FieldError(field=name, code="required", sv=sv, en=en)


def _issue_of(frame: Frame, visitor: Visitor, typed: Typed) -> UUID | None:
    number = (first_of(typed, "issue_number") or first_of(typed, "issue")).upper()
    with frame.counting() as db:
        head = issue_by_number(db, visitor.viewer, number) if number else None
    return head.issue_id if head else None
