"""The eight stories that Samsyn brings with it: the demo, and examples of the format."""

from collections.abc import Callable
from importlib.resources import files

from service.assembly import Samsyn
from service.stories.player import Played, Player, StoryClock
from service.stories.reading import story_of
from service.stories.story import Step, Story


def demo_stories() -> list[Story]:
    """The stories in the order of their files."""
    folder = files("service.stories").joinpath("files")
    told = sorted(folder.iterdir(), key=lambda each: each.name)
    return [story_of(each.read_bytes(), each.name) for each in told if each.name.endswith(".toml")]


def play_demo(
    samsyn: Samsyn, clock: StoryClock, progress: Callable[[Step], None] = lambda _step: None
) -> Played:
    """Play them all, interleaved by time; what was played before is not played again."""
    return Player(samsyn, clock).play(demo_stories(), progress)
