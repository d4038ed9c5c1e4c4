# SPDX-License-Identifier: Apache-2.0
"""Write a TIFF of one shape: pages of deflated strips under baseline tags (TIFF 6.0 part 1).

Boundary: pixels in, bytes out. A TIFF is a web of offsets in which anything can hide, so none is
ever edited: its pages are decoded, in the child, and written anew by this module. Little-endian;
each page is its directory, the values that do not fit into it, then its strips, without a gap.
The resolution is the 72 per inch that says nothing.
"""

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

_SHORT, _LONG, _RATIONAL, _UNDEFINED = 3, 4, 5, 7
_CODES: Final = {_SHORT: "H", _LONG: "I", _RATIONAL: "I", _UNDEFINED: "B"}
_DEFLATE: Final = 8
_UNASSOCIATED_ALPHA: Final = 2
_STRIP_BYTES: Final = 1 << 20
_RESOLUTION: Final = (72, 1)
_INCH: Final = 2

Fields = Mapping[int, tuple[int, tuple[int, ...]]]
"""Tag: type and values; a rational counts as its two numbers."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How pixels are stored: photometric interpretation, bits of each sample, transparency."""

    photometric: int
    bits: tuple[int, ...]
    alpha: bool = False


LAYOUTS: Final[Mapping[str, Layout]] = {
    "1": Layout(1, (1,)),
    "L": Layout(1, (8,)),
    "LA": Layout(1, (8, 8), alpha=True),
    "I;16": Layout(1, (16,)),
    "P": Layout(3, (8,)),
    "RGB": Layout(2, (8, 8, 8)),
    "RGBA": Layout(2, (8, 8, 8, 8), alpha=True),
    "CMYK": Layout(5, (8, 8, 8, 8)),
}
"""The modes that can be written, by the names that Pillow gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page: its size in pixels, its mode, and its pixels row by row, each from a whole byte."""

    width: int
    height: int
    mode: str
    pixels: bytes
    palette: bytes = b""
    """256 colours of three bytes, for mode P."""
    profile: bytes = b""

    @property
    def row_bytes(self) -> int:
        """The length of a row."""
        return (self.width * sum(LAYOUTS[self.mode].bits) + 7) // 8


def write_tiff(pages: Iterable[Page]) -> bytes:
    """Return the file of these pages; they are taken one at a time."""
    out, link = bytearray(b"II*\0\0\0\0\0"), 4
    for page in pages:
        start = len(out)
        struct.pack_into("<I", out, link, start)
        link = _append(out, page)
    return bytes(out)


def _append(out: bytearray, page: Page) -> int:
    """Append a page; return where its link to the next one stands."""
    rows = max(1, _STRIP_BYTES // page.row_bytes)
    step = rows * page.row_bytes
    whole = memoryview(page.pixels)
    strips = [zlib.compress(whole[at : at + step]) for at in range(0, len(whole), step)]
    sizes = tuple(len(strip) for strip in strips)
    nowhere = _directory(len(out), _fields(page, rows, tuple(0 for _ in sizes), sizes))
    at, offsets = len(out) + len(nowhere), []
    for size in sizes:
        offsets.append(at)
        at += size + size % 2
    fields = _fields(page, rows, tuple(offsets), sizes)
    link = len(out) + 2 + 12 * len(fields)
    out += _directory(len(out), fields)
    for strip in strips:
        out += strip + bytes(len(strip) % 2)
    return link


def _fields(page: Page, rows: int, offsets: tuple[int, ...], sizes: tuple[int, ...]) -> Fields:
    """Return the tags of a page, in rising order (TIFF 6.0 section 8)."""
    layout = LAYOUTS[page.mode]
    fields: dict[int, tuple[int, tuple[int, ...]]] = {
        256: (_LONG, (page.width,)),
        257: (_LONG, (page.height,)),
        258: (_SHORT, layout.bits),
        259: (_SHORT, (_DEFLATE,)),
        262: (_SHORT, (layout.photometric,)),
        273: (_LONG, offsets),
        277: (_SHORT, (len(layout.bits),)),
        278: (_LONG, (rows,)),
        279: (_LONG, sizes),
        282: (_RATIONAL, _RESOLUTION),
        283: (_RATIONAL, _RESOLUTION),
        296: (_SHORT, (_INCH,)),
    }
    if page.palette:
        fields[320] = (_SHORT, tuple(257 * v for i in range(3) for v in page.palette[i::3]))
    if layout.alpha:
        fields[338] = (_SHORT, (_UNASSOCIATED_ALPHA,))
    if page.profile:
        fields[34675] = (_UNDEFINED, tuple(page.profile))
    return fields


def _directory(start: int, fields: Fields) -> bytes:
    """Return a directory that stands at `start`, and behind it the values that do not fit in."""
    table, values = struct.pack("<H", len(fields)), b""
    values_at = start + 2 + 12 * len(fields) + 4
    for tag, (type_, numbers) in fields.items():
        content = struct.pack(f"<{len(numbers)}{_CODES[type_]}", *numbers)
        count = len(numbers) // 2 if type_ == _RATIONAL else len(numbers)
        table += struct.pack("<HHI", tag, type_, count)
        if len(content) <= 4:
            table += content.ljust(4, b"\0")
        else:
            table += struct.pack("<I", values_at + len(values))
            values += content
    return table + bytes(4) + values
