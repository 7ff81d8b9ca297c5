"""A witness asked to sign: what it answers, byte for byte, and what it keeps before it does."""

import base64
import http.client
import http.server
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import httpx
import pytest

from infra.audit.mirror import Mirror
from infra.audit.note import KeyType, SecretKey
from infra.audit.paths import consistency_proof
from infra.audit.tree import leaf_hash
from infra.audit.verify import WITNESS_KEY, Key, Policy
from infra.audit.witness import SIZE_TYPE, Witness
from infra.audit.witness_http import PATH, LogOverHttp, serve
from tests.infra.audit.folder import ORIGIN, Keys, entries, entry
from tests.infra.audit.reference import Kept

KEYS: Final = Keys.always_the_same()
POLICE: Final = SecretKey("police.test/witness", KeyType.COSIGNATURE, bytes(range(32)))
NOW: Final = 1_768_310_400
ALL: Final = entries(40)


def witness(file: Path, keys: Keys = KEYS) -> Witness:
    return Witness(Mirror(file), POLICE, [Policy(keys.policy)], lambda: NOW)


@pytest.fixture
def asked(tmp_path: Path) -> Witness:
    return witness(tmp_path / "witness.db")


def request(old: int, new: int, of: list[bytes] = ALL, *, claims: int | None = None) -> bytes:
    """What a log sends that has so many entries and says that so many were signed."""
    hashes = [leaf_hash(each) for each in of[:new]]
    proof = consistency_proof(old, new, Kept(hashes).tiles) if 0 < old <= new else []
    lines = [f"old {old if claims is None else claims}"]
    lines += [base64.b64encode(each).decode() for each in proof]
    return "\n".join([*lines, "", KEYS.checkpoint(hashes, [])]).encode()


def test_what_only_grew_is_signed_and_kept(asked: Witness, tmp_path: Path) -> None:
    for old, new in ((0, 5), (5, 9), (9, 9), (9, 40)):
        body = request(old, new)
        answer = asked.add_checkpoint(body)
        assert (answer.status, answer.content_type) == (200, "text/plain; charset=utf-8")
        text = body.partition(b"\n\n")[2].partition(b"\n\n")[0] + b"\n"
        assert answer.body == POLICE.sign(text.decode(), NOW).line
        key = Key(str(POLICE.public_key), WITNESS_KEY)
        assert key.signed_at(text + b"\n" + answer.body.encode()) == NOW
        head = Mirror(tmp_path / "witness.db").head(ORIGIN)
        assert (head.size, head.line) == (new, answer.body)


def test_size_zero_is_signed_once_and_then_again(asked: Witness) -> None:
    assert asked.add_checkpoint(request(0, 0)).status == 200
    assert asked.add_checkpoint(request(0, 0)).status == 200
    assert asked.add_checkpoint(request(0, 3)).status == 200
    empty = base64.b64encode(bytes(32)).decode()
    text = f"{ORIGIN}\n0\n{empty}\n"
    other = f"old 0\n\n{text}\n{KEYS.log.sign(text).line}".encode()
    assert witness_of_nothing(asked).add_checkpoint(other).status == 409


def witness_of_nothing(like: Witness) -> Witness:
    mirror: Mirror = like._mirror  # noqa: SLF001  a second file beside the first
    return witness(mirror._path.with_name("other.db"))  # noqa: SLF001  as above


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (b"", 400, ""),
        (b"old 5\n", 400, ""),
        (request(0, 5).replace(b"old 0", b"old 00"), 400, ""),
        (request(0, 5).replace(b"old 0", b"old -1"), 400, ""),
        (request(0, 5).replace(b"old 0", b"size 0"), 400, ""),
        (request(5, 9).replace(b"=\n", b"\n", 1), 400, ""),
        (request(5, 9).replace(b"old 5\n", b"old 5\n" + b"A" * 43 + b"=\n"), 422, ""),
        (b"old 5\n" + (b"A" * 43 + b"=\n") * 64 + request(0, 9)[6:], 400, ""),
        (request(0, 9, claims=10), 400, ""),
        (request(0, 9)[:-2], 400, ""),
        (request(0, 9) + b"x" * 64_000, 400, ""),
        (request(0, 9), 409, "5\n"),
        (request(4, 9), 409, "5\n"),
        (request(6, 9), 409, "5\n"),
        (request(5, 5, [*entries(4), entry(77)]), 409, "5\n"),
        (request(5, 9, [*entries(4), entry(77), *entries(9)[5:]]), 422, ""),
        (request(0, 9, claims=5), 422, ""),
        (request(5, 9).replace(ORIGIN.encode() + b"\n", b"other.test/log\n", 1), 404, ""),
    ],
)
def test_what_is_refused_is_not_kept(
    asked: Witness, tmp_path: Path, body: bytes, status: int, told: str
) -> None:
    assert asked.add_checkpoint(request(0, 5)).status == 200
    before = Mirror(tmp_path / "witness.db").head(ORIGIN)
    answer = asked.add_checkpoint(body)
    assert (answer.status, answer.body) == (status, told)
    assert (answer.content_type == SIZE_TYPE) is (status == 409)
    assert Mirror(tmp_path / "witness.db").head(ORIGIN) == before


def test_a_forged_line_of_the_log_is_refused(asked: Witness) -> None:
    good = request(0, 5)
    text, line = good.decode().rpartition("\n\n")[::2]
    forged = KEYS.log.sign("other\n").line
    assert asked.add_checkpoint(f"{text}\n\n{forged}".encode()).status == 403
    assert asked.add_checkpoint(f"{text}\n\n{line}{forged}".encode()).status == 403
    assert asked.add_checkpoint(good).status == 200


def test_keys_that_share_a_name_or_an_id_with_the_log_are_passed_over(asked: Witness) -> None:
    text, line = request(0, 5).decode().rpartition("\n\n")[::2]
    namesake = SecretKey.new(ORIGIN, KeyType.LOG).sign("other\n").line
    same_id = KEYS.log.sign("other\n").line.replace(ORIGIN, "other.test/log")
    alone = f"{text}\n\n{namesake}{same_id}".encode()
    assert asked.add_checkpoint(alone).status == 403
    assert asked.add_checkpoint(f"{text}\n\n{namesake}{same_id}{line}".encode()).status == 200


def test_two_requests_at_once_never_take_the_witness_back(tmp_path: Path) -> None:
    asked = witness(tmp_path / "witness.db")
    assert asked.add_checkpoint(request(0, 5)).status == 200
    held, go = threading.Event(), threading.Event()

    def hold(point: str) -> None:
        if point == "checked":
            held.set()
            assert go.wait(10)

    slow = Witness(
        Mirror(tmp_path / "witness.db"), POLICE, [Policy(KEYS.policy)], lambda: NOW, hold
    )
    answers: list[tuple[int, str]] = []

    def ask_slowly() -> None:
        answer = slow.add_checkpoint(request(5, 9))
        answers.append((answer.status, answer.body))

    thread = threading.Thread(target=ask_slowly)
    thread.start()
    assert held.wait(10)
    assert asked.add_checkpoint(request(5, 30)).status == 200
    go.set()
    thread.join(10)
    assert answers == [(409, "30\n")]
    assert Mirror(tmp_path / "witness.db").head(ORIGIN).size == 30


KILLED: Final = """
import os, signal, sys
from pathlib import Path
from infra.audit.mirror import Mirror
from infra.audit.note import SecretKey
from infra.audit.verify import Policy
from infra.audit.witness import Witness

def at(point):
    if point == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

file, policy, key = (Path(sys.argv[1]) / name for name in ("witness.db", "policy", "key"))
asked = Witness(Mirror(file), SecretKey.parse(key.read_text()), [Policy(policy.read_text())],
                lambda: 7, at)
asked.add_checkpoint(sys.stdin.buffer.read())
"""


@pytest.mark.parametrize(("point", "kept"), [("checked", 0), ("stored", 9)])
def test_a_witness_killed_before_it_answers_has_kept_what_it_would_have_signed(
    tmp_path: Path, point: str, kept: int
) -> None:
    (tmp_path / "policy").write_text(KEYS.policy, encoding="utf-8")
    (tmp_path / "key").write_text(POLICE.text, encoding="utf-8")
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), point],
        input=request(0, 9),
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert killed.returncode == -signal.SIGKILL
    asked = witness(tmp_path / "witness.db")
    assert Mirror(tmp_path / "witness.db").head(ORIGIN).size == kept
    # The log asks again: it is told the size, or gets the line it missed.
    assert asked.add_checkpoint(request(0, 9)).status == (409 if kept else 200)
    assert asked.add_checkpoint(request(9, 9)).status == 200
    other = [*entries(8), entry(77)]
    assert asked.add_checkpoint(request(9, 9, other)).status == 409


def test_a_policy_of_each_year_is_known(tmp_path: Path) -> None:
    older = Keys()
    older.log = SecretKey("audit.samsyn.test/issues/2025", KeyType.LOG, KEYS.log.seed)
    policies = [Policy(older.policy), Policy(KEYS.policy)]
    asked = Witness(Mirror(tmp_path / "w.db"), POLICE, policies, lambda: NOW)
    body = f"old 0\n\n{older.checkpoint([], [])}".encode()
    assert asked.add_checkpoint(body).status == 200
    assert asked.add_checkpoint(request(0, 9)).status == 200
    assert Mirror(tmp_path / "w.db").origins() == [older.log.name, ORIGIN]


@pytest.fixture
def address(asked: Witness) -> Iterator[str]:
    with serve(asked, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_the_same_over_http(address: str) -> None:
    with httpx.Client(base_url=address) as log:
        signed = log.post(PATH, content=request(0, 5))
        assert signed.status_code == 200
        assert signed.text.startswith("— police.test/witness ")
        conflict = log.post(PATH, content=request(0, 9))
        assert (conflict.status_code, conflict.text) == (409, "5\n")
        assert conflict.headers["content-type"] == SIZE_TYPE
        assert log.post("/elsewhere", content=b"").status_code == 404
        assert log.post(PATH, content=b"x" * 70_000).status_code == 400
    bare = http.client.HTTPConnection(address.removeprefix("http://"), timeout=10)
    bare.putrequest("POST", PATH)  # without saying how long it is
    bare.endheaders()
    answer = bare.getresponse()
    assert (answer.status, answer.getheader("Connection")) == (400, "close")
    bare.close()


@pytest.mark.parametrize(
    ("asked_for", "status"),
    [
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 1e3\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: %b\r\n\r\n" % (b"9" * 5_000), 400),
        (b"POST /add-checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
        (b"POST /elsewhere HTTP/1.1\r\nConnection: close\r\n\r\n", 404),
        (b"GET /add-checkpoint HTTP/1.1\r\n\r\n", 405),
        (b"GET /elsewhere HTTP/1.1\r\n\r\n", 404),
        (b"BREW /add-checkpoint HTTP/1.1\r\n\r\n", 501),
        (b"nonsense\r\n\r\n", 400),
        (b"POST /add-checkpoint HTTP/9.9\r\n\r\n", 505),
    ],
)
def test_what_is_no_request_of_the_protocol_gets_a_bare_answer(
    address: str, capfd: pytest.CaptureFixture[str], asked_for: bytes, status: int
) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(asked_for)
        said = b"".join(iter(lambda: line.recv(65_536), b"")).decode()
    head, _, body = said.partition("\r\n\r\n")
    assert (head.split()[1], body) == (str(status), "")
    assert "content-type: text/plain; charset=utf-8" in head.lower()
    assert "Python" not in said
    assert capfd.readouterr().err == ""


def test_a_witness_that_cannot_store_says_so_and_signs_nothing(
    address: str, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "witness.db")) as db:
        db.execute("DROP TABLE head")
    answer = httpx.post(address + PATH, content=request(0, 5))
    assert (answer.status_code, answer.text) == (503, "")


def test_a_log_that_answers_nonsense_cannot_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(65_536)
                line.sendall(b"nonsense\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            with pytest.raises(OSError, match="no answer of HTTP"):
                LogOverHttp(f"http://127.0.0.1:{server.getsockname()[1]}", "t").read("checkpoint")
        finally:
            thread.join()


def test_a_log_is_read_and_told_over_http(tmp_path: Path) -> None:
    asked: list[tuple[str, str | None, bytes]] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.append((self.path, self.headers["Authorization"], body))
            self.send_response(200 if self.path != "/audit/gone" else 404)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        log = LogOverHttp(f"http://127.0.0.1:{server.server_port}/audit/", "secret")
        try:
            assert log.read("checkpoint") == b"hello"
            log.tell("note")
            with pytest.raises(OSError, match="404"):
                log.read("gone")
        finally:
            server.shutdown()
            thread.join()
    assert asked[:2] == [
        ("/audit/checkpoint", "Bearer secret", b""),
        ("/audit/cosignatures", "Bearer secret", b"note"),
    ]
    with pytest.raises(ValueError, match="no address"):
        LogOverHttp("file:///etc", "secret")
