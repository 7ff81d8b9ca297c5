"""What must be true after every fault: nothing lost, nothing twice, read models as if rebuilt."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Engine, select, text

from domain.log_entry import LogEntry
from domain.notes import NoteAdded
from domain.opening import IssueOpened
from infra.database import connect
from infra.log.casework import Casework
from infra.log.tables import claims, command_keys
from projections.catalogue import PROJECTIONS
from projections.rebuild import rebuild
from tests.faults.load import USER, Settled
from tests.faults.site import Site
from tests.faults.waiting import wait_until

_PAGE = 5_000


def judge(site: Site, settled: Sequence[Settled]) -> None:
    """Hold log and read models against what the clients know; the load is over, workers run."""
    engine = connect(site.database_url)
    try:
        entries = whole_log(engine)
        nothing_is_lost_or_twice(engine, entries, settled)
        read_models_follow(engine, len(entries))
        read_models_equal_a_rebuild(engine)
    finally:
        engine.dispose()


def whole_log(engine: Engine) -> list[LogEntry]:
    """Every entry, read as projections read."""
    casework = Casework(engine)
    entries: list[LogEntry] = []
    while page := casework.read(len(entries), _PAGE):
        entries += page
    casework.close()
    return entries


def nothing_is_lost_or_twice(
    engine: Engine, entries: Sequence[LogEntry], settled: Sequence[Settled]
) -> None:
    """Positions dense, streams without gaps, each command of the load exactly once."""
    assert [entry.position for entry in entries] == [*range(1, len(entries) + 1)]
    streams: defaultdict[UUID, list[int]] = defaultdict(list)
    for entry in entries:
        streams[entry.stream_id].append(entry.version)
    gaps = {id_: seen for id_, seen in streams.items() if seen != [*range(1, len(seen) + 1)]}
    assert gaps == {}
    assert len({entry.event.event_id for entry in entries}) == len(entries)

    told = {one.key: one for one in settled}
    assert len(told) == len(settled), "a load has every key once"
    for one in settled:
        entry = entries[one.position - 1]
        assert (entry.stream_id, entry.version) == (one.stream_id, one.version), one
        assert words_of(entry) == one.words, one
    written = Counter(words for entry in entries if (words := words_of(entry)) is not None)
    assert written == Counter(one.words for one in settled)

    with engine.connect() as db:
        kept = db.execute(
            select(command_keys.c.key, command_keys.c.position).where(
                command_keys.c.key.startswith(f"{USER}:")
            )
        )
        assert dict(map(tuple, kept)) == {f"{USER}:{one.key}": one.position for one in settled}
        numbers = [e.event.number for e in entries if isinstance(e.event, IssueOpened)]
        assert len(set(numbers)) == len(numbers)
        taken = db.scalars(select(claims.c.name).where(claims.c.name.startswith("number:")))
        assert sorted(taken) == sorted(f"number:{number}" for number in numbers)


def words_of(entry: LogEntry) -> str | None:
    """What a command of the load wrote into its event; None for an event of something else."""
    if entry.event.actor.user_id != USER:
        return None
    match entry.event:
        case NoteAdded():
            return entry.event.text_sv
        case IssueOpened():
            return entry.event.public_title
        case _:
            return None


def read_models_follow(engine: Engine, head: int) -> None:
    """Wait until every read model has come to the head, folded by the workers."""
    wait_until(lambda: set(positions(engine).values()) == {head}, f"read models at {head}")


def positions(engine: Engine) -> dict[str, int]:
    """How far each read model has come."""
    query = text("SELECT name, position FROM projection_checkpoints WHERE name NOT LIKE '%@%'")
    with engine.connect() as db:
        return {row.name: row.position for row in db.execute(query)}


def read_models_equal_a_rebuild(engine: Engine) -> None:
    """Build each anew from the log; what the workers wrote live must have the same content."""
    casework = Casework(engine)
    try:
        for projection in PROJECTIONS:
            built = rebuild(engine, projection, casework.read, casework.head)
            assert built.hash_live == built.hash_copy, projection.name
    finally:
        casework.close()
