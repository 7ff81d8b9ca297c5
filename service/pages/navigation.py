"""The main menu: where a role may go, in the order in which it stands on every page."""

from domain.values import Role
from service.commands import COMMANDS
from service.language import Language
from service.visitors import Visitor


def navigation(visitor: Visitor, language: Language, *, reads: bool) -> list[tuple[str, str]]:
    """The main menu of a role; `reads` says whether it reads issues."""
    role = visitor.actor.role
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
    return [(path, language.pick(sv, en)) for path, sv, en, shown in entries if shown]
