"""What the verifier says of receipts, and of a database against its log."""

import base64
import json
import re
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from infra.audit import verify
from tests.infra.audit.asking import KEYS, Ask, log
from tests.infra.audit.folder import SEEN, Keys, at, canonical, entries, entry, fields, state

# --- receipts ---


def receipts(folder: Path, *of: tuple[bytes, str]) -> tuple[Path, Path]:
    folder.mkdir(exist_ok=True)
    for number, (each, when) in enumerate(of):
        (folder / f"{number}.receipt").write_text(KEYS.receipt(each, when), encoding="utf-8")
    key = folder / "receipts.vkey"
    key.write_text(f"{KEYS.receipts.public_key}\n", encoding="utf-8")
    return folder, key


def test_receipts_are_kept(ask: Ask, tmp_path: Path) -> None:
    folder, key = receipts(tmp_path / "r", (entry(3), at(3)), (entry(44), at(99_990)))
    code, said = ask("receipts", folder, log(tmp_path / "log", entries(9), SEEN), key)
    assert (code, "2 kvitton, 1 väntar" in said) == (verify.WELL, True)


def test_a_receipt_for_what_was_never_logged_is_named(ask: Ask, tmp_path: Path) -> None:
    folder, key = receipts(tmp_path / "r", (entry(3), at(3)), (entry(44), at(99_930)))
    code, said = ask("receipts", folder, log(tmp_path / "log", entries(9), SEEN), key)
    assert code == verify.TAMPERED
    assert f"Never logged, or altered: ['{UUID(int=44)}']" in said


def test_a_receipt_by_another_key_is_forged(ask: Ask, tmp_path: Path) -> None:
    folder, key = receipts(tmp_path / "r", (entry(3), at(3)))
    other = Keys().receipts.public_key
    key.write_text(str(other), encoding="utf-8")
    code, said = ask("receipts", folder, log(tmp_path / "log", entries(9), SEEN), key)
    assert (code, "Forged receipts: ['0.receipt']" in said) == (verify.TAMPERED, True)


# --- store ---


def states(folder: Path, of: Sequence[dict[str, object]]) -> Path:
    file = folder / "states.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in of), encoding="utf-8")
    return file


def stored(number: int, raw: bytes | None = None, **other: object) -> dict[str, object]:
    return {
        **fields(number),
        "state": base64.b64encode(raw or state(number)).decode(),
        **other,
    }


def test_a_database_that_has_what_was_logged_is_right(ask: Ask, tmp_path: Path) -> None:
    closed = canonical(
        {
            key: value
            for key, value in json.loads(entry(5)).items()
            if key in {"at", "event", "payload", "v"}
        }
    )
    of = [*entries(5), closed, *entries(9)[6:]]
    line = {key: value for key, value in stored(5).items() if key in {"at", "event", "v", "state"}}
    lines = [stored(number) for number in range(5)] + [line]
    lines += [stored(number) for number in range(6, 11)]  # the last two are not sealed yet
    assert ask("store", states(tmp_path, lines), log(tmp_path / "log", of))[0] == verify.WELL


@pytest.mark.parametrize(
    ("cut", "put", "said"),
    [
        (1, [], "entry 4 .* was removed"),
        (1, [stored(4, b"{}")], "entry 4 .* was altered .payload"),
        (1, [stored(4, at=at(-9))], "entry 4 .* was back-dated .at"),
        (0, [stored(44)], "entry 4 .*2c.* was inserted"),
        (5, [], "all from entry 4 on is gone"),
    ],
    ids=["removed", "altered", "back-dated", "inserted", "rolled back"],
)
def test_what_was_done_to_the_database_is_said(
    ask: Ask, tmp_path: Path, cut: int, put: list[dict[str, object]], said: str
) -> None:
    lines = [stored(number) for number in range(9)]
    lines[4 : 4 + cut] = put
    code, found = ask("store", states(tmp_path, lines), log(tmp_path / "log", entries(9)))
    assert code == verify.TAMPERED
    assert re.search(said, found), found


def test_contents_are_gone_by_decision_only_if_the_log_has_the_decision(
    ask: Ask, tmp_path: Path
) -> None:
    decision = entry(8, type="RecordDisposed")
    of = [*entries(8), decision]
    payload = json.loads(entry(4))["payload"]
    for by, code in ((8, verify.WELL), (7, verify.TAMPERED), (99, verify.TAMPERED)):
        gone = canonical({"erased_by": str(UUID(int=by))})
        lines = [stored(number) for number in range(8)]
        lines[4] = stored(4, gone, payload=payload)
        lines.append(stored(8, type="RecordDisposed"))
        found = ask("store", states(tmp_path, lines), log(tmp_path / str(by), of))
        assert found[0] == code, found
