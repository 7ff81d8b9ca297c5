"""A witness that asks by itself: it copies the entries, and says in words what was done to them."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from infra.audit import verify
from infra.audit.mirror import Mirror
from infra.audit.tree import leaf_hash
from infra.audit.witness import Busy, Witness
from tests.infra.audit.asking import BEGAN, KEYS, Ask, log
from tests.infra.audit.folder import ORIGIN, at, entries, entry, write_log

POLICE = KEYS.witnesses["police"]


@dataclass
class Folder:
    """A log in a folder that takes signatures."""

    folder: Path
    told: list[str] = field(default_factory=list[str])

    def show(self, of: Sequence[bytes]) -> "Folder":
        hashes = [leaf_hash(each) for each in of]
        write_log(self.folder, of, KEYS.checkpoint(hashes, []))
        return self

    def read(self, path: str) -> bytes:
        return (self.folder / path.partition("?")[0]).read_bytes()

    def tell(self, note: str) -> None:
        self.told.append(note)


@pytest.fixture
def shown(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "shown")


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "witness.db")


@pytest.fixture
def police(mirror: Mirror) -> Witness:
    return Witness(mirror, POLICE, [verify.Policy(KEYS.policy)], lambda: 7)


def test_a_log_that_grows_is_mirrored_signed_and_told(
    police: Witness, mirror: Mirror, shown: Folder
) -> None:
    for size in (0, 3, 3, 255, 256, 700):
        head = police.pull(shown.show(entries(size)))
        assert (head.size, mirror.head(ORIGIN).is_told) == (size, True)
        assert list(mirror.entries(ORIGIN)) == entries(size)
        key = verify.Key(str(POLICE.public_key), verify.WITNESS_KEY)
        assert key.signed_at(shown.told[-1].encode()) == 7
    assert len(shown.told) == 5  # what did not grow is told once


def test_a_log_that_could_not_be_told_is_told_the_next_time(
    police: Witness, shown: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown.show(entries(3))

    def fail(_note: str) -> None:
        raise ConnectionResetError

    with monkeypatch.context() as patched:
        patched.setattr(shown, "tell", fail)
        with pytest.raises(ConnectionResetError):
            police.pull(shown)
    head = police.pull(shown)
    assert shown.told == [head.cosignature]


def test_entries_of_what_was_only_pushed_are_fetched_later(
    police: Witness, mirror: Mirror, shown: Folder
) -> None:
    shown.show(entries(9))
    body = b"old 0\n\n" + shown.read("checkpoint")
    assert police.add_checkpoint(body).status == 200
    assert mirror.mirrored(ORIGIN) == 0
    assert police.pull(shown).size == 9
    assert mirror.mirrored(ORIGIN) == 9


def test_a_witness_that_another_process_moved_on_does_not_sign(
    mirror: Mirror, shown: Folder
) -> None:
    other = Witness(mirror, POLICE, [verify.Policy(KEYS.policy)], lambda: 7)

    def overtake(point: str) -> None:
        if point == "checked":
            other.pull(shown)

    slow = Witness(mirror, POLICE, [verify.Policy(KEYS.policy)], lambda: 8, overtake)
    shown.show(entries(9))
    with pytest.raises(Busy):
        slow.pull(shown)
    assert len(shown.told) == 1


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ([*entries(7), entry(7, payload="00"), *entries(25)[8:]], "entry 7 .* was altered"),
        ([*entries(7), *entries(25)[8:]], "entry 7 .* was removed"),
        (
            [*entries(7), b'{"event":"x","type":"\\ud800"}', *entries(25)[8:]],
            r"entry 7 \(\? x\) was inserted",
        ),
        (
            [*entries(7), entry(77, at=at(6)), *entries(25)[7:]],
            f"entry 7 .*{UUID(int=77)}.* was inserted",
        ),
        ([*entries(7), entry(7, at=at(-60)), *entries(25)[8:]], "entry 7 .* was back-dated"),
        (entries(18), "Rolled back: 20 to 18: all from entry 18 on is gone"),
        (
            [*entries(18), *(entry(each) for each in range(40, 50))],
            "The history was changed: all from entry 18 on is gone",
        ),
        ([*entries(19), entry(44)], "Split view, two signed histories: all from entry 19 on"),
    ],
    ids=[
        "altered",
        "removed",
        "replaced",
        "inserted",
        "back-dated",
        "rolled back",
        "and grown",
        "split view",
    ],
)
def test_what_was_done_is_said_and_kept_and_not_signed(
    police: Witness, mirror: Mirror, shown: Folder, now: list[bytes], said: str
) -> None:
    kept = police.pull(shown.show(entries(20)))
    with pytest.raises(verify.Found, match=said):
        police.pull(shown.show(now))
    with pytest.raises(verify.Found, match=said):
        police.pull(shown)  # it goes on saying so, and keeps what proves it once
    assert mirror.head(ORIGIN).line == kept.line
    [(when, origin, signed, lied, words)] = mirror.evidence()
    assert (when, origin, signed) == (7, ORIGIN, kept.note)
    assert lied.encode() == shown.read("checkpoint")
    assert "|" in words
    for note in (signed, lied):  # the log has signed both: they prove it to anybody
        assert verify.Key(str(KEYS.log.public_key)).signed_at(note.encode()) == 0
    # Each time it hands in what it has signed: a log put back to an older copy learns it so.
    assert shown.told == [kept.cosignature, kept.note, kept.note]


def alarm(witness: Witness, shown: Folder) -> str:
    """What a witness cries out when it looks; nothing if all is well."""
    try:
        witness.pull(shown)
    except verify.Found as found:
        return str(found)
    return ""


@pytest.mark.parametrize(
    "done",
    [
        "UPDATE entry SET entry = 'x' WHERE place = 290",
        "UPDATE entry SET entry = x'78' WHERE place = 290",
        "UPDATE entry SET entry = 'x' WHERE place = 7",
        "DELETE FROM entry WHERE place = 290",
        "UPDATE tile SET root = zeroblob(32)",
        "UPDATE head SET size = 299",
        "UPDATE head SET size = 900",
        "UPDATE head SET root = zeroblob(32)",
        "UPDATE head SET signed = ''",
        "UPDATE head SET signed = replace(signed, '300', '301'), size = 301",
        "UPDATE head SET line = 'x'",
    ],
)
def test_a_file_that_somebody_wrote_into_accuses_no_log(
    police: Witness, mirror: Mirror, shown: Folder, tmp_path: Path, done: str
) -> None:
    police.pull(shown.show(entries(300)))
    with closing(sqlite3.connect(tmp_path / "witness.db", isolation_level=None)) as db:
        db.execute(done)
    said = [words for size in (300, 301) if (words := alarm(police, shown.show(entries(size))))]
    # What was written into full tiles is found when they are laid out, or once something is wrong.
    for words in said:
        assert words.startswith("Vittnets egen fil är ändrad eller skadad")
        assert "|The witness's own file was altered or is damaged" in words
    assert mirror.evidence() == []


def test_when_the_entries_cannot_be_read_the_alarm_is_still_raised(
    police: Witness, shown: Folder
) -> None:
    police.pull(shown.show(entries(20)))
    shown.show(entries(18))
    (shown.folder / verify.tile_path("entries", 0, 18)).unlink()
    with pytest.raises(verify.Found, match="Rolled back: 20 to 18: the entries cannot be read"):
        police.pull(shown)


def test_a_bundle_that_is_too_short_is_no_reason_to_cry_wolf(
    police: Witness, mirror: Mirror, shown: Folder
) -> None:
    shown.show(entries(9))
    (shown.folder / verify.tile_path("entries", 0, 9)).write_bytes(b"")
    with pytest.raises(ValueError, match="the bundle of the entries from 0"):
        police.pull(shown)
    assert mirror.evidence() == []


def test_a_log_of_another_key_is_refused(police: Witness, shown: Folder) -> None:
    shown.show(entries(3))
    raw = shown.read("checkpoint").replace(KEYS.log.name.encode(), b"audit.samsyn.test/other")
    (shown.folder / "checkpoint").write_bytes(raw)
    with pytest.raises(verify.Found, match="Not signed by"):
        police.pull(shown)


def test_the_verifier_names_what_differs_from_a_mirror(
    ask: Ask, mirror: Mirror, shown: Folder, tmp_path: Path
) -> None:
    police = Witness(mirror, POLICE, [verify.Policy(KEYS.policy)], lambda: BEGAN + 300)
    police.pull(shown.show(entries(300)))
    mirror.export(ORIGIN, tmp_path / "mirror")
    assert ask("log", tmp_path / "mirror")[0] == verify.UNWITNESSED  # it has signed, alone
    now = [*entries(255), entry(255, payload="00"), *entries(310)[256:]]
    code, said = ask("growth", tmp_path / "mirror", log(tmp_path / "now", now))
    assert (code, f"entry 255 (domain.referral:ReferralDeclined {UUID(int=255)}) was" in said) == (
        verify.TAMPERED,
        True,
    )
