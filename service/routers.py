"""Routers of one application: made for it and registered there as they are."""

from typing import Any, Self

from litestar import Router


class OwnRouter(Router):
    """Made anew for each application, which need not copy it.

    Litestar copies each router that it is given, in case that the same one is given to another
    application too: with all its handlers, that was a third of what it takes to make ours.
    """

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """The router itself."""
        return self
