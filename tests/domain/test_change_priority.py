"""ChangePriority: by the responsible agency."""

from domain.classification import ChangePriority, PriorityChanged
from domain.codes import Priority
from domain.refusals import Conflict
from tests.domain.given import given_an_issue


def test_accepted_tells_both_priorities() -> None:
    scene = given_an_issue(priority=Priority.LOW)
    scene.when(scene.on_issue(ChangePriority, priority=Priority.HIGH), "u-man-01")
    scene.then(PriorityChanged, from_priority=Priority.LOW, to_priority=Priority.HIGH)
    assert scene.issue.priority is Priority.HIGH


def test_ignored_when_it_is_so_already() -> None:
    scene = given_an_issue(priority=Priority.LOW)
    scene.when(scene.on_issue(ChangePriority, priority=Priority.LOW))
    scene.then_refused(Conflict, "nothing_changes", happened="PriorityChanged")
