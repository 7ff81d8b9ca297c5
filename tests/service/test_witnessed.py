"""Missing witnesses are told of and stop nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from infra.audit.checkpoint import Checkpoint
from infra.audit.note import Note
from infra.audit.policy import Policy
from service.sealing import Sealing
from service.witnessed import LATE, RED, UNUSABLE, WELL, Witnessed, look
from tests.examples import an_open_issue
from tests.infra.audit.sealing import real_time
from tests.service.audited import WITNESSES, Audited, Shown, an_audited_web


@pytest.fixture
def audited(postgresql_url: str, tmp_path: Path) -> Iterator[Audited]:
    with an_audited_web(postgresql_url, tmp_path) as found:
        an_open_issue(found.web.started)
        found.seal()
        yield found


def looked(audited: Audited, now: datetime) -> Witnessed:
    with audited.web.started.samsyn.engine.connect() as db:
        found = look(db, audited.web.services.settings, now)
    assert found is not None
    return found


def test_witnesses_that_stay_away_are_late_then_red_until_the_quorum_has_signed(
    audited: Audited,
) -> None:
    size = len(audited.entries())
    minutes = {5: WELL, 11: LATE, 24 * 60 + 1: RED}
    began = real_time()
    for minute, state in minutes.items():
        found = looked(audited, began + timedelta(minutes=minute))
        assert (found.state, found.size) == (state, 0)
        assert [each.at for each in found.witnesses] == [None] * 3
    for name in ("police", "social"):
        audited.witnesses[name].pull(audited.shown)
    two = looked(audited, began + timedelta(minutes=11))
    assert (two.state, two.size) == (LATE, 0)
    assert [each.size for each in two.witnesses] == [size, size, 0]
    audited.watch()
    found = looked(audited, began + timedelta(days=3))
    assert (found.state, found.size, found.waiting_seconds) == (WELL, size, 0)
    assert all(each.at is not None for each in found.witnesses)


def test_witnesses_that_look_at_different_times_sign_the_same_checkpoint(audited: Audited) -> None:
    """The log is sealed each second, and each witness looks once a minute, at its own second."""
    for _ in range(3):
        signed: list[int] = []
        for name in WITNESSES:
            an_open_issue(audited.web.started)
            audited.seal()
            signed.append(audited.witnesses[name].pull(audited.shown).size)
            audited.web.clock.advance(seconds=20)
        assert len(set(signed)) == 1
        found = looked(audited, audited.web.clock())
        assert found.size == signed[0], "all three have signed it"
        newest = Checkpoint.parse(Note.parse(audited.shown.read("checkpoint").decode()).text)
        assert newest.size == len(audited.entries()), "who is no witness gets the newest"


def test_a_checkpoint_waits_for_a_missing_witness_for_a_minute_and_not_longer(
    audited: Audited,
) -> None:
    police, social = audited.witnesses["police"], audited.witnesses["social"]
    stood = police.pull(audited.shown).size
    an_open_issue(audited.web.started)
    audited.seal()
    audited.web.clock.advance(seconds=70)
    assert social.pull(audited.shown).size == stood
    audited.web.clock.advance(seconds=10)
    newest = len(audited.entries())
    assert police.pull(audited.shown).size == newest
    assert social.pull(audited.shown).size == newest
    an_open_issue(audited.web.started)
    audited.seal()
    assert audited.witnesses["district"].pull(audited.shown).size == newest


def test_a_witness_is_never_offered_less_than_it_has_signed(audited: Audited) -> None:
    """Its line may have been lost on the way, and others may have begun with an older one."""
    police, social = audited.witnesses["police"], audited.witnesses["social"]
    before = audited.shown.read("checkpoint")
    an_open_issue(audited.web.started)
    audited.seal()

    class Lost(Shown):
        def tell(self, note: str) -> None:
            raise ConnectionResetError(note)

    with pytest.raises(ConnectionResetError):
        police.pull(Lost(audited.web))

    class Older(Shown):
        def read(self, path: str) -> bytes:
            return before if path.startswith("checkpoint") else super().read(path)

    assert social.pull(Older(audited.web)).size < len(audited.entries())
    assert police.pull(audited.shown).size == len(audited.entries())


def test_missing_witnesses_are_logged_and_shown_and_casework_goes_on(audited: Audited) -> None:
    web = audited.web
    web.clock.advance(seconds=(real_time() - web.clock() + timedelta(minutes=11)).total_seconds())
    with capture_logs() as lines:
        Sealing(web.started.samsyn, web.services.settings).tell_of_witnesses()
    (line,) = [line for line in lines if line["event"] == "audit_unwitnessed"]
    assert (line["log_level"], line["state"]) == ("warning", LATE)
    assert line["witnesses"] == {key.name: 0 for key in WITNESSES.values()}
    answer = web.client.get("/ready")
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "degraded")
    assert told["audit"]["sealed"] == len(audited.entries())
    assert told["audit"]["witnessed"]["state"] == LATE
    assert "police" not in answer.text
    an_open_issue(web.started)


def test_without_witnesses_nothing_is_missing_and_a_spoilt_policy_is_told(audited: Audited) -> None:
    path = audited.web.services.settings.audit_policy
    path.write_text("quorum nobody\n", encoding="utf-8")
    assert looked(audited, real_time()).state == UNUSABLE
    path.unlink()
    with audited.web.started.samsyn.engine.connect() as db:
        assert look(db, audited.web.services.settings, real_time()) is None


def test_the_fewest_witnesses_of_nested_groups() -> None:
    known = [f"witness {name} {key.public_key}" for name, key in WITNESSES.items()]
    groups = ["group two all police social", "group some any two district"]
    policy = Policy.parse("\n".join([*known, *groups, "quorum some", ""]))
    assert policy.fewest == 1
    assert Policy.parse("\n".join([*known, groups[0], "quorum two", ""])).fewest == 2
    assert Policy.parse("quorum none\n").fewest == 0
