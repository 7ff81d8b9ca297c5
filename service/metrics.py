"""What a process counts; docs/operations.md explains each, and no label names a person."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

_SIZES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)

BATCH_APPENDS: Final = Histogram(
    "samsyn_append_batch_appends", "Appends that one transaction took.", buckets=_SIZES
)
BATCH_EVENTS: Final = Histogram(
    "samsyn_append_batch_events", "Events that one transaction wrote.", buckets=_SIZES
)
BATCH_SECONDS: Final = Histogram(
    "samsyn_append_batch_seconds", "Time of one transaction of appends.", buckets=_SECONDS
)
WAITING: Final = Gauge(
    "samsyn_appends_waiting",
    "Appends that wait for their transaction.",
    multiprocess_mode="livesum",
)
REQUESTS: Final = Counter(
    "samsyn_http_requests", "Requests answered.", ("method", "route", "status")
)
REQUEST_SECONDS: Final = Histogram(
    "samsyn_http_request_seconds", "Time until the answer began.", ("route",), buckets=_SECONDS
)
LIVE_STREAMS: Final = Gauge(
    "samsyn_live_streams",
    "Pages that hear of changes by themselves.",
    multiprocess_mode="livesum",
)
READS: Final = Counter("samsyn_reads", "Queries that a replica could have answered.", ("server",))
COMMANDS: Final = Counter("samsyn_commands", "Commands given.", ("command", "outcome"))
AUDIT_STOPPED: Final = Gauge(
    "samsyn_audit_stopped",
    "1 when this worker has stopped sealing until somebody has looked.",
    multiprocess_mode="livemax",
)
