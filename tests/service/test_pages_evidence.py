"""Evidence of an issue: a zip that checks out in an empty folder, and not if a byte is changed."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from domain.codes import ReferralType
from tests.examples import an_open_issue, send_referral
from tests.service.visiting import Site, a_site


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    with a_site(sqlite_url) as site:
        yield site


def an_issue(site: Site) -> UUID:
    issue = an_open_issue(site.started)
    site.started.execute(send_referral(issue, "police"))
    site.started.execute(send_referral(issue, "social", type=ReferralType.INFORM))
    site.started.catch_up()
    # Whatever the worker has sealed meanwhile: a next checkpoint is later than the last.
    site.started.clock.advance(seconds=90)
    return issue


def unpacked(site: Site, issue: UUID, folder: Path) -> Path:
    answer = site.visit("u-dis-01").get(f"/issues/{issue}/evidence")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"].startswith('attachment; filename="TIC-2026-')
    with zipfile.ZipFile(io.BytesIO(answer.content)) as zipped:
        zipped.extractall(folder)
    return folder


def verified(folder: Path) -> tuple[int, str]:
    """What the verifier in the zip says, on a machine that has nothing else of ours."""
    proofs = sorted(str(each.relative_to(folder)) for each in folder.glob("2026/*.tlog-proof"))
    asked = [sys.executable, "-I", "verify.py", "2026/policy", "proof", *proofs]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False, env={})
    return done.returncode, done.stdout + done.stderr


def test_evidence_checks_out_without_samsyn(site: Site, tmp_path: Path) -> None:
    folder = unpacked(site, an_issue(site), tmp_path)
    proofs = sorted(folder.glob("2026/*.tlog-proof"))
    story = (folder / "berattelse.txt").read_text(encoding="utf-8")
    assert len(proofs) >= 3
    assert all(f"[2026/{each.name}]" in story for each in proofs)
    assert all(Path(f"{each}.state").exists() for each in proofs)
    code, said = verified(folder)
    assert (code, "Beviset håller" in said, "The proof holds" in said) == (0, True, True), said
    for manual in ("LÄS MIG.txt", "READ ME.txt"):
        text = (folder / manual).read_text(encoding="utf-8")
        assert "python -I verify.py 2026/policy proof 2026/*.tlog-proof" in text


def test_evidence_with_a_changed_event_does_not(site: Site, tmp_path: Path) -> None:
    folder = unpacked(site, an_issue(site), tmp_path)
    state = next(
        each for each in folder.glob("2026/*.state") if b"Brunnsparken" in each.read_bytes()
    )
    state.write_bytes(state.read_bytes().replace(b"Brunnsparken", b"Kungsparken "))
    code, said = verified(folder)
    assert (code, "is not what was sealed" in said) == (1, True), said


def test_evidence_says_what_is_not_sealed_yet(
    postgresql_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.evidence.PATIENCE_SECONDS", 0.2)
    with a_site(postgresql_url) as site:  # where no worker runs, nothing is sealed
        issue = an_open_issue(site.started)
        site.started.catch_up()
        folder = unpacked(site, issue, tmp_path)
    assert list(folder.glob("*/*.tlog-proof")) == []
    assert "events are not sealed yet" in (folder / "READ ME.txt").read_text(encoding="utf-8")
    receipts = [each.read_text(encoding="utf-8") for each in folder.glob("kvitton/*.receipt")]
    assert receipts, "in place of proofs there are promises"
    assert all(f"event {each.stem}" in each.read_text() for each in folder.glob("kvitton/*"))


def test_evidence_only_for_who_sees_the_issue(site: Site) -> None:
    restricted = an_open_issue(site.started, by="u-pol-01", category="extremism")
    assert site.visit("u-dis-01").get(f"/issues/{restricted}/evidence").status_code == 404
    # A partner sees what was sent to it, and that is less than the issue.
    pushed = an_open_issue(site.started)
    site.started.execute(send_referral(pushed, "partner_nordstan", type=ReferralType.ASSIST))
    site.started.catch_up()
    assert site.visit("u-par-01").get(f"/issues/{pushed}/evidence").status_code == 404
    page = site.visit("u-dis-01").get(f"/issues/{pushed}")
    assert f'href="/issues/{pushed}/evidence"' in page.text
