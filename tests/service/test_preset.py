"""Loading a preset: everything once, whatever happens to it later."""

import pytest

from domain.directory import RevokeUser
from domain.presets import PRESETS
from domain.refusals import Conflict
from domain.values import SYSTEM
from service.preset import load_preset
from tests.examples import a_started_samsyn


def test_everything_of_the_preset_is_in_the_directory(database_url: str) -> None:
    with a_started_samsyn(database_url) as started:
        found = started.samsyn.execution.agencies()
        preset = PRESETS["today"]
        assert set(found.agencies) == {a.agency_id for a in preset.agencies}
        assert set(found.places) == {p.place_id for p in preset.places}
        assert set(found.areas) == {a.area_id for a in preset.areas}
        assert set(found.grants) == {u.user_id for u in preset.users}


def test_loading_again_writes_nothing_and_undoes_nothing(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started:
        started.samsyn.execution.execute(RevokeUser(user_id="u-pol-04"), SYSTEM)
        head = started.samsyn.casework.head()
        assert load_preset(started.samsyn.execution, "today") == 0
        assert started.samsyn.casework.head() == head
        assert "u-pol-04" not in started.samsyn.execution.agencies().grants


def test_a_second_preset_is_refused(sqlite_url: str) -> None:
    with a_started_samsyn(sqlite_url) as started, pytest.raises(Conflict) as refused:
        load_preset(started.samsyn.execution, "seed-2018")
    assert refused.value.code == "agency_exists"
