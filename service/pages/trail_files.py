"""The trail as a file: a table for spreadsheets, or a line of JSON for each event."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from litestar import Response

from projections.audit_trail_queries import TrailLine
from service.forms.words import said_of
from service.i18n import HOUR
from service.language import Language
from service.pages.sheets import Sheet, download, in_form
from service.sealed_so_far import WORDS, Safety

JSON_LINES: Final = "application/jsonl; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class ToldStep:
    """One line of the trail in words; `since_last` are the seconds since the step before.

    `safety` is how far the line has come: recorded, sealed, witnessed.
    """

    line: TrailLine
    words: str
    who: str
    texts: Sequence[tuple[str, str]]
    since_last: float | None
    safety: Safety


def trail_file(
    form: str, name: str, steps: Sequence[ToldStep], language: Language
) -> Response[bytes]:
    """The lines in a form: xlsx, csv or jsonl.

    Raises:
        NotFoundException: it is another form.
    """
    if form == "jsonl":
        lines = "".join(f"{json.dumps(_fields(step), ensure_ascii=False)}\n" for step in steps)
        return download(lines.encode(), f"{name}.jsonl", JSON_LINES)
    return in_form([_sheet(name.removeprefix("samsyn-"), steps, language)], name, form)


def _fields(step: ToldStep) -> dict[str, object]:
    """An event as programs read it; what only people read stands under `words` and `texts`."""
    line = step.line
    return {
        "position": line.position,
        "event_id": str(line.event_id),
        "topic": line.topic,
        "issue": line.issue_number,
        "occurred_at": line.occurred_at.isoformat(),
        "recorded_at": line.recorded_at.isoformat(),
        "user_id": line.user_id,
        "agency": line.agency_id,
        "role": line.role,
        "state": step.safety.value,
        "words": step.words,
        "texts": [{"what": what, "text": text} for what, text in step.texts],
    }


def _sheet(name: str, steps: Sequence[ToldStep], language: Language) -> Sheet:
    pick = language.pick
    return Sheet(
        name=name,
        header=(
            pick("Nr", "No."),
            pick("Ärende", "Issue"),
            pick("Hände", "Happened"),
            pick("Vad", "What"),
            pick("Text", "Text"),
            pick("Efter, timmar", "After, hours"),
            pick("Vem", "Who"),
            pick("Registrerat", "Recorded"),
            pick("Läge", "State"),
        ),
        rows=[
            (
                step.line.position,
                step.line.issue_number,
                step.line.occurred_at,
                step.words,
                "\n".join(said_of(words, text) for words, text in step.texts) or None,
                None if step.since_last is None else step.since_last / HOUR,
                step.who,
                step.line.recorded_at,
                language.of(WORDS[step.safety]),
            )
            for step in steps
        ],
    )
