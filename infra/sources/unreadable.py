"""What a reader says of a row it cannot use, and of a file it cannot use at all."""

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Why a row cannot be used: the Swedish and the English sentence.

    The sentences never quote the row: it may hold personal data, and they end up in logs.
    """

    NOT_JSON = ("Raden är inte giltig JSON.", "The row is not valid JSON.")
    TOO_LONG = ("Raden är orimligt lång.", "The row is unreasonably long.")
    BROKEN_OFF = (
        "Listan är trasig eller avbruten här; resten av filen kan inte läsas.",
        "The array is broken or cut off here; the rest of the file cannot be read.",
    )
    NOT_AN_EVENT = (
        "Raden är inte en händelse (ett JSON-objekt med fält).",
        "The row is not an event (a JSON object with fields).",
    )
    NO_VERSIONS = (
        "Raden har ingen lista med versioner.",
        "The row has no list of versions.",
    )
    NO_ID = ("Händelsen saknar användbart id.", "The event has no usable id.")
    NO_PUBLISHED_TIME = (
        "Händelsen saknar en läsbar publiceringstid (datetime).",
        "The event has no readable time of publication (datetime).",
    )
    BROKEN_TEXT = (
        "Texten är inte giltig Unicode (fel teckenkodning).",
        "The text is not valid Unicode (wrong encoding).",
    )
    BROKEN_ROW = (
        "Raden kan inte delas upp i kolumner.",
        "The row cannot be split into columns.",
    )
    SHORT_ROW = (
        "Raden har för få kolumner.",
        "The row has too few columns.",
    )
    NO_CASE = ("Raden saknar ärende (case).", "The row names no case.")
    NO_TIME = ("Raden saknar tid.", "The row has no time.")
    BAD_TIME = (
        "Tiden är skriven på ett sätt som inte kan läsas.",
        "The time is written in a way that cannot be read.",
    )
    NO_ACTIVITY = ("Raden saknar aktivitet.", "The row has no activity.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Unreadable:
    """A row that is left out; the rows around it go in.

    `line` is 1-based: the line the row begins on, or, in a JSON array, which element it is.
    """

    file: str
    line: int
    reason: Reason

    @property
    def code(self) -> str:
        """The reason as a fixed word, for programs."""
        return self.reason.name.lower()

    @property
    def reason_sv(self) -> str:
        return self.reason.value[0]

    @property
    def reason_en(self) -> str:
        return self.reason.value[1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """Something about a whole file that the reader got past, but the user should know."""

    file: str
    sv: str
    en: str


class SourceError(Exception):
    """The file cannot be read (any further): it is missing, broken or not of the asked form.

    A reader may raise it after it has given rows, since it does not hold the whole file.
    """

    def __init__(self, file: str, *, sv: str, en: str) -> None:
        super().__init__(f"{file}: {en}")
        self.file = file
        self.sv = sv
        self.en = en
