"""Every command over the API is answered with a signed receipt, to which the log can be held."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.audit import verify
from infra.audit.keys import read_keys
from tests.service.audited import Audited, an_audited_web
from tests.service.web import Web

PLACE = {"name": "Brunnsparken"}


@pytest.fixture
def audited(postgresql_url: str, tmp_path: Path) -> Iterator[Audited]:
    with an_audited_web(postgresql_url, tmp_path) as found:
        yield found


def receipt_of(web: Web, **headers: str) -> str:
    """The receipt of a report that is handed in."""
    answer = web.post("/reports", {"text": "Det är skräpigt.", "place": PLACE}, **headers)
    assert answer.status_code == 201, answer.text
    found: str = answer.json()["receipt"]
    return found


def receipt_key(audited: Audited) -> verify.Key:
    receipts = audited.web.services.receipts
    keys = read_keys(receipts.path)
    assert keys is not None
    (public,) = keys.public(receipts.name)
    (audited.folder / "key").write_text(str(public), encoding="utf-8")
    return verify.Key(str(public))


def judged(audited: Audited, receipts: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    log = audited.download("log")
    asked = [audited.policy, "receipts", receipts, log, audited.folder / "key"]
    return verify.main(*map(str, asked)), capsys.readouterr().out


def test_a_receipt_is_signed_and_the_log_keeps_it(
    audited: Audited, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    first = receipt_of(audited.web, Idempotency_Key="k")
    assert receipt_of(audited.web, Idempotency_Key="k") == first
    assert receipt_key(audited).signed_at(first.encode()) == 0
    folder = tmp_path / "receipts"
    folder.mkdir()
    (folder / "1.receipt").write_text(first, encoding="utf-8")
    audited.seal()
    audited.watch()
    code, said = judged(audited, folder, capsys)
    assert (code, "1 receipts, 0 waiting" in said) == (verify.WELL, True), said


def test_a_command_is_answered_when_no_receipt_can_be_signed(audited: Audited) -> None:
    path = audited.web.services.receipts.path
    path.write_text("no key\n", encoding="utf-8")
    path.chmod(0o600)
    answer = audited.web.post("/reports", {"text": "Det är skräpigt.", "place": PLACE})
    assert (answer.status_code, answer.json()["receipt"]) == (201, None)


def test_a_position_that_is_not_there_has_no_receipt(audited: Audited) -> None:
    assert audited.web.services.receipts.signed(1_000_000) is None
