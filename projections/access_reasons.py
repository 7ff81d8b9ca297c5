"""Why an issue or a report is somebody's business, as one expression over the read tables."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    String,
    Text,
    bindparam,
    case,
    literal_column,
    select,
    true,
    type_coerce,
)

from domain.access import AccessReason
from domain.values import Role
from projections.columns import UuidText
from projections.issue_story_tables import actions, heads, referrals
from projections.queues import EVERYONE, Bucket, queue_issues, queue_items
from projections.viewer import Viewer
from projections.visibility import issue_party, report_access, visible_issue, visible_report

When = tuple[ColumnElement[bool], AccessReason]
_AGENDA_ROLES: Final = frozenset({Role.COORDINATOR, Role.MANAGER})
_OF_ROLE: Final = {
    Role.COORDINATOR: AccessReason.COORDINATION,
    Role.MANAGER: AccessReason.REVIEW,
    Role.AUDITOR: AccessReason.AUDIT,
}
"""Why somebody of this role goes through lists, whatever stands in them."""
_LOOKS_OVER: Final = frozenset({Role.MANAGER, Role.AUDITOR})
"""Who reads what others have done, not because it is the agency's turn."""
_ABOUT: Final = bindparam("about", type_=UuidText)
_AGENCY: Final = bindparam("viewer_agency", type_=String)
_USER: Final = bindparam("viewer_user", type_=String)
_ASSIGNED: Final = bindparam("assigned", type_=Text)


def reason_of_list(viewer: Viewer, *, own: bool) -> AccessReason:
    """Why somebody goes through a list; ``own`` are the queue and the inbox of one's agency."""
    return _OF_ROLE.get(viewer.actor.role, AccessReason.OWN_WORK if own else AccessReason.NONE)


def reason_of_issue(viewer: Viewer) -> ColumnElement[str]:
    """Why an issue is the viewer's business, with the parameters of ``asked_about``."""
    return _first_of(_whens(viewer, _ABOUT))


def reason_of_report(viewer: Viewer) -> ColumnElement[str]:
    """Why a report is the viewer's business: one's own, of such an issue, or taken in."""
    report = report_access.c
    # Of its issue, if it belongs to one that the viewer sees.
    issue = select(report.issue_id).where(report.report_id == _ABOUT).scalar_subquery()
    whens: list[When] = [
        (_is_report(report.received_by == _USER), AccessReason.OWN_REPORT),
        *_whens(viewer, issue),
        (_is_report(report.receiving_agency == _AGENCY), AccessReason.OWN_WORK),
    ]
    return _first_of(whens)


def shown_issue(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer sees the issue that the parameters are about."""
    return visible_issue(viewer, _ABOUT)


def shown_report(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer sees the report that the parameters are about."""
    return visible_report(viewer, _ABOUT)


def asked_about(viewer: Viewer, about: UUID) -> Mapping[str, object]:
    """The values of the parameters in a reason, besides those of every viewer."""
    pair = msgspec.json.encode({viewer.agency_id: viewer.actor.user_id}).decode()[1:-1]
    return {"about": about, "assigned": f"%{_escaped(pair)}%"}


def _whens(viewer: Viewer, issue_id: ColumnElement[Any]) -> list[When]:
    """Each reason with when it holds, the nearest one first."""
    role, party = viewer.actor.role, issue_party.alias("party_read").c
    takes_part = _is_any(party.agency_id, party.issue_id == issue_id, party.agency_id == _AGENCY)
    whens: list[When] = [
        (
            _is_any(
                queue_issues.c.issue_id,
                queue_issues.c.issue_id == issue_id,
                type_coerce(queue_issues.c.caseworkers, Text).like(_ASSIGNED, escape="\\"),
            ),
            AccessReason.ASSIGNED,
        ),
        (
            _is_any(
                actions.c.action_id,
                actions.c.issue_id == issue_id,
                actions.c.recorded_by == _USER,
            ),
            AccessReason.OWN_ACTION,
        ),
    ]
    if role not in _LOOKS_OVER:
        whens += [
            (
                _is_any(
                    referrals.c.referral_id,
                    referrals.c.issue_id == issue_id,
                    referrals.c.to_agency == _AGENCY,
                ),
                AccessReason.REFERRED,
            ),
            (
                _is_any(
                    heads.c.issue_id,
                    heads.c.issue_id == issue_id,
                    heads.c.responsible_agency == _AGENCY,
                ),
                AccessReason.RESPONSIBLE,
            ),
        ]
    if role in _AGENDA_ROLES:
        on_agenda = _is_any(
            queue_items.c.issue_id,
            queue_items.c.issue_id == issue_id,
            queue_items.c.agency_id == literal_column(f"'{EVERYONE}'"),
            queue_items.c.bucket == literal_column(f"'{Bucket.AGENDA.value}'"),
        )
        whens.append((on_agenda, AccessReason.AGENDA))
    if role is Role.MANAGER:
        whens.append((takes_part, AccessReason.REVIEW))
    elif role in _OF_ROLE:
        whens.append((true(), _OF_ROLE[role]))
    whens.append((takes_part, AccessReason.TAKES_PART))
    return whens


def _is_report(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    report = report_access.c
    return _is_any(report.report_id, report.report_id == _ABOUT, condition)


def _is_any(what: ColumnElement[Any], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(what).where(*conditions).exists()


def _first_of(whens: Sequence[When]) -> ColumnElement[str]:
    told = [(when, _code(reason)) for when, reason in whens]
    return case(*told, else_=_code(AccessReason.NONE))


def _code(reason: AccessReason) -> ColumnElement[str]:
    return literal_column(f"'{reason.value}'", Text)


def _escaped(text: str) -> str:
    """The text as LIKE takes it for itself."""
    return "".join(f"\\{each}" if each in "\\%_" else each for each in text)
