"""What each sort of personal data looks like, and what only resembles it (L11).

All numbers are invented: dates with check digits computed here, and telephone numbers from the
series that PTS keeps free for fiction (031-390 06 xx, 08-465 004 xx, 070-1740605 and onwards).
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import text_patterns
from domain.text_lint import Finding, FindingKind, lint

NUMBER = FindingKind.PERSONAL_IDENTITY_NUMBER
PHONE = FindingKind.PHONE
PLATE = FindingKind.PLATE
EMAIL = FindingKind.EMAIL


def check_digit(nine: str) -> str:
    """Luhn's check digit, by the definition in the population registration act: 212121212."""
    total = 0
    for digit, weight in zip(nine, "212121212", strict=True):
        total += sum(int(figure) for figure in str(int(digit) * int(weight)))
    return str(-total % 10)


def number(birth: str, serial: str, separator: str = "-", century: str = "") -> str:
    """An identity number with a true check digit; birth is YYMMDD."""
    return century + birth + separator + serial + check_digit(birth + serial)


def kinds(text: str) -> list[FindingKind]:
    return [finding.kind for finding in lint(text)]


# --- personal identity numbers -------------------------------------------------------------------


def test_the_tests_own_check_digit_is_that_of_a_well_known_number() -> None:
    assert number("121212", "121", century="19") == "19121212-1212"


@pytest.mark.parametrize(
    "text",
    [
        "19121212-1212",
        "191212121212",
        "121212-1212",
        "1212121212",
        "121212+1212",
        "19121212 1212",
        "121212 1212",
        "121212 - 1212",
        "19121212\u20131212",  # en dash, as word processors write
        "19121212\u20111212",  # non-breaking hyphen
        "121212\u00a01212",  # non-breaking space
        "1912-12-12-1212",
        number("120105", "238", century="20"),
        number("850230"[:4] + "28", "983", century="19"),
        number("000229", "101"),  # 29 February exists in 2000, not in 1900
    ],
)
@pytest.mark.parametrize("around", ["{}", "pnr{}.", "({})", "Född {}, bor kvar", "a\n{}\nb"])
def test_identity_number_is_found(text: str, around: str) -> None:
    whole = around.format(text)
    start = whole.index(text)

    assert Finding(NUMBER, start, start + len(text)) in lint(whole)


def test_coordination_number_is_found() -> None:
    assert kinds(number("701063", "239", century="19")) == [NUMBER]
    assert kinds(number("701091", "239")) == [NUMBER]


@pytest.mark.parametrize(
    "text",
    [
        "19121212-1213",  # check digit
        number("121312", "121"),  # month 13
        number("120230", "121"),  # 30 February
        number("120200", "121"),  # day 0
        number("120260", "121"),  # day 60 is day 0 of a samordningsnummer
        number("121292", "121"),  # day 92
        number("010229", "121", century="19"),  # no leap year
        number("121212", "121", century="17"),
        number("121212", "121") + "3",
        "3" + number("121212", "121"),
        number("122012", "121"),  # an organisation number has 20 or more for a month
        number("121212", "121", separator="  -  "),
        number("121212", "121", separator="\n"),
    ],
)
def test_what_cannot_be_an_identity_number_is_left_alone(text: str) -> None:
    assert NUMBER not in kinds(text)


def test_a_false_candidate_does_not_hide_a_true_number() -> None:
    assert kinds("111111 1912 121212-1212") == [NUMBER]
    assert kinds("121212 1213 19121212-1212") == [NUMBER]


separators = st.sampled_from(["", "-", "+", " ", " - ", "\u2013"])
quiet = st.text(alphabet="abcdeåäö .,!?\n", max_size=40)


@given(
    birth=st.dates(min_value=date(1900, 1, 1), max_value=date(2026, 12, 31)),
    serial=st.integers(min_value=0, max_value=999),
    with_century=st.booleans(),
    coordination=st.booleans(),
    separator=separators,
    before=quiet,
    after=quiet,
)
def test_any_identity_number_is_found_anywhere(
    *,
    birth: date,
    serial: int,
    with_century: bool,
    coordination: bool,
    separator: str,
    before: str,
    after: str,
) -> None:
    day = birth.day + 60 if coordination else birth.day
    text = number(
        f"{birth:%y%m}{day:02}",
        f"{serial:03}",
        separator,
        f"{birth.year // 100}" if with_century else "",
    )

    findings = lint(before + text + after)

    assert Finding(NUMBER, len(before), len(before + text)) in findings


# --- telephone numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "0701740605",
        "070-1740605",
        "070-174 06 05",
        "070 174 06 05",
        "070-17 40 605",
        "070 1740 605",
        "0701-74 06 05",
        "0701-740605",
        "0701 740 605",
        "070.174.06.05",
        "070/174 06 05",
        "(070) 174 06 05",
        "070 - 174 06 05",
        "070\u2013174\u00a006\u00a005",
        "073-174-06-05",
        "031-390 06 00",
        "031-3900600",
        "031 390 06 00",
        "(031) 390 06 00",
        "(031)-390 06 00",
        "0313900600",
        "031-39 06 00",
        "031390600",
        "08-465 004 00",
        "08-46 50 04",
        "0846500400",
        "0302-390 06",
        "0302-39 06 00",
        "+46 70 174 06 05",
        "+46701740605",
        "+46 (0)70-174 06 05",
        "+46(0)701740605",
        "+46 070 174 06 05",
        "+46-31-390 06 00",
        "0046 31 390 06 00",
        "+46 8 465 004 00",
        "+47 22 12 34 56",
        "+4522123456",
    ],
)
@pytest.mark.parametrize(
    "around", ["{}", "Ring {}.", "tel:{}", "({}, 20 personer)", "{} kl. 18.30"]
)
def test_phone_is_found(text: str, around: str) -> None:
    whole = around.format(text)

    found = [finding for finding in lint(whole) if finding.kind is PHONE]

    assert len(found) == 1
    # A bracket around the number belongs to the sentence or to the number; both are right.
    assert whole[found[0].start : found[0].end].strip("()") == text.strip("()")


def test_phone_after_other_numbers_is_found() -> None:
    text = "Den 2026-03-02 kl 18.30: 070-174 06 05 2 ggr och 031-390 06 00 kl. 18"

    spans = [text[finding.start : finding.end] for finding in lint(text)]

    assert spans == ["070-174 06 05", "031-390 06 00"]


# --- plates --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["ABC123", "abc123", "Abc123", "ABC12D", "abc12d", "ABC 123", "ABC 12D", "ABC-123"]
)
@pytest.mark.parametrize("around", ["{}", "Bilen {}, vit", "({})", "{}:s förare", "{}-bilen"])
def test_plate_is_found(text: str, around: str) -> None:
    whole = around.format(text)
    start = whole.index(text)

    assert lint(whole) == (Finding(PLATE, start, start + len(text)),)


@pytest.mark.parametrize(
    "text",
    [
        "AIC123",  # I, Q, V, Å, Ä and Ö are never used
        "QBC123",
        "AVC123",
        "ÅBC123",
        "ABC12O",  # nor is O last
        "ABC1234",
        "ABCD123",
        "AB123",
        "abc 123",
        "Ale 123",
        "ABC 2026",
        "ABC 12",
        "ABC-123-45",
        "ABC\n123",
        "_ABC123",
    ],
)
def test_what_cannot_be_a_plate_is_left_alone(text: str) -> None:
    assert lint(text) == ()


# --- e-mail --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "anna@example.se",
        "anna.andersson+skola@mail.example.com",
        "ANNA_A@EXAMPLE.ORG",
        "åsa@räksmörgås.example",
        "a-b@xn--exempl-cua.se",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Skriv till {}.", "<{}>", "mailto:{}", "{}, eller"])
def test_email_is_found(text: str, around: str) -> None:
    whole = around.format(text)
    start = whole.index(text)

    assert lint(whole) == (Finding(EMAIL, start, start + len(text)),)


@pytest.mark.parametrize(
    "text", ["@polisen", "a@b", "a @ b.se", "@example.se", "a@.se", "kl@18.30"]
)
def test_what_cannot_be_an_email_is_left_alone(text: str) -> None:
    assert lint(text) == ()


# --- the time it takes ---------------------------------------------------------------------------


def all_patterns() -> Iterator[re.Pattern[str]]:
    """Every compiled pattern of the module, alone or in a tuple (of tuples)."""
    waiting: list[object] = list(vars(text_patterns).values())
    for value in waiting:
        if isinstance(value, re.Pattern):
            yield value
        elif isinstance(value, tuple):
            waiting.extend(cast("tuple[object, ...]", value))


def test_no_pattern_repeats_without_bound() -> None:
    # Bounded repeats only: each start costs at most a constant, so the whole is linear.
    patterns = list(all_patterns())

    assert len(patterns) >= 13
    for pattern in patterns:
        bare = re.sub(r"\\.|\[(?:\\.|[^\]\\])*\]", "", pattern.pattern)
        assert not re.search(r"[*+]|\{[0-9]*,\}", bare), pattern.pattern
