"""Shows Prometheus what the processes counted and how far behind what they stand on is."""

import threading
import time
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Final

from prometheus_client import REGISTRY, CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from service import metrics
from service.assembly import Samsyn, system_clock
from service.probes import DatabaseNow, Probes
from service.settings import Settings

_LOOK_SECONDS: Final = 1.0


class CannotListen(Exception):
    """An address cannot be listened on; the message says which and what to do."""


def observe_log(samsyn: Samsyn) -> None:
    """Count what this process appends."""
    appender = samsyn.casework.recorder.appender

    def on_batch(appends: int, events: int, seconds: float) -> None:
        metrics.BATCH_APPENDS.observe(appends)
        metrics.BATCH_EVENTS.observe(events)
        metrics.BATCH_SECONDS.observe(seconds)

    def look() -> None:
        # Looked at by the clock: a database that hangs ends no batch, and then it matters most.
        while True:
            metrics.WAITING.set(appender.waiting)
            time.sleep(_LOOK_SECONDS)

    appender.on_batch.append(on_batch)
    threading.Thread(target=look, name="metrics", daemon=True).start()


@contextmanager
def exposed(settings: Settings, folder: str | None = None) -> Generator[None]:
    """Answer Prometheus on the port that is set, if one is.

    Raises:
        CannotListen: the port is taken, say.
    """
    if settings.metrics_port is None:
        yield
        return
    probes = Probes(settings, system_clock)
    host, port = settings.metrics_host, settings.metrics_port
    try:
        server, thread = start_http_server(port, host, registry_of(probes, folder))
    except OSError as error:
        raise CannotListen(
            f"Metrics cannot be shown on {host}, port {port} ({error.strerror}). Set "
            "SAMSYN_METRICS_PORT to a free one."
        ) from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        probes.close()


def registry_of(probes: Probes, folder: str | None = None) -> CollectorRegistry:
    """All that is exposed; `folder` is where several processes leave their counts."""
    registry = CollectorRegistry()
    if folder is None:
        registry.register(_Own())
    else:
        MultiProcessCollector(registry, folder)  # type: ignore[no-untyped-call]  # left untyped
    registry.register(_Servers(probes))
    return registry


class _Own(Collector):
    """The counts of this process."""

    def collect(self) -> Iterable[Metric]:
        yield from REGISTRY.collect()


class _Servers(Collector):
    """The state of database, replica and Redis when it is asked for."""

    def __init__(self, probes: Probes) -> None:
        self._probes = probes

    def collect(self) -> Iterable[Metric]:
        probes = self._probes
        database = probes.database.wait()
        yield _gauge("samsyn_database_up", "1 when the database answers.", database is not None)
        if probes.replica is not None:
            replica = probes.replica.wait()
            yield _gauge("samsyn_replica_up", "1 when the replica answers.", replica is not None)
            if replica is not None and database is not None:
                lag = max(0, database.head - replica.head)
                yield _gauge("samsyn_replica_lag_events", "Events it does not show yet.", lag)
        if probes.redis is not None:
            redis = probes.redis.wait()
            yield _gauge("samsyn_redis_up", "1 when Redis answers.", redis is not None)
        if database is not None:
            yield from _of_database(database)


def _of_database(database: DatabaseNow) -> Iterable[Metric]:
    yield _gauge("samsyn_log_position", "The last position of the log.", database.head)
    audit = database.audit
    yield _gauge("samsyn_audit_tree_size", "Leaves of this year's log.", database.audit_size)
    yield _gauge("samsyn_audit_lag_events", "Events that are not sealed yet.", audit.events)
    yield _gauge("samsyn_audit_lag_seconds", "So long the first has waited.", audit.seconds)
    rows, waited = "samsyn_access_lag_rows", "samsyn_access_lag_seconds"
    yield _gauge(rows, "Rows of access logs that are not sealed yet.", database.access.rows)
    yield _gauge(waited, "So long the oldest of them has waited.", database.access.seconds)
    yield _gauge("samsyn_read_only", "1 while witnesses hold more than it.", database.read_only)
    if (seen := database.witnessed) is not None:
        size, waited = "samsyn_audit_witnessed_size", "samsyn_audit_unwitnessed_seconds"
        yield _gauge(size, "Leaves that a quorum of witnesses has signed.", seen.size)
        yield _gauge(waited, "So long a checkpoint has waited for them.", seen.waiting_seconds)
    events = GaugeMetricFamily(
        "samsyn_projection_lag_events",
        "Events a read model has not folded yet.",
        labels=["projection"],
    )
    seconds = GaugeMetricFamily(
        "samsyn_projection_lag_seconds",
        "So long the first of them has waited.",
        labels=["projection"],
    )
    stopped = GaugeMetricFamily(
        "samsyn_projection_stopped",
        "1 while a read model stands still at an event that could not be folded.",
        labels=["projection"],
    )
    for lag in database.lags:
        events.add_metric([lag.name], lag.events)
        seconds.add_metric([lag.name], lag.seconds)
        stopped.add_metric([lag.name], float(lag.stopped))
    yield events
    yield seconds
    yield stopped
    lines = GaugeMetricFamily(
        "samsyn_queue_lines", "Lines of a bucket in all agencies' queues.", labels=["bucket"]
    )
    for bucket, count in sorted(database.queue_lines.items()):
        lines.add_metric([bucket], count)
    yield lines


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=float(value))
