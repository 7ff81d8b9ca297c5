"""ChangeTitle: other words inside, in the public register, or both; what is not given stays."""

from domain.classification import ChangeTitle, TitleChanged
from domain.refusals import Conflict
from tests.domain.given import given_an_issue


def test_accepted_inside_only() -> None:
    scene = given_an_issue(title="Intern")
    scene.when(scene.on_issue(ChangeTitle, title=" Ny intern "))
    scene.then(
        TitleChanged,
        from_title="Intern",
        title="Ny intern",
        public_title="Otrygghet vid Brunnsparken",
    )
    assert scene.issue.title == "Ny intern"


def test_accepted_in_the_public_register_only() -> None:
    scene = given_an_issue(title="Intern")
    scene.when(scene.on_issue(ChangeTitle, public_title="Otrygg plats"))
    scene.then(TitleChanged, title="Intern", public_title="Otrygg plats")
    assert scene.issue.public_title == "Otrygg plats"


def test_ignored_when_nothing_is_given_or_new() -> None:
    scene = given_an_issue(title="Intern")
    for data in ({}, {"title": "Intern"}):
        scene.when(scene.on_issue(ChangeTitle, **data))
        scene.then_refused(Conflict, "nothing_changes", happened="TitleChanged")
