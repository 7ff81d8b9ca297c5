"""What is told of somebody's reading: of what kind it was, and why it was somebody's business.

Brottsdatalagen 3:5 with brottsdataförordningen 3:4, and lag (2001:454) 10 § on the social services'
data, want reading to be logged and checked. The reason is derived from what the issue says of the
reader, never typed by the reader.
"""

from enum import StrEnum


class AccessKind(StrEnum):
    """What somebody did: of one issue or report, or of a list."""

    READ = "read"
    SEARCH = "search"
    EXPORT = "export"
    PRINT = "print"
    REFUSED = "refused"


class NameSought(StrEnum):
    """Whose name somebody searched for: family has the own last name (DOMAIN L20)."""

    OWN = "own"
    COLLEAGUE = "colleague"


class AccessReason(StrEnum):
    """Why somebody read, the nearest reason first; `NONE` is what a control looks at."""

    ASSIGNED = "assigned"
    OWN_ACTION = "own_action"
    OWN_REPORT = "own_report"
    REFERRED = "referred"
    RESPONSIBLE = "responsible"
    AGENDA = "agenda"
    COORDINATION = "coordination"
    REVIEW = "review"
    AUDIT = "audit"
    TAKES_PART = "takes_part"
    OWN_WORK = "own_work"
    NONE = "none"
