"""Whatever is commanded by whomever: R1, R2, R8, R11, R13 hold and refusals record nothing."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.domain.issue_life import IssueLife

STEPS = st.sampled_from(IssueLife.steps)
DICE = st.randoms(use_true_random=True)


class IssueMachine(RuleBasedStateMachine):
    """Hypothesis looks for the shortest life in which a rule is broken."""

    def __init__(self) -> None:
        super().__init__()
        self.life = IssueLife()

    @rule(step=STEPS, dice=DICE)
    def go_on(self, step: Callable[[IssueLife, Random], None], dice: Random) -> None:
        step(self.life, dice)

    @invariant()
    def everything_holds(self) -> None:
        self.life.check()


TestIssue = IssueMachine.TestCase
TestIssue.settings = settings(max_examples=50, stateful_step_count=40, deadline=None)


@pytest.mark.parametrize("seed", range(40))
def test_a_long_life(seed: int) -> None:
    dice, life = Random(seed), IssueLife()
    for _ in range(200):
        dice.choice(IssueLife.steps)(life, dice)
        life.check()
