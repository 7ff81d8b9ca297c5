"""The clock table of DOMAIN 8, escalation, pauses, and the deadlines that the stories state."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.codes import Priority, ReferralType
from domain.deadlines import (
    AFTER_DECLINE,
    CLOCKS,
    REPLY_TO_RESIDENT,
    Clock,
    ReferralDeadlines,
    answer_clock,
    counts_in_hours,
    due,
    paused,
    referral_deadlines,
)
from domain.working_days import LOCAL_ZONE, add_working_days
from infra.holidays import SwedishCalendar

SWEDISH = SwedishCalendar()
MONDAY = "2026-03-09 10:00"


def local(text: str) -> datetime:
    """Göteborg time, from '2026-03-09 10:00'."""
    return datetime.fromisoformat(text).replace(tzinfo=LOCAL_ZONE)


def shown(moment: datetime) -> str:
    """What a clock in Göteborg shows, without the year."""
    assert moment.tzinfo is UTC
    return moment.astimezone(LOCAL_ZONE).strftime("%m-%d %H:%M")


def all_shown(deadlines: ReferralDeadlines) -> list[str]:
    """Respond by, then levels 1, 2 and 3."""
    assert deadlines.remind_at == deadlines.respond_by
    return [shown(deadlines.respond_by), *(shown(level) for level in deadlines.escalate_at)]


def default_deadlines(kind: ReferralType, priority: Priority, sent: str) -> ReferralDeadlines:
    """As a referral gets them when the sender changes nothing."""
    clock = answer_clock(kind)
    assert clock is not None
    sent_at = local(sent)
    respond_by = due(clock, priority, sent_at, SWEDISH)
    return referral_deadlines(
        sent_at, respond_by, by_hours=counts_in_hours(clock, priority), calendar=SWEDISH
    )


moments = st.builds(
    datetime.astimezone,
    st.datetimes(
        min_value=datetime(2018, 1, 1),  # noqa: DTZ001  Hypothesis adds the zone
        max_value=datetime(2031, 12, 31),  # noqa: DTZ001  as above
        timezones=st.just(UTC),
    ),
    st.sampled_from([UTC, LOCAL_ZONE]),
)
spans = st.timedeltas(min_value=timedelta(hours=1), max_value=timedelta(days=30))


@pytest.mark.parametrize(
    ("clock", "urgent", "high", "medium", "low"),
    [
        (Clock.TRIAGE, "03-09 14:00", "03-10 10:00", "03-11 10:00", "03-16 10:00"),
        (Clock.ANSWER, "03-09 18:00", "03-10 10:00", "03-12 10:00", "03-16 10:00"),
        (Clock.CONSULT, "03-10 10:00", "03-16 10:00", "03-23 10:00", "03-23 10:00"),
        (Clock.FIRST_ACTION, "03-10 10:00", "03-12 10:00", "03-23 10:00", "04-08 10:00"),
        (Clock.FOLLOW_UP, "03-16 10:00", "03-23 10:00", "04-08 10:00", "05-08 10:00"),
    ],
)
def test_due_follows_the_table(clock: Clock, urgent: str, high: str, medium: str, low: str) -> None:
    expected = {
        Priority.URGENT: urgent,
        Priority.HIGH: high,
        Priority.MEDIUM: medium,
        Priority.LOW: low,
    }

    for priority, end in expected.items():
        assert shown(due(clock, priority, local(MONDAY), SWEDISH)) == end


def test_the_table_has_every_clock_and_priority() -> None:
    assert {(clock, priority) for clock, row in CLOCKS.items() for priority in row} == {
        (clock, priority) for clock in Clock for priority in Priority
    }


def test_urgent_hours_run_through_the_weekend() -> None:
    friday_night = local("2026-03-13 22:00")

    assert shown(due(Clock.ANSWER, Priority.URGENT, friday_night, SWEDISH)) == "03-14 06:00"


def test_urgent_hours_are_real_hours_when_the_clocks_change() -> None:
    before = local("2026-03-28 23:00")

    assert shown(due(Clock.ANSWER, Priority.URGENT, before, SWEDISH)) == "03-29 08:00"


def test_only_urgent_triage_and_answers_count_in_hours() -> None:
    assert [
        pair for pair in [(c, p) for c in Clock for p in Priority] if counts_in_hours(*pair)
    ] == [
        (Clock.TRIAGE, Priority.URGENT),
        (Clock.ANSWER, Priority.URGENT),
    ]


def test_what_is_for_information_expects_no_answer() -> None:
    assert answer_clock(ReferralType.INFORM) is None
    assert answer_clock(ReferralType.CONSULT) is Clock.CONSULT
    assert answer_clock(ReferralType.TRANSFER) is answer_clock(ReferralType.ASSIST) is Clock.ANSWER


def test_a_declined_referral_gives_the_sender_two_working_days() -> None:
    assert shown(AFTER_DECLINE.after(local("2026-03-13 15:00"), SWEDISH)) == "03-17 15:00"


def test_a_resident_gets_a_reply_within_four_weeks() -> None:
    assert shown(REPLY_TO_RESIDENT.after(local("2026-03-09 09:20"), SWEDISH)) == "04-06 09:20"


@pytest.mark.parametrize(
    ("story", "kind", "priority", "sent", "expected"),
    [
        (
            "1 r1",
            ReferralType.TRANSFER,
            Priority.HIGH,
            "2026-01-12 10:02",
            ["01-13 10:02", "01-14 10:02", "01-14 10:02", "01-15 10:02"],
        ),
        (
            "2 r1",
            ReferralType.TRANSFER,
            Priority.MEDIUM,
            "2026-01-19 10:00",
            ["01-22 10:00", "01-26 10:00", "01-27 10:00", "01-30 10:00"],
        ),
        (
            "2 r2 and r3",
            ReferralType.CONSULT,
            Priority.MEDIUM,
            "2026-01-21 11:20",
            ["02-04 11:20", "02-11 11:20", "02-18 11:20", "03-04 11:20"],
        ),
        (
            "5 r1",
            ReferralType.ASSIST,
            Priority.URGENT,
            "2026-02-09 08:30",
            ["02-09 16:30", "02-09 20:30", "02-10 00:30", "02-10 08:30"],
        ),
        (
            "8 r1",
            ReferralType.TRANSFER,
            Priority.URGENT,
            "2026-04-20 08:05",
            ["04-20 16:05", "04-20 20:05", "04-21 00:05", "04-21 08:05"],
        ),
        (
            "12 r1",
            ReferralType.TRANSFER,
            Priority.MEDIUM,
            "2026-03-09 10:00",
            ["03-12 10:00", "03-16 10:00", "03-17 10:00", "03-20 10:00"],
        ),
    ],
)
def test_the_stories_deadlines(
    story: str, kind: ReferralType, priority: Priority, sent: str, expected: list[str]
) -> None:
    assert all_shown(default_deadlines(kind, priority, sent)) == expected


def test_story_2_pause_moves_every_deadline_by_its_length() -> None:
    r1 = default_deadlines(ReferralType.TRANSFER, Priority.MEDIUM, "2026-01-19 10:00")

    after = paused(r1, local("2026-01-20 08:40"), local("2026-01-20 15:10"), SWEDISH)

    assert all_shown(after) == ["01-22 16:30", "01-26 16:30", "01-27 16:30", "01-30 16:30"]


def test_a_pause_over_a_weekend_adds_only_its_working_part() -> None:
    sent = default_deadlines(ReferralType.TRANSFER, Priority.MEDIUM, "2026-03-12 10:00")
    assert shown(sent.respond_by) == "03-17 10:00"

    after = paused(sent, local("2026-03-13 21:00"), local("2026-03-16 02:00"), SWEDISH)

    assert shown(after.respond_by) == "03-17 15:00"


def test_a_pause_on_days_off_moves_nothing_in_working_days_but_all_of_it_in_hours() -> None:
    saturday, sunday = local("2026-03-14 10:00"), local("2026-03-15 10:00")
    in_days = default_deadlines(ReferralType.TRANSFER, Priority.LOW, "2026-03-13 09:00")
    in_hours = default_deadlines(ReferralType.TRANSFER, Priority.URGENT, "2026-03-14 09:00")

    assert paused(in_days, saturday, sunday, SWEDISH) == in_days
    assert all_shown(paused(in_hours, saturday, sunday, SWEDISH)) == [
        "03-15 17:00",
        "03-15 21:00",
        "03-16 01:00",
        "03-16 09:00",
    ]


@pytest.mark.parametrize("priority", [Priority.URGENT, Priority.MEDIUM])
def test_an_answer_dated_before_the_question_moves_nothing(priority: Priority) -> None:
    deadlines = default_deadlines(ReferralType.ASSIST, priority, MONDAY)

    assert paused(deadlines, local(MONDAY), local("2026-03-09 09:00"), SWEDISH) == deadlines


def test_a_sender_who_allows_less_than_a_working_day_is_answered_in_hours() -> None:
    sent_at, respond_by = local("2026-03-13 10:00"), local("2026-03-13 14:00")

    deadlines = referral_deadlines(sent_at, respond_by, by_hours=False, calendar=SWEDISH)

    assert deadlines.by_hours
    assert all_shown(deadlines) == ["03-13 14:00", "03-13 16:00", "03-13 18:00", "03-13 22:00"]


def test_exactly_a_working_day_is_counted_in_working_days() -> None:
    sent_at, respond_by = local("2026-03-13 10:00"), local("2026-03-16 10:00")

    deadlines = referral_deadlines(sent_at, respond_by, by_hours=False, calendar=SWEDISH)

    assert not deadlines.by_hours
    assert all_shown(deadlines) == ["03-16 10:00", "03-17 10:00", "03-17 10:00", "03-18 10:00"]


def test_another_clock_time_than_that_of_sending_is_rounded_up_for_escalation_only() -> None:
    sent_at, respond_by = local("2026-03-09 10:00"), local("2026-03-11 16:00")

    deadlines = referral_deadlines(sent_at, respond_by, by_hours=False, calendar=SWEDISH)

    assert all_shown(deadlines) == ["03-11 16:00", "03-16 10:00", "03-17 10:00", "03-20 10:00"]


def test_an_answer_due_before_sending_is_refused() -> None:
    with pytest.raises(ValueError, match="after it is sent"):
        referral_deadlines(local(MONDAY), local(MONDAY), by_hours=False, calendar=SWEDISH)


def test_moments_without_zone_are_refused() -> None:
    naive = local(MONDAY).replace(tzinfo=None)

    with pytest.raises(ValueError, match="zone"):
        due(Clock.TRIAGE, Priority.URGENT, naive, SWEDISH)
    with pytest.raises(ValueError, match="zone"):
        referral_deadlines(naive, local(MONDAY), by_hours=True, calendar=SWEDISH)


@given(sent_at=moments, span=spans, by_hours=st.booleans())
def test_deadlines_come_in_order_and_never_before_the_share_of_time(
    sent_at: datetime,
    span: timedelta,
    by_hours: bool,  # noqa: FBT001  Hypothesis names it
) -> None:
    sent_at = sent_at.astimezone(UTC)
    respond_by = sent_at + span

    deadlines = referral_deadlines(sent_at, respond_by, by_hours=by_hours, calendar=SWEDISH)

    level_1, level_2, level_3 = deadlines.escalate_at
    assert deadlines.respond_by == respond_by
    assert respond_by < level_1 <= level_2 < level_3
    if deadlines.by_hours:
        assert level_3 - sent_at == 3 * span
    else:
        assert respond_by >= add_working_days(sent_at, 1, SWEDISH)


@given(
    sent_at=moments,
    span=spans,
    by_hours=st.booleans(),
    wait=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=20)),
    break_after=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=20)),
)
def test_a_pause_in_two_parts_moves_as_much_as_in_one(
    sent_at: datetime,
    span: timedelta,
    by_hours: bool,  # noqa: FBT001  as above
    wait: timedelta,
    break_after: timedelta,
) -> None:
    asked_at = sent_at.astimezone(UTC)
    deadlines = referral_deadlines(asked_at, asked_at + span, by_hours=by_hours, calendar=SWEDISH)
    between = min(asked_at + break_after, asked_at + wait)

    in_one = paused(deadlines, asked_at, asked_at + wait, SWEDISH)
    first = paused(deadlines, asked_at, between, SWEDISH)
    in_two = paused(first, between, asked_at + wait, SWEDISH)

    assert in_two == in_one
    assert in_one.respond_by >= deadlines.respond_by
