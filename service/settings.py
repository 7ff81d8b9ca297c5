"""Every setting of the program, read from the environment once at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """How this process runs; `docs/settings.md` explains each."""

    database_url: str
    redis_url: str | None
    data_dir: Path
    host: str
    port: int
    preset: str
    demo: bool
    secure_cookies: bool
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
        port = environ.get("SAMSYN_PORT", "8080")
        if not port.isdecimal():
            raise ValueError(f"SAMSYN_PORT is a number from 0 to 65535, not {port!r}")
        embedded = database_url.startswith("sqlite")
        return cls(
            database_url=database_url,
            redis_url=environ.get("REDIS_URL") or None,
            data_dir=data_dir,
            host=environ.get("SAMSYN_HOST", "127.0.0.1"),
            port=int(port),
            preset=environ.get("SAMSYN_PRESET", "today"),
            demo=_flag(environ, "SAMSYN_DEMO", default=embedded),
            secure_cookies=_flag(environ, "SAMSYN_SECURE_COOKIES", default=not embedded),
            secret=environ.get("SAMSYN_SECRET") or None,
        )


def _flag(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environ.get(name)
    if value is None or value == "":
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError(f"{name} is yes or no, not {value!r}")
