"""An agency's access log has a tree of its own, which that agency's witness follows and signs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.audit import verify
from infra.audit.mirror import Mirror
from infra.audit.witness import Witness
from tests.infra.access.reading import entries, read_some, seal_all, sequencer
from tests.infra.audit.sealing import KEYS, NAME
from tests.service.audited import WITNESSES, Audited, Shown, an_audited_web

BASE = "/audit/access/police"
MANAGERS = {"police": "u-man-02", "social": "u-man-03", "district": "u-man-01"}
ORIGIN = f"{NAME}/access/police/2026"
POLICY = verify.Policy("\n".join([*(f"log {key}" for key in KEYS.public(ORIGIN)), "quorum none"]))


@pytest.fixture
def audited(postgresql_url: str, tmp_path: Path) -> Iterator[Audited]:
    """Four readings of the police, sealed, and a log of issues beside."""
    with an_audited_web(postgresql_url, tmp_path) as found:
        engine = found.web.started.samsyn.engine
        found.seal()
        read_some(engine, 4)
        seal_all(engine, sequencer(engine))
        yield found


def of_police(audited: Audited) -> Shown:
    return Shown(audited.web, BASE, MANAGERS["police"])


def test_the_own_witness_follows_it_keeps_it_and_signs_it(audited: Audited, tmp_path: Path) -> None:
    engine = audited.web.started.samsyn.engine
    mirror, shown = Mirror(tmp_path / "own.db"), of_police(audited)
    witness = Witness(mirror, WITNESSES["police"], [POLICY], lambda: 7)
    assert witness.pull(shown).size == 4
    read_some(engine, 300)
    seal_all(engine, sequencer(engine))
    assert witness.pull(shown).size == 304
    assert list(mirror.entries(ORIGIN)) == entries(engine)
    key = verify.Key(str(WITNESSES["police"].public_key), verify.WITNESS_KEY)
    assert key.signed_at(shown.read("checkpoint")) == 7
    named = Shown(audited.web, f"{BASE}/2026", shown.user_id)
    assert named.read("checkpoint") == shown.read("checkpoint")
    path = named.read("consistency?from=4").decode().split()
    assert path == shown.read("consistency?from=4&to=304").decode().split()
    assert f"log {KEYS.public(ORIGIN)[0]}" in named.read("policy").decode()
    mirror.export(ORIGIN, tmp_path / "own")
    assert verify.Log(str(tmp_path / "own"), POLICY).rebuild() == verify.tree_root([])


def test_no_other_agency_reads_or_signs_it(audited: Audited) -> None:
    shown, web = of_police(audited), audited.web
    text = shown.read("checkpoint").decode().partition("\n\n")[0]
    line = WITNESSES["social"].sign(f"{text}\n", 7).line
    body = f"{text}\n\n{line}".encode()
    for user_id, code in ((MANAGERS["social"], 403), ("u-pol-01", 403), (None, 401)):
        headers = web.headers(user_id)
        for path in ("checkpoint", "tile/0/000.p/4", "tile/entries/000.p/4", "policy"):
            answer = web.client.get(f"{BASE}/{path}", headers=headers)
            assert answer.status_code == code, answer.text
        for log in ("/audit", BASE):
            answer = web.client.post(f"{log}/cosignatures", content=body, headers=headers)
            assert answer.status_code == code, answer.text
    own = Shown(web, "/audit/access/district", MANAGERS["district"])
    with pytest.raises(OSError, match="no_such_part"):
        own.read("checkpoint")
