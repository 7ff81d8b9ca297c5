"""Answers a query for somebody: every answer of the API that is read goes through `answered`.

What is asked most, a queue and an issue, goes out on a wire of the event loop and costs no thread.
Everything else, and what a replica or a position of the log is to be waited for, runs in a thread.
"""

from dataclasses import dataclass

from litestar.concurrency import sync_to_thread

from domain.agencies import Agencies
from domain.values import Actor
from projections.paging import BadCursor
from service.api.asking import Asked, Parameters, Query, Seen, bad_cursor, wait_for
from service.api.looking import tell_found
from service.freshness import Freshness
from service.services import Services
from service.viewers import viewer_of


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What was found, and how far the read models were behind when it was asked for."""

    found: object
    behind: Freshness


async def answered(
    query: Query, parameters: Parameters, services: Services, actor: Actor, agencies: Agencies
) -> Answered:
    """The answer as this actor may read it.

    Raises:
        Refused: with the reason.
        TryLater, DBAPIError, TimeoutError: not now.
    """
    try:
        samsyn = services.samsyn
        waits = samsyn.reading.has_replica or parameters.at_position
        if query.question is None or samsyn.wires is None or waits:
            return await sync_to_thread(_in_a_thread, query, parameters, services, actor, agencies)
        # Asked before reading: what is answered is at least so fresh.
        models = services.read_models
        behind = models.lately(query.reads)
        if behind is None:
            behind = await sync_to_thread(models.behind, query.reads)
        seen = Seen(viewer=viewer_of(actor, agencies), agencies=agencies, now=services.clock())
        question = query.question(seen, parameters)
        looked = query.looks(seen.viewer, parameters)
        if looked is not None:
            if getattr(parameters, "text", None):
                await sync_to_thread(samsyn.access.know_names)
            question = samsyn.access.logged(seen.viewer, looked, question)
        return Answered(found=await question.ask_on(samsyn.wires.for_pages()), behind=behind)
    except BadCursor as error:
        raise bad_cursor() from error


def _in_a_thread(
    query: Query, parameters: Parameters, services: Services, actor: Actor, agencies: Agencies
) -> Answered:
    wait_for(services, query, parameters.at_position)
    # As above.
    behind = services.read_models.behind(query.reads)
    at_least = parameters.at_position or 0
    needed = {name: max(at, at_least) for name, at in behind.positions.items()}
    samsyn, viewer = services.samsyn, viewer_of(actor, agencies)
    looked = query.looks(viewer, parameters)
    with (
        samsyn.reading.connection(needed)
        if looked is None
        else samsyn.access.reading(viewer, looked, needed)
    ) as db:
        asked = Asked(
            services=services,
            actor=actor,
            viewer=viewer,
            agencies=agencies,
            db=db,
            now=services.clock(),
        )
        found = query.answer(asked, parameters)
        if looked is not None:
            tell_found(looked, found)
    return Answered(found=found, behind=behind)
