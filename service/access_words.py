"""What the access log says in words: what somebody did, and why it was their business."""

from collections.abc import Mapping
from types import MappingProxyType

from domain.access import AccessKind, AccessReason
from domain.labels import Label

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
