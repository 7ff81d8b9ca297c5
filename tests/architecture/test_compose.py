"""compose.yaml, the server shape, held against the program, since no engine runs it here."""

import re
from typing import Any

import click
import pytest
import yaml

from service.cli import main
from service.ending import LAST_SECONDS
from tests.architecture.repository import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
PROXY = (ROOT / "docs" / "haproxy.cfg").read_text(encoding="utf-8")
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")

PINNED = re.compile(r"[a-z0-9./-]+:\d+\.\d+(\.\d+)?(-[a-z0-9-]+)?")


def test_the_server_shape_is_whole() -> None:
    assert set(SERVICES) >= {"postgres", "redis", "web", "worker", "proxy"}
    assert all(SERVICES[name]["deploy"]["replicas"] == 2 for name in ("web", "worker"))


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_watched_or_waits_for_a_watched_one(name: str) -> None:
    assert "healthcheck" in SERVICES[name] or "depends_on" in SERVICES[name]


@pytest.mark.parametrize("name", SERVICES)
def test_service_waits_for_what_can_tell_that_it_is_ready(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert wait["condition"] == "service_completed_successfully"


def test_images_are_pinned_by_version() -> None:
    images = [service["image"] for service in SERVICES.values()]
    images += re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert [image for image in images if not PINNED.fullmatch(image)] == []


def test_image_of_ours_carries_the_version_of_the_project() -> None:
    version = re.search(
        r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert version is not None
    assert {SERVICES[name]["image"] for name in OURS} == {f"samsyn:{version[1]}"}


def test_only_the_proxy_is_published_and_only_to_the_host_itself() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["proxy"]
    assert all(port.startswith("127.0.0.1:") for port in published["proxy"])


def test_the_proxy_reaches_the_web_and_nothing_else() -> None:
    reached = set(SERVICES["proxy"]["networks"])
    assert [name for name in SERVICES if reached & set(SERVICES[name]["networks"])] == [
        "web",
        "proxy",
    ]


def test_the_proxy_forwards_to_every_web_that_is_ready_and_hides_what_is_for_machines() -> None:
    assert (
        "./docs/haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro" in SERVICES["proxy"]["volumes"]
    )
    words = SERVICES["web"]["command"]
    port = words[words.index("--port") + 1]
    template = re.search(r"server-template web (\d+) \"\$\{SAMSYN_WEB-(.+?)\}\"", PROXY)
    assert template is not None
    assert int(template[1]) >= SERVICES["web"]["deploy"]["replicas"]
    assert template[2] == f"web:{port}"
    assert "option httpchk GET /ready" in PROXY
    assert "return status 404 if { path /ready } or { path_beg /metrics }" in PROXY
    for header in ("For", "Host", "Proto"):
        assert f"http-request set-header X-Forwarded-{header} " in PROXY
    target = SERVICES["proxy"]["ports"][0].rpartition(":")[2]
    assert f"bind :{target}\n" in PROXY


@pytest.mark.parametrize("name", ["web", "worker", "proxy", "postgres"])
def test_what_holds_work_is_given_time_to_end(name: str) -> None:
    seconds = int(SERVICES[name]["stop_grace_period"].removesuffix("s"))
    told = SERVICES["web"]["environment"]["SAMSYN_STOP_SECONDS"]
    assert seconds > int(told) + LAST_SECONDS


@pytest.mark.parametrize("name", SERVICES)
def test_log_files_are_bounded(name: str) -> None:
    assert set(SERVICES[name]["logging"]["options"]) == {"max-size", "max-file"}


def test_the_web_is_watched_by_whether_it_is_ready() -> None:
    assert "/ready" in SERVICES["web"]["healthcheck"]["test"][-1]


def test_no_password_is_written_down() -> None:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    passwords = re.findall(r"PASSWORD: (.+)$", text, re.MULTILINE)
    passwords += re.findall(r"://[^:/\s]+:(.+)@", text)
    assert passwords
    assert [word for word in passwords if not word.startswith("${POSTGRES_PASSWORD:?")] == []
    secrets = re.findall(r"SECRET: (.+)$", text, re.MULTILINE)
    assert secrets
    assert [word for word in secrets if not word.startswith("${SAMSYN_SECRET:?")] == []


@pytest.mark.parametrize("name", OURS)
def test_command_is_one_that_the_program_has(name: str) -> None:
    program, *words = SERVICES[name]["command"]
    assert program == "samsyn"
    _parse(words)


def test_default_command_of_the_image_is_one_that_the_program_has() -> None:
    command = re.search(r"^CMD (\[.+\])$", CONTAINERFILE, re.MULTILINE)
    assert command is not None
    program, *words = yaml.safe_load(command[1])
    assert program == "samsyn"
    _parse(words)


@pytest.mark.parametrize("name", OURS)
def test_environment_names_settings_that_exist(name: str) -> None:
    settings = (ROOT / "service" / "settings.py").read_text(encoding="utf-8")
    assert [key for key in SERVICES[name]["environment"] if f'"{key}"' not in settings] == []


def _parse(words: list[str]) -> None:
    """Let the program read a command line without carrying it out; a wrong word raises."""
    command: click.Command = main
    context = click.Context(main, info_name="samsyn")
    while isinstance(command, click.Group):
        name, found, words = command.resolve_command(context, words)
        assert found is not None
        command = found
        context = click.Context(command, parent=context, info_name=name)
    command.parse_args(context, list(words))


def test_web_processes_share_keys_of_their_own_and_never_see_the_audit_logs() -> None:
    web, worker = SERVICES["web"], SERVICES["worker"]
    for name in ("SAMSYN_AUDIT_RECEIPT_KEY", "SAMSYN_ACCESS_KEY"):
        assert web["environment"][name].startswith("/keys/")
    assert "SAMSYN_AUDIT_KEY" not in web["environment"]
    mounted = [each.partition(":")[0] for each in web["volumes"] + worker["volumes"]]
    assert sorted(mounted) == ["keys", "web-keys"]
    assert set(COMPOSE["volumes"]) >= set(mounted)
