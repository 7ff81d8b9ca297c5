"""Who gets in: only good tokens of users whom the directory knows."""

from datetime import timedelta

import pytest

from domain.directory import GrantUser, RevokeUser
from domain.values import SYSTEM, Role
from tests.service.web import Web


def test_a_good_token_is_let_in(web: Web) -> None:
    answer = web.get("/me")
    assert answer.status_code == 200
    me = answer.json()
    assert (me["user_id"], me["agency_id"], me["role"]) == ("u-dis-01", "district", "caseworker")
    assert "SendReferral" in me["commands"]
    assert "GrantUser" not in me["commands"]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer svc_x_y", "Basic dTpw", "Bearer åäö", "svc_1_2"]
)
def test_anything_else_is_refused(web_on_sqlite: Web, header: str) -> None:
    told = {b"Authorization": header.encode("latin-1")}
    answer = web_on_sqlite.client.get("/api/v1/me", headers=told)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_cookies_open_nothing(web_on_sqlite: Web) -> None:
    token = web_on_sqlite.token("u-dis-01")
    answer = web_on_sqlite.client.get("/api/v1/me", headers={"Cookie": f"session={token}"})
    assert answer.status_code == 401


def test_an_expired_token_is_refused(web: Web) -> None:
    expires = web.clock.now + timedelta(hours=1)
    _, text = web.services.tokens.issue("u-dis-01", "short", expires_at=expires)
    web.tokens["u-dis-01"] = text
    assert web.get("/me").status_code == 200
    web.clock.advance(hours=1)
    assert web.get("/me").status_code == 401


def test_a_revoked_token_is_refused_at_once(web: Web) -> None:
    token_id, text = web.services.tokens.issue("u-dis-01", "lost", expires_at=None)
    web.tokens["u-dis-01"] = text
    assert web.get("/me").status_code == 200
    web.services.tokens.revoke(token_id)
    assert web.get("/me").status_code == 401


def test_a_user_without_a_grant_is_told_who_can_give_one(web: Web) -> None:
    answer = web.get("/me", "u-nobody")
    assert answer.status_code == 403
    assert answer.json()["code"] == "no_grant"
    assert answer.json()["who_may"] == ["admin"]


def test_a_change_in_the_directory_counts_from_the_next_request(web: Web) -> None:
    execution = web.started.samsyn.execution
    assert web.get("/me").json()["role"] == "caseworker"
    execution.execute(
        GrantUser(user_id="u-dis-01", agency_id="district", role=Role.AUDITOR), SYSTEM
    )
    assert web.get("/me").json()["role"] == "auditor"
    execution.execute(RevokeUser(user_id="u-dis-01"), SYSTEM)
    assert web.get("/me").status_code == 403


def test_every_route_but_the_document_is_closed_to_strangers(web_on_sqlite: Web) -> None:
    document = web_on_sqlite.get("/openapi.json", by=None).json()
    for path, methods in document["paths"].items():
        concrete = path.replace("{", "").replace("}", "")
        for name in ("issue_id", "referral_id", "report_id", "action_id"):
            concrete = concrete.replace(name, "01a204d8-c6a6-779b-8ec3-c32aa2d735fa")
        for method in methods:
            answer = web_on_sqlite.client.request(method, concrete)
            assert answer.status_code == 401, (method, path)
