"""Every setting of the program, read from the environment once at start."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LOG_LEVELS: Final = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this process runs; `docs/settings.md` explains each."""

    database_url: str
    database_read_url: str | None
    redis_url: str | None
    data_dir: Path
    host: str
    port: int
    preset: str
    demo: bool
    secure_cookies: bool
    workers: int
    threads: int
    database_connections: int
    start_seconds: int
    stop_seconds: int
    trusted_proxies: str
    metrics_host: str
    metrics_port: int | None
    log_level: str
    audit_name: str
    audit_key: Path
    audit_receipt_key: Path
    audit_policy: Path
    access_key: Path
    secret: str | None = None

    @property
    def embedded(self) -> bool:
        """One process does everything: the web process runs projections and policies too."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the settings; what is not set has the default of the embedded shape.

        Raises:
            ValueError: naming the setting whose value cannot be used.
        """
        data_dir = Path(environ.get("SAMSYN_DATA_DIR", "var"))
        database_url = environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'samsyn.db'}"
        embedded = database_url.startswith("sqlite")
        return cls(
            database_url=database_url,
            database_read_url=environ.get("DATABASE_READ_URL") or None,
            redis_url=environ.get("REDIS_URL") or None,
            data_dir=data_dir,
            host=environ.get("SAMSYN_HOST", "127.0.0.1"),
            port=_number(environ, "SAMSYN_PORT", 8080, least=0, most=65_535),
            preset=environ.get("SAMSYN_PRESET", "today"),
            demo=_flag(environ, "SAMSYN_DEMO", default=embedded),
            secure_cookies=_flag(environ, "SAMSYN_SECURE_COOKIES", default=not embedded),
            workers=_number(environ, "SAMSYN_WORKERS", 1, least=1, most=64),
            threads=_number(environ, "SAMSYN_THREADS", 32, least=1, most=500),
            database_connections=_number(
                environ, "SAMSYN_DATABASE_CONNECTIONS", 20, least=4, most=500
            ),
            start_seconds=_number(environ, "SAMSYN_START_SECONDS", 60, least=0, most=3_600),
            stop_seconds=_number(environ, "SAMSYN_STOP_SECONDS", 10, least=1, most=3_600),
            trusted_proxies=environ.get("SAMSYN_TRUSTED_PROXIES") or "127.0.0.1",
            metrics_host=environ.get("SAMSYN_METRICS_HOST") or "127.0.0.1",
            metrics_port=_number(environ, "SAMSYN_METRICS_PORT", 0, least=0, most=65_535) or None,
            log_level=_level(environ, "SAMSYN_LOG_LEVEL", "info"),
            audit_name=_name(environ, "SAMSYN_AUDIT_NAME", "audit.localhost"),
            audit_key=Path(environ.get("SAMSYN_AUDIT_KEY") or data_dir / "audit.key"),
            audit_receipt_key=Path(
                environ.get("SAMSYN_AUDIT_RECEIPT_KEY") or data_dir / "receipts.key"
            ),
            audit_policy=Path(environ.get("SAMSYN_AUDIT_POLICY") or data_dir / "audit.policy"),
            access_key=Path(environ.get("SAMSYN_ACCESS_KEY") or data_dir / "access.key"),
            secret=environ.get("SAMSYN_SECRET") or None,
        )


def _number(environ: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    value = environ.get(name) or str(default)
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ValueError(f"{name} is a number from {least} to {most}, not {value!r}")
    return int(value)


def _name(environ: Mapping[str, str], name: str, default: str) -> str:
    value = environ.get(name) or default
    if not re.fullmatch(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*", value):
        raise ValueError(f"{name} is a host's name, perhaps with a path, not {value!r}")
    return value


def _level(environ: Mapping[str, str], name: str, default: str) -> str:
    value = (environ.get(name) or default).lower()
    if value not in LOG_LEVELS:
        raise ValueError(f"{name} is one of {', '.join(LOG_LEVELS)}, not {value!r}")
    return value


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name)
    if value is None or value == "":
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} is yes or no, not {value!r}")
