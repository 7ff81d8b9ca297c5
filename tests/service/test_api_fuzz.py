"""Random requests made from the document: every answer is one that the document tells of."""

import itertools
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.api.queries import QUERIES
from service.api.routes import api_document
from service.commands import COMMANDS
from tests.examples import a_report, a_sent_referral
from tests.service.web import Web, a_web

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Without the token in the document: every request is sent with one, whatever is left out of it.
SCHEMA = schemathesis.openapi.from_dict(api_document() | {"security": []})
OPERATIONS = {name: SCHEMA.find_operation_by_id(name) for name in (*COMMANDS, *QUERIES)}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def fuzzed(sqlite_template: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """One application for all: what was written before makes the next requests more telling."""
    path = tmp_path_factory.mktemp("fuzz") / "samsyn.db"
    path.write_bytes(sqlite_template.read_bytes())
    with a_web(f"sqlite:///{path}") as web:
        yield web


@pytest.mark.parametrize("name", [*COMMANDS, *QUERIES])
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_random_requests_are_answered_as_told(fuzzed: Web, name: str, mode: GenerationMode) -> None:
    issue, referral = a_sent_referral(fuzzed.started)
    report = a_report(fuzzed.started, by="u-dis-01")
    known = {"issue_id": issue, "referral_id": referral, "report_id": report}
    users = itertools.cycle(("u-dis-01", "u-pol-01", "u-reg-01", "u-coo-01", "u-adm-01"))
    checks = [*CHECKS, negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS

    @seed(20260112)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]  # Hypothesis leaves what its own iteration gives untyped
    )
    @given(case=OPERATIONS[name].as_strategy(generation_mode=mode))
    def send(case: Case[Any]) -> None:
        if mode is GenerationMode.POSITIVE:
            # An id nobody has ends every request at once: use those of things that are there.
            case.path_parameters = {
                parameter: str(known.get(parameter, value))
                for parameter, value in (case.path_parameters or {}).items()
            }
        told = case.as_transport_kwargs(base_url="http://testserver")
        told["headers"] = {**told.get("headers", {}), **fuzzed.headers(next(users))}
        answer: httpx.Response = fuzzed.client.request(
            told["method"],
            told["url"],
            params=told.get("params"),
            headers=dict(told["headers"]),
            json=told.get("json"),
            content=told.get("data"),
        )
        case.validate_response(answer, checks=checks)

    send()
