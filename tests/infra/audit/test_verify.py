"""What the verifier answers: its exit code, and in words what was done to which entry."""

import base64
import functools
import http.server
import os
import re
import runpy
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.audit import verify
from infra.audit.note import KeyType, SecretKey
from infra.audit.paths import consistency_proof
from infra.audit.tree import leaf_hash
from tests.infra.audit.asking import BEGAN, KEYS, Ask, log
from tests.infra.audit.folder import (
    SEEN,
    at,
    entries,
    entry,
    state,
    write_log,
)
from tests.infra.audit.reference import Kept

PROOF = KEYS.proof(5, entries(11)).encode()

# --- proof ---


@pytest.mark.parametrize(("size", "index"), [(1, 0), (2, 1), (300, 299), (300, 255)])
def test_a_proof_holds(ask: Ask, tmp_path: Path, size: int, index: int) -> None:
    file = tmp_path / "a.tlog-proof"
    file.write_text(KEYS.proof(index, entries(size)), encoding="utf-8")
    code, said = ask("proof", file)
    assert code == verify.WELL
    assert "Beviset håller; bevittnat av social, police, district." in said
    assert "The proof holds; witnessed by social, police, district." in said
    Path(f"{file}.state").write_bytes(state(index))
    assert ask("proof", file, file)[0] == verify.WELL


def test_a_proof_that_too_few_have_witnessed_is_said_apart(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.tlog-proof"
    file.write_text(KEYS.proof(3, entries(9), ["police"]), encoding="utf-8")
    code, said = ask("proof", file)
    assert code == verify.UNWITNESSED
    assert "Beviset håller, men bevittnat av för få: police." in said
    assert "The proof holds, but witnessed by too few: police." in said


def test_a_proof_of_other_contents_is_refused(ask: Ask, tmp_path: Path) -> None:
    file = tmp_path / "a.tlog-proof"
    file.write_text(KEYS.proof(3, entries(9)), encoding="utf-8")
    Path(f"{file}.state").write_bytes(state(4))
    code, said = ask("proof", file)
    assert code == verify.TAMPERED
    assert (
        f"entry 3 (domain.referral:ReferralDeclined {UUID(int=3)}) is not what was sealed" in said
    )


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("bits") / "policy"
    file.write_text(KEYS.policy, encoding="utf-8")
    return file


@given(st.data())
@settings(max_examples=150)
def test_a_proof_with_a_bit_changed_never_holds(policy: Path, data: st.DataObject) -> None:
    file = policy.with_name("a.tlog-proof")
    raw = PROOF
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    file.write_bytes(raw[: bit // 8] + bytes([raw[bit // 8] ^ 1 << bit % 8]) + raw[bit // 8 + 1 :])
    assert verify.main(str(policy), "proof", str(file)) != verify.WELL


# --- growth ---


def test_a_log_that_only_grew_is_right(ask: Ask, tmp_path: Path) -> None:
    old, new = log(tmp_path / "old", entries(300)), log(tmp_path / "new", entries(700))
    code, said = ask("growth", old, new)
    assert code == verify.WELL
    assert "Stämmer: av 700 poster är de första 300 som förut; bevittnat av social" in said
    assert "Right: of 700 the first 300 are as before; witnessed by social, police" in said
    assert ask("growth", old / "checkpoint", new)[0] == verify.WELL
    assert ask("growth", old, old)[0] == verify.WELL


def growth(folder: Path, old: int, new: Sequence[bytes], of: Sequence[bytes] | None = None) -> Path:
    """A checkpoint below its proof, as it is sent to a witness."""
    hashes = [leaf_hash(each) for each in of or new]
    proof = consistency_proof(old, len(hashes), Kept(hashes).tiles) if old else []
    lines = [f"old {old}", *(base64.b64encode(each).decode() for each in proof), ""]
    file = folder / "growth"
    checkpoint = KEYS.checkpoint([leaf_hash(each) for each in new])
    file.write_text("\n".join([*lines, checkpoint]), encoding="utf-8")
    return file


def test_two_checkpoints_are_right_by_the_proof_between_them(ask: Ask, tmp_path: Path) -> None:
    old = log(tmp_path / "old", entries(5)) / "checkpoint"
    assert ask("growth", old, growth(tmp_path, 5, entries(9)))[0] == verify.WELL
    bad = [*entries(3), entry(33), *entries(9)[4:]]
    code, said = ask("growth", old, growth(tmp_path, 5, bad))
    assert (code, "The history was changed:" in said) == (verify.TAMPERED, True)
    assert ask("growth", old, growth(tmp_path, 5, bad, entries(9)))[0] == verify.TAMPERED
    empty = tmp_path / "empty"
    empty.write_text(KEYS.checkpoint([]), encoding="utf-8")
    assert ask("growth", empty, growth(tmp_path, 0, entries(9)))[0] == verify.WELL


def test_two_checkpoints_without_the_proof_between_them_cannot_be_judged(
    ask: Ask, tmp_path: Path
) -> None:
    old = log(tmp_path / "old", entries(5)) / "checkpoint"
    new = log(tmp_path / "new", entries(9)) / "checkpoint"
    code, said = ask("growth", old, new)
    assert (code, "without the proof" in said) == (verify.UNREADABLE, True)
    assert ask("growth", old, growth(tmp_path, 4, entries(9)))[0] == verify.UNREADABLE


def test_a_log_rolled_back_is_named(ask: Ask, tmp_path: Path) -> None:
    old, new = log(tmp_path / "old", entries(20)), log(tmp_path / "new", entries(18))
    code, said = ask("growth", old, new)
    assert code == verify.TAMPERED
    assert "Rolled back to 18 entries: all from entry 18 on is gone" in said
    assert f"entry 19 (domain.referral:ReferralDeclined {UUID(int=19)}) was removed" in said
    assert "Backad till 18 poster: allt från post 18 är borta" in said
    assert ask("growth", old / "checkpoint", new / "checkpoint")[0] == verify.TAMPERED


def test_a_log_rolled_back_and_grown_is_named(ask: Ask, tmp_path: Path) -> None:
    grown = [*entries(18), *(entry(number) for number in range(40, 50))]
    code, said = ask(
        "growth", log(tmp_path / "a", entries(20)), log(tmp_path / "b", grown, BEGAN + 50)
    )
    assert code == verify.TAMPERED
    assert "The history was changed: all from entry 18 on is gone" in said
    assert f"entry 18 (domain.referral:ReferralDeclined {UUID(int=18)}) was removed" in said
    assert f"entry 18 (domain.referral:ReferralDeclined {UUID(int=40)}) was inserted" in said


def test_a_split_view_is_named(ask: Ask, tmp_path: Path) -> None:
    other = [*entries(19), entry(44)]
    one, two = log(tmp_path / "a", entries(20)), log(tmp_path / "b", other)
    code, said = ask("growth", one / "checkpoint", two / "checkpoint")
    assert (code, "Split view, two signed histories:" in said) == (verify.TAMPERED, True)
    assert "Kluven bild, två underskrivna historier: allt" in ask("growth", one, two)[1]


@pytest.mark.parametrize(
    ("cut", "put", "said"),
    [
        (1, [], ["entry 7", "was removed"]),
        (0, [entry(99)], ["entry 7", "was inserted afterwards"]),
        (1, [entry(7, payload="00")], ["entry 7", "was altered (payload: ", " → 00)"]),
        (1, [entry(7, at=at(-60))], ["entry 7", f"was back-dated (at: {at(7)} → {at(-60)})"]),
        (2, [entry(8), entry(7)], ["was removed", "was inserted"]),
        (1, [b"|"], ["entry 7", "was removed", "was inserted"]),
        (1, [b"[]"], ["entry 7", "was removed", "was inserted"]),
    ],
    ids=["removed", "inserted", "altered", "back-dated", "swapped", "overwritten", "no entry"],
)
def test_what_was_done_to_an_entry_is_said(
    ask: Ask, tmp_path: Path, cut: int, put: list[bytes], said: list[str]
) -> None:
    old = log(tmp_path / "old", entries(20))
    new = log(tmp_path / "new", [*entries(7), *put, *entries(25)[7 + cut :]])
    code, found = ask("growth", old, new)
    assert code == verify.TAMPERED
    assert all(part in found for part in said), found


def test_logs_of_two_names_are_not_compared(ask: Ask, tmp_path: Path) -> None:
    other = SecretKey.new("other.test/log", KeyType.LOG)
    policy = tmp_path / "both"
    policy.write_text(f"log {other.public_key}\n{KEYS.policy}", encoding="utf-8")
    text = KEYS.checkpoint([]).replace(KEYS.log.name, other.name).partition("\n\n")[0] + "\n"
    (tmp_path / "other").write_text(f"{text}\n{other.sign(text).line}", encoding="utf-8")
    log(tmp_path / "log", [])
    asked = str(policy), "growth", str(tmp_path / "log"), str(tmp_path / "other")
    assert verify.main(*asked) == verify.UNREADABLE


# --- log ---


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_a_whole_log_is_right(ask: Ask, tmp_path: Path, size: int) -> None:
    assert ask("log", log(tmp_path / "log", entries(size)))[0] == verify.WELL


def test_an_entry_that_is_not_its_hash_is_named(ask: Ask, tmp_path: Path) -> None:
    folder = log(tmp_path / "log", entries(300))
    bundle = folder / verify.tile_path("entries", 1, 44)
    bundle.write_bytes(bundle.read_bytes().replace(b"social", b"police", 1))
    code, said = ask("log", folder)
    assert code == verify.TAMPERED
    assert f"entry 256 (domain.referral:ReferralDeclined {UUID(int=256)}) was altered after" in said


def test_entries_that_are_not_those_signed_are_refused(ask: Ask, tmp_path: Path) -> None:
    signed = KEYS.checkpoint([leaf_hash(each) for each in [*entries(8), entry(44)]])
    code, said = ask("log", write_log(tmp_path / "log", entries(9), signed))
    assert (code, "Wrong root" in said) == (verify.TAMPERED, True)


@pytest.mark.parametrize("cut", [-1, 1])
def test_a_bundle_cut_short_cannot_be_read(ask: Ask, tmp_path: Path, cut: int) -> None:
    folder = log(tmp_path / "log", entries(9))
    bundle = folder / verify.tile_path("entries", 0, 9)
    raw = bundle.read_bytes()
    bundle.write_bytes(raw[:cut] if cut < 0 else raw + b"\0")
    assert ask("log", folder)[0] == verify.UNREADABLE
    bundle.unlink()
    assert ask("log", folder)[0] == verify.UNREADABLE


def test_an_entry_dated_before_the_one_in_front_is_named(ask: Ask, tmp_path: Path) -> None:
    late = [*entries(20), entry(20, at=at(13)), *entries(22)[21:]]
    code, said = ask("log", log(tmp_path / "log", late, SEEN))
    assert code == verify.TAMPERED
    assert "är tillbakadaterad till 2026-01-13T13:20:13.000000Z" in said
    clocks_differ = [*entries(20), entry(20, at=at(15)), *entries(22)[21:]]
    assert ask("log", log(tmp_path / "b", clocks_differ))[0] == verify.WELL


def test_an_entry_dated_before_the_witnesses_saw_a_log_without_it_is_named(
    ask: Ask, tmp_path: Path
) -> None:
    old = log(tmp_path / "old", entries(20), BEGAN + 3_600)
    late = [*entries(20), entry(20, at=at(60))]
    code, said = ask("growth", old, log(tmp_path / "late", late, SEEN))
    assert (code, "entry 20 " in said, "is back-dated to" in said) == (1, True, True)
    in_time = [*entries(20), entry(20, at=at(3_545))]
    assert ask("growth", old, log(tmp_path / "in time", in_time, SEEN))[0] == verify.WELL


def test_an_entry_dated_after_it_was_witnessed_is_named(ask: Ask, tmp_path: Path) -> None:
    code, said = ask("log", log(tmp_path / "log", [entry(0, at=at(100_006))], SEEN))
    assert (code, "is after it was witnessed" in said) == (verify.TAMPERED, True)
    assert ask("log", log(tmp_path / "b", [entry(0, at=at(100_004))], SEEN))[0] == verify.WELL


@pytest.mark.parametrize(
    "forged",
    [
        entry(3, at="2026-01-13T13:20:03.00 000Z"),
        entry(3, at="soon"),
        entry(3, at=5),
        entry(3, at="2026-01-13|13:00:00Z"),
        b'{"event":"x","type":"\\ud800"}',
        entry(3, type=["RecordDisposed"]),
        entry(3, event={"a": 1}),
        entry(3, given_up=[], decision=None),
        b"[" * 60_000,
        b"[]",
        b"no entry",
    ],
)
def test_whatever_an_entry_is_replaced_by_it_is_named(
    ask: Ask, tmp_path: Path, forged: bytes
) -> None:
    """It must not hide by being something that cannot be read."""
    old, now = entries(9), [*entries(3), forged, *entries(12)[4:]]
    code, said = ask("growth", log(tmp_path / "old", old), log(tmp_path / "now", now))
    assert (code, "post 3 (" in said, "entry 3 (" in said) == (verify.TAMPERED, True, True), said


def test_a_log_is_read_over_http_with_a_token(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = log(tmp_path / "log", entries(300))
    tokens: list[str | None] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            tokens.append(self.headers["Authorization"])
            super().do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
            pass

    handler = functools.partial(Handler, directory=str(folder))
    monkeypatch.setenv("SAMSYN_TOKEN", "secret")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        try:
            assert ask("log", address)[0] == verify.WELL
            assert ask("log", f"{address}/nowhere")[0] == verify.UNREADABLE
        finally:
            server.shutdown()
            thread.join()
    assert set(tokens) == {"Bearer secret"}


# --- what cannot be read, and how it is started ---


def test_what_is_not_asked_right_is_answered_with_the_manual(ask: Ask, tmp_path: Path) -> None:
    for question in (("what",), ("proof",), ("growth", "one"), ("log", "a", "b")):
        code, said = ask(*question)
        assert code == verify.UNREADABLE
        assert "verify.py POLICY proof FILE" in said
    assert ask("log", tmp_path / "nothing")[0] == verify.UNREADABLE
    (tmp_path / "no proof").write_text("hello\n\n", encoding="utf-8")
    assert ask("proof", tmp_path / "no proof")[0] == verify.UNREADABLE


@pytest.mark.parametrize("given", [(), ("--help",), ("policy",), ("policy", "log")])
def test_who_asks_nothing_is_shown_how_to_ask(
    given: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify.main(*given) == verify.UNREADABLE
    assert "verify.py POLICY proof FILE" in capsys.readouterr().out


def test_what_cannot_be_read_is_named_by_what_it_is_not(ask: Ask, tmp_path: Path) -> None:
    folder, key, good = log(tmp_path / "log", entries(9)), tmp_path / "key", tmp_path / "good"
    key.write_text("hello", encoding="utf-8")
    good.write_text(str(KEYS.receipts.public_key), encoding="utf-8")
    for question, asked, said in (
        ("proof", (folder / "checkpoint",), "is no tlog-proof"),
        ("receipts", (tmp_path, folder, key), "'hello' is no key"),
        ("receipts", (tmp_path / "nowhere", folder, good), "No such file or directory"),
        ("log", (folder / "checkpoint",), "a checkpoint without the proof or the entries"),
    ):
        code, words = ask(question, *asked)
        assert (code, said in words) == (verify.UNREADABLE, True), words
    (folder / "checkpoint").write_text("hello", encoding="utf-8")
    assert "'hello' is no signed note" in ask("log", folder)[1]


def test_whatever_breaks_it_is_no_accusation(ask: Ask, tmp_path: Path) -> None:
    """Python itself would end with 1, which says that something was done to the log."""
    deep = tmp_path / "states"
    deep.write_text('{"at":' + "[" * 60_000, encoding="utf-8")
    code, said = ask("store", deep, log(tmp_path / "log", entries(1)))
    assert (code, "recursion" in said) == (verify.UNREADABLE, True), said
    assert ask("log", log(tmp_path / "other", [b'{"at":5}']))[0] == verify.UNREADABLE


def test_of_thousands_that_were_changed_a_thousand_are_named(ask: Ask, tmp_path: Path) -> None:
    late = [entry(at_, at=at(9_000 - at_ * 8)) for at_ in range(1_102)]
    code, said = ask("log", log(tmp_path / "log", late, SEEN))
    assert (code, said.count("is back-dated")) == (verify.TAMPERED, verify.NAMED)
    assert re.findall(r"; … \((\d+)\)\n", said) == ["1101", "1101"]


def test_nothing_it_prints_can_move_the_terminal(ask: Ask, tmp_path: Path) -> None:
    tricky = entry(5, type="\x1b[2J|\r", payload="a|b")
    old, new = log(tmp_path / "a", [tricky]), log(tmp_path / "b", [entry(5)])
    code, said = ask("growth", old, new)
    assert code == verify.TAMPERED
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", said)


def test_what_a_terminal_cannot_write_is_said_without_it(tmp_path: Path) -> None:
    policy = tmp_path / "policy"
    policy.write_text(KEYS.policy, encoding="utf-8")
    forged = b'{"event":"x","type":"\\ud800"}'
    old = log(tmp_path / "old", entries(9))
    now = log(tmp_path / "now", [entry(0, n=2), *entries(3)[1:], forged, *entries(9)[4:]])
    command = [sys.executable, verify.__file__, str(policy), "growth", str(old), str(now)]
    environ = {**os.environ, "PYTHONIOENCODING": "ascii"}
    ran = subprocess.run(command, env=environ, capture_output=True, check=False)
    said = ran.stdout.decode("ascii")
    assert (ran.returncode, ran.stderr) == (verify.TAMPERED, b"")
    assert "(n: 1 ? 2)" in said
    assert "entry 3 (? x) was inserted afterwards" in said


def test_the_file_runs_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    policy = tmp_path / "policy"
    policy.write_text(KEYS.policy, encoding="utf-8")
    folder = log(tmp_path / "log", entries(9))
    monkeypatch.setattr(sys, "argv", ["verify.py", str(policy), "log", str(folder)])
    with pytest.raises(SystemExit) as stopped:
        runpy.run_path(verify.__file__, run_name="__main__")
    assert stopped.value.code == verify.WELL
    assert "witnessed by" in capsys.readouterr().out
