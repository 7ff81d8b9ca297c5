"""The lists behind what *Uppföljning* says of responsibility, on screen and to take along."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery

from domain.access import AccessKind
from domain.labels import Label
from projections.responsibility_behind import (
    Listed,
    all_responsibility_behind,
    responsibility_behind,
)
from service.access import a_list
from service.language import Language
from service.pages.figure_sheets import sheet_of_list
from service.pages.figures import READS, read_period
from service.pages.frame import AnyRequest, Frame
from service.pages.names import Names
from service.pages.paging import read_page
from service.pages.sheets import in_form

PATH: Final = "/figures/responsibility"
TEXTS: Final[Mapping[Listed, tuple[Label, Label]]] = {
    Listed.MOVED: (
        Label("Byten av ansvarig", "Hand-overs of responsibility"),
        Label(
            "Varje gång i perioden som ansvaret gick från en aktör till en annan.",
            "Each time in the period that responsibility went from one agency to another.",
        ),
    ),
    Listed.BACK: (
        Label("Fram och tillbaka", "Back and forth"),
        Label(
            "Ärenden där ansvaret i perioden gick tillbaka till den som nyss hade det.",
            "Issues where responsibility in the period went back to whoever just had it.",
        ),
    ),
    Listed.HELD: (
        Label("Så länge låg ärendena", "How long the issues lay"),
        Label(
            "Ärenden som någon var ansvarig för i perioden, och hur länge av den.",
            "Issues somebody was responsible for in the period, and for how much of it.",
        ),
    ),
}


def moved_pages(frame: Frame) -> Sequence[HTTPRouteHandler]:
    """The list of one number, and the same as a table."""

    @get(f"{PATH}/{{listed:str}}", sync_to_thread=True, include_in_schema=False)
    def show(
        request: AnyRequest,
        listed: FromPath[str],
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        key: FromQuery[str] = "",
        slowest: FromQuery[str] = "",
        after: FromQuery[str | None] = None,
    ) -> Response[Any]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        what, agencies = _listed(listed), _agencies(key)
        behind = frame.behind(request, visitor, READS)
        period = read_period(frame.samsyn.clock(), since, until, "")
        asked = period.asked(frame.samsyn.clock())
        looked = a_list()
        with frame.reading(visitor, looked, behind.positions) as db:
            page = read_page(
                lambda cursor: responsibility_behind(
                    db,
                    visitor.viewer,
                    what,
                    asked,
                    agencies,
                    slowest=bool(slowest),
                    after=cursor,
                ),
                after,
            )
            looked.found = len(page.items)
        heading, definition = TEXTS[what]
        return frame.page(
            request,
            "behind_figure.html",
            visitor=visitor,
            behind=behind.said,
            heading=language.of(heading),
            definition=language.of(definition),
            period=period,
            part=_words(agencies, frame, language),
            hits=False,
            slowest=bool(slowest),
            items=page.items,
            timed=any(item.seconds is not None for item in page.items),
            judged=False,
            next=page.next,
            whole=period.to(f"{PATH}/{listed}", key=key),
            further=period.to(f"{PATH}/{listed}", key=key, slowest=slowest),
            along={
                form: period.to(f"{PATH}/{listed}/file/{form}", key=key, slowest=slowest)
                for form in ("xlsx", "csv")
            },
        )

    @get(f"{PATH}/{{listed:str}}/file/{{form:str}}", sync_to_thread=True, include_in_schema=False)
    def take_along(
        request: AnyRequest,
        listed: FromPath[str],
        form: FromPath[str],
        since: FromQuery[str] = "",
        until: FromQuery[str] = "",
        key: FromQuery[str] = "",
        slowest: FromQuery[str] = "",
    ) -> Response[bytes]:
        visitor = frame.reader(request)
        language = frame.language(request, visitor)
        what = _listed(listed)
        behind = frame.behind(request, visitor, READS)
        period = read_period(frame.samsyn.clock(), since, until, "")
        asked = period.asked(frame.samsyn.clock())
        looked = a_list(AccessKind.EXPORT)
        with frame.reading(visitor, looked, behind.positions) as db:
            items = all_responsibility_behind(
                db, visitor.viewer, what, asked, _agencies(key), slowest=bool(slowest)
            )
            looked.found = len(items)
        sheet = sheet_of_list(items, language.of(TEXTS[what][0]), language, Names(frame, language))
        return in_form([sheet], f"samsyn-{what.value}-{period.first}-{period.last}", form)

    return [show, take_along]


def _listed(name: str) -> Listed:
    if name not in set(Listed):
        raise NotFoundException
    return Listed(name)


def _agencies(key: str) -> Sequence[str]:
    """A giver and a taker, `district>police`, or one agency; nothing means all."""
    return key.split(">") if key else ()


def _words(agencies: Sequence[str], frame: Frame, language: Language) -> str:
    return " → ".join(map(Names(frame, language).short, agencies))
