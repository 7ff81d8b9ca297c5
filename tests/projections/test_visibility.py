"""Who may read what: the one rule, seen through plain lists of ids."""

from uuid import UUID

import pytest
from sqlalchemy import literal, select

from domain.classification import ChangeCategory
from domain.codes import ReferralType
from domain.lifecycle import MergeIssues
from domain.notes import AddNote
from domain.opening import LinkReport
from domain.refusals import NotAllowed
from domain.values import SYSTEM, Actor, Role
from projections.columns import UuidText
from projections.viewer import Viewer
from projections.visibility import (
    VISIBILITY,
    issue_access,
    report_access,
    sees_pushed_only,
    visible_issue,
    visible_report,
)
from service.viewers import viewer_of
from tests.examples import (
    Started,
    a_report,
    a_started_samsyn,
    actor,
    an_open_issue,
    receive_report,
    send_referral,
)

PARTNER = Actor(user_id="u-guard", agency_id="partner_guards", role=Role.CASEWORKER)


def issues_of(started: Started, who: Actor) -> set[UUID]:
    started.catch_up()
    column = issue_access.c.issue_id
    with started.samsyn.engine.connect() as db:
        return set(db.scalars(select(column).where(visible_issue(viewer(started, who), column))))


def reports_of(started: Started, who: Actor) -> set[UUID]:
    started.catch_up()
    column = report_access.c.report_id
    with started.samsyn.engine.connect() as db:
        return set(db.scalars(select(column).where(visible_report(viewer(started, who), column))))


def viewer(started: Started, who: Actor) -> Viewer:
    return viewer_of(who, started.samsyn.execution.agencies())


def test_authorities_read_every_issue_and_others_none(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        issue_id = an_open_issue(started)
        for user_id in ("u-dis-01", "u-soc-02", "u-pol-01", "u-aud-01", "u-coo-01", "u-man-02"):
            assert issues_of(started, actor(user_id)) == {issue_id}, user_id
        assert issues_of(started, SYSTEM) == {issue_id}
        for user_id in ("u-adm-01", "u-rep-01"):
            assert issues_of(started, actor(user_id)) == set(), user_id


def test_a_partner_reads_what_was_sent_to_it(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        an_open_issue(started)
        sent = an_open_issue(started)
        started.execute(send_referral(sent, "partner_guards", type=ReferralType.INFORM))
        assert issues_of(started, PARTNER) == {sent}
        assert sees_pushed_only(viewer(started, PARTNER))
        assert not sees_pushed_only(viewer(started, actor("u-dis-01")))


def test_a_restricted_issue_is_read_by_those_who_take_part(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        issue_id = an_open_issue(started, "u-pol-01", category="extremism")
        assert issues_of(started, actor("u-pol-02")) == {issue_id}
        assert issues_of(started, actor("u-aud-01")) == set()
        # Whoever may not read it may not write in it either.
        with pytest.raises(NotAllowed):
            started.execute(AddNote(issue_id=issue_id, text_sv="Vi vill också veta."), "u-dis-01")
        assert issues_of(started, actor("u-dis-01")) == set()
        started.execute(send_referral(issue_id, "social", type=ReferralType.ASSIST), by="u-pol-01")
        assert issues_of(started, actor("u-soc-01")) == {issue_id}
        assert issues_of(started, actor("u-dis-01")) == set()


def test_a_new_category_restricts_and_frees(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=[VISIBILITY]) as started:
        issue_id = an_open_issue(started)
        started.execute(ChangeCategory(issue_id=issue_id, category="extremism"))
        assert issues_of(started, actor("u-pol-01")) == set()
        started.execute(ChangeCategory(issue_id=issue_id, category="graffiti"))
        assert issues_of(started, actor("u-pol-01")) == {issue_id}


def test_what_the_projection_has_not_reached_is_hidden(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=[VISIBILITY]) as started:
        issue_id = an_open_issue(started)
        who = viewer(started, actor("u-dis-01"))
        with started.samsyn.engine.connect() as db:
            assert not db.scalar(select(visible_issue(who, literal(issue_id, UuidText))))
        started.catch_up()
        with started.samsyn.engine.connect() as db:
            assert db.scalar(select(visible_issue(who, literal(issue_id, UuidText))))


def test_reports_are_read_by_reporter_receiver_and_authorities(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        own = a_report(started, "u-rep-01", receiving_agency="district")
        other = a_report(started, "u-con-01")
        secret = a_report(started, "u-con-01", category="extremism", receiving_agency="police")
        assert reports_of(started, actor("u-rep-01")) == {own}
        assert reports_of(started, actor("u-adm-01")) == set()
        assert reports_of(started, PARTNER) == set()
        assert reports_of(started, actor("u-dis-01")) == {own, other}
        assert reports_of(started, actor("u-con-01")) == {own, other, secret}
        assert reports_of(started, actor("u-pol-01")) == {own, other, secret}
        assert reports_of(started, SYSTEM) == {own, other, secret}


def test_a_report_of_a_restricted_issue_is_restricted_with_it(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        report_id = a_report(started, "u-dis-01")
        issue_id = an_open_issue(started, "u-pol-01", category="extremism")
        assert reports_of(started, actor("u-soc-01")) == {report_id}
        started.execute(LinkReport(issue_id=issue_id, report_id=report_id), "u-pol-01")
        assert reports_of(started, actor("u-soc-01")) == set()
        assert reports_of(started, actor("u-dis-01")) == {report_id}
        assert reports_of(started, actor("u-pol-02")) == {report_id}


def test_a_merged_issues_reports_follow_it(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url, projections=[VISIBILITY]) as started:
        report_id = started.create(receive_report(receiving_agency="district"), "u-con-01")
        first = an_open_issue(started, "u-pol-01", report_ids=(report_id,))
        into = an_open_issue(started, "u-pol-01", category="extremism")
        started.execute(
            MergeIssues(issue_id=first, into_issue_id=into, reason_sv="Samma problem."), "u-pol-01"
        )
        assert reports_of(started, actor("u-soc-01")) == set()
        assert reports_of(started, actor("u-pol-02")) == {report_id}


@pytest.mark.parametrize("role", [Role.ADMIN, Role.REPORTER])
def test_the_role_decides_before_the_agency(sqlite_url: str, role: Role) -> None:
    with a_started_samsyn(sqlite_url, projections=[VISIBILITY]) as started:
        an_open_issue(started)
        assert issues_of(started, Actor(user_id="x", agency_id="police", role=role)) == set()
