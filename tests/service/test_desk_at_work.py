"""Officers and caseworkers at work at once on two web processes: the desk bench in small."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.bench.desk import Crew, a_shift
from tests.bench.serving import environment

CREW = Crew(officers=4, caseworkers=6, seconds=4.0, think_seconds=0.6)


@pytest.mark.slow
def test_nothing_is_lost_or_twice_and_every_page_shows_the_right_counters(
    postgresql_url: str, redis_url: str, tmp_path: Path
) -> None:
    environ = environment(make_url(postgresql_url), tmp_path)
    shift = a_shift(environ | {"REDIS_URL": redis_url, "SAMSYN_SECURE_COOKIES": "no"}, CREW)
    assert len(shift.done.sent) > CREW.officers
    assert len(shift.behind) == CREW.officers + CREW.caseworkers
