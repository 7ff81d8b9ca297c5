"""What each query is going to show somebody, as the access log has it."""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

from domain.access import AccessKind
from projections.viewer import Viewer
from service.access import Looked, a_list, a_report, an_issue

Looks: TypeAlias = Callable[[Viewer, Any], Looked | None]
"""From who asks, and the query's parameters; None for what shows nothing of an issue."""


def at_no_issue(_viewer: Viewer, _wanted: object) -> None:
    """At the directory, at words, or at how many there are: nothing is logged."""


def at_issue(_viewer: Viewer, wanted: Any) -> Looked:  # noqa: ANN401  parameters with an issue
    """At one issue, that of its `issue_id`."""
    return an_issue(wanted.issue_id)


def at_issue_found(_viewer: Viewer, _wanted: object) -> Looked:
    """At one issue, whose id the answer says."""
    return Looked(kind=AccessKind.READ)


def at_report(_viewer: Viewer, wanted: Any) -> Looked:  # noqa: ANN401  parameters with a report
    """At one report, that of its `report_id`."""
    return a_report(wanted.report_id)


def at_list(_viewer: Viewer, wanted: object) -> Looked:
    """At a list, or at the one issue that it is narrowed to."""
    issue_id = getattr(wanted, "issue_id", None)
    return a_list() if issue_id is None else an_issue(issue_id)


def at_list_of_agency(viewer: Viewer, wanted: Any) -> Looked:  # noqa: ANN401  parameters with an agency
    """At a list of what an agency has before it."""
    return a_list(own=wanted.agency_id == viewer.agency_id)


def tell_found(looked: Looked, found: Any) -> None:  # noqa: ANN401  whatever was asked for
    """What could not be known before it was found: how many lines, and which issue."""
    lines: object = getattr(found, "items", found)
    if isinstance(lines, tuple):
        looked.found = len(cast("tuple[object, ...]", lines))
    elif looked.issue_id is None and looked.report_id is None:
        looked.issue_id = getattr(found, "issue_id", None)
