"""The lint of shared text (L11): what it reports and refuses, and that everyday Swedish passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text_lint import MESSAGES, Finding, FindingKind, Severity, blocking, lint

NUMBER = FindingKind.PERSONAL_IDENTITY_NUMBER
PHONE = FindingKind.PHONE
PLATE = FindingKind.PLATE
EMAIL = FindingKind.EMAIL
SIGNALEMENT = FindingKind.SIGNALEMENT


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

shaped = st.text(alphabet="0123456789 -+.:/()@abcABCÅ\u00a0\u2013", max_size=200)


@given(text=st.one_of(st.text(), shaped))
def test_any_text_gives_ordered_spans_inside_it(text: str) -> None:
    findings = lint(text)

    assert all(0 <= finding.start < finding.end <= len(text) for finding in findings)
    assert list(findings) == sorted(findings, key=lambda finding: (finding.start, finding.end))
    assert len(set(findings)) == len(findings)
    assert set(blocking(text)) <= set(kinds(text))


@given(before=shaped, after=shaped)
def test_what_is_on_another_line_changes_no_finding(before: str, after: str) -> None:
    shift = len(before) + 1

    together = set(lint(before + "\n" + after))

    assert together == set(lint(before)) | {
        Finding(finding.kind, finding.start + shift, finding.end + shift) for finding in lint(after)
    }


# --- long text ------------------------------------------------------------------------------------


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
