"""Finding issues: by words with and without å, ä and ö, by filters, page by page."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from domain.classification import ChangeTitle, RegisterRecord
from domain.codes import IssueStatus, ReferralType
from domain.lifecycle import VoidIssue
from domain.values import Actor, Place
from projections.issue_search import IssueSort, IssuesWanted, find_issues
from projections.issue_story import ISSUE_STORY
from projections.issue_story_rows import IssueHead, PushedHead
from projections.search_text import searched
from projections.visibility import VISIBILITY
from tests.examples import (
    Started,
    a_sent_referral,
    a_started_samsyn,
    accept,
    an_open_issue,
    send_referral,
)
from tests.projections.story_examples import PARTNER, seen_by


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[VISIBILITY, ISSUE_STORY]) as started:
        yield started


def found(started: Started, who: str | Actor = "u-dis-01", **wanted: object) -> list[UUID]:
    """The ids of all issues found, by pages of two."""
    started.catch_up()
    viewer = seen_by(started, who)
    ids: list[UUID] = []
    after: str | None = None
    with started.samsyn.engine.connect() as db:
        while True:
            page = find_issues(db, viewer, IssuesWanted(**wanted), after=after, limit=2)  # type: ignore[arg-type]  # as the test says
            ids += [head.issue_id for head in page.items]
            after = page.next
            if after is None:
                return ids


def titled(started: Started, *titles: str, place: str = "Heden") -> list[UUID]:
    """One issue for each title, an hour apart."""
    ids: list[UUID] = []
    for title in titles:
        ids.append(an_open_issue(started, public_title=title, place=Place(name=place)))
        started.clock.advance(hours=1)
    return ids


def test_the_latest_opened_comes_first_on_pages_without_gaps(started: Started) -> None:
    ids = titled(started, "Ett", "Två", "Tre", "Fyra", "Fem")
    ids += [an_open_issue(started), an_open_issue(started)]  # opened at the same moment
    listed = found(started)
    assert listed[2:] == list(reversed(ids[:5]))
    assert set(listed[:2]) == set(ids[5:])


def test_letters_with_marks_are_found_with_and_without_them(started: Started) -> None:
    (lamp,) = titled(started, "Trasig lampa på Ångbåtsbron")
    assert found(started, text="ångbåtsbron") == [lamp]
    assert found(started, text="ÅNGBÅT") == [lamp]
    assert found(started, text="angbatsbron") == [lamp]
    assert found(started, text="lampa angbat") == [lamp]


def test_a_letter_with_a_mark_finds_only_itself(started: Started) -> None:
    har, har_with_dots = titled(started, "Har ingen lampa", "Här är det mörkt")
    assert found(started, text="här") == [har_with_dots]
    assert found(started, text="har") == [har_with_dots, har]
    assert found(started, text="hår") == []


def test_a_letter_of_two_signs_is_the_same_letter(started: Started) -> None:
    (lamp,) = titled(started, "Mo\u0308rk ga\u030angva\u0308g")
    assert found(started, text="mörk gångväg") == [lamp]


@pytest.mark.parametrize("text", ["%", "_", "50%", "a_b", "\\", "'", '"'])
def test_signs_of_the_database_are_plain_signs(started: Started, text: str) -> None:
    titled(started, "Helt vanlig rubrik")
    assert found(started, text=text) == []
    (marked,) = titled(started, f"Märklig {text} rubrik")
    assert found(started, text=text) == [marked]


def test_number_place_category_and_registry_number_are_searched(started: Started) -> None:
    (issue_id,) = titled(started, "Otrygghet", place="Kungsportsplatsen")
    titled(started, "Annat", place="Haga")
    started.execute(
        RegisterRecord(issue_id=issue_id, registry_ref="SFC-2026-00031", subject_sv="Synpunkt")
    )
    for text in ("TIC-2026-00001", "kungsports", "sfc-2026-00031"):
        assert found(started, text=text) == [issue_id], text
    assert len(found(started, text="narkotika")) == 2
    assert found(started, text="   ") == found(started)


def test_a_new_title_is_found_and_the_old_one_no_more(started: Started) -> None:
    (issue_id,) = titled(started, "Gammal rubrik")
    started.execute(ChangeTitle(issue_id=issue_id, title="Nytt", public_title="Nytt"))
    assert found(started, text="gammal") == []
    assert found(started, text="nytt") == [issue_id]


def test_filters_narrow_together(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    started.execute(accept(issue_id, referral_id), "u-pol-01")
    other = an_open_issue(started, category="graffiti")
    started.execute(VoidIssue(issue_id=other, reason_sv="Fel."))
    assert found(started, agency="police") == [issue_id]
    assert found(started, status=IssueStatus.VOIDED) == [other]
    assert found(started, category="graffiti", agency="district") == [other]
    assert found(started, category="graffiti", agency="police") == []
    assert found(started, text="brunnsparken", status=IssueStatus.ACTIVE) == [issue_id]


def test_partners_find_what_was_pushed_by_what_they_see(started: Started) -> None:
    issue_id = an_open_issue(started, title="Hemlig intern rubrik")
    an_open_issue(started, public_title="Ett annat")
    inform = send_referral(issue_id, "partner_nordstan", type=ReferralType.INFORM)
    started.execute(inform)
    assert found(started, PARTNER) == [issue_id]
    assert found(started, PARTNER, text="otrygghet") == [issue_id]
    assert found(started, PARTNER, text="hemlig") == []
    assert found(started, PARTNER, text="narkotika") == []
    with started.samsyn.engine.connect() as db:
        (head,) = find_issues(db, seen_by(started, PARTNER)).items
        assert isinstance(head, PushedHead)
        (known, _) = sorted(find_issues(db, seen_by(started)).items, key=lambda each: each.number)
        assert isinstance(known, IssueHead)


@pytest.mark.parametrize("who", ["u-rep-01", "u-adm-01"])
def test_reporter_and_administrator_find_none(started: Started, who: str) -> None:
    an_open_issue(started)
    assert found(started, who) == []


def test_a_restricted_issue_is_found_by_its_parties(started: Started) -> None:
    issue_id = an_open_issue(started, "u-pol-01", category="extremism")
    assert found(started, "u-soc-01", text="brunnsparken") == []
    assert found(started, "u-pol-02", text="brunnsparken") == [issue_id]


def test_issues_come_by_number_or_the_first_opened_first_on_pages_without_gaps(
    started: Started,
) -> None:
    ids = titled(started, "Ett", "Två", "Tre", "Fyra", "Fem")
    ids += [an_open_issue(started), an_open_issue(started)]
    assert found(started, sort=IssueSort.NUMBER, descending=False) == ids
    assert found(started, sort=IssueSort.NUMBER) == ids[::-1]
    assert found(started, descending=False)[:5] == ids[:5]


def test_a_bad_cursor_and_a_bad_limit_are_refused(started: Started) -> None:
    with started.samsyn.engine.connect() as db:
        with pytest.raises(ValueError, match="cursor"):
            find_issues(db, seen_by(started), after="WzFd")
        with pytest.raises(ValueError, match="limit"):
            find_issues(db, seen_by(started), limit=1000)


def test_searched_text_is_kept_twice() -> None:
    assert searched(("Ångbåt", None, "Øst")) == "ångbåt øst\nangbat ost"
