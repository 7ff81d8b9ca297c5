"""What looks like personal data in shared text (L11) is found; everyday Swedish is left alone.

All numbers are invented: dates with check digits computed here, and telephone numbers from the
series that PTS keeps free for fiction (031-390 06 xx, 08-465 004 xx, 070-1740605 and onwards).
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain import text_patterns
from domain.text_lint import MESSAGES, Finding, FindingKind, Severity, blocking, lint

NUMBER = FindingKind.PERSONAL_IDENTITY_NUMBER
PHONE = FindingKind.PHONE
PLATE = FindingKind.PLATE
EMAIL = FindingKind.EMAIL
SIGNALEMENT = FindingKind.SIGNALEMENT


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


STORY_TEXTS = [
    "Butikspersonal berättar att det säljs narkotika öppet vid bänkarna, nästan varje eftermiddag.",
    "Otrygghet vid Brunnsparken",
    "SFC-2026-00031",
    "Synpunkt om otrygghet, Brunnsparken",
    "Brottsbekämpning är polisens uppdrag.",
    "Närvaro och riktade insatser kl. 15-19.",
    "Fältnärvaro i samma tider, för att nå unga vuxna.",
    "15.00-18.00, 6 poliser, Insats genomförd. Flera kontroller.",
    "[polisens uppgifter om ingripanden]",
    "Uppsökande samtal. Information om stöd lämnad till ett tiotal personer.",
    "EST-rapporter 11 -> 4 per vecka. Butikerna bekräftar.",
    "Tredje helgen i rad med bråk när flera ställen stänger samtidigt.",
    "Frågan gäller serveringstider och ordning i lokalerna.",
    "Vilka adresser och klockslag gäller det?",
    "Se bifogad sammanställning per kvarter, utan personuppgifter.",
    "Hur bedömer ni ordningsläget kl. 00-04 och vilka villkor vore verksamma?",
    "Förskjutna stängningstider skulle minska folkmängden kl. 03.",
    "Tillsyn på fem serveringar. Två åtgärdspunkter.",
    "15+ ungdomar, mopeder körs över planen.",
    "Orosanmälan gjord i annat system.",
    "Samtal med cirka 30 unga. Önskar belysta planer.",
    "Antalet rapporter 6, 5, 6.",
    "Öppen fotboll fredagar 19-23 med föreningar.",
    "Väktare uppger tre rån mot ungdomar samma kväll.",
    "Flera unga rör sig i en riskmiljö. Kan fältarbetarna finnas på plats 15-20?",
    "Generalklausulen kan inte användas för socialtjänstens uppgifter (OSL 10 kap. 27 §).",
    "Anmälda rån i området: 9 -> 3 (jämförda fyraveckorsperioder).",
    "Min plånbok försvann i trängseln på spårvagnshållplatsen.",
    "Tack. Gör en polisanmälan på polisen.se eller 114 14. Vi använder din rapport i lägesbilden.",
    "Lampa 4 och 5 släckta.",
    "11 kanyler. Sanden kontrollerad.",
    "Uppsökande samtal och information om sprututbyte.",
    "Vi kan inte ta över enskilda. Vi kan bidra med uppsökande arbete.",
    "Allt om Drottningtorget i mars.",
    "[gallrad uppgift]",
]

EVERYDAY_TEXTS = [
    # times, dates, weeks
    "Öppet 18.30-19.00 och 08.00-17.00, stängt 00:30.",
    "Mellan 08:15 - 09:00 den 2026-03-02, och igen 01-12 08:15.",
    "Perioden 2026-03-02-2026-03-09, vecka 12, 8/12 och 08-12.",
    "Insats 0730-1900, 20 personer. 0900-1700 20 personer. 0700-1600 12 st.",
    "Den 08122026 och 03112026 kl 0815.",
    "20260302T103047Z, 2026-03-02T10:30:47+01:00",
    # numbers of issues and registers
    "TIC-2026-00042, SFC-2026-00031, SLK-2023-01047, Dnr 0263/20, K-nummer 5000-K012345-26.",
    "TIC 2026, EST 15, DNR 123, TIC 042, SFS 2025:223, BRB 12, TPL 139, OSL 26:1",
    "0199f2c4-7a10-7c3e-9a55-0d7f6b1c2a01",
    # numbers of authorities
    "Ring 112. Annars 114 14, 1177, 116 111 eller 77 77.",
    "Skatteverket 0771-567 567, från utlandet +46 77 156 75 67, frisamtal 020-12 34 56.",
    # amounts, years, places, lines
    "1 000 000 kr, 12 500,50 kr, 0,0312345678 och 57.7071, 11.9672.",
    "Buss 519, linje 16, BUS 519, E6 och väg 158. Från 2018 till 2026.",
    "Det kom 120 personer, och 200 till, med 150 i kö. OCH 200 PERSONER. MED 150 TILL.",
    "Hus 12A, Hus 12B, plan 10A, rum 234",
    # organisation numbers
    "Göteborgs Stad 212000-1355, Polismyndigheten 202100-0076, 5560360793, 165560360793",
    "Väg 40, 3 av 4 lampor, 15+ personer, 100 % av 2 100 lux.",
    "Följ oss @polisen_gbg, fotboll @ Heden",
]

STREETS = [
    "Andra Långgatan 21",
    "Första Långgatan 12A",
    "Kungsportsavenyn 36-38",
    "Karl Johansgatan 123",
    "Linnégatan 21B",
    "Haga Nygata 10",
    "Östra Hamngatan 52",
    "Sankt Eriksgatan 6, 411 05 Göteborg",
    "Vasagatan 1-3, Åvägen 17A, Ös 123, Övre Husargatan 100",
    "Södra vägen 123, Norra Allégatan 5 och Stora Nygatan 17",
    "Götaplatsen, Järntorget, Drottningtorget 405, 402 26",
]


@pytest.mark.parametrize("text", [*STORY_TEXTS, *EVERYDAY_TEXTS, *STREETS])
def test_everyday_text_is_left_alone(text: str) -> None:
    assert lint(text) == ()


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


# --- descriptions and messages -------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Signalementet är lämnat till polisen.",
        "En mörkhårig person sprang.",
        "Iklädd svart jacka och keps.",
        "Klädda i mörka kläder.",
        "Omkring 175 cm lång.",
    ],
)
def test_a_description_warns_and_does_not_block(text: str) -> None:
    assert kinds(text) == [SIGNALEMENT]
    assert blocking(text) == ()


def test_only_signalement_is_a_warning() -> None:
    assert [kind for kind in FindingKind if kind.severity is Severity.WARN] == [SIGNALEMENT]


def test_every_kind_has_a_message_in_both_languages() -> None:
    assert set(MESSAGES) == set(FindingKind)
    assert all(message.sv and message.en for message in MESSAGES.values())
    assert MESSAGES[NUMBER].sv == (
        "Texten ser ut att innehålla ett personnummer."
        " Ta bort det eller flytta till sekretessdelen."
    )


def test_blocking_names_each_kind_once_in_order_of_appearance() -> None:
    text = "Signalement: ABC123 och ABD123, anna@example.se, 19121212-1212, 031-390 06 00."

    assert blocking(text) == (PLATE, EMAIL, NUMBER, PHONE)


def test_findings_come_in_order_and_repeat_nothing_of_the_text() -> None:
    text = "031-390 06 00, ABC123, anna@example.se och 19121212-1212"

    findings = lint(text)

    assert [finding.kind for finding in findings] == [PHONE, PLATE, EMAIL, NUMBER]
    assert "ABC123" not in repr(findings)
    assert "1212" not in repr(findings)


# --- for any text --------------------------------------------------------------------------------

separators = st.sampled_from(["", "-", "+", " ", " - ", "\u2013"])
quiet = st.text(alphabet="abcdeåäö .,!?\n", max_size=40)
shaped = st.text(alphabet="0123456789 -+.:/()@abcABCÅ\u00a0\u2013", max_size=200)


@settings(deadline=None)
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


@settings(deadline=None)
@given(text=st.one_of(st.text(), shaped))
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    findings = lint(text)

    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)
    assert list(findings) == sorted(findings, key=lambda finding: (finding.start, finding.end))
    assert len(set(findings)) == len(findings)
    assert set(blocking(text)) <= set(kinds(text))


@settings(deadline=None)
@given(before=shaped, after=shaped)
def test_what_is_on_another_line_changes_no_finding(before: str, after: str) -> None:
    shift = len(before) + 1

    together = set(lint(before + "\n" + after))

    assert together == set(lint(before)) | {
        Finding(finding.kind, finding.start + shift, finding.end + shift) for finding in lint(after)
    }


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


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Ring 031-390 06 00 eller anna@example.se om ABC123, 19121212-1212.\n", 4),
        ("0701740605 ", 1),
        ("inget här ", 0),
    ],
)
@pytest.mark.parametrize("times", [10, 3000])
def test_long_text_has_as_many_findings_as_its_lines(line: str, found: int, times: int) -> None:
    assert len(lint(line * times)) == found * times


@pytest.mark.parametrize("unit", ["0", "07", "0 ", "1-", "a", "a.", "@", "a@", "a@a.", "+46 ", "A"])
def test_200_kilobytes_of_one_unit_come_to_an_end(unit: str) -> None:
    text = unit * (200_000 // len(unit))

    assert all(finding.end <= len(text) for finding in lint(text))
