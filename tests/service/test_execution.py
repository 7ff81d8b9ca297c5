"""Commands are carried out once, on what stands there now, all or nothing."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from threading import Barrier
from uuid import UUID

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST

from domain.answer import AcceptReferral, DeclineReferral, ReferralAccepted
from domain.command import Command
from domain.directory import GrantUser
from domain.issue import Issue
from domain.notes import AddNote
from domain.opening import LinkReport
from domain.referral import WithdrawReferral
from domain.refusals import Conflict, Invalid, NotAllowed, NotFound
from domain.values import SYSTEM, Role
from infra.accounts import Accounts, LoginTaken
from infra.ids import new_id
from infra.log.errors import StreamConflict
from service.assembly import Samsyn, assemble
from service.batch import VersionChanged
from service.receipt import Receipt
from tests.examples import (
    Clock,
    Started,
    a_report,
    a_sent_referral,
    a_started_samsyn,
    accept,
    actor,
    an_open_issue,
    decline,
    open_issue,
    receive_report,
    send_referral,
)

CLIENTS = 12


class Meddling:
    """A clock that lets something happen elsewhere between a decision's loading and saving."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.meanwhile: list[Callable[[], object]] = []

    def __call__(self) -> datetime:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return self.clock()


@pytest.fixture
def started(database_url: str) -> Iterator[Started]:
    with a_started_samsyn(database_url, projections=[]) as started:
        yield started


@pytest.fixture
def meddling() -> Meddling:
    return Meddling()


@pytest.fixture
def other(database_url: str, started: Started, meddling: Meddling) -> Iterator[Samsyn]:
    """A second program on the same database, into whose decisions others can come."""
    samsyn = assemble(database_url, [], meddling)
    yield samsyn
    samsyn.close()


def head(started: Started) -> int:
    return started.samsyn.casework.head()


def note(issue_id: UUID, text_sv: str = "Butikerna bekräftar.") -> AddNote:
    return AddNote(issue_id=issue_id, text_sv=text_sv)


def issue_of(started: Started, issue_id: UUID) -> Issue:
    issue: Issue = started.samsyn.casework.repository.get(issue_id)
    return issue


def give(started: Started, command: Command, by: str = "u-dis-01", **how: object) -> Receipt:
    return started.samsyn.execution.execute(command, actor(by), **how)  # type: ignore[arg-type]  # key, expected_version


# --- receipts and keys ---------------------------------------------------------------------------


def test_receipt_names_position_stream_version_and_what_was_created(started: Started) -> None:
    opened = give(started, open_issue())
    assert opened.position == head(started)
    assert (opened.stream_id, opened.version, opened.replayed) == (opened.created_id, 1, False)
    sent = give(started, send_referral(opened.stream_id))
    assert (sent.stream_id, sent.version) == (opened.stream_id, 2)
    assert sent.created_id in issue_of(started, opened.stream_id).referrals


def test_receipt_names_the_target_whatever_else_was_changed(started: Started) -> None:
    issue_id, report_id = an_open_issue(started), a_report(started)
    receipt = give(started, LinkReport(issue_id=issue_id, report_id=report_id))
    assert (receipt.stream_id, receipt.version) == (issue_id, 2)
    assert receipt.position == head(started)


def test_same_key_and_command_again_give_the_first_answer_and_write_nothing(
    started: Started,
) -> None:
    first = give(started, open_issue(), key="k-1")
    before = head(started)
    again = give(started, open_issue(), key="k-1")
    assert again.replayed
    assert (again.position, again.stream_id, again.version, again.created_id) == (
        first.position,
        first.stream_id,
        first.version,
        first.created_id,
    )
    assert head(started) == before


def test_same_key_is_answered_though_the_command_would_be_refused_now(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    first = give(started, accept(issue_id, referral_id), "u-pol-01", key="k-1")
    again = give(started, accept(issue_id, referral_id), "u-pol-01", key="k-1")
    assert again.position == first.position
    with pytest.raises(Conflict, match="referral_accepted"):
        give(started, accept(issue_id, referral_id), "u-pol-01", key="k-2")


def test_key_with_another_command_is_refused(started: Started) -> None:
    issue_id = an_open_issue(started)
    give(started, note(issue_id), key="k-1")
    before = head(started)
    for command in (note(issue_id, "Något annat."), open_issue()):
        with pytest.raises(Conflict) as refused:
            give(started, command, key="k-1")
        assert (refused.value.code, refused.value.happened) == ("key_used", "key_used")
    assert head(started) == before


def test_key_belongs_to_one_user(started: Started) -> None:
    issue_id = an_open_issue(started)
    first = give(started, note(issue_id), "u-dis-01", key="k-1")
    second = give(started, note(issue_id), "u-dis-02", key="k-1")
    assert not second.replayed
    assert second.position > first.position


def test_refused_command_uses_up_no_key(started: Started) -> None:
    issue_id = an_open_issue(started)
    with pytest.raises(Invalid):
        give(started, note(issue_id, ""), key="k-1")
    assert not give(started, note(issue_id), key="k-1").replayed


def test_first_answer_tells_whether_a_key_was_used(started: Started) -> None:
    execution, by = started.samsyn.execution, actor("u-dis-01")
    assert execution.first_answer(open_issue(), by, "k-1") is None
    receipt = execution.execute(open_issue(), by, "k-1")
    kept = execution.first_answer(open_issue(), by, "k-1")
    assert kept is not None
    assert kept.position == receipt.position


def test_keys_are_used_once_something_was_recorded_with_them_by_the_same_user(
    started: Started,
) -> None:
    execution, by = started.samsyn.execution, actor("u-dis-01")
    assert execution.used(by, ["k-1"]) == frozenset()
    execution.execute(open_issue(), by, "k-1")
    assert execution.used(by, ["k-1", "k-2"]) == {"k-1"}
    assert execution.used(actor("u-pol-01"), ["k-1"]) == frozenset()


def test_same_key_from_many_clients_at_once_is_carried_out_once(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    ready = Barrier(CLIENTS)

    def answer(_: int) -> Receipt:
        ready.wait()
        return give(started, accept(issue_id, referral_id), "u-pol-01", key="k-1")

    with ThreadPoolExecutor(CLIENTS) as clients:
        receipts = list(clients.map(answer, range(CLIENTS)))
    assert len({(each.position, each.version) for each in receipts}) == 1
    assert [each.replayed for each in receipts].count(False) == 1
    events = started.samsyn.casework.events.get(issue_id)
    assert sum(isinstance(event, ReferralAccepted) for event in events) == 1


# --- versions and races --------------------------------------------------------------------------


def test_expected_version_that_is_current_is_accepted(started: Started) -> None:
    issue_id = an_open_issue(started)
    assert give(started, note(issue_id), expected_version=1).version == 2


def test_expected_version_that_has_passed_is_refused(started: Started) -> None:
    issue_id = an_open_issue(started)
    give(started, note(issue_id))
    with pytest.raises(VersionChanged) as refused:
        give(started, note(issue_id), expected_version=1)
    assert refused.value.happened == "2"
    assert issue_of(started, issue_id).version == 2


def test_role_is_asked_before_anything_is_loaded(started: Started) -> None:
    with pytest.raises(NotAllowed, match="role_not_allowed"):
        give(started, note(new_id()), "u-aud-01")
    with pytest.raises(NotFound, match="no_such_issue"):
        give(started, note(new_id()))


def test_one_that_lost_a_race_is_decided_again_and_carried_out(
    started: Started, other: Samsyn, meddling: Meddling
) -> None:
    issue_id = an_open_issue(started)
    meddling.meanwhile.append(lambda: give(started, note(issue_id, "Först.")))
    receipt = other.execution.execute(note(issue_id, "Sedan."), actor("u-dis-02"))
    assert receipt.version == 3
    events = started.samsyn.casework.events.get(issue_id)
    assert [getattr(event, "text_sv", None) for event in events] == [None, "Först.", "Sedan."]


def test_one_that_lost_a_race_is_told_what_happened_instead(
    started: Started, other: Samsyn, meddling: Meddling
) -> None:
    issue_id, referral_id = a_sent_referral(started)
    meddling.meanwhile.append(lambda: give(started, accept(issue_id, referral_id), "u-pol-01"))
    with pytest.raises(Conflict) as refused:
        other.execution.execute(
            WithdrawReferral(issue_id=issue_id, referral_id=referral_id), actor("u-dis-01")
        )
    assert (refused.value.code, refused.value.happened) == ("referral_accepted", "ReferralAccepted")
    assert issue_of(started, issue_id).version == 4  # opened, sent, accepted, moved


def test_one_that_expected_a_version_is_not_decided_again(
    started: Started, other: Samsyn, meddling: Meddling
) -> None:
    issue_id = an_open_issue(started)
    meddling.meanwhile.append(lambda: give(started, note(issue_id)))
    with pytest.raises(VersionChanged):
        other.execution.execute(note(issue_id), actor("u-dis-02"), expected_version=1)
    assert issue_of(started, issue_id).version == 2


def test_key_used_elsewhere_meanwhile_gives_that_answer(
    started: Started, other: Samsyn, meddling: Meddling
) -> None:
    first: list[Receipt] = []
    meddling.meanwhile.append(lambda: first.append(give(started, open_issue(), key="k-1")))
    receipt = other.execution.execute(open_issue(), actor("u-dis-01"), "k-1")
    assert receipt.replayed
    assert receipt.created_id == first[0].created_id
    assert issue_of(started, receipt.stream_id).number == "TIC-2026-00001"


def test_one_that_never_wins_is_told_to_come_again(
    started: Started, other: Samsyn, meddling: Meddling
) -> None:
    issue_id = an_open_issue(started)
    meddling.meanwhile += [lambda: give(started, note(issue_id))] * 1000
    with pytest.raises(Conflict, match="too_busy"):
        other.execution.execute(note(issue_id, "Aldrig."), actor("u-dis-02"))
    events = started.samsyn.casework.events.get(issue_id)
    assert "Aldrig." not in {getattr(event, "text_sv", None) for event in events}


def test_accept_and_decline_at_once_leave_one_answer(started: Started) -> None:
    issue_id, referral_id = a_sent_referral(started)
    ready = Barrier(2)
    answers: tuple[AcceptReferral | DeclineReferral, ...] = (
        accept(issue_id, referral_id),
        decline(issue_id, referral_id),
    )

    def answer(command: Command) -> str:
        ready.wait()
        try:
            give(started, command, "u-pol-01")
        except Conflict as refused:
            return refused.happened
        return "won"

    with ThreadPoolExecutor(2) as clients:
        outcomes = list(clients.map(answer, answers))
    assert outcomes.count("won") == 1
    assert set(outcomes) - {"won"} <= {"ReferralAccepted", "ReferralDeclined"}


# --- batches -------------------------------------------------------------------------------------


def test_batch_is_appended_as_a_whole(started: Started) -> None:
    execution, by = started.samsyn.execution, actor("u-dis-01")
    before = head(started)
    batch = execution.batch()
    report = batch.execute(receive_report(), by, "k-1")
    issue = batch.execute(open_issue(report_ids=(report.created_id,)), by, "k-2")
    batch.execute(note(issue.target.id), by, "k-3")
    assert head(started) == before
    batch.save()
    assert head(started) == before + 4
    assert issue_of(started, issue.target.id).report_ids == [report.created_id]
    assert execution.execute(note(issue.target.id), by, "k-3").replayed


def test_batch_with_a_refused_command_is_thrown_away(started: Started) -> None:
    execution, by = started.samsyn.execution, actor("u-dis-01")
    issue_id = an_open_issue(started)
    before = head(started)
    batch = execution.batch()
    batch.execute(note(issue_id), by, "k-1")
    with pytest.raises(Invalid):
        batch.execute(note(issue_id, ""), by)
    assert head(started) == before
    assert execution.first_answer(note(issue_id), by, "k-1") is None


def test_batch_that_lost_a_race_writes_nothing(started: Started) -> None:
    execution, by = started.samsyn.execution, actor("u-dis-01")
    first, second = an_open_issue(started), an_open_issue(started)
    batch = execution.batch()
    batch.execute(note(first), by)
    batch.execute(note(second), by)
    give(started, note(second, "Någon annan."))
    before = head(started)
    with pytest.raises(StreamConflict) as lost:
        batch.save()
    assert lost.value.stream_id == second
    assert head(started) == before
    assert issue_of(started, first).version == 1


def test_examining_records_nothing_and_uses_no_number(started: Started) -> None:
    execution, by = started.samsyn.execution, actor("u-dis-01")
    before = head(started)
    assert execution.examine(open_issue(), by) is None
    refusal = execution.examine(open_issue(category="unheard_of"), by)
    assert refusal is not None
    assert refusal.code == "invalid"
    assert head(started) == before
    assert issue_of(started, an_open_issue(started)).number == "TIC-2026-00001"


def test_a_role_and_an_account_are_written_together_or_not_at_all(started: Started) -> None:
    samsyn = started.samsyn
    hasher = PasswordHasher.from_parameters(CHEAPEST)
    accounts = Accounts(samsyn.engine, started.clock, hasher)

    def add(login: str, user_id: str) -> None:
        grant = GrantUser(user_id=user_id, agency_id="police", role=Role.AUDITOR)
        accounts.add(
            login,
            user_id=user_id,
            display_name=login,
            password="en lång mening",
            beside=partial(samsyn.execution.execute_beside, grant, SYSTEM),
        )

    add("anna", "u-new-1")
    head = samsyn.casework.head()
    assert samsyn.execution.agencies().grants["u-new-1"].agency_id == "police"
    with pytest.raises(LoginTaken):
        add("anna", "u-new-2")
    assert (samsyn.casework.head(), "u-new-2" in samsyn.execution.agencies().grants) == (
        head,
        False,
    )
    with pytest.raises(Invalid):
        accounts.add(
            "bo",
            user_id="u-new-3",
            display_name="Bo",
            password="en lång mening",
            beside=partial(
                samsyn.execution.execute_beside,
                GrantUser(user_id="u-new-3", agency_id="nowhere", role=Role.AUDITOR),
                SYSTEM,
            ),
        )
    assert not accounts.is_taken("bo", "u-new-3")
    an_open_issue(started)
    assert samsyn.casework.head() > head, "the log goes on, without a hole"
    positions = [each.position for each in samsyn.casework.read(0, 1_000)]
    assert positions == [*range(1, len(positions) + 1)]
