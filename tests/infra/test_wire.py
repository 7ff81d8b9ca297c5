"""Questions on a wire: in order, each by itself, over again when it broke, never for ever."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as TooSlow

from infra.database import connect
from infra.wire import Rows, Wire, Wires
from tests.faults.waiting import wait_until
from tests.infra.cutting_proxy import CuttingProxy

Ask = Callable[[Wire], Coroutine[Any, Any, None]]
ADD = "SELECT $1::int + $2::int, $3::text"
MANY = 200


@pytest.fixture
def proxy(postgresql_url: str) -> Iterator[CuttingProxy]:
    server = make_url(postgresql_url)
    assert server.host is not None
    assert server.port is not None
    proxy = CuttingProxy(server.host, server.port)
    yield proxy
    proxy.close()


def on_a_wire(url: str | URL, ask: Ask, seconds: float = 30.0) -> None:
    """Run what asks on a wire of its own."""
    engine = connect(url)

    async def run() -> None:
        wire = Wire(engine, "SET enable_seqscan = off", seconds)
        try:
            await ask(wire)
        finally:
            wire.close()

    asyncio.run(run())
    engine.dispose()


def through(proxy: CuttingProxy, url: str) -> URL:
    return make_url(url).set(host="127.0.0.1", port=proxy.port)


def backends(url: str) -> int:
    """How many connections of wires the server has."""
    query = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'samsyn reads'"
    )
    with psycopg.connect(url) as db:
        return int(db.execute(query).fetchall()[0][0])


def test_many_questions_at_once_get_their_own_answers(postgresql_url: str) -> None:
    async def ask(wire: Wire) -> None:
        async def one(number: int) -> list[Rows]:
            return await wire.ask([(ADD, (number, 1, "å")), ("SELECT $1::text", (None,))])

        found = await asyncio.gather(*map(one, range(MANY)))
        assert found == [[[(number + 1, "å")], [(None,)]] for number in range(MANY)]

    on_a_wire(postgresql_url, ask)


def test_the_error_of_one_question_is_not_its_neighbours(postgresql_url: str) -> None:
    async def ask(wire: Wire) -> None:
        found = await asyncio.gather(
            wire.ask([(ADD, (1, 1, "a"))]),
            wire.ask([("SELECT 1 / $1::int", (0,))]),
            wire.ask([("SELECT nothing_like_it", ())]),
            wire.ask([(ADD, (2, 2, "b"))]),
            return_exceptions=True,
        )
        assert [found[0], found[3]] == [[[(2, "a")]], [[(4, "b")]]]
        assert [type(each) for each in found[1:3]] == [DBAPIError, DBAPIError]
        assert await wire.ask([("SELECT 1 / $1::int", (1,))]) == [[(1,)]]

    on_a_wire(postgresql_url, ask)


def test_a_connection_that_broke_is_made_anew_and_the_question_asked_once_more(
    postgresql_url: str,
) -> None:
    async def ask(wire: Wire) -> None:
        (((before,),),) = await wire.ask([("SELECT pg_backend_pid()", ())])
        with pytest.raises(DBAPIError):
            # Its own end is all that it can be told of, twice.
            await wire.ask([("SELECT pg_terminate_backend(pg_backend_pid())", ())])
        (((after,),),) = await wire.ask([("SELECT pg_backend_pid()", ())])
        assert before != after

    on_a_wire(postgresql_url, ask)


def test_a_server_that_says_nothing_is_given_up_and_found_again(
    postgresql_url: str, proxy: CuttingProxy
) -> None:
    async def ask(wire: Wire) -> None:
        assert await wire.ask([(ADD, (1, 1, "a"))]) == [[(2, "a")]]
        proxy.cut = "silence"
        with pytest.raises(TooSlow):
            await wire.ask([(ADD, (1, 1, "a"))])
        proxy.cut = "nothing"
        assert await wire.ask([(ADD, (1, 1, "a"))]) == [[(2, "a")]]

    on_a_wire(through(proxy, postgresql_url), ask, seconds=1.0)


def test_a_server_that_cannot_be_reached_is_an_error_at_once(
    postgresql_url: str, proxy: CuttingProxy
) -> None:
    async def ask(wire: Wire) -> None:
        proxy.cut = "everything"
        with pytest.raises(DBAPIError):
            await wire.ask([(ADD, (1, 1, "a"))])

    on_a_wire(through(proxy, postgresql_url), ask)


@pytest.mark.parametrize("connection", ["on its way", "there"])
def test_what_connects_while_the_wire_is_closed_is_hung_up(
    postgresql_url: str, connection: str
) -> None:
    """A connection that were left to the garbage collector would be a warning: an error here."""

    async def ask(wire: Wire) -> None:
        asked = asyncio.ensure_future(wire.ask([(ADD, (1, 1, "a"))]))
        await asyncio.sleep(0)  # it asks, and
        await asyncio.sleep(0)  # another thread begins to connect
        if connection == "there":  # by then, though this loop has not been told: it waits here
            wait_until(lambda: backends(postgresql_url) == 1, "the connection")
        wire.close()
        with pytest.raises(TooSlow):
            await asked

    on_a_wire(postgresql_url, ask)
    wait_until(lambda: backends(postgresql_url) == 0, "the end of the connection")


def test_each_loop_has_wires_of_its_own_and_all_are_closed(postgresql_url: str) -> None:
    engine = connect(postgresql_url)
    wires = Wires(engine)

    async def ask() -> tuple[Wire, Wire]:
        await wires.for_lookups().ask([(ADD, (1, 1, "a"))])
        await wires.for_pages().ask([(ADD, (1, 1, "a"))])
        return wires.for_lookups(), wires.for_pages()

    with asyncio.Runner() as first, asyncio.Runner() as second:
        of_first, of_second = first.run(ask()), second.run(ask())
        assert not set(of_first) & set(of_second)
        wires.close()

        async def again() -> None:
            await of_first[0].ask([(ADD, (1, 1, "a"))])

        with pytest.raises(TooSlow):
            first.run(again())
    engine.dispose()
