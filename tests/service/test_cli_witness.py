"""The commands of an agency's witness: a key, a look at the log, what to hand to the verifier."""

import functools
import http.server
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from click.testing import CliRunner, Result

from infra.audit import verify
from infra.audit.note import SecretKey
from infra.audit.tree import leaf_hash
from service.cli import main
from tests.infra.audit.asking import KEYS
from tests.infra.audit.folder import ORIGIN, entries, write_log


def run(*arguments: str) -> Result:
    try:
        return CliRunner().invoke(main, ["witness", *arguments])
    finally:
        structlog.reset_defaults()  # log lines of later tests are not the command's


@pytest.fixture
def agency(tmp_path: Path) -> Path:
    """An agency's folder with its key and the agreed policy."""
    made = run("key", "police.test/witness", "--key", str(tmp_path / "key"))
    assert made.exit_code == 0, made.output
    policy = f"log {KEYS.log.public_key}\nwitness police {made.output}quorum police\n"
    (tmp_path / "policy").write_text(policy, encoding="utf-8")
    return tmp_path


def files(agency: Path) -> list[str]:
    names = {"--policy": "policy", "--key": "key", "--store": "witness.db"}
    return [part for option, name in names.items() for part in (option, str(agency / name))]


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "log"

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "told").write_bytes(body)
            self.send_response(201)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            pass

    handler = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def show(folder: Path, count: int) -> None:
    hashes = [leaf_hash(each) for each in entries(count)]
    write_log(folder / "log", entries(count), KEYS.checkpoint(hashes, []))


def test_key_made_once_shown_again_and_secret(agency: Path) -> None:
    file = agency / "key"
    assert file.stat().st_mode & 0o777 == 0o600
    key = SecretKey.parse(file.read_text(encoding="utf-8").strip())
    again = run("key", "police.test/witness", "--key", str(file))
    assert again.output == f"{key.public_key}\n"
    file.chmod(0o644)
    refused = run("key", "police.test/witness", "--key", str(file))
    assert (refused.exit_code, "chmod 600" in refused.output) == (2, True)


@pytest.mark.parametrize("text", ["hello", KEYS.log.text])
def test_key_refused_when_it_is_none_of_a_witness(agency: Path, text: str) -> None:
    (agency / "key").write_text(text, encoding="utf-8")
    refused = run("pull", "http://127.0.0.1:9/audit", *files(agency), "--once")
    assert (refused.exit_code, "holds" in refused.output) == (2, True)


def test_key_refused_with_a_name_of_two_words(tmp_path: Path) -> None:
    assert run("key", "two words", "--key", str(tmp_path / "key")).exit_code == 2
    assert not (tmp_path / "key").exists()


def test_pull_signs_what_grew_and_cries_out_when_it_went_back(agency: Path, address: str) -> None:
    show(agency, 9)
    assert run("pull", address, *files(agency), "--once").exit_code == 0
    told = (agency / "log" / "told").read_bytes()
    policy = verify.Policy((agency / "policy").read_text(encoding="utf-8"))
    assert policy.witnesses["police"].signed_at(told)
    show(agency, 7)
    alarmed = run("pull", address, *files(agency), "--once")
    assert alarmed.exit_code == 1
    assert "Rolled back: 9 to 7: all from entry 7 on is gone" in alarmed.output
    exported = run("export", "--store", str(agency / "witness.db"), str(agency / "out"))
    assert exported.exit_code == 0, exported.output
    place = agency / "out" / ORIGIN
    assert "Backad från 9 till 7" in (place / "evidence-0" / "said").read_text(encoding="utf-8")
    log = verify.Log(str(place), policy)
    assert list(log.entries()) == entries(9)


def test_pull_cries_out_when_a_log_that_it_has_signed_is_gone(agency: Path, address: str) -> None:
    waits = run("pull", address, *files(agency), "--once")
    assert (waits.exit_code, "witness_waits" in waits.output) == (1, True), "there never was one"
    show(agency, 9)
    assert run("pull", address, *files(agency), "--once").exit_code == 0
    (agency / "log" / "told").unlink()
    (agency / "log" / "checkpoint").unlink()
    gone = run("pull", address, *files(agency), "--once")
    assert gone.exit_code == 1
    assert "witness_alarm" in gone.output
    assert f"Loggen är borta: 9 poster av {ORIGIN} är bevittnade" in gone.output
    assert f"The log is gone: 9 entries of {ORIGIN} were witnessed" in gone.output
    policy = verify.Policy((agency / "policy").read_text(encoding="utf-8"))
    told = (agency / "log" / "told").read_bytes()
    assert verify.Checkpoint(told, policy).size == 9, "the log is told what it has lost"
    run("export", "--store", str(agency / "witness.db"), str(agency / "out"))
    said = agency / "out" / ORIGIN / "evidence-0" / "said"
    assert "The log is gone" in said.read_text(encoding="utf-8")
    show(agency, 12)
    assert run("pull", address, *files(agency), "--once").exit_code == 0, "and goes on by itself"


@pytest.mark.parametrize(
    ("address", "code", "said"),
    [("http://127.0.0.1:9/audit", 1, "cannot be read now"), ("file:///etc", 2, "no address")],
)
def test_pull_says_why_it_cannot(agency: Path, address: str, code: int, said: str) -> None:
    refused = run("pull", address, *files(agency), "--once")
    assert (refused.exit_code, said in refused.output) == (code, True), refused.output


def test_pull_refused_without_a_policy_or_a_file(agency: Path) -> None:
    given = files(agency)
    (agency / "policy").write_text("hello", encoding="utf-8")
    assert run("pull", "http://127.0.0.1:9", *given, "--once").exit_code == 2
    (agency / "policy").write_text("quorum none", encoding="utf-8")
    (agency / "witness.db").write_text("no database, but a long text", encoding="utf-8")
    assert run("pull", "http://127.0.0.1:9", *given, "--once").exit_code == 1
    (agency / "key").unlink()
    assert run("pull", "http://127.0.0.1:9", *given, "--once").exit_code == 2
    assert run("export", "--store", str(agency / "gone"), str(agency / "out")).exit_code == 2


def test_serve_answers_until_stopped_and_pull_goes_on(agency: Path, address: str) -> None:
    show(agency, 3)
    program = [sys.executable, "-c", "from service.cli import main; main()", "witness"]
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [*program, "serve", *files(agency), "--port", "0"],
        stderr=subprocess.PIPE,
        env=environ,
        text=True,
    ) as serving:
        assert serving.stderr is not None
        said = serving.stderr.readline().strip()
        body = b"old 0\n\n" + (agency / "log" / "checkpoint").read_bytes()
        answer = httpx.post(f"{said}/add-checkpoint", content=body)
        assert (answer.status_code, answer.text[:2]) == (200, "— ")
        taken = run("serve", *files(agency), "--port", said.rpartition(":")[2])
        assert (taken.exit_code, "Cannot listen" in taken.output) == (1, True)
        serving.send_signal(signal.SIGTERM)
    with subprocess.Popen(
        [*program, "pull", address, *files(agency), "--every", "1"],
        stderr=subprocess.PIPE,
        env=environ,
        text=True,
    ) as pulling:
        assert pulling.stderr is not None
        assert json.loads(pulling.stderr.readline())["event"] == "witness_signed"
        assert json.loads(pulling.stderr.readline())["event"] == "witness_signed"
        pulling.send_signal(signal.SIGTERM)
