"""The form of one command for one visitor: shown, read, and carried out."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from litestar import Response

from domain.command import Command
from domain.compensation import COMPENSATED
from domain.refusals import Conflict, FieldError, Invalid, Refused
from projections.issue_story_queries import issue_by_number
from service.batch import VersionChanged, new_key
from service.commands import COMMANDS, Row, Target
from service.forms.choices import Choices
from service.forms.command_words import BUTTONS, command_words, leads_to
from service.forms.form import FormField, base_of, describe
from service.forms.layout import Layout, begun, layout_of
from service.forms.reading import read_form
from service.forms.words import said_of, words_of
from service.pages.around import Around, Beside, Overtaken
from service.pages.foreseen import with_marks
from service.pages.frame import AnyRequest, Frame, Typed, first_of, is_partial, status_of
from service.pages.news import ADDS, OVERWRITES, News
from service.receipt import Receipt
from service.visitors import Visitor

SHOWN_AFTER = ("visibility", "queues", "issue_story", "audit_trail", "inbox")
"""The read models that a command is waited for in, before the next page is shown."""
DRAFT = "_draft"
"""When the draft was saved that a form began with."""
CAME_FROM = "_list"
"""The list in which somebody came upon the issue."""
KEY = "_key"
MOST_DIGITS = 9
PREVIEW = "_preview"
SEEN = "_seen"
MOST_LOOKS = 5
"""So often a form looks anew at what has happened, while the system writes in the same record."""


class CommandForm:
    """One command's form for one visitor."""

    def __init__(self, frame: Frame, request: AnyRequest, name: str, around: Around) -> None:
        self._frame = frame
        self._request = request
        self._visitor: Visitor = frame.signed_in(request)
        self._language = frame.language(request, self._visitor)
        self._row: Row = COMMANDS[name]
        self._around = around

    def show_new(self, asked: Typed) -> Response[Any]:
        """The untouched form; `asked` is what a link wants filled in beforehand.

        Raises:
            NotAllowed: the visitor's role or agency may not give the command at all.
        """
        self._frame.admit(self._visitor, self._row)
        beside = self._around.beside(asked)
        layout = self._layout(beside)
        begin = begun(self._row.command, layout.shown) | beside.begin | asked
        draft = self._frame.desk.drafts.of(self._visitor.actor.user_id, self._around.action)
        if draft is None:
            return self._show(begin, beside)
        kept = {name: text for name, text in draft.typed.items() if not name.startswith("_")}
        begin = begin | kept | asked
        news = self._news(dict(draft.typed))
        overtaken = self._overtaken(begin, beside, news) if news and news.happened else None
        return self._show(begin, beside, drafted_at=draft.saved_at, overtaken=overtaken)

    def carry_out(self, typed: Typed) -> Response[Any]:
        """Read the form and give the command; whatever is wrong, the text comes back.

        Raises:
            NotAllowed: as above.
        """
        self._frame.admit(self._visitor, self._row)
        if first_of(typed, PREVIEW) and is_partial(self._request):
            return self._preview_part(typed)
        try:
            command = self._read(typed)
            if self._around.preview and first_of(typed, PREVIEW):
                seen = self._around.preview(command)
                return self._show(typed, self._around.beside(typed), seen=seen)
            receipt = self._give(command, typed)
        except Refused as refused:
            return self._refused(typed, refused)
        if isinstance(receipt, News):
            return self._show_overtaken(typed, command, receipt)
        self._drop_draft()
        return self._frame.after_command(
            self._around.onwards(receipt.stream_id),
            receipt.position,
            SHOWN_AFTER,
            done=self._row.name,
            undo=receipt.version if self._row.command in COMPENSATED else None,
        )

    def _read(self, typed: Typed) -> Command:
        agencies = self._visitor.agencies
        return read_form(self._row.command, typed, self._around.given, agencies, self._find_issue)

    def _preview_part(self, typed: Typed) -> Response[Any]:
        """The preview alone, of what has been typed so far; what it lacks if it cannot be made."""
        seen: Mapping[str, Any] | None = None
        lacking: list[str] = []
        try:
            seen = self._foreseen(typed)
        except Invalid as refused:
            form = self._described(typed, self._around.beside(typed))
            lacking = [words for _, words in self._summary(form, refused.errors)]
        except Refused as refused:
            lacking = [self._frame.refusal(self._request, self._visitor, refused)]
        return self._frame.page(
            self._request, "preview.html", visitor=self._visitor, seen=seen, lacking=lacking
        )

    def _foreseen(self, typed: Typed) -> Mapping[str, Any] | None:
        """What somebody else would see of what is typed so far, texts that are begun marked so.

        Raises:
            Refused: it cannot be foreseen.
        """
        if self._around.preview is None:
            return None
        while True:  # a text that is filled in does not lack a second time
            try:
                return self._around.preview(self._read(typed))
            except Invalid as refused:
                marked = with_marks(typed, refused.errors, self._language)
                if marked is None:
                    raise
                typed = marked

    def _give(self, command: Command, typed: Typed) -> Receipt | News:
        """Carry out the command; if others have done something that matters, tell that instead.

        Raises:
            Refused: nothing was recorded.
        """
        execution, actor = self._frame.samsyn.execution, self._visitor.actor
        key = f"form:{first_of(typed, KEY)}" if first_of(typed, KEY) else None
        if key is not None and (kept := execution.first_answer(command, actor, key)):
            return kept
        looks = 0
        while True:
            looks += 1
            news = self._news(typed)
            if news and news.happened:
                return news
            try:
                return execution.execute(command, actor, key, news.version if news else None)
            except VersionChanged:
                if looks == MOST_LOOKS:
                    raise

    def _news(self, typed: Typed) -> News | None:
        """What has happened since the version that was before the eyes of whoever typed this.

        None where it does not matter, or nothing says what was seen.
        """
        seen = first_of(typed, SEEN)
        if self._around.news is None or self._row.name in ADDS or not seen.isdecimal():
            return None
        return self._around.news(int(seen[:MOST_DIGITS]))

    def _drop_draft(self) -> None:
        drafts, user_id = self._frame.desk.drafts, self._visitor.actor.user_id
        if drafts.of(user_id, self._around.action) is not None:
            drafts.drop(user_id, self._around.action)

    def _show_overtaken(self, typed: Typed, command: Command, news: News) -> Response[Any]:
        """Somebody was first: what they did, and the form with the visitor's own text.

        Sent once more it says that the other has been seen.
        """
        beside = self._around.beside(typed)
        overtaken = self._overtaken(typed, beside, news)
        said = [overtaken.lead]
        refused = self._frame.samsyn.execution.examine(command, self._visitor.actor)
        if refused is not None:
            said.append(self._frame.refusal(self._request, self._visitor, refused))
        return self._show(typed, beside, said=" ".join(said), status=409, overtaken=overtaken)

    def _overtaken(self, typed: Typed, beside: Beside, news: News) -> Overtaken:
        if self._row.name not in OVERWRITES:
            lead = self._language.pick(
                "Det har hänt något medan du skrev. Inget av ditt är sparat än. Läs, och skicka "
                "igen om det du skrev ska gälla.",
                "Something has happened while you wrote. Nothing of yours is saved yet. Read, and "
                "send again if what you wrote is to stand.",
            )
            mine = _written(self._described(typed, beside), typed)
            return Overtaken(lead=lead, lines=news.lines, both=(), mine=mine)
        theirs = dict(_written(self._described(beside.begin, beside), beside.begin))
        written = _written(self._described(typed, beside), typed)
        both = [
            (words, theirs.get(words, "–"), text)
            for words, text in written
            if theirs.get(words) != text and words in theirs
        ]
        sv, en = (
            ("rapporten", "report") if self._row.target is Target.REPORT else ("ärendet", "issue")
        )
        lead = self._language.pick(
            f"Någon annan ändrade {sv} medan du skrev. Inget av ditt är sparat än. Jämför, och "
            "skicka igen om din text ska gälla.",
            f"Somebody else changed the {en} while you wrote. Nothing of yours is saved yet. "
            "Compare, and send again if your text is to stand.",
        )
        return Overtaken(lead=lead, lines=news.lines, both=both, mine=())

    def _refused(self, typed: Typed, refused: Refused) -> Response[Any]:
        beside = self._around.beside(typed)
        if isinstance(refused, Invalid):
            return self._show(typed, beside, errors=refused.errors, status=422)
        if isinstance(refused, Conflict) and refused.code == "key_used":
            # The form was sent and then changed (Back in the browser): the next try is a new one.
            typed = {name: values for name, values in typed.items() if name != KEY}
        said = self._frame.refusal(self._request, self._visitor, refused)
        return self._show(typed, beside, said=said, status=status_of(refused))

    def _show(
        self,
        typed: Typed,
        beside: Beside,
        *,
        errors: Sequence[FieldError] = (),
        said: str = "",
        status: int = 200,
        seen: Mapping[str, Any] | None = None,
        drafted_at: datetime | None = None,
        overtaken: Overtaken | None = None,
    ) -> Response[Any]:
        name = self._row.name
        form = self._described(typed, beside, errors)
        heading = self._language.of(command_words(name, beside.referral_type))
        leads = leads_to(name, beside.referral_type)
        return self._frame.page(
            self._request,
            "form.html",
            status=status,
            visitor=self._visitor,
            heading=heading,
            button=self._language.of(BUTTONS[name]) if name in BUTTONS else heading,
            leads_to=self._language.of(leads) if leads else "",
            about=beside.about,
            emergency=beside.emergency,
            quotes=beside.quotes,
            checklist=beside.checklist,
            summary=[*([("", said)] if said else []), *self._summary(form, errors)],
            form=form,
            action=self._around.action,
            cancel=self._around.cancel,
            came_from=self._around.came_from,
            key=first_of(typed, KEY) or new_key(),
            typed_first=partial(first_of, typed),
            previews=self._around.preview is not None,
            seen=seen,
            lacking=(),
            drafted_at=drafted_at,
            draft=drafted_at.isoformat() if drafted_at else first_of(typed, DRAFT),
            overtaken=overtaken,
            version=None if name in ADDS else self._around.version,
        )

    def _described(
        self, typed: Typed, beside: Beside, errors: Sequence[FieldError] = ()
    ) -> Sequence[FormField]:
        return describe(
            self._row.command,
            self._layout(beside),
            self._choices(beside),
            typed,
            errors,
            hints=beside.hints,
            hidden=frozenset(each for each in beside.hidden if first_of(typed, each)),
        )

    def _summary(
        self, form: Sequence[FormField], errors: Sequence[FieldError]
    ) -> list[tuple[str, str]]:
        """Where each bad field is and what is wrong with it; once, however often it was found."""
        ids = {each.name: each.id for each in form if each.kind != "hidden"}
        told: dict[tuple[str, str], None] = {}
        for error in errors:
            name = base_of(error.field)
            words = self._language.of(words_of(self._row.name, name))
            said = said_of(words, self._language.pick(error.sv, error.en))
            told[ids.get(name, ""), said] = None
        return list(told)

    def _layout(self, beside: Beside) -> Layout:
        return layout_of(
            self._row.command,
            self._visitor.actor.role,
            authority=self._visitor.viewer.authority,
            leave_out=frozenset(self._around.given) | beside.leave_out,
        )

    def _choices(self, beside: Beside) -> Choices:
        agencies = self._visitor.agencies
        own = self._visitor.actor.agency_id
        colleagues = [each.user_id for each in agencies.grants.values() if each.agency_id == own]
        return Choices(
            agencies=agencies,
            own_agency=own,
            language=self._language,
            now=self._frame.samsyn.clock(),
            users=self._frame.visitors.names(colleagues),
            reports=beside.reports,
            planned_actions=beside.planned_actions,
            events=beside.events,
        )

    def _find_issue(self, number: str) -> UUID | None:
        with self._frame.counting() as db:
            head = issue_by_number(db, self._visitor.viewer, number)
        return head.issue_id if head else None


def _written(form: Sequence[FormField], typed: Typed) -> list[tuple[str, str]]:
    """What was filled in, in the words that were chosen."""
    rows: list[tuple[str, str]] = []
    for each in form:
        words = {option.value: option.words for option in each.options}
        value = ", ".join(words.get(text, text) for text in each.values if text)
        if each.kind == "place":
            value = first_of(typed, "place_name") or value
        if each.kind == "datetime-local":
            value = value.replace("T", " ")
        if value and each.kind != "hidden":
            rows.append((each.words, value))
    return rows
