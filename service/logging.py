"""Sets up the program's own log lines: one JSON object a line, never texts that people wrote."""

import logging
import sys

import msgspec
import structlog


class _AsOurLines(logging.Handler):
    """Lines of libraries, which use the standard library's log, among our own and like them."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).log(
            record.levelno, record.getMessage(), exc_info=record.exc_info
        )


def _as_json(line: object, **_: object) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def configure_logging(*, as_json: bool = True, level: str = "info") -> None:
    """Write log lines to standard error, as JSON or for the eyes of a developer."""
    number = logging.getLevelNamesMapping()[level.upper()]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(_as_json)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        # A line in one piece: several processes write to the same place.
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        # Not cached: a process that is several programs one after the other can set it anew.
        cache_logger_on_first_use=False,
    )
    # Of libraries nothing below a warning: their lines know nothing of who may read them.
    root = logging.getLogger()
    root.setLevel(max(number, logging.WARNING))
    if not any(isinstance(handler, _AsOurLines) for handler in root.handlers):
        root.addHandler(_AsOurLines())
