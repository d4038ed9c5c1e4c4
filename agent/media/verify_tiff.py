# SPDX-License-Identifier: Apache-2.0
"""The second reader for TIFF: read in file order, where every offset must name the next byte.

Shares no code with `agent.media.tiff_writer` (TIFF 6.0 sections 2 and 8).
"""

import struct
import zlib
from collections.abc import Mapping
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.verify_icc import is_anonymous

_NEEDED: Final = (256, 257, 258, 259, 262, 273, 277, 278, 279, 282, 283, 296)
_ALLOWED: Final = (*_NEEDED, 320, 338, 34675)
_TYPES: Final = {
    **dict.fromkeys((258, 259, 262, 277, 296, 320, 338), (3, "H", 1)),
    **dict.fromkeys((256, 257, 273, 278, 279), (4, "I", 1)),
    **dict.fromkeys((282, 283), (5, "I", 2)),
    34675: (7, "B", 1),
}
"""For each tag its type, how one number is stored, and how many numbers a value has."""
_FIXED: Final = {259: (8,), 282: (72, 1), 283: (72, 1), 296: (2,)}
_PIXELS: Final = frozenset(
    {(1, (1,), ()), (1, (8,), ()), (1, (16,), ()), (1, (8, 8), (2,)), (3, (8,), ())}
    | {(2, (8, 8, 8), ()), (2, (8, 8, 8, 8), (2,)), (5, (8, 8, 8, 8), ())}
)
"""Photometric interpretation, bits of the samples, meaning of the extra samples."""

Values = Mapping[int, tuple[int, ...]]


def verify_tiff(clean: BinaryIO) -> None:
    """Read a cleaned TIFF from start to end.

    Raises:
        Doubt: a tag off the list or in another shape, or a byte that no page accounts for.
    """
    raw = clean.read()
    if raw[:8] != b"II*\0\x08\0\0\0":
        raise Doubt("the cleaned file does not start as a TIFF")
    here = following = 8
    while following:
        if following != here:
            raise Doubt("a page of the cleaned TIFF does not follow the one before")
        try:
            values, following, here = _directory(raw, here)
            _check(values)
            here = _strips(raw, here, values)
        except (struct.error, zlib.error) as error:
            raise Doubt("the cleaned TIFF ends too soon, or has broken pixels") from error
    if here != len(raw):
        raise Doubt("bytes behind the last page of the cleaned TIFF")


def _directory(raw: bytes, here: int) -> tuple[Values, int, int]:
    """Return the tags of a page, where the next page is, and where the tags' values end."""
    (count,) = struct.unpack_from("<H", raw, here)
    rows = [struct.unpack_from("<HHI4s", raw, here + 2 + 12 * i) for i in range(count)]
    (following,) = struct.unpack_from("<I", raw, here + 2 + 12 * count)
    here += 2 + 12 * count + 4
    values: dict[int, tuple[int, ...]] = {}
    for tag, kind, amount, inline in rows:
        wanted, code, numbers = _TYPES.get(tag, (None, "", 0))
        form = f"<{amount * numbers}{code}"
        if kind != wanted:
            raise Doubt("a tag that a clean TIFF has not, or not so")
        size = struct.calcsize(form)
        if size > 4 and int.from_bytes(inline, "little") != here:
            raise Doubt("a value of the cleaned TIFF does not follow the one before")
        content = raw[here : here + size] if size > 4 else inline[:size]
        values[tag] = struct.unpack(form, content)
        if any(inline[size:]):
            raise Doubt("bytes behind a short value of the cleaned TIFF")
        here += size if size > 4 else 0
    tags = [row[0] for row in rows]
    if tags != [tag for tag in _ALLOWED if tag in tags]:
        raise Doubt("tags of the cleaned TIFF that repeat, or stand in another order")
    return values, following, here


def _check(values: Values) -> None:
    """Make sure that the tags say how to draw the page and nothing else."""
    if any(tag not in values for tag in _NEEDED):
        raise Doubt("a page of the cleaned TIFF without a tag that it needs")
    if any(values[tag] != fixed for tag, fixed in _FIXED.items()):
        raise Doubt("a tag of the cleaned TIFF with another value")
    if (*values[262], values[258], values.get(338, ())) not in _PIXELS:
        raise Doubt("pixels that a clean TIFF has not")
    palette = values.get(320, ())
    if len(palette) != (768 if values[262] == (3,) else 0) or any(v % 257 for v in palette):
        raise Doubt("a palette of another shape")
    if values[277] != (len(values[258]),) or any(len(values[tag]) != 1 for tag in (256, 257, 278)):
        raise Doubt("a size of the cleaned TIFF with more than one value")
    if 34675 in values and not is_anonymous(bytes(values[34675])):
        raise Doubt("a colour profile that says more than colours")


def _strips(raw: bytes, here: int, values: Values) -> int:
    """Inflate the strips one after another; return where the last one ends."""
    (width,), (height,), (rows,) = values[256], values[257], values[278]
    row_bytes = -(-width * sum(values[258]) // 8)
    if not rows or len(values[273]) != -(-height // rows) or len(values[279]) != len(values[273]):
        raise Doubt("strips of the cleaned TIFF too few or too many")
    for number, (offset, size) in enumerate(zip(values[273], values[279], strict=True)):
        wanted = min(rows, height - number * rows) * row_bytes
        inflater = zlib.decompressobj()
        pixels = inflater.decompress(raw[here : here + size], wanted + 1)
        whole = inflater.eof and not inflater.unused_data and len(pixels) == wanted
        if offset != here or not whole or raw[here + size : here + size + size % 2].strip(b"\0"):
            raise Doubt("a strip of the cleaned TIFF elsewhere, or with more than its rows")
        here += size + size % 2
    return here
