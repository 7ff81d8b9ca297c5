"""The pictures of the documentation: all of them there, and none too large."""

from tests.journeys.screens import FOLDER, MOST_BYTES, SCREENS


def test_every_picture_is_there_and_small_enough() -> None:
    sizes = {path.stem: path.stat().st_size for path in FOLDER.glob("*.png")}
    assert set(sizes) == set(SCREENS)
    assert all(size < MOST_BYTES for size in sizes.values())
