"""Packs pages for browsers that can unpack them, unless another site made the browser ask."""

import gzip
from typing import Any, Final

from litestar import Request

LEAST_BYTES: Final = 1_000
"""What is smaller goes as it is."""
LEVEL: Final = 4
"""Of nine: beyond it a page gets a hundredth smaller and takes twice as long."""
FROM_HERE: Final = frozenset({"same-origin", "none"})
"""What `Sec-Fetch-Site` says of requests by our own pages, and by a person's own hand."""


def accepts_gzip(request: Request[Any, Any, Any]) -> bool:
    """Whether the browser says that it unpacks gzip."""
    told = request.headers.get("accept-encoding", "")
    return any(each.partition(";")[0].strip() == "gzip" for each in told.split(","))


def packed(
    request: Request[Any, Any, Any], page: str, *, encrypted: bool
) -> tuple[bytes, dict[str, str]]:
    """The page's bytes, and the headers that say how they are packed.

    The length of a packed page tells whether what is searched for stands in it. Whoever can make
    the browser ask and sees the lengths go by learns what the page says, encrypted or not: BREACH
    (Gluck, Harris and Prado 2013). So what another site asks for, a sister of ours too, goes
    unpacked; and where answers are `encrypted`, so does what old browsers do not tell who asks for.
    """
    content = page.encode()
    if len(content) < LEAST_BYTES or not accepts_gzip(request):
        return content, {}
    site = request.headers.get("sec-fetch-site")
    if encrypted if site is None else site not in FROM_HERE:
        return content, {}
    return gzip.compress(content, LEVEL, mtime=0), {"Content-Encoding": "gzip"}
