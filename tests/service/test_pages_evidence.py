"""Evidence of an issue: a zip that checks out in an empty folder, and not if a byte is changed."""

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from domain.access import AccessKind
from domain.codes import ReferralType
from infra.access.store import rows_about
from infra.audit import verify
from tests.examples import an_open_issue, send_referral
from tests.infra.audit.sealing import as_owner
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
    asked = [sys.executable, "-I", "verify.py", "2026/policy", "proof", "2026"]
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
        assert "python -I verify.py 2026/policy proof 2026\n" in text


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
        visit = site.visit("u-dis-01")
        story = visit.get(f"/issues/{issue}").text.partition('<ol class="story">')[2]
        offered = re.findall(
            r'Registrerad</span> <a href="([^"]+)" download>Ladda ned kvitto', story
        )
        promise = visit.get(offered[-1])
        assert receipt_key(site).signed_at(promise.content) == 0
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


def receipt_key(site: Site) -> verify.Key:
    return verify.Key(site.app.state.services.receipts.public_key())


def test_a_command_on_a_page_is_answered_with_its_receipt(site: Site) -> None:
    issue = an_issue(site)
    visit = site.visit("u-dis-01")
    answer = visit.fill(f"/issues/{issue}/do/AddNote", text_sv="Belysningen är trasig.")
    position = re.findall(r"receipt=(\d+)", answer.headers["location"])[0]
    page = visit.get(answer.headers["location"]).text
    assert f'href="/receipts/{position}" download>Ladda ned kvitto' in page
    receipt = visit.get(f"/receipts/{position}")
    assert (receipt.status_code, f"position {position}\n" in receipt.text) == (200, True)
    assert receipt_key(site).signed_at(receipt.content) == 0
    stranger = site.visit("u-pol-01")
    assert stranger.get(f"/receipts/{position}").status_code == 404, "somebody else's receipt"
    assert stranger.get("/receipts/1000000").status_code == 404
    assert site.visit().get(f"/receipts/{position}").status_code == 303


def test_each_line_of_a_story_says_how_safe_it_is_and_gives_its_proof(
    site: Site, tmp_path: Path
) -> None:
    issue = an_issue(site)
    folder = unpacked(site, issue, tmp_path)  # waits for the seal
    visit = site.visit("u-dis-01")
    story = visit.get(f"/issues/{issue}").text.partition('<ol class="story">')[2]
    # The worker may just have delivered a referral: that line waits for its second.
    told = rf'(Registrerad|Förseglad)</span> <a href="(/issues/{issue}/proofs/\d+)" download>'
    lines = re.findall(told, story)
    assert len(lines) == story.count('<li id="e-')
    offered = [path for state, path in lines if state == "Förseglad"]
    assert len(offered) >= 3
    for nth, path in enumerate(offered):
        (folder / f"2026/page-{nth}.tlog-proof").write_bytes(visit.get(path).content)
    code, said = verified(folder)
    assert (code, "The proof holds" in said) == (0, True), said
    with site.started.samsyn.engine.connect() as db:
        kinds = [row.kind for row in rows_about(db, issue) if "proofs" in row.operation]
    assert kinds == [AccessKind.EXPORT] * len(offered)
    # What belongs to another issue, or is not to be seen, is not given out under this one.
    restricted = an_open_issue(site.started, by="u-pol-01", category="extremism")
    of_another = site.started.samsyn.casework.head()
    site.started.catch_up()
    assert visit.get(f"/issues/{issue}/proofs/{of_another}").status_code == 404
    assert visit.get(f"/issues/{restricted}/proofs/{of_another}").status_code == 404


def test_evidence_holds_the_receipt_of_every_event(site: Site, tmp_path: Path) -> None:
    folder = unpacked(site, an_issue(site), tmp_path)
    receipts = sorted(folder.glob("kvitton/*.receipt"))
    assert len(receipts) == len(sorted(folder.glob("2026/*.tlog-proof")))
    key = verify.Key((folder / "kvittonyckel").read_text(encoding="utf-8"))
    assert all(key.signed_at(each.read_bytes()) == 0 for each in receipts)


def test_what_was_done_to_the_log_is_said_and_breaks_nothing_off(
    site: Site, tmp_path: Path
) -> None:
    issue = an_issue(site)
    unpacked(site, issue, tmp_path / "before")
    engine = site.started.samsyn.engine.execution_options(writes=True)
    with engine.begin() as db:
        as_owner(db, ["UPDATE audit_leaf SET entry = x'7b' WHERE leaf_index > 0"])
    code, said = verified(unpacked(site, issue, tmp_path / "after"))
    assert code == 1
    assert "is not what was sealed" in said
    with engine.begin() as db:
        as_owner(db, ["UPDATE audit_key SET vkey = 'nonsense'"])
    answer = site.visit("u-dis-01").get(f"/issues/{issue}/evidence")
    assert answer.status_code == 500
    assert "Revisionsloggen är inte som den förseglades" in answer.text
