"""The patterns of personal data in Swedish text (L11): each seeker yields the spans it finds.

Every pattern has a bounded width and is tried at most once at each character: the time grows with
the length of the text and nothing else.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

Span = tuple[int, int]
"""Start and end in characters, the end not included."""

_SPACE: Final = r"[ \t\u00a0\u2009\u202f]"
_DASH: Final = r"[-\u2010\u2011\u2013\u2212]"

_DIGIT: Final = re.compile(r"[0-9]")


def _has_fewer_digits(text: str, least: int) -> bool:
    """Most text has few digits, and looking for numbers in it is most of the lint's work."""
    return len(_DIGIT.findall(text)) < least


# --- personal identity numbers -------------------------------------------------------------------
# YYMMDD-NNNN with or without century, parted by -, + (a hundred years or more), spaces or nothing;
# also YYYY-MM-DD-NNNN. In a lookahead, so that one candidate never hides another.
_IDENTITY_NUMBER: Final = re.compile(
    rf"(?<![0-9])(?=(?P<whole>(?P<century>1[89]|20)?(?P<date>[0-9]{{6}})"
    rf"{_SPACE}?(?:{_DASH}|\+)?{_SPACE}?(?P<last>[0-9]{{4}})(?![0-9])"
    rf"|(?P<century_dashed>1[89]|20)(?P<date_dashed>[0-9]{{2}}{_DASH}[0-9]{{2}}{_DASH}[0-9]{{2}})"
    rf"(?:{_DASH}|\+)(?P<last_dashed>[0-9]{{4}})(?!{_DASH}?[0-9])))"
)
_DIGITS_OF_AN_IDENTITY_NUMBER: Final = 10
_CENTURIES: Final = ("18", "19", "20")
_COORDINATION_DAY: Final = 60  # samordningsnummer: the day of birth plus sixty


def identity_numbers(text: str) -> Iterator[Span]:
    """Personnummer and samordningsnummer with a date that exists and a true check digit."""
    if _has_fewer_digits(text, _DIGITS_OF_AN_IDENTITY_NUMBER):
        return
    for match in _IDENTITY_NUMBER.finditer(text):
        dashed = "_dashed" if match["date"] is None else ""
        century = match[f"century{dashed}"]
        birth = re.sub(_DASH, "", match[f"date{dashed}"])
        digits = birth + match[f"last{dashed}"]
        centuries = (century,) if century else _CENTURIES
        if _check_digit_holds(digits) and any(_is_birth_date(c, birth) for c in centuries):
            yield match.span("whole")


def _is_birth_date(century: str, birth: str) -> bool:
    """An organisation number has 20 or more where the month would be, so it never passes."""
    day = int(birth[4:6])
    if day > _COORDINATION_DAY:
        day -= _COORDINATION_DAY
    try:
        date(int(century + birth[:2]), int(birth[2:4]), day)
    except ValueError:
        return False
    return True


def _check_digit_holds(digits: str) -> bool:
    """Luhn's rule over the ten digits: every other digit doubled, cross sum divisible by ten."""
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(digits))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


# --- telephone numbers ---------------------------------------------------------------------------
# A number begins where no word, decimal, date or time is going on, and its groups have the sizes
# people use: "0730-1900 20 personer" is no number. Short numbers (112, 114 14, 1177) lack the
# leading zero; 020 and 077 are numbers of organisations; both are left alone.
_START: Final = r"(?<!\w)(?<![0-9][-–./,:])\(?"
_AFTER_AREA: Final = rf"\)?(?:{_SPACE}?{_DASH}{_SPACE}?|{_SPACE}|[./])"
_PARTED: Final = rf"(?:{_SPACE}?{_DASH}{_SPACE}?|{_SPACE}|\.)"
_LANDLINE: Final = (
    rf"\)?(?:{_SPACE}?{_DASH}{_SPACE}?|{_SPACE})"
    rf"(?:[0-9]{{5,8}}|[0-9]{{2,3}}(?:{_SPACE}[0-9]{{2,3}}){{1,3}})"
)
_END: Final = r"(?!\w|[.:][0-9])"
_PHONES: Final = (
    # mobile (070, 072, 073, 076, 079): in one run, 070-1234567 and 070-123 45 67, 0701-23 45 67
    (10, re.compile(rf"{_START}07[02369][0-9]{{7}}{_END}")),
    (
        10,
        re.compile(
            rf"{_START}07[02369]{_AFTER_AREA}"
            rf"(?:[0-9]{{7}}|[0-9]{{2,4}}(?:{_PARTED}[0-9]{{2,4}}){{1,3}}){_END}"
        ),
    ),
    (
        10,
        re.compile(
            rf"{_START}07[02369][0-9]{_AFTER_AREA}"
            rf"(?:[0-9]{{6}}|[0-9]{{2,3}}(?:{_PARTED}[0-9]{{2,3}}){{1,2}}){_END}"
        ),
    ),
    # landline: in one run (with eight digits it would also be a date, 08122026), 08-12 34 56,
    # 031-12 34 56, 0302-123 45; dots are left to times (08.15)
    (9, re.compile(rf"{_START}0(?!20|7)[1-689][0-9]{{7,8}}{_END}")),
    (8, re.compile(rf"{_START}08{_LANDLINE}{_END}")),
    (9, re.compile(rf"{_START}0(?!20)[1-69][0-9]{{1,2}}{_LANDLINE}{_END}")),
    # +46 and 0046
    (
        9,
        re.compile(
            rf"(?:\+|(?<!\w)00){_SPACE}?46{_SPACE}?{_DASH}?{_SPACE}?(?:\(?0\)?{_SPACE}?)?"
            rf"(?!2{_SPACE}?0|7{_SPACE}?7)[1-9](?:{_SPACE}?{_DASH}?{_SPACE}?[0-9]){{6,9}}{_END}"
        ),
    ),
    # other countries; with fewer digits it could be a sum of money
    (9, re.compile(rf"\+(?!46)[1-9](?:{_SPACE}?{_DASH}?{_SPACE}?[0-9]){{8,13}}{_END}")),
)
"""The least number of digits and the pattern, which alone cannot count across groups."""
_FEWEST_DIGITS_OF_A_PHONE: Final = min(least for least, _ in _PHONES)


def phones(text: str) -> Iterator[Span]:
    """Swedish mobile and landline numbers and numbers in international form."""
    if _has_fewer_digits(text, _FEWEST_DIGITS_OF_A_PHONE):
        return
    spans = [
        match.span()
        for least_digits, pattern in _PHONES
        for match in pattern.finditer(text)
        if sum(character.isdigit() for character in match[0]) >= least_digits
    ]
    furthest = 0
    # +46 070-... has two forms at once; the one that begins first is the whole number.
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= furthest:
            yield start, end
            furthest = end


# --- plates --------------------------------------------------------------------------------------
# Three letters without I, Q, V, Å, Ä, Ö, two digits, then a digit or a letter (no O there).
# Written in one (ABC123, abc12d) it always counts. With a space or dash only capitals count, since
# "och 200 personer" is everyday Swedish, and not the words below, which stand before numbers.
# Plates of one's own choice, diplomats' and foreign plates have no form that could be told.
_LETTER: Final = "A-HJ-PR-UW-Z"
_LAST: Final = "0-9A-HJ-NPR-UW-Z"
_PLATES: Final = (
    re.compile(
        rf"(?<!\w)[{_LETTER}{_LETTER.lower()}]{{3}}[0-9]{{2}}[{_LAST}{_LAST.lower()}]"
        rf"(?!\w|{_DASH}[0-9])"
    ),
    re.compile(
        rf"(?<!\w)(?P<word>[{_LETTER}]{{3}})(?:{_SPACE}|{_DASH})[0-9]{{2}}[{_LAST}]"
        rf"(?!\w|{_DASH}[0-9])"
    ),
)
_NUMBERED_WORDS: Final = frozenset(
    {
        *("BRB", "DNR", "EST", "KAP", "LAG", "LPO", "OSL", "SFC", "SFS", "SLK", "TIC"),
        *("BUS", "FAX", "HUS", "RAD", "REF", "RUM", "SHA", "SMS", "TEL", "TPL"),
        *("ALL", "ATT", "DAG", "DEN", "DET", "HAR", "MAX", "MED", "OCH", "PER", "SOM", "UPP"),
    }
)


def plates(text: str) -> Iterator[Span]:
    """Registration numbers of ordinary Swedish vehicles."""
    joined, parted = _PLATES
    for match in joined.finditer(text):
        yield match.span()
    for match in parted.finditer(text):
        if match["word"] not in _NUMBERED_WORDS:
            yield match.span()


# --- e-mail --------------------------------------------------------------------------------------
# Sought from the @, of which there are few, and then backwards.
_DOMAIN: Final = re.compile(r"(?<=[\w.%+-])@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
_LOCAL_PART: Final = re.compile(r"[\w.%+-]")
_LONGEST_LOCAL_PART: Final = 64


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses."""
    for match in _DOMAIN.finditer(text):
        start = match.start()
        furthest = max(0, start - _LONGEST_LOCAL_PART)
        while start > furthest and _LOCAL_PART.match(text[start - 1]):
            start -= 1
        yield start, match.end()


# --- descriptions of people ----------------------------------------------------------------------
_DESCRIPTIONS: Final = re.compile(
    r"(?<!\w)(?:signalement\w{0,16}"
    r"|(?:mörk|ljus|röd|kort|lång)hårig(?:a|e|t)?"
    r"|(?:klädd|iförd|iklädd)(?:a|e)?[ ](?:i[ ])?(?:en[ ]|ett[ ])?"
    r"(?:svart|vit|röd|blå|grön|gul|grå|brun|rosa|ljus|mörk|jeans|jacka|huvtröja|keps|mössa)\w{0,12}"
    r"|1[4-9][0-9][ ]?cm[ ]lång"
    r"|ansiktstatuering(?:en|ar)?|hudfärg(?:en)?)(?!\w)",
    re.IGNORECASE,
)


def descriptions(text: str) -> Iterator[Span]:
    """Words that describe what a person looks like."""
    for match in _DESCRIPTIONS.finditer(text):
        yield match.span()
