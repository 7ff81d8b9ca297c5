"""The audit log over HTTP: what it gives can be checked by who trusts nothing but the keys."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest

from infra.audit.checkpoint import Checkpoint, ProofFile, hash_of
from infra.audit.leaf import leaves_of
from infra.audit.note import KeyType, Note, SecretKey
from infra.audit.paths import Tile
from infra.audit.policy import Policy
from infra.audit.sequencer import Sequencer
from infra.audit.tiles import entries_path, split_bundle, tile_path
from infra.audit.tree import check_consistency, check_inclusion, leaf_hash, root_of
from tests.examples import an_open_issue
from tests.infra.audit.sealing import KEYS, NAME, real_time
from tests.service.web import Web, a_web

WITNESSES = {
    name: SecretKey(f"{name}.example", KeyType.COSIGNATURE, bytes([number]) * 32)
    for number, name in enumerate(("police", "social", "district"), 1)
}


@dataclass
class Audited:
    """A web application over a log that is sealed when told to."""

    web: Web
    sequencer: Sequencer

    def seal(self) -> int:
        total = 0
        while done := self.sequencer.seal():
            total += done
        return total

    def get(self, path: str, by: str | None = "u-aud-01") -> Any:
        return self.web.client.get(f"/audit{path}", headers=self.web.headers(by))

    def post(self, body: str, by: str | None = "u-aud-01") -> Any:
        headers = {**self.web.headers(by), "Content-Type": "text/plain; charset=utf-8"}
        return self.web.client.post("/audit/cosignatures", content=body.encode(), headers=headers)

    def checkpoint(self, path: str = "/checkpoint") -> tuple[Note, Checkpoint]:
        answer = self.get(path)
        assert answer.status_code == 200, answer.text
        note = Note.parse(answer.text)
        return note, Checkpoint.parse(note.text)


@pytest.fixture
def audited(postgresql_url: str) -> Iterator[Audited]:
    """On PostgreSQL no worker runs beside the requests: it is sealed here, and only here."""
    with a_web(postgresql_url) as web:
        agreed = [f"witness {name} {key.public_key}" for name, key in WITNESSES.items()]
        agreed += ["group agencies all police social district", "quorum agencies", ""]
        path = web.services.settings.audit_policy
        path.write_text("\n".join(agreed), encoding="utf-8")
        casework = web.started.samsyn.casework
        sequencer = Sequencer(
            web.started.samsyn.engine,
            leaves_of(casework.read),
            KEYS,
            kind="issues",
            name=NAME,
            clock=real_time,
        )
        yield Audited(web, sequencer)


def an_event_of(audited: Audited, issue: UUID) -> UUID:
    """The first event of an issue."""
    (entry, *_) = audited.web.started.samsyn.casework.history([issue], 10_000)
    event_id: UUID = entry.event.event_id
    return event_id


def test_tiles_entries_and_checkpoint_fit_together(audited: Audited) -> None:
    an_open_issue(audited.web.started)
    size = audited.seal()
    note, checkpoint = audited.checkpoint()
    assert checkpoint.size == size
    assert note.checked(KEYS.public(checkpoint.origin))
    tile = Tile(0, 0, size)
    hashes = audited.get(f"/tile/{tile_path(tile)}")
    assert hashes.headers["content-type"] == "application/octet-stream"
    assert "immutable" in hashes.headers["cache-control"]
    entries = split_bundle(audited.get(f"/tile/{entries_path(tile)}").content)
    leaves = [leaf_hash(entry) for entry in entries]
    assert b"".join(leaves) == hashes.content
    assert root_of(leaves) == checkpoint.root


def test_the_year_may_be_named(audited: Audited) -> None:
    size = audited.seal()
    _, newest = audited.checkpoint()
    year = newest.origin.rpartition("/")[2]
    assert audited.checkpoint(f"/issues/{year}/checkpoint")[1] == newest
    named = audited.get(f"/issues/{year}/tile/0/000.p/{size}")
    assert named.content == audited.get(f"/tile/0/000.p/{size}").content
    assert audited.get("/issues/1999/checkpoint").status_code == 404


def test_tiles_that_no_checkpoint_has_are_not_there(audited: Audited) -> None:
    assert audited.seal() < 255
    wrong = ("0/000", "0/000.p/255", "1/000.p/1", "0/001.p/1", "entries/000", "0/0", "64/000", "x")
    assert {audited.get(f"/tile/{path}").status_code for path in wrong} == {404}


def test_nothing_is_there_before_anything_is_sealed(audited: Audited) -> None:
    paths = ("/checkpoint", "/tile/0/000.p/1", "/consistency?from=1", "/policy")
    assert {audited.get(path).status_code for path in paths} == {404}
    assert audited.get(f"/events/{uuid4()}/proof").status_code == 404


def test_the_proof_of_an_event_holds_by_itself(audited: Audited) -> None:
    issue = an_open_issue(audited.web.started)
    event_id = an_event_of(audited, issue)
    assert audited.get(f"/events/{event_id}/proof").json()["code"] == "no_proof_yet"
    audited.seal()
    answer = audited.get(f"/events/{event_id}/proof")
    assert answer.headers["content-disposition"].endswith(f'{event_id}.tlog-proof"')
    proof = ProofFile.parse(answer.text)
    checkpoint = Checkpoint.parse(proof.note.text)
    assert proof.extra is not None
    assert str(event_id).encode() in proof.extra
    check_inclusion(
        proof.index, checkpoint.size, leaf_hash(proof.extra), proof.path, checkpoint.root
    )
    assert proof.note.checked(KEYS.public(checkpoint.origin))


def test_the_proof_is_under_the_checkpoint_that_enough_witnesses_have_signed(
    audited: Audited,
) -> None:
    issue = an_open_issue(audited.web.started)
    audited.seal()
    note, seen = audited.checkpoint()
    lines = "".join(key.sign(note.text, 5).line for key in WITNESSES.values())
    assert audited.post(f"{note.text}\n{lines}").status_code == 201
    an_open_issue(audited.web.started)
    audited.seal()
    told = audited.get(f"/events/{an_event_of(audited, issue)}/proof").text
    proof = ProofFile.parse(told)
    assert Checkpoint.parse(proof.note.text) == seen
    policy = Policy.parse(audited.get("/policy").text)
    assert policy.logs == tuple(KEYS.public(seen.origin))
    assert len(policy.check(proof.note)) == 4


def test_growth_is_proved(audited: Audited) -> None:
    audited.seal()
    _, old = audited.checkpoint()
    an_open_issue(audited.web.started)
    audited.seal()
    _, new = audited.checkpoint()
    answer = audited.get(f"/consistency?from={old.size}&to={new.size}")
    path = [hash_of(line) for line in answer.text.splitlines()]
    check_consistency(old.size, old.root, new.size, new.root, path)
    assert audited.get(f"/consistency?from={old.size}").text == answer.text
    assert audited.get(f"/consistency?from={new.size}&to={new.size}").text == ""


def test_sizes_that_lead_nowhere_are_refused(audited: Audited) -> None:
    audited.seal()
    wrong = ("", "from=0", "from=x", "from=-1", "from=1&to=99999", "from=2&to=1", "from=1&to=³")
    assert {audited.get(f"/consistency?{asked}").status_code for asked in wrong} == {422}


def test_who_may_not_read_the_log(audited: Audited) -> None:
    audited.seal()
    # In the server shape the web has no key, and needs none to answer.
    assert not audited.web.services.settings.audit_key.exists()
    paths = ("/checkpoint", "/tile/0/000.p/1", "/tile/entries/000.p/1", "/consistency", "/policy")
    for path in paths:
        assert audited.get(path, by=None).status_code == 401
        assert audited.get(path, by="u-dis-01").status_code == 403  # a caseworker
        assert audited.get(path, by="u-par-01").status_code in {401, 403}  # a partner's
        assert audited.get(path, by="u-man-02").status_code in {200, 422}
    assert audited.post("x", by=None).status_code == 401
    assert audited.post("x", by="u-dis-01").status_code == 403


def test_a_proof_is_for_who_may_read_the_issue(audited: Audited) -> None:
    issue = an_open_issue(audited.web.started)
    audited.web.started.catch_up()
    audited.seal()
    path = f"/events/{an_event_of(audited, issue)}/proof"
    assert audited.get(path, by=None).status_code == 401
    assert audited.get(path, by="u-dis-01").status_code == 200
    # A reporter reads no issue, and a partner only those it was sent something of.
    assert {audited.get(path, by=by).status_code for by in ("u-rep-01", "u-par-01")} == {404}


def test_cosignatures_are_kept_once(audited: Audited) -> None:
    audited.seal()
    note, _ = audited.checkpoint()
    line = WITNESSES["police"].sign(note.text, 1_700_000_000).line
    later = WITNESSES["police"].sign(note.text, 1_700_000_001).line
    assert [audited.post(f"{note.text}\n{each}").status_code for each in (line, line, later)] == [
        201,
        200,
        200,
    ]
    again, _ = audited.checkpoint()
    assert [each.line for each in again.signatures] == [note.signatures[0].line, line]


def test_what_no_witness_signed_is_refused(audited: Audited) -> None:
    audited.seal()
    note, _ = audited.checkpoint()
    line = WITNESSES["police"].sign(note.text, 5).line
    refused = {
        "no note": (422, "invalid"),
        f"{note.text}\n{line.replace('A', 'B')}": (422, "invalid"),
        f"{note.text.replace('audit', 'other')}\n{line}": (409, "no_such_checkpoint"),
        f"two\nlines\n\n{line}": (409, "no_such_checkpoint"),
        "x" * 70_000: (422, "invalid"),
    }
    for body, expected in refused.items():
        answer = audited.post(body)
        assert (answer.status_code, answer.json()["code"]) == expected, answer.text
    assert audited.checkpoint()[0] == note


def test_who_is_no_witness_is_refused(audited: Audited) -> None:
    audited.seal()
    note, _ = audited.checkpoint()
    stranger = SecretKey("police.example", KeyType.COSIGNATURE, bytes(32))
    answer = audited.post(f"{note.text}\n{stranger.sign(note.text, 5).line}")
    assert (answer.status_code, answer.json()["code"]) == (403, "unknown_witness")
