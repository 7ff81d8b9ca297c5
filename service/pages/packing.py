"""Packs answers for browsers that can unpack them; what is small goes as it is."""

import gzip
from typing import Any

from litestar import Request

LEAST_BYTES = 1_000
LEVEL = 4
"""Of nine: beyond it a page gets a hundredth smaller and takes twice as long."""


def accepts_gzip(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser says that it unpacks gzip."""
    told = request.headers.get("accept-encoding", "")
    return any(each.partition(";")[0].strip() == "gzip" for each in told.split(","))


def packed(request: Request[Any, Any, Any], page: str) -> tuple[bytes, dict[str, str]]:
    """The page's bytes, and the headers that say how they are packed.

    A secret in a packed page can be guessed by its length when somebody else chooses a part of
    the page and makes the browser ask again and again (BREACH). The only one in ours is the CSRF
    token, and pages of another site cannot use it: forms are refused by where they come from.
    """
    content = page.encode()
    if len(content) < LEAST_BYTES or not accepts_gzip(request):
        return content, {}
    return gzip.compress(content, LEVEL, mtime=0), {"Content-Encoding": "gzip"}
