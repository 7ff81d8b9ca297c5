"""The OpenAPI document: valid, whole, and enough to find and call every command."""

import dataclasses
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from service.api.queries import QUERIES
from service.api.routes import api_document
from service.commands import COMMANDS, Row
from tests.service.web import Web

DOCUMENT = api_document()
OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
}


def body_of(name: str) -> dict[str, Any]:
    """The schema of a command's body."""
    body: dict[str, Any] = DOCUMENT["components"]["schemas"][name]
    return body


def test_the_document_is_valid() -> None:
    OpenAPIV31SpecValidator(DOCUMENT).validate()


def test_strangers_may_read_the_document(web_on_sqlite: Web) -> None:
    answer = web_on_sqlite.get("/openapi.json", by=None)
    assert answer.status_code == 200
    assert answer.json() == DOCUMENT


def test_every_operation_is_a_command_or_a_query_and_the_other_way_round() -> None:
    assert set(OPERATIONS) == {*COMMANDS, *QUERIES}


@pytest.mark.parametrize("row", COMMANDS.values(), ids=lambda row: row.name)
def test_a_command_is_found_with_its_path_and_required_fields(row: Row) -> None:
    method, path, operation = OPERATIONS[row.name]
    assert method == "post"
    assert operation["summary"]
    assert "201" in operation["responses"] or "200" in operation["responses"]
    in_path = {p["name"] for p in operation["parameters"] if p.get("in") == "path"}
    assert all(f"{{{name}}}" in path for name in in_path)
    body = body_of(row.name)
    assert body["additionalProperties"] is False
    every = {field.name for field in dataclasses.fields(row.command)}
    assert set(body["properties"]) | in_path == every
    needed = {
        field.name
        for field in dataclasses.fields(row.command)
        if field.default is dataclasses.MISSING
    }
    assert set(body.get("required", [])) | in_path == needed


def test_codes_and_lengths_are_told() -> None:
    send = body_of("SendReferral")["properties"]
    assert send["question_sv"]["type"] == ["string", "null"]
    assert (send["question_sv"]["minLength"], send["question_sv"]["maxLength"]) == (20, 2000)
    assert send["type"]["$ref"] == "#/components/schemas/ReferralType"
    codes = DOCUMENT["components"]["schemas"]["ReferralType"]
    assert codes["enum"] == ["transfer", "assist", "consult", "inform"]
    assert "Consultation" in codes["description"]


def test_every_operation_tells_its_problems() -> None:
    for _, _, operation in OPERATIONS.values():
        for status in ("401", "403", "422", "500", "503"):
            assert operation["responses"][status] == {"$ref": f"#/components/responses/{status}"}
    for answer in DOCUMENT["components"]["responses"].values():
        assert list(answer["content"]) == ["application/problem+json"]


def test_every_route_of_the_api_is_in_the_document(web_on_sqlite: Web) -> None:
    routed = {
        route.path_format
        for route in web_on_sqlite.client.app.routes
        if route.path.startswith("/api/v1/")
    }
    assert routed - {"/api/v1/openapi.json"} == set(DOCUMENT["paths"])
