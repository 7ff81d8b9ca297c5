"""What the access log says in words: what somebody did, and why it was their business."""

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import parse_qsl

from domain.access import AccessKind, AccessReason
from domain.labels import Label
from service.language import Language

ACCESS_WORDS: Mapping[AccessKind | AccessReason, Label] = MappingProxyType(
    {
        AccessKind.READ: Label("Läste", "Read"),
        AccessKind.SEARCH: Label("Gick igenom en lista", "Went through a list"),
        AccessKind.EXPORT: Label("Tog ut en fil", "Took out a file"),
        AccessKind.PRINT: Label("Skrev ut", "Printed"),
        AccessKind.REFUSED: Label("Nekades", "Was refused"),
        AccessReason.ASSIGNED: Label("Är handläggare", "Handles the issue"),
        AccessReason.OWN_ACTION: Label("Har loggat en åtgärd", "Logged an action in it"),
        AccessReason.OWN_REPORT: Label("Har lämnat rapporten", "Gave the report"),
        AccessReason.REFERRED: Label(
            "Ärendet har skickats till verksamheten", "It was sent to the agency"
        ),
        AccessReason.RESPONSIBLE: Label("Verksamheten är ansvarig", "The agency is responsible"),
        AccessReason.AGENDA: Label("Står på dagordningen", "Is on the agenda"),
        AccessReason.COORDINATION: Label("Samordning", "Coordination"),
        AccessReason.REVIEW: Label("Chefens uppföljning", "The manager's follow-up"),
        AccessReason.AUDIT: Label("Intern kontroll", "Internal control"),
        AccessReason.TAKES_PART: Label("Verksamheten har del i det", "The agency takes part"),
        AccessReason.OWN_WORK: Label("Verksamhetens egen lista", "The agency's own list"),
        AccessReason.NONE: Label("Framgår inte", "Does not show"),
    }
)
"""A test holds it to the codes that there are."""

SOUGHT_BY: Mapping[str, Label] = MappingProxyType(
    {
        "text": Label("Sök", "Search"),
        "issue": Label("Ärendenr", "Issue no."),
        "actor": Label("Användare", "User"),
        "agency": Label("Aktör", "Agency"),
        "topic": Label("Händelsetyp", "Type of event"),
        "state": Label("Läge", "State"),
        "status": Label("Status", "Status"),
        "category": Label("Kategori", "Category"),
        "since": Label("Från och med", "From"),
        "until": Label("Till och med", "Until"),
    }
)
"""What lists are asked by, where it has a word; else its name in the address."""
GONE = Label(
    "vad som söktes kan ingen läsa längre", "what was searched for can be read by nobody any more"
)


def told_words(sought: str | None, language: Language) -> str:
    """What was searched for, as the address had it, in a line."""
    if sought is None:
        return language.of(GONE)
    return ", ".join(
        f"{language.of(SOUGHT_BY[name]) if name in SOUGHT_BY else name}: {value}"
        for name, value in parse_qsl(sought)
    )
