"""Our files and the vendor folder's: under their content's hash, packed once, kept for ever."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from service.pages.icon import png_of
from service.pages.packing import accepts_gzip

MEDIA_TYPES: Mapping[str, str] = {
    "css": "text/css",
    "js": "text/javascript",
    "png": "image/png",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
PACKED = frozenset({"css", "js", "svg"})
FOR_EVER = "public, max-age=31536000, immutable"
DRAWN = "icon.png"
"""The one file that stands in no folder: it is drawn from the icon."""
_NAMED = re.compile(rb"url\(([a-z][a-z0-9.-]+)\)")


@dataclass(frozen=True)
class File:
    """One file as it is served."""

    path: str
    content: bytes
    packed: bytes | None
    media_type: str


def static_path(name: str) -> str:
    """A file's address with its content's hash in it, so that it may be kept for ever.

    Raises:
        KeyError: there is no such file.
    """
    found = _file(name)
    if found is None:
        raise KeyError(name)
    return found.path


@get("/static/{digest:str}/{name:str}", sync_to_thread=False, include_in_schema=False)
def static_file(
    request: Request[Any, Any, Any], digest: FromPath[str], name: FromPath[str]
) -> Response[Any]:
    """A file under its content's hash; under any other there is nothing."""
    found = _file(name)
    if found is None or found.path != f"/static/{digest}/{name}":
        raise NotFoundException
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if found.packed is not None and accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(found.packed, media_type=found.media_type, headers=headers)
    return Response(found.content, media_type=found.media_type, headers=headers)


@cache
def _file(name: str) -> File | None:
    ending = name.rpartition(".")[2]
    if ending not in MEDIA_TYPES or "/" in name or name.startswith("."):
        return None
    folder = resources.files("service") / "static"
    places = (folder / name, folder / "vendor" / name)
    source = next((each for each in places if each.is_file()), None)
    if name == DRAWN:
        content = png_of((folder / "icon.svg").read_text("utf-8"))
    elif source is not None:
        content = source.read_bytes()
    else:
        return None
    if ending == "css":
        # A style sheet names other files plainly; here they get the address they are kept under.
        content = _NAMED.sub(lambda named: b"url(" + _address(named[1]) + b")", content)
    digest = hashlib.sha256(content).hexdigest()[:12]
    packed = gzip.compress(content, mtime=0) if ending in PACKED else None
    return File(f"/static/{digest}/{name}", content, packed, MEDIA_TYPES[ending])


def _address(name: bytes) -> bytes:
    return static_path(name.decode()).encode()
