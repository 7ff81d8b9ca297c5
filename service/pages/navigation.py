"""The main menu: where a role may go, in the order in which it stands on every page."""

from collections.abc import Collection

from domain.values import Role
from service.commands import COMMANDS
from service.language import Language
from service.pages.readers import reads_issues
from service.visitors import Visitor


def entries_of(visitor: Visitor, language: Language) -> dict[str, str]:
    """The words of the entries that a visitor has, by their paths."""
    role, reads = visitor.actor.role, reads_issues(visitor)
    entries = [
        ("/", "Min dag", "My day", reads and role is not Role.AUDITOR),
        ("/queue", "Min kö", "My queue", reads),
        ("/inbox", "Inkorg", "Inbox", reads and visitor.viewer.authority),
        ("/reports", "Mina rapporter", "My reports", role is Role.REPORTER),
        ("/focus", "Dagens fokus", "Today", role is Role.FIELD_OFFICER and reads),
        (
            "/log-action",
            "Logga åtgärd",
            "Log action",
            role in (Role.CASEWORKER, Role.FIELD_OFFICER, Role.COORDINATOR)
            and visitor.viewer.authority,
        ),
        ("/issues", "Ärenden", "Issues", reads),
        ("/trail", "Granska", "Audit trail", role is not Role.REPORTER),
        ("/figures", "Uppföljning", "Follow-up", reads and visitor.viewer.authority),
        (
            "/access-review",
            "Loggkontroll",
            "Access review",
            role in COMMANDS["PerformAccessReview"].roles and visitor.viewer.authority,
        ),
    ]
    return {path: language.pick(sv, en) for path, sv, en, shown in entries if shown}


def entry_of(here: str, came_from: str, entries: Collection[str]) -> str:
    """The entry under which a page stands, or nothing: its own, or else the nearest.

    An issue stands in the list one comes from, or else in the queue; a report in the inbox.
    """
    above = [here[:at] for at in range(len(here), 0, -1) if at == len(here) or here[at] == "/"]
    nearest = [here, came_from.partition("?")[0], *_STANDS_IN.get(above[-1], ()), *above]
    return next((each for each in nearest if each in entries), "")


_STANDS_IN = {"/issues": ("/queue",), "/reports": ("/reports", "/inbox")}
