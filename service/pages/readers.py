"""Whose role reads issues at all, and whose agency may be responsible for one."""

from domain.refusals import NotAllowed
from domain.values import Role
from service.visitors import Visitor

READS_NO_ISSUES = frozenset({Role.REPORTER, Role.ADMIN})


def reads_issues(visitor: Visitor) -> bool:
    """Whether the visitor's role has a queue and reads issues."""
    return visitor.actor.role not in READS_NO_ISSUES


def may_be_responsible(visitor: Visitor) -> bool:
    """Whether the visitor's agency can have issues of its own: partners and mere intakes cannot."""
    agency = visitor.agencies.get(visitor.actor.agency_id)
    return agency is not None and agency.is_authority and not agency.intake_only


def require_reader(visitor: Visitor) -> None:
    """Refuse whoever reads no issues.

    Raises:
        NotAllowed: reporters read their own reports, administrators no content at all.
    """
    if not reads_issues(visitor):
        raise NotAllowed(
            "role_reads_no_issues",
            "Din roll läser inga ärenden.",
            "Your role reads no issues.",
            who_may=tuple(role.value for role in Role if role not in READS_NO_ISSUES),
        )
