# SPDX-License-Identifier: Apache-2.0
"""Walk a BMP and keep its pixels (Windows GDI: BITMAPINFOHEADER to BITMAPV5HEADER).

Both headers and the palette are written anew; of the later headers only the colour masks survive,
so profiles and gaps go. Of the pixels every row is kept, but each bit that no pixel uses becomes
zero: padding at the end of a row, the fourth byte of a pixel of three colours.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import BinaryIO, Final

from agent.media.errors import Malformed, Unsupported
from agent.media.limits import check_pixels
from agent.media.model import Metadata, Walked
from agent.media.recipe import Extent, Piece, Recipe, checked
from agent.media.walk.whole import read_whole

HEADERS: Final = frozenset({40, 52, 56, 108, 124})
"""Lengths in bytes of the headers that are read; the oldest ones and those of OS/2 are refused."""
DEPTHS: Final = frozenset({1, 4, 8, 16, 24, 32})
"""Bits of a pixel."""

_FILE_BYTES: Final = 14
_INFO_BYTES: Final = 40
_V4_BYTES: Final = 108
_MASKS_AT: Final = _FILE_BYTES + _INFO_BYTES
_PLAIN, _MASKED = 0, 3
_SRGB: Final = b"BGRs"
_UNMASKED: Final = {16: 0x7FFF, 32: 0x00FFFFFF}
"""The bits of a pixel that count where no mask says so."""

Masks = tuple[int, int, int, int]
"""The bits of red, green, blue and transparency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bitmap:
    width: int
    height: int
    """Rows; negative where the first row is the upper one."""
    bits: int
    masks: Masks | None
    palette: bytes
    tables_end: int
    """Where headers, masks and palette end in the source."""
    offset: int
    """Where the pixels start in the source."""

    @property
    def stride(self) -> int:
        """The bytes of a row, a multiple of four."""
        return (self.width * self.bits + 31) // 32 * 4

    @property
    def end(self) -> int:
        """Where the pixels end in the source."""
        return self.offset + self.stride * abs(self.height)


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean BMP.

    Raises:
        Malformed: tables or pixels that reach outside the file.
        Unsupported: compressed pixels, or a header of another kind.
        TooBig: more pixels or bytes than the limits.
    """
    data = read_whole(source)
    if data[:2] != b"BM" or len(data) < _MASKS_AT:
        raise Malformed("no bitmap signature")
    bitmap = _read(data)
    if not bitmap.tables_end <= bitmap.offset < bitmap.end <= len(data):
        raise Malformed("pixels outside the file or inside its header")
    rows = list(_rows(data, bitmap))
    recipe = Recipe(pieces=(_head(bitmap), *rows), dropped=tuple(_dropped(data, bitmap, rows)))
    return Walked(
        recipe=checked(recipe, len(data)),
        metadata=Metadata(),
        width=bitmap.width,
        height=abs(bitmap.height),
    )


def _read(data: bytes) -> _Bitmap:
    """Read what the two headers say of the pixels."""
    (offset, header, width, height, _planes, bits, compression, _size, _x, _y, colours) = (
        struct.unpack_from("<IIiiHHIIiiI", data, 10)
    )
    if header not in HEADERS or bits not in DEPTHS or compression not in (_PLAIN, _MASKED):
        raise Unsupported("a bitmap of another generation, or with compressed pixels")
    check_pixels(width, abs(height))
    masks = _masks(data, header, bits) if compression == _MASKED else None
    start = _FILE_BYTES + header + (12 if masks and header == _INFO_BYTES else 0)
    entries = (colours or 1 << bits) if bits <= 8 else 0
    palette = data[start : start + 4 * entries]
    if entries > 1 << bits:
        raise Malformed("a palette of more colours than pixels can have")
    return _Bitmap(
        width=width,
        height=height,
        bits=bits,
        masks=masks,
        palette=_three_colours(palette),
        tables_end=start + len(palette),
        offset=offset,
    )


def _masks(data: bytes, header: int, bits: int) -> Masks:
    """Return the colour masks, which stand at the same place in and behind a header."""
    count = 3 if header < 56 else 4
    stored = data[_MASKS_AT : _MASKS_AT + 4 * count].ljust(16, b"\0")
    red, green, blue, alpha = struct.unpack("<4I", stored)
    if bits not in _UNMASKED or not red | green | blue or (red | green | blue | alpha) >> bits:
        raise Malformed("masks for pixels that have none, or of more bits than a pixel")
    return red, green, blue, alpha


def _three_colours(palette: bytes) -> bytes:
    """Return a palette whose reserved fourth bytes are zero."""
    clean = bytearray(palette)
    clean[3::4] = bytes(len(palette) // 4)
    return bytes(clean)


def _rows(data: bytes, bitmap: _Bitmap) -> Iterator[Piece]:
    """Yield the pixels: rows that are clean already as they are, the others without unused bits."""
    used, clean_from = _used_bits(bitmap), bitmap.offset
    for start in range(bitmap.offset, bitmap.end, bitmap.stride):
        row = data[start : start + bitmap.stride]
        clean = (int.from_bytes(row, "big") & used).to_bytes(bitmap.stride, "big")
        if clean != row:
            if clean_from < start:
                yield Extent(clean_from, start - clean_from)
            yield clean
            clean_from = start + bitmap.stride
    if clean_from < bitmap.end:
        yield Extent(clean_from, bitmap.end - clean_from)


def _used_bits(bitmap: _Bitmap) -> int:
    """Return a row as a big-endian number in which just the bits that pixels use are set."""
    if bitmap.bits in _UNMASKED:
        pixel = reduce(or_, bitmap.masks) if bitmap.masks else _UNMASKED[bitmap.bits]
        row = pixel.to_bytes(bitmap.bits // 8, "little") * bitmap.width
        return int.from_bytes(row.ljust(bitmap.stride, b"\0"), "big")
    length = bitmap.width * bitmap.bits
    return ((1 << length) - 1) << (8 * bitmap.stride - length)


def _head(bitmap: _Bitmap) -> bytes:
    """Return both headers, the masks and the palette."""
    header, masks = _INFO_BYTES, b""
    if bitmap.masks is not None:
        masks = struct.pack("<3I", *bitmap.masks[:3])
        if bitmap.masks[3]:
            header = _V4_BYTES
            masks = (struct.pack("<4I", *bitmap.masks) + _SRGB).ljust(header - _INFO_BYTES, b"\0")
    info = struct.pack(
        "<IiiHHIIiiII",
        header,
        bitmap.width,
        bitmap.height,
        1,
        bitmap.bits,
        _PLAIN if bitmap.masks is None else _MASKED,
        bitmap.end - bitmap.offset,
        0,
        0,
        len(bitmap.palette) // 4,
        0,
    )
    tables = info + masks + bitmap.palette
    offset = _FILE_BYTES + len(tables)
    size = offset + bitmap.end - bitmap.offset
    return b"BM" + struct.pack("<III", size, 0, offset) + tables


def _dropped(data: bytes, bitmap: _Bitmap, rows: list[Piece]) -> Iterator[str]:
    """Yield the names of what goes."""
    if int.from_bytes(data[14:18], "little") >= _V4_BYTES:
        yield "colour space"
    if bitmap.tables_end < bitmap.offset:
        yield "gap before the pixels"
    if any(isinstance(row, bytes) for row in rows):
        yield "unused bits"
    if bitmap.end < len(data):
        yield "after the end"
