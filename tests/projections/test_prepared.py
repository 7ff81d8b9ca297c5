"""Queries that are compiled once: each viewer still sees with its own eyes."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Select, bindparam, select

from domain.codes import ReferralType
from domain.values import Role
from projections.columns import UuidText
from projections.prepared import Prepared
from projections.viewer import Viewer
from projections.visibility import VISIBILITY, issue_access, visible_issue
from service.viewers import viewer_of
from tests.examples import a_started_samsyn, actor, an_open_issue, send_referral


def of_one(viewer: Viewer, _shape: None) -> Select[Any]:
    issue_id = issue_access.c.issue_id
    wanted = bindparam("wanted", type_=UuidText())
    return select(issue_id).where(issue_id == wanted, visible_issue(viewer, issue_id))


def test_one_statement_shows_each_viewer_its_own(database_url: str) -> None:
    seen = Prepared(of_one)
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        extremism = an_open_issue(started, category="extremism")
        pushed = an_open_issue(started)
        started.execute(send_referral(pushed, "partner_nordstan", type=ReferralType.ASSIST))
        started.catch_up()
        agencies = started.samsyn.execution.agencies()
        with started.samsyn.engine.connect() as db:

            def sees(user_id: str, issue_id: UUID) -> bool:
                viewer = viewer_of(actor(user_id), agencies)
                return seen.rows(db, viewer, None, {"wanted": issue_id}) == [(issue_id,)]

            # In this order: a value kept from who asked before would show too much.
            assert sees("u-dis-01", extremism)
            assert not sees("u-soc-02", extremism)
            assert sees("u-dis-01", extremism)
            assert sees("u-soc-02", pushed)
            assert sees("u-par-01", pushed)
            assert not sees("u-par-02", pushed)
            assert not sees("u-adm-01", pushed)


def test_a_parameter_without_a_name_is_refused(database_url: str) -> None:
    def careless(viewer: Viewer, _shape: None) -> Select[Any]:
        return select(issue_access.c.issue_id).where(issue_access.c.number == viewer.agency_id)

    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        viewer = Viewer(actor("u-dis-01"), authority=True)
        with (
            started.samsyn.engine.connect() as db,
            pytest.raises(ValueError, match="without a name"),
        ):
            Prepared(careless).rows(db, viewer, None, {})


def test_a_parameter_that_is_not_given_is_an_error(database_url: str) -> None:
    with a_started_samsyn(database_url, projections=[VISIBILITY]) as started:
        viewer = Viewer(actor("u-dis-01"), authority=True)
        assert viewer.actor.role is Role.CASEWORKER
        with started.samsyn.engine.connect() as db, pytest.raises(KeyError, match="wanted"):
            Prepared(of_one).rows(db, viewer, None, {})
