"""Missing witnesses are told of and stop nothing."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from infra.audit.checkpoint import Checkpoint
from infra.audit.note import Note
from infra.audit.policy import Policy
from infra.audit.tables import cosignatures
from service.sealed_so_far import KnownSafety, Safety
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


GOAL_SECONDS = 62
"""From one look of a witness to its next, and a second or two for the seal: below 90."""


@pytest.mark.parametrize("looks", [(0, 20, 40), (5, 6, 35)])
def test_nothing_waits_longer_for_three_witnesses_than_from_one_look_to_the_next(
    audited: Audited, looks: tuple[int, int, int]
) -> None:
    """The log is sealed all the time, and each witness looks once a minute, at its own second."""
    began, names = audited.web.clock(), tuple(WITNESSES)
    sealed_at: dict[int, int] = {}
    waited: list[int] = []
    for second in range(200):
        if second % 5 == 0 and second < 120:
            an_open_issue(audited.web.started)
            audited.seal()
            sealed_at[len(audited.entries())] = second
        for name, look_at in zip(names, looks, strict=True):
            if second % 60 == look_at:
                audited.witnesses[name].pull(audited.shown)
        size = looked(audited, audited.web.clock()).size
        waited += [second - sealed_at.pop(each) for each in list(sealed_at) if each <= size]
        audited.web.clock.advance(seconds=1)
    assert (audited.web.clock() - began).total_seconds() == 200
    assert (len(waited), sealed_at) == (24, {})
    assert max(waited) <= GOAL_SECONDS


def test_who_is_no_witness_gets_the_newest_checkpoint(audited: Audited) -> None:
    audited.witnesses["police"].pull(audited.shown)
    an_open_issue(audited.web.started)
    audited.seal()
    newest = Checkpoint.parse(Note.parse(audited.shown.read("checkpoint").decode()).text)
    assert newest.size == len(audited.entries())


def signed_by(audited: Audited, name: str) -> list[int]:
    """The sizes that a witness has signed."""
    with audited.web.started.samsyn.engine.connect() as db:
        column = cosignatures.c
        query = select(column.tree_size).where(column.witness == WITNESSES[name].name)
        return list(db.scalars(query.order_by(column.tree_size)))


def test_a_checkpoint_waits_for_a_missing_witness_for_a_minute_and_not_longer(
    audited: Audited,
) -> None:
    police, social = audited.witnesses["police"], audited.witnesses["social"]
    stood = police.pull(audited.shown).size
    an_open_issue(audited.web.started)
    audited.seal()
    audited.web.clock.advance(seconds=70)
    between = social.pull(audited.shown).size
    assert signed_by(audited, "social") == [stood, between], "the one begun, then the newest"
    audited.web.clock.advance(seconds=10)
    an_open_issue(audited.web.started)
    audited.seal()
    newest = audited.witnesses["district"].pull(audited.shown).size
    assert newest == len(audited.entries())
    assert signed_by(audited, "district") == [between, newest], "nobody asks for the first now"


def test_a_line_that_got_lost_is_handed_in_at_the_next_look(audited: Audited) -> None:
    police = audited.witnesses["police"]

    class Lost(Shown):
        def tell(self, note: str) -> None:
            raise ConnectionResetError(note)

    with pytest.raises(ConnectionResetError):
        police.pull(Lost(audited.web))
    lost = len(audited.entries())
    assert signed_by(audited, "police") == []
    an_open_issue(audited.web.started)
    audited.seal()
    police.pull(audited.shown)
    assert signed_by(audited, "police") == [lost, len(audited.entries())]


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


def test_what_is_known_of_an_event_moves_on_with_each_seal_and_signature(audited: Audited) -> None:
    samsyn, known = audited.web.started.samsyn, KnownSafety(audited.web.services.settings)
    an_open_issue(audited.web.started)
    position = samsyn.casework.head()

    def state() -> Safety:
        with samsyn.engine.connect() as db:
            return known.up_to(db, position).of(position)

    assert [state(), state()] == [Safety.RECORDED] * 2
    audited.seal()
    assert [state(), state()] == [Safety.SEALED] * 2
    for name in ("police", "social"):
        audited.witnesses[name].pull(audited.shown)
        assert state() is Safety.SEALED, "two of three are not enough"
    audited.witnesses["district"].pull(audited.shown)
    assert [state(), state()] == [Safety.WITNESSED] * 2
