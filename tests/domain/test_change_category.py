"""ChangeCategory: by the responsible agency; the old category stays in the story."""

from domain.classification import CategoryChanged, ChangeCategory
from domain.refusals import Conflict, NotAllowed
from tests.domain.given import given_an_issue


def test_accepted_tells_both_categories() -> None:
    scene = given_an_issue(category="noise")
    scene.when(scene.on_issue(ChangeCategory, category="disorder", reason_sv="Det är bråk."))
    scene.then(
        CategoryChanged, from_category="noise", to_category="disorder", reason_sv="Det är bråk."
    )
    assert scene.issue.category == "disorder"


def test_accepted_leaves_the_priority() -> None:
    scene = given_an_issue(category="noise")
    scene.given(scene.on_issue(ChangeCategory, category="robbery"))
    assert scene.issue.priority == "low"


def test_ignored_when_it_is_so_already() -> None:
    scene = given_an_issue(category="noise")
    scene.when(scene.on_issue(ChangeCategory, category="noise"))
    scene.then_refused(Conflict, "nothing_changes", happened="CategoryChanged")


def test_refused_unknown_category() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ChangeCategory, category="unheard_of"))
    scene.then_bad(("category", "unknown_category"))


def test_refused_by_another_agency() -> None:
    scene = given_an_issue()
    scene.when(scene.on_issue(ChangeCategory, category="disorder"), "social")
    refusal = scene.then_refused(NotAllowed, "other_agency", who_may=("district",))
    assert refusal.sv.startswith("Bara Socialförvaltningen Centrum, trygghetssamordning kan")
