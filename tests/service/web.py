"""A started web application with its test client, and tokens for the presets' users."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any

from litestar.testing import TestClient

from service.app import Application, create_app
from service.services import Services
from service.settings import Settings
from tests.examples import Clock, Started, a_started_samsyn, policies_at_rest


@dataclass
class Web:
    """The application as programs see it."""

    started: Started
    client: TestClient[Application]
    services: Services
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        return self.started.clock

    def token(self, user_id: str) -> str:
        """A token of a user, made once."""
        if user_id not in self.tokens:
            _, text = self.services.tokens.issue(user_id, "test", expires_at=None)
            self.tokens[user_id] = text
        return self.tokens[user_id]

    def headers(self, user_id: str | None, **more: str) -> dict[str, str]:
        """The headers of a request by a user; `None` is a stranger."""
        told = {name.replace("_", "-"): value for name, value in more.items()}
        return (
            told if user_id is None else {"Authorization": f"Bearer {self.token(user_id)}"} | told
        )

    def post(self, path: str, data: object, by: str | None = "u-dis-01", **headers: str) -> Any:
        """Send a command; the path is below /api/v1."""
        return self.client.post(f"/api/v1{path}", json=data, headers=self.headers(by, **headers))

    def get(self, path: str, by: str | None = "u-dis-01", **headers: str) -> Any:
        """Ask a question; the path is below /api/v1."""
        return self.client.get(f"/api/v1{path}", headers=self.headers(by, **headers))


@contextmanager
def a_web(database_url: str, clock: Clock | None = None) -> Generator[Web]:
    """The application on an empty database with the preset `today`; its policies rest."""
    with TemporaryDirectory() as data_dir, a_started_samsyn(database_url, clock) as started:
        settings = Settings.from_environment(
            {
                "DATABASE_URL": database_url,
                "SAMSYN_DATA_DIR": data_dir,
                "SAMSYN_DEMO": "no",
                "SAMSYN_SECURE_COOKIES": "no",
            }
        )
        app = create_app(started.samsyn, settings, run_policies=policies_at_rest)
        with TestClient(app, raise_server_exceptions=False) as client:
            yield Web(started, client, app.state.services)
