"""Fifty officers and fifty caseworkers at work at once: is anything lost, and how live it is."""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import uvloop
from argon2 import PasswordHasher
from sqlalchemy import select

from domain.directory import GrantUser
from domain.values import SYSTEM, Actor, Role
from infra.accounts import Accounts
from infra.log.tables import command_keys, events
from infra.sessions import Sessions
from projections.catalogue import PROJECTIONS
from service.assembly import Samsyn, assemble
from service.live.hub import FOLLOWED
from service.pages.counts import menu_counts
from service.preset import load_preset
from service.services import Services
from service.settings import Settings
from service.visitors import Visitors
from tests import servers
from tests.bench.browsing import Browser, Counted
from tests.bench.desk_people import REFERS_TO, Done, Person
from tests.bench.figures import Figure, percentile
from tests.bench.serving import a_worker, environment, serving
from tests.examples import open_issue, send_referral

BENCH: Final = "Fifty officers and fifty caseworkers at work at once"
SECONDS: Final = 120.0
OFFICERS: Final = 50
CASEWORKERS: Final = 50
THINK_SECONDS: Final = 8.0
_ISSUES: Final = 90
_PATIENCE_SECONDS: Final = 30.0
_MARK: Final = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Who is at work, and for how long they think before they do something."""

    officers: int = OFFICERS
    caseworkers: int = CASEWORKERS
    seconds: float = SECONDS
    think_seconds: float = THINK_SECONDS


@dataclass(frozen=True, kw_only=True)
class Shift:
    """What came of it.

    At the end something is referred to each agency: `behind` is how long after that each page of
    its people became right.
    """

    done: Done
    counted: Counted
    behind: Sequence[float]
    seconds: float


@dataclass(frozen=True)
class _Desk:
    """Somebody with an account, an agency and a session."""

    user_id: str
    agency_id: str
    role: Role
    token: str


def run(folder: Path, rounds: int) -> list[Figure]:
    """One shift, however many rounds are asked for: it is long enough for itself."""
    del rounds
    with servers.postgresql(durable=True) as server, servers.redis_server() as redis_url:
        database = servers.create_database(server, "samsyn_desk")
        environ = environment(database, folder) | {
            "REDIS_URL": redis_url,
            "SAMSYN_SECURE_COOKIES": "no",
        }
        shift = a_shift(environ, Crew())
    return list(_figures(shift))


def a_shift(environ: Mapping[str, str], crew: Crew) -> Shift:
    """Let people work on a new program of two web processes and a worker; then hold it to account.

    Raises:
        RuntimeError: an answer no person should get, or input lost or found twice.
    """
    samsyn = assemble(environ["DATABASE_URL"], PROJECTIONS)
    try:
        desks = _prepare(samsyn, crew)
        with (
            a_worker(dict(environ)),
            serving(dict(environ)) as port,
            asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
        ):
            shift = runner.run(_at_work(samsyn, environ, port, desks, crew))
        if shift.counted.unexpected:
            raise RuntimeError(f"answered: {Counter(shift.counted.unexpected)}")
        _nothing_lost_or_twice(samsyn, shift.done)
        return shift
    finally:
        samsyn.close()


def _prepare(samsyn: Samsyn, crew: Crew) -> list[_Desk]:
    """People with sessions, and issues that wait for them."""
    load_preset(samsyn.execution, "today")
    agencies = list(REFERS_TO)
    people = [(f"u-off-{nth}", "police", Role.FIELD_OFFICER) for nth in range(crew.officers)]
    people += [
        (f"u-cas-{nth}", agencies[nth % len(agencies)], Role.CASEWORKER)
        for nth in range(crew.caseworkers)
    ]
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(samsyn.engine, samsyn.clock, quick)
    sessions = Sessions(samsyn.engine, samsyn.clock, lambda _user: timedelta(hours=4))
    desks: list[_Desk] = []
    for user_id, agency_id, role in people:
        grant = GrantUser(user_id=user_id, agency_id=agency_id, role=role)
        samsyn.execution.execute(grant, SYSTEM)
        accounts.add(
            user_id, user_id=user_id, display_name=f"Person {user_id}", password="hemligt-och-långt"
        )
        desks.append(_Desk(user_id, agency_id, role, sessions.start(user_id)))
    opens = {
        desk.agency_id: Actor(user_id=desk.user_id, agency_id=desk.agency_id, role=desk.role)
        for desk in desks
        if desk.role is Role.CASEWORKER
    }
    for nth in range(_ISSUES):
        agency_id = list(opens)[nth % len(opens)]
        created = samsyn.execution.execute(open_issue(), opens[agency_id]).created_id
        if created is not None and nth % 2:
            refer = send_referral(created, REFERS_TO[agency_id])
            samsyn.execution.execute(refer, opens[agency_id])
    samsyn.runner.catch_up()
    return desks


async def _at_work(
    samsyn: Samsyn, environ: Mapping[str, str], port: int, desks: Sequence[_Desk], crew: Crew
) -> Shift:
    counted, done = Counted(), Done()
    people = [
        Person(
            user_id=desk.user_id,
            agency_id=desk.agency_id,
            officer=desk.role is Role.FIELD_OFFICER,
            browser=Browser(port, desk.token, counted),
            done=done,
            think_seconds=crew.think_seconds,
            dice=random.Random(desk.user_id),
        )
        for desk in desks
    ]
    began = time.perf_counter()
    try:
        await asyncio.gather(*(person.work(began + crew.seconds) for person in people))
        told_at: dict[str, float] = {}
        for agency_id, receiver in REFERS_TO.items():
            giver = next(
                each for each in people if each.agency_id == agency_id and not each.officer
            )
            await giver.last_word()
            told_at[receiver] = done.last_at
        right = await asyncio.to_thread(_right, samsyn, environ, desks)
        for person in people:
            await person.browser.shows(right[person.user_id])
    finally:
        for person in people:
            await person.browser.close()
    behind = [max(person.browser.changed_at - told_at[person.agency_id], 0.0) for person in people]
    return Shift(done=done, counted=counted, behind=behind, seconds=done.last_at - began)


def _right(
    samsyn: Samsyn, environ: Mapping[str, str], desks: Sequence[_Desk]
) -> Mapping[str, Mapping[str, int]]:
    """What each menu must say, once read models have come to the end of the log."""
    head = samsyn.casework.head()
    for name in FOLLOWED:
        if not samsyn.runner.wait_for(name, head, _PATIENCE_SECONDS):
            raise RuntimeError(f"{name} did not come to the end of the log")
    visitors = Visitors(Services.of(samsyn, Settings.from_environment(dict(environ))))
    right: dict[str, Mapping[str, int]] = {}
    for desk in desks:
        visitor = visitors.visitor(desk.token, touch=False)
        if visitor is None:
            raise RuntimeError(f"{desk.user_id} was signed out")
        with samsyn.engine.connect() as db:
            right[desk.user_id] = menu_counts(db, visitor.viewer, visitors.inboxes(visitor))
    return right


def _nothing_lost_or_twice(samsyn: Samsyn, done: Done) -> None:
    """Every acknowledged command is in the log under its key, and its words in one event."""
    with samsyn.engine.connect() as db:
        kept = set(db.scalars(select(command_keys.c.key)))
        states = list(db.scalars(select(events.c.state).order_by(events.c.position)))
    lost = [each for each in done.sent if f"{each.user_id}:form:{each.key}" not in kept]
    marks = {each.mark for each in done.sent if each.mark}
    found = Counter(
        mark for state in states for mark in set(_MARK.findall(state.decode())) if mark in marks
    )
    not_once = {mark: found[mark] for mark in marks if found[mark] != 1}
    if lost or not_once:
        raise RuntimeError(f"lost: {lost}; not found once: {not_once}")


def _figures(shift: Shift) -> Iterator[Figure]:
    done, counted = shift.done, shift.counted
    for what, times in (("a page", counted.page_seconds), ("a part", counted.part_seconds)):
        for percent in (50, 95):
            yield Figure(
                bench=BENCH,
                what=f"{what}, {percent} of 100 within",
                value=percentile(times, percent) * 1_000,
                unit="ms",
            )
    yield Figure(
        bench=BENCH,
        what="commands acknowledged, each found once",
        value=len(done.sent) / shift.seconds,
        unit="1/s",
        means=f"{len(done.sent)} in {shift.seconds:.0f} s; {done.overtaken} were told that "
        "somebody else was faster; no answer was an error",
    )
    yield Figure(
        bench=BENCH,
        what="hints to open pages",
        value=counted.hints / shift.seconds,
        unit="1/s",
    )
    yield Figure(
        bench=BENCH,
        what="counters of the last page right after the last command",
        value=max(shift.behind) * 1_000,
        unit="ms",
        low=min(shift.behind) * 1_000,
        high=max(shift.behind) * 1_000,
        goal="within 1 s",
    )
