"""What was searched for: read again with its key alone, in its own row, and by nobody without."""

from pathlib import Path

import pytest

from infra.access.terms import SearchWords, add_key, destroy_key, key_ids
from infra.ids import new_id
from infra.secret_files import KeyFileUnusable

SOUGHT = "text=Brunnsparken"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "access.key"


def test_words_are_read_again_in_their_own_row_alone(path: Path) -> None:
    words, row_id = SearchWords(path), new_id()
    kept = words.sealed("police", row_id, SOUGHT)
    assert "Brunn" not in kept
    assert kept != words.sealed("police", row_id, SOUGHT), "nobody sees that two sought the same"
    assert SearchWords(path).opened("police", row_id, kept) == SOUGHT, "another process"
    assert words.opened("social", row_id, kept) is None
    assert words.opened("police", new_id(), kept) is None
    assert words.opened("police", row_id, "nonsense") is None
    assert words.opened("police", row_id, "bm9uc2Vuc2U=") is None
    assert path.stat().st_mode & 0o077 == 0


def test_another_key_takes_over_and_the_old_one_can_be_destroyed(path: Path) -> None:
    words, row_id = SearchWords(path), new_id()
    before = words.sealed("police", row_id, SOUGHT)
    (first,) = key_ids(path)
    second = add_key(path)
    after = words.sealed("police", row_id, SOUGHT)
    assert [words.opened("police", row_id, each) for each in (before, after)] == [SOUGHT, SOUGHT]
    assert not destroy_key(path, second), "the one in use"
    assert not destroy_key(path, "00000000")
    assert destroy_key(path, first)
    assert words.opened("police", row_id, before) is None
    assert words.opened("police", row_id, after) == SOUGHT
    assert key_ids(path) == [second]


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        ("nonsense\n", 0o600, "no key"),
        ("00ff\n", 0o600, "32 bytes"),
        ("# nothing\n", 0o600, "holds no key"),
        ("00" * 32, 0o644, "chmod 600"),
    ],
)
def test_a_file_that_is_none_is_refused(path: Path, text: str, mode: int, says: str) -> None:
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(KeyFileUnusable, match=says):
        SearchWords(path).sealed("police", new_id(), SOUGHT)
