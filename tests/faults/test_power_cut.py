"""What was acknowledged survives a power cut; without fsync it does not, so the cut is one."""

import pytest

from tests.faults.power_cut import cut

APPENDS = 1_500


@pytest.mark.loop_device
def test_acknowledged_is_kept() -> None:
    comparison = cut(durable=True, appends=APPENDS)
    assert comparison.acknowledged >= APPENDS
    assert comparison.whole(), comparison


@pytest.mark.loop_device
def test_without_fsync_it_is_lost() -> None:
    comparison = cut(durable=False, appends=APPENDS)
    assert comparison.acknowledged >= APPENDS
    assert comparison.lost > 0, comparison
