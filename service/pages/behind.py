"""What a page says of how far it is behind what has been recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from service.freshness import Freshness
from service.i18n import MINUTE, how_long, number, when_in_text
from service.language import Language


@dataclass(frozen=True)
class Behind:
    """What a page says of how far it is behind, nothing if it shows everything.

    `positions` are how far its read models had come when it was asked.
    """

    said: str
    positions: Mapping[str, int]


def behind_by(fresh: Freshness, language: Language) -> str:
    """In words; nothing if it shows all that matters to a reader."""
    if fresh.stopped_at is not None:
        since = when_in_text(fresh.stopped_at, language)
        return language.pick(
            f"Sidan har stannat: det som har hänt sedan {since} syns inte här än. Allt är "
            "sparat. Säg till systemförvaltaren.",
            f"This page stands still: what has happened since {since} does not show yet. "
            "Everything is saved. Tell the administrator.",
        )
    if fresh.lacks_own_write:
        return language.pick(
            "Det du gjorde är sparat men syns inte här än. Ladda om sidan om en stund.",
            "What you did is saved but does not show here yet. Reload the page in a moment.",
        )
    if fresh.is_late:
        events, late = number(fresh.events, language), _how_late(fresh.late, language)
        return language.pick(
            f"Sidan släpar efter med {events} händelser ({late}). Allt är sparat; ladda om "
            "sidan om en stund.",
            f"This page is {events} events behind ({late}). Everything is saved; reload the "
            "page in a moment.",
        )
    return ""


def _how_late(late: timedelta, language: Language) -> str:
    seconds = round(late.total_seconds())
    return how_long(late, language) if seconds >= MINUTE else f"{seconds} s"
