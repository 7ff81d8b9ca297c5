"""What is missing before an issue can be closed, told before anybody tries (R11, R12)."""

from domain.codes import CloseOutcome
from domain.context import context_of
from domain.issue import Issue
from domain.lifecycle import CloseIssue, Obstacle, close_obstacles
from domain.values import Actor
from infra.ids import new_id
from service.assembly import Samsyn
from service.loading import Loaded


def missing_to_close(samsyn: Samsyn, issue: Issue, actor: Actor) -> list[Obstacle]:
    """Everything that stands in the way of closing the issue as resolved; nothing if it may be.

    Duplicates and issues handled elsewhere may be closed without the follow-up.
    """
    loaded = Loaded(samsyn.casework)
    outcome = CloseOutcome.RESOLVED
    context = context_of(
        CloseIssue(issue_id=issue.id, outcome=outcome, summary_sv=""),
        actor=actor,
        now=samsyn.clock(),
        new_id=new_id,
        agencies=samsyn.execution.agencies(),
        calendar=samsyn.calendar,
        reports={report_id: loaded.report(report_id) for report_id in issue.report_ids},
    )
    return close_obstacles(issue, outcome, context)
