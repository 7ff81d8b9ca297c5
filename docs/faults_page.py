"""The page of faults: what is done to the program on purpose, and what that came to."""

import json
from pathlib import Path
from typing import Any, Final

KEPT: Final = Path(__file__).with_name("faults.json")
PERFORMANCE: Final = Path(__file__).with_name("performance.md")
_BEGIN: Final = "<!-- failover: begin -->"
_END: Final = "<!-- failover: end -->"
_EVERY_TIME: Final = (
    (
        "a web process, a worker, a backend of PostgreSQL and PostgreSQL itself killed (`kill -9`)",
        "2 web processes, 2 workers, PostgreSQL with fsync, Redis",
        "test_killed",
    ),
    (
        "Redis emptied, killed, started again",
        "the same; without Redis the workers poll, afterwards hints come again",
        "test_killed",
    ),
    (
        "the connection cut before the commit arrives, and before its answer does",
        "a proxy between web process and PostgreSQL, 6 cuts of each kind",
        "test_connections",
    ),
    (
        "every connection stalled for 2 s, or open at the program's end only",
        "the same with web process and worker",
        "test_connections",
    ),
    (
        "a worker paused (SIGSTOP) in mid-transaction, while it begins to lead and while it writes",
        "another worker beside it; later the first goes on, and at last alone",
        "test_leaders",
    ),
    (
        "clocks that jump by a year, forwards and back",
        "a web process and the worker with a wrong clock; policies run before, after, again",
        "test_clock_jumps",
    ),
    (
        "writers killed while a reader follows by position",
        "3 processes of 4 threads, one to three events an append",
        "test_tailing_reader",
    ),
    (
        "power cut",
        "1,500 appends, with fsync and without; left out aloud without root and loop devices",
        "test_power_cut",
    ),
)
_ON_DEMAND: Final = {
    "power cut": "all frozen in the midst, the disk's image copied as it is, recovered there",
    "power cut without fsync (control)": "the same with `fsync=off`: this one has to lose",
    "power cut, whole program": "web process and worker too; the read models are as if rebuilt",
    "leading worker killed": "`kill -9`, {times} times; another led after {median_seconds:.1f} s in"
    " the median, {slowest_seconds:.1f} s at most",
    "network partition": "web process and leading worker cut off from PostgreSQL, see below",
    "failover, leader killed": "`kill -9` of the leader's Patroni and PostgreSQL",
    "failover, leader frozen": "SIGSTOP of all of these for {frozen_seconds:.0f} s",
}


_HEAD: Final = """\
# Faults

What is done to the program on purpose, with real servers on loopback. Clients keep what was
acknowledged to them and ask again, with the same idempotency key, for whatever had no clear
answer. After each fault:

- every acknowledged command stands in the log at the position and version that it was told,
- no command stands there twice, and each key and claim belongs to exactly one,
- positions are dense, and the versions of every stream have no gap,
- every read model, written live through the fault, has the content hash of a rebuild.

## With every `make test`

| fault | set-up | tests/faults/ |
| --- | --- | --- |
"""
_TABLE: Final = """\
| fault | acknowledged | lost | twice | not told | asked again | longest gap | on |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |
"""
_RESULTS: Final = f"""
## On demand, last results

Two processes of four threads append through our own log, one to three events each. *Asked again*
counts the appends whose outcome was unknown at first and was found by key; *not told* those that
are durable though the writer was stopped before it knew. (*Whole program*, *leading worker
killed* and *network partition* have clients over HTTP, see there.) This page is made by
`make docs` from `docs/faults.json`, which the scripts write.

{_TABLE}"""
_HOW: Final = """
### Power cut

    python -m tests.faults.power_cut     # as root; about two minutes

PostgreSQL lies on an ext4 image behind a loop device with direct access. Writers and server are
frozen with SIGSTOP, the image is copied without what the kernel still holds in memory, and
PostgreSQL recovers on the copy. That the control loses everything shows that the cut is one.
*Whole program*: clients send commands over HTTP and go on asking until they know; web process and
worker are killed with the server, and start again on the copy. Read models, which are written
without waiting for the disk, may come back some entries behind and are folded to the same rows.

### Leading worker killed

    python -m tests.faults.takeover     # about a minute

Two workers and a web process under load; one worker after the other is killed while it leads.
Measured is the time until the other holds the leases of all that it led. A lease runs for three
seconds, and each worker looks once a second.

### Network partition

    python -m tests.faults.partition     # as root; about two minutes

A web process and the worker that leads everything run in a network namespace whose link to
PostgreSQL is taken down under load, for {cuts} s; the clients' link to them stays. A second web
process and a second worker keep theirs. Here clients send commands over HTTP, to both web
processes, and what they did not get an answer to, or 503, again with its key to the other one.
While cut off, `/ready` said 503 within {slowest_ready_seconds} s, so that a proxy sends nothing
there; every request was answered, the slowest after {slowest_answer_seconds} s; the other worker
led on. Afterwards the one that was cut off took commands again by itself.

### Failover

    apt-get install etcd-server
    /usr/bin/python3 -m venv DIR && DIR/bin/pip install 'patroni[etcd3]' 'psycopg[binary]'
    python -m tests.faults.failover DIR/bin/patroni     # about three minutes

Three PostgreSQL nodes under Patroni 4 with one etcd, `synchronous_mode_strict`, ttl 10 s,
loop_wait 2 s, all on one machine. Patroni runs as the user postgres, who must be able to read
the interpreter and DIR. The writers' address names all nodes:
`postgresql://…/samsyn?host=a:5432&host=b:5432&host=c:5432&target_session_attrs=read-write`.

The gap is Patroni's: the leader's key must run out (10 s) and the standby be promoted. A frozen
leader keeps its connections open; that the gap is shorter than the freeze is due to the log's own
deadline for answers, after which it connects to whoever leads.
"""


_COMPOSED: Final = """
### compose.yaml without an engine

    python -m tests.faults.composed     # as root, with haproxy; about a minute

Every command, environment and health check of `compose.yaml`, and `docs/haproxy.cfg`, as they are
written, in one network namespace in which the services' names lead where they should: PostgreSQL,
Redis, migration, key, two web processes, two workers and the proxy. On {on} clients asked for
{answers:,} pages through the proxy. While one web process was told to stop and started again,
{failed_by_stop} of them failed; when the other was killed, {failed_by_kill}: what it was
answering then.
"""


def faults_page() -> str:
    """The text of the page."""
    kept: dict[str, dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    every_time = (f"| {fault} | {set_up} | `{test}.py` |\n" for fault, set_up, test in _EVERY_TIME)
    results = (_row(name, kept[name]) for name in _ON_DEMAND)
    meant = (f"- *{name}*: {what.format(**kept[name])}.\n" for name, what in _ON_DEMAND.items())
    parted = kept["network partition"]
    cuts = " and then ".join(f"{each:.0f}" for each in parted["cut_seconds"])
    how = _HOW.format(cuts=cuts, **parted)
    composed = _COMPOSED.format(**kept["composed"])
    return "".join([_HEAD, *every_time, _RESULTS, *results, "\n", *meant, how, composed])


def performance_page() -> str:
    """The page of figures, whose part on failover is made here: what the last runs came to."""
    kept: dict[str, dict[str, Any]] = json.loads(KEPT.read_text(encoding="utf-8"))
    names = [name for name in _ON_DEMAND if name.startswith("failover")]
    rows = [_row(name, kept[name]) for name in names]
    meant = [f"- *{name}*: {_ON_DEMAND[name].format(**kept[name])}.\n" for name in names]
    page = PERFORMANCE.read_text(encoding="utf-8")
    head, _, rest = page.partition(_BEGIN)
    tail = rest.partition(_END)[2]
    return "".join([head, _BEGIN, "\n\n", _TABLE, *rows, "\n", *meant, "\n", _END, tail])


def _row(name: str, kept: dict[str, Any]) -> str:
    counts = ("acknowledged", "lost", "twice", "not_acknowledged", "asked_again")
    cells = [f"{kept[count]:,}" for count in counts]
    return (
        f"| {name} | {' | '.join(cells)} | {kept['longest_gap_seconds']:.1f} s | {kept['on']} |\n"
    )
