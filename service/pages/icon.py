"""Draws the icon's circles as a PNG, for telephones that take no SVG for their home screen."""

import re
import struct
import zlib
from dataclasses import dataclass
from math import hypot
from typing import Final

SIDE: Final = 180
"""Pixels, as Apple's telephones show it at most; they round the corners themselves."""
_CIRCLE: Final = re.compile(
    r'<circle cx="(\d+)" cy="(\d+)" r="(\d+)" fill="#([0-9a-f]{6})" opacity="([.\d]+)"/>'
)
_UNITS: Final = 32
_WHITE: Final = (255.0, 255.0, 255.0)
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_EIGHT_BITS, _RGB = 8, 2

Colour = tuple[float, ...]


@dataclass(frozen=True)
class _Circle:
    x: float
    y: float
    radius: float
    colour: Colour
    opacity: float

    def over(self, below: Colour, x: float, y: float) -> Colour:
        """The colour of a pixel with this circle on top; at its edge it covers a part of it."""
        covered = min(max(self.radius - hypot(x - self.x, y - self.y) + 0.5, 0.0), 1.0)
        if not covered:
            return below
        share = covered * self.opacity
        return tuple(old + (new - old) * share for old, new in zip(below, self.colour, strict=True))


def png_of(svg: str, side: int = SIDE) -> bytes:
    """The picture on white, for a home screen fills what is clear with black.

    Raises:
        ValueError: the file draws something else than circles, which this cannot.
    """
    circles = [_circle(found, side / _UNITS) for found in _CIRCLE.findall(svg)]
    if not circles or svg.count("<") != len(circles) + 2:
        raise ValueError("The icon has more than circles in it.")
    rows = bytearray()
    for y in range(side):
        rows.append(0)  # no filter
        for x in range(side):
            colour: Colour = _WHITE
            for circle in circles:
                colour = circle.over(colour, x + 0.5, y + 0.5)
            rows += bytes(map(round, colour))
    header = struct.pack(">IIBBBBB", side, side, _EIGHT_BITS, _RGB, 0, 0, 0)
    packed = zlib.compress(bytes(rows), 9)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _circle(found: tuple[str, ...], scale: float) -> _Circle:
    x, y, radius, colour, opacity = found
    return _Circle(
        x=int(x) * scale,
        y=int(y) * scale,
        radius=int(radius) * scale,
        colour=tuple(map(float, bytes.fromhex(colour))),
        opacity=float(opacity),
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))
