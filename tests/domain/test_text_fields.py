"""Every text of a command has its limits, also where it may be left out."""

import pytest

from domain.classification import ChangeTitle
from domain.command import Text, check_texts, text_fields
from domain.opening import OpenIssue
from domain.refusals import Problems
from domain.values import Place


def test_optional_titles_have_the_limits_of_titles() -> None:
    assert text_fields(OpenIssue)["title"] == Text(1, 120)
    assert set(text_fields(ChangeTitle)) == {"title", "public_title", "reason_sv"}


@pytest.mark.parametrize(
    ("title", "code"), [("x" * 121, "too_long"), ("Anna, 19121212-1212", "looks_like_")]
)
def test_an_optional_title_is_checked(title: str, code: str) -> None:
    problems = Problems()
    command = OpenIssue(
        public_title="Otrygghet", title=title, category="other", place=Place(name="Heden")
    )
    check_texts(command, problems)
    assert [error.field for error in problems] == ["title"]
    assert problems.errors[0].code.startswith(code)
