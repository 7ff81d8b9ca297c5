"""The follow-up figures, and the lists behind them, as tables to take along."""

from collections.abc import Iterator, Sequence

from domain.categories import CATEGORIES
from projections.figure_counts import Cell, Figure, Share, Spread
from projections.figure_months import Month
from projections.follow_up_queries import Behind, Figures
from service.language import Language
from service.pages.figure_tiles import KINDS, cell_words
from service.pages.flow_picture import FlowPicture
from service.pages.names import Names
from service.pages.sheets import Sheet, Value

_HOUR = 3_600.0


def sheets_of_figures(
    found: Figures, flow: FlowPicture | None, language: Language, names: Names
) -> list[Sheet]:
    """Figures with their parts, the same by month, and who sent to whom; durations in hours."""
    pick = language.pick
    numbers = (
        pick("Antal", "Count"),
        pick("Median, timmar", "Median, hours"),
        pick("Nio av tio inom, timmar", "Nine in ten within, hours"),
        pick("Täljare", "Numerator"),
        pick("Nämnare", "Denominator"),
        pick("Andel, procent", "Share, per cent"),
    )
    figure = (pick("Nyckeltal", "Key figure"), pick("Namn", "Name"))
    return [
        Sheet(
            name=pick("Nyckeltal", "Key figures"),
            header=(*figure, pick("Del", "Part"), pick("Av", "Of"), *numbers),
            rows=list(_figures(found, language, names)),
        ),
        Sheet(
            name=pick("Per månad", "By month"),
            header=(*figure, pick("Från", "From"), pick("Till", "To"), *numbers),
            rows=list(_months(found, language)),
        ),
        Sheet(
            name=pick("Vem till vem", "Who to whom"),
            header=(
                pick("Från", "From"),
                pick("Till", "To"),
                pick("Skickat", "Sent"),
                pick("Avböjt, procent", "Declined, per cent"),
                pick("Median till svar, timmar", "Median to answer, hours"),
                pick("Nio av tio inom, timmar", "Nine in ten within, hours"),
            ),
            rows=list(_routes(flow)),
        ),
    ]


def sheet_of_list(items: Sequence[Behind], heading: str, language: Language, names: Names) -> Sheet:
    """What a number counts, one row each."""
    pick = language.pick
    return Sheet(
        name=heading,
        header=(
            pick("Ärendenr", "Issue no."),
            pick("Rubrik", "Title"),
            pick("Plats", "Place"),
            pick("Kategori", "Category"),
            pick("Från", "From"),
            pick("Aktör", "Agency"),
            pick("När", "When"),
            pick("Timmar", "Hours"),
            pick("Räknas", "Counts"),
        ),
        rows=[
            (
                each.number,
                each.title,
                each.place_name,
                language.of(CATEGORIES[each.category].label) if each.category else None,
                names.short(each.from_agency) if each.from_agency else None,
                names.short(each.agency),
                each.at,
                _hours(each.seconds),
                pick("Ja", "Yes") if each.hit else pick("Nej", "No"),
            )
            for each in items
        ],
    )


def _figures(found: Figures, language: Language, names: Names) -> Iterator[Sequence[Value]]:
    for figure in found.figures:
        name = (figure.id.value, language.of(figure.label))
        yield (*name, None, None, *_numbers(figure))
        for cell in figure.cells:
            kind = language.of(KINDS[cell.kind])
            yield (*name, kind, cell_words(cell, language, names), *_numbers(cell))


def _months(found: Figures, language: Language) -> Iterator[Sequence[Value]]:
    for figure in found.figures:
        for month in found.months.get(figure.id, ()):
            dates = (month.first, month.last)
            yield (figure.id.value, language.of(figure.label), *dates, *_numbers(month))


def _routes(flow: FlowPicture | None) -> Iterator[Sequence[Value]]:
    for each in flow.routes if flow else ():
        back = None if each.back is None else each.back * 100
        waits = (_hours(each.median_seconds), _hours(each.p90_seconds))
        yield (each.giver, each.taker, "< 5" if each.sent is None else each.sent, back, *waits)


def _numbers(of: Figure | Cell | Month) -> Sequence[Value]:
    """A number that is withheld is told as such, never as nought."""
    if of.withheld:
        return ("< 5", None, None, None, None, None)
    spread: Spread | None = of.spread
    share: Share | None = of.share
    return (
        of.count,
        _hours(spread.median_seconds) if spread else None,
        _hours(spread.p90_seconds) if spread else None,
        share.numerator if share else None,
        share.denominator if share else None,
        share.value * 100 if share and share.value is not None else None,
    )


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / _HOUR
