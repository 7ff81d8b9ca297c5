"""Fold one page into several projections and write all of it at once, as one loop leads them."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from domain.log_entry import LogEntry
from projections import faults
from projections.draft import Draft
from projections.pen import Pen
from projections.tail import FoldFailed, Tail

Pause = Callable[[], None]


def fold_together(
    tails: Sequence[Tail], entries: Sequence[LogEntry], pen: Pen, pause: Pause | None = None
) -> None:
    """Bring the projections past these entries, in one transaction if all goes well.

    If something does not, each goes its own way, in a transaction of its own: what stops one, or
    what somebody else was quicker with, keeps no other back. Errors of the database that pass are
    raised. ``pause`` is called between two steps, with no transaction open: who has one goes one
    by one, for one large call keeps a core of the database from others as long as it takes.
    """
    if pause is not None or len(tails) == 1 or not _all_at_once(tails, entries, pen):
        for tail in tails:
            if pause is not None:
                pause()
            tail.fold(entries, pen)


def _all_at_once(tails: Sequence[Tail], entries: Sequence[LogEntry], pen: Pen) -> bool:
    with ExitStack() as held:
        drafts: list[tuple[Tail, Draft]] = []
        for tail in tails:
            held.enter_context(tail.held())
            try:
                draft = tail.draft(entries, pen)
            except FoldFailed:
                # It will find out by itself, below, at which entry.
                continue
            if draft is not None:
                drafts.append((tail, draft))
        try:
            written = pen.write([draft for _, draft in drafts]) if drafts else []
        except Exception as error:
            if faults.passes(error):
                raise
            return False
        if written is None:
            return False
        for (tail, draft), checkpoint in zip(drafts, written, strict=True):
            tail.take_over(draft, checkpoint)
        return len(drafts) == len(tails)
