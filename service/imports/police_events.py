"""Imports what the police publish: a notice becomes a report, a later version revises it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from domain.codes import ReportChannel, ReportedToPolice, ReportKind
from domain.command import Command
from domain.police_types import category_of_police_type
from domain.refusals import Refused
from domain.report import ReceiveReport, ReviseReport
from domain.values import Actor, ExternalRef, Place, PlacePrecision, Role
from infra.log.casework import Casework
from infra.sources.police_events import PoliceEvent
from service.batch import Batch
from service.execution import Execution
from service.imports.in_flight import InFlight
from service.imports.police_versions import (
    Known,
    Version,
    find_known,
    key_of,
    new_versions,
    read_versions,
)
from service.imports.summary import Progress, Summary

SOURCE = "police-events"
USER_ID = "import"
NOWHERE = "Okänd plats"
MOST_TEXT = 4_000
_AT_A_TIME = 2_000
_SHOW_EVERY = 200

Notice = tuple[str, list[Version]]


class PoliceImport:
    """One run over some files; run it again whenever there is more.

    The importer acts as a caseworker of `agency_id`, which receives the reports.
    """

    def __init__(
        self,
        execution: Execution,
        casework: Casework,
        clock: Callable[[], datetime],
        *,
        agency_id: str = "police",
        progress: Progress = lambda _what, _done, _total: None,
    ) -> None:
        self._execution = execution.for_bulk()
        self._casework = casework
        self._clock = clock
        self._actor = Actor(user_id=USER_ID, agency_id=agency_id, role=Role.CASEWORKER)
        self._progress = progress
        self._summary = Summary()
        self._in_flight: InFlight[Notice] = InFlight()

    def run(self, files: Sequence[Path]) -> Summary:
        """Import the files together, in the order in which the police published.

        What is recorded when the run is broken off stays and is found again by the next run.
        """
        by_id = read_versions(files, self._summary, self._clock(), self._progress)
        notices = sorted(by_id.items(), key=lambda each: (each[1][0].event.published_at, each[0]))
        total, done = len(notices), 0
        while some := notices[done : done + _AT_A_TIME]:
            for notice, known in self._with_known(some):
                self._import(notice, known)
                done += 1
                if done % _SHOW_EVERY == 0:
                    self._progress("writing", done, total)
        self._in_flight.drain()
        while lost := self._in_flight.take_lost():
            # Another run imports the same notices: see what is left to do.
            for notice, known in self._with_known(lost):
                self._import(notice, known)
            self._in_flight.drain()
        self._progress("writing", total, total)
        self._summary.appended_events = self._in_flight.appended
        self._summary.finish()
        return self._summary

    def _with_known(self, notices: Iterable[Notice]) -> Iterable[tuple[Notice, Known | None]]:
        rest = iter(notices)
        while some := list(islice(rest, _AT_A_TIME)):
            ids = [external_id for external_id, _ in some]
            known = find_known(ids, self._casework.find_keys, self._actor.user_id)
            for notice in some:
                yield notice, known.get(notice[0])

    def _import(self, notice: Notice, known: Known | None) -> None:
        external_id, versions = notice
        new = new_versions(versions, known)
        self._summary.unchanged += len(versions) - len(new)
        while new:
            batch = self._execution.batch()
            bad = self._decide(batch, external_id, new, known)
            if bad is None:
                self._in_flight.add(batch.save_later(), notice)
                self._summary.written += known is None
                self._summary.revised += len(new) - (known is None)
                return
            new.remove(bad)  # a refused command spoils its batch: decide again without it

    def _decide(
        self, batch: Batch, external_id: str, new: Sequence[Version], known: Known | None
    ) -> Version | None:
        """Decide on all, or give the one that is refused."""
        report_id = known.report_id if known else None
        recorded = len(known.versions) if known else 0
        confirmed = 0
        for number, version in enumerate(new, start=recorded + 1):
            command = self._command(version, report_id)
            key = key_of(external_id, number)
            try:
                decided = batch.execute(command, self._actor, key, told_by=version.told_by)
            except Refused as refused:
                if refused.code == "report_unchanged":
                    self._summary.unchanged += 1
                else:
                    self._summary.refused(version.file, version.event.line, refused)
                return version
            report_id = decided.target.id
            confirmed += bool(decided.confirmed)
        self._summary.confirmed += confirmed
        return None

    def _command(self, version: Version, report_id: UUID | None) -> Command:
        event = version.event
        content = _content(event)
        if report_id is not None:
            return ReviseReport(report_id=report_id, occurred_at=version.seen_at, **content)
        return ReceiveReport(
            occurred_at=event.published_at,
            receiving_agency=self._actor.agency_id,
            external_ref=ExternalRef(system=SOURCE, id=event.external_id),
            **content,
        )


def _content(event: PoliceEvent) -> dict[str, Any]:
    headline = event.title or ", ".join(filter(None, (event.type, event.place_name)))
    return {
        "text": "\n\n".join(filter(None, (headline, event.summary)))[:MOST_TEXT],
        "kind": ReportKind.POLICE_LOG,
        "channel": ReportChannel.IMPORT,
        "category": category_of_police_type(event.type),
        "place": Place(
            name=event.place_name or NOWHERE,
            lat=event.lat,
            lon=event.lon,
            # The police give the centre of a municipality or county, never the spot.
            precision=PlacePrecision.AREA,
        ),
        "occurred_from": event.occurred_at,
        "time_precision": event.occurred_precision,
        "reported_to_police": ReportedToPolice.YES,
        # The police have published these words; what looks like a number is their press office's.
        "not_personal": True,
    }
