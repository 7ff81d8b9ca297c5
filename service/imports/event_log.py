"""Imports a log of handovers: its cases as issues, its groups as agencies, all through commands."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Final
from uuid import UUID

from infra.log.casework import Casework
from service.execution import Execution
from service.imports.in_flight import InFlight
from service.imports.log_groups import agency_ids, unknown_group
from service.imports.log_rows import KeyedRow, LogFile, LoggedIssue, read_issues
from service.imports.logged_issue import Deciding, RowRefused, action_key, opening_key
from service.imports.summary import Progress, Summary

_AT_A_TIME: Final = 500
_SHOW_EVERY: Final = 50


class EventLogImport:
    """One run over one log; run it again when the log has grown.

    An issue is in the log as a whole or not at all, whenever the run is broken off. Rows that are
    older than what is recorded of their issue already become actions without a handover: who was
    responsible then has been decided.
    """

    def __init__(
        self,
        execution: Execution,
        casework: Casework,
        clock: Callable[[], datetime],
        *,
        progress: Progress = lambda _what, _done, _total: None,
    ) -> None:
        self._execution = execution
        self._casework = casework
        self._clock = clock
        self._progress = progress
        self._summary = Summary()
        self._in_flight: InFlight[LoggedIssue] = InFlight()

    def run(self, log: LogFile) -> Summary:
        """Import what is new in the log.

        Raises:
            SourceError: nothing of the file can be read.
        """
        issues = read_issues(log, self._summary, self._clock(), self._progress)
        deciding = self._deciding(log, issues)
        total = len(issues)
        for done, (issue, known) in enumerate(self._with_known(issues), start=1):
            self._import(issue, known, deciding)
            if done % _SHOW_EVERY == 0:
                self._progress("writing", done, total)
        self._in_flight.drain()
        while lost := self._in_flight.take_lost():
            # Somebody took the number, or another run imports the same log: see what is left.
            self._execution.forget_numbers()
            for issue, known in self._with_known(lost):
                self._import(issue, known, deciding)
            self._in_flight.drain()
        self._progress("writing", total, total)
        self._summary.appended_events = self._in_flight.appended
        self._summary.finish()
        return self._summary

    def _deciding(self, log: LogFile, issues: Sequence[LoggedIssue]) -> Deciding:
        rows = [row.activity for issue in issues for row in issue.rows]
        groups = dict.fromkeys(row.group for row in rows if row.group is not None)
        nameless = any(all(row.activity.group is None for row in issue.rows) for issue in issues)
        unknown = unknown_group(log.name)
        wanted = [*groups, *([unknown] if nameless else ())]
        first_day = min((row.time for row in rows), default=self._clock()).date()
        agencies = agency_ids(self._execution, log.name, wanted, first_day)
        self._summary.counts["groups"] = len(groups)
        self._summary.counts["issues"] = len(issues)
        return Deciding(
            self._execution.for_bulk(),
            self._casework,
            log.name,
            agencies,
            agencies.get(unknown, ""),
        )

    def _with_known(
        self, issues: Iterable[LoggedIssue]
    ) -> Iterator[tuple[LoggedIssue, dict[str, UUID]]]:
        """Each issue with the keys of it that were used, and the issue they belong to."""
        rest = iter(issues)
        while some := list(islice(rest, _AT_A_TIME)):
            keys = [key for issue in some for key in _keys(issue)]
            found = self._casework.find_keys(keys)
            for issue in some:
                yield issue, {k: found[k].stream_id for k in _keys(issue) if k in found}

    def _import(self, issue: LoggedIssue, known: dict[str, UUID], deciding: Deciding) -> None:
        new = [row for row in issue.rows if action_key(row) not in known]
        self._summary.unchanged += len(issue.rows) - len(new)
        issue_id = known.get(opening_key(issue))
        while new:
            try:
                batch, confirmed = deciding.decide(issue, new, issue_id)
            except RowRefused as refused:
                self._leave_out(issue, new, refused)
                continue
            self._in_flight.add(batch.save_later(), issue)
            self._summary.confirmed += confirmed
            self._summary.written += len(new)
            self._summary.revised += issue_id is not None
            return

    def _leave_out(self, issue: LoggedIssue, new: list[KeyedRow], refused: RowRefused) -> None:
        """Leave out one row, or all where the issue cannot even be opened; decide again then."""
        # The number that was taken for it goes to the next issue, once those before it are in.
        self._in_flight.drain()
        self._execution.forget_numbers()
        rows = [refused.row] if refused.row else list(new)
        for row in rows:
            self._summary.refused(issue.file, row.activity.line, refused.reason)
            new.remove(row)


def _keys(issue: LoggedIssue) -> Iterator[str]:
    yield opening_key(issue)
    yield from map(action_key, issue.rows)
