"""What is written about an issue: notes, secrecy marks, corrections and disputes."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from domain.checks import local_day
from domain.codes import IssueStatus
from domain.command import ANY_STATUS, LIVE, Free, Line, OptionalWords, Who, Words
from domain.context import Context
from domain.issue import Issue, IssueCommand
from domain.refusals import Conflict, NotAllowed, NotFound

WRITABLE = LIVE | {IssueStatus.CLOSED}


class NoteAdded(Issue.Event):
    """A dated, signed note (FL 27 §)."""

    TOPIC = "NoteAdded"
    note_id: UUID
    text_sv: str

    def apply(self, aggregate: Issue) -> None:
        aggregate.involved.add(self.actor.agency_id)


class SecrecyMarked(Issue.Event):
    """A warning flag with provision, date and agency (OSL 5:5, L16); no decision in itself."""

    TOPIC = "SecrecyMarked"
    agency_id: str
    provision: str
    marked_on: date

    def apply(self, aggregate: Issue) -> None:
        aggregate.secrecy_marks[self.agency_id] = self.provision


class SecrecyMarkRemoved(Issue.Event):
    """The agency took its flag away."""

    TOPIC = "SecrecyMarkRemoved"
    agency_id: str
    reason_sv: str | None

    def apply(self, aggregate: Issue) -> None:
        aggregate.secrecy_marks.pop(self.agency_id, None)


class CorrectionRecorded(Issue.Event):
    """An earlier event said something wrong; it stays, and this says what is right (L27)."""

    TOPIC = "CorrectionRecorded"
    refers_to_event: UUID
    correct_value: str
    reason_sv: str


class DisputeNoted(Issue.Event):
    """Somebody concerned disagrees with an earlier event (L28)."""

    TOPIC = "DisputeNoted"
    refers_to_event: UUID
    text_sv: str


@dataclass(frozen=True, kw_only=True)
class AddNote(IssueCommand):
    """Write a note in the shared layer."""

    states = WRITABLE

    text_sv: Free


@dataclass(frozen=True, kw_only=True)
class MarkSecrecy(IssueCommand):
    """Set the own agency's secrecy mark."""

    states = ANY_STATUS
    who = Who.INVOLVED

    provision: Line


@dataclass(frozen=True, kw_only=True)
class RemoveSecrecyMark(IssueCommand):
    """Take the own agency's secrecy mark away."""

    states = ANY_STATUS
    who = Who.INVOLVED

    reason_sv: OptionalWords = None


@dataclass(frozen=True, kw_only=True)
class RecordCorrection(IssueCommand):
    """Correct what the own agency recorded earlier."""

    states = ANY_STATUS

    refers_to_event: UUID
    correct_value: Words
    reason_sv: Words


@dataclass(frozen=True, kw_only=True)
class NoteDispute(IssueCommand):
    """Note that somebody concerned disputes an earlier event."""

    states = ANY_STATUS
    who = Who.INVOLVED

    refers_to_event: UUID
    text_sv: Words


def add_note(issue: Issue, command: AddNote, context: Context) -> UUID:
    """Any authority may write in the shared layer; returns the note's id."""
    issue.admit(command, context)
    note_id = context.new_id()
    issue.record(NoteAdded, context, note_id=note_id, text_sv=command.text_sv)
    return note_id


def mark_secrecy(issue: Issue, command: MarkSecrecy, context: Context) -> None:
    """One mark for each agency."""
    issue.admit(command, context)
    agency_id = context.actor.agency_id
    if issue.secrecy_marks.get(agency_id) == command.provision:
        raise Conflict(
            "marked_already",
            "Ärendet är redan sekretessmarkerat så.",
            "The issue carries this secrecy mark already.",
            happened="SecrecyMarked",
        )
    issue.record(
        SecrecyMarked,
        context,
        agency_id=agency_id,
        provision=command.provision,
        marked_on=local_day(context.occurred_at),
    )


def remove_secrecy_mark(issue: Issue, command: RemoveSecrecyMark, context: Context) -> None:
    """Only the agency that set a mark takes it away."""
    issue.admit(command, context)
    agency_id = context.actor.agency_id
    if agency_id not in issue.secrecy_marks:
        raise Conflict(
            "not_marked",
            "Er organisation har ingen sekretessmarkering på ärendet.",
            "Your organisation has no secrecy mark on the issue.",
            happened="SecrecyMarkRemoved",
        )
    issue.record(SecrecyMarkRemoved, context, agency_id=agency_id, reason_sv=command.reason_sv)


def record_correction(issue: Issue, command: RecordCorrection, context: Context) -> None:
    """Only the agency that recorded an event corrects it."""
    issue.admit(command, context)
    recorded_by = _agency_of(issue, command.refers_to_event)
    if recorded_by != context.actor.agency_id:
        raise NotAllowed(
            "other_agency",
            f"Uppgiften registrerades av {context.agencies.name_sv(recorded_by)}, som rättar den.",
            f"{context.agencies.name_en(recorded_by)} recorded this and is the one to correct it.",
            who_may=(recorded_by,),
        )
    issue.record(
        CorrectionRecorded,
        context,
        refers_to_event=command.refers_to_event,
        correct_value=command.correct_value,
        reason_sv=command.reason_sv,
    )


def note_dispute(issue: Issue, command: NoteDispute, context: Context) -> None:
    """The disputed event stays; whoever reads it sees that it is disputed."""
    issue.admit(command, context)
    _agency_of(issue, command.refers_to_event)
    issue.record(
        DisputeNoted,
        context,
        refers_to_event=command.refers_to_event,
        text_sv=command.text_sv,
    )


def _agency_of(issue: Issue, event_id: UUID) -> str:
    agency_id = issue.event_agencies.get(event_id)
    if agency_id is None:
        raise NotFound(
            "no_such_event",
            "Händelsen finns inte i ärendet.",
            "There is no such event in the issue.",
        )
    return agency_id
