"""Sets up the program's own log lines: one JSON object a line, never texts that people wrote."""

import logging
import sys

import structlog


def configure_logging(*, as_json: bool = True, level: int = logging.INFO) -> None:
    """Write log lines to standard error, as JSON or for the eyes of a developer."""
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
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
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        # Not cached: a process that is several programs one after the other can set it anew.
        cache_logger_on_first_use=False,
    )
