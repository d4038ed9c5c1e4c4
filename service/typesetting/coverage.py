# SPDX-License-Identifier: Apache-2.0
"""Which characters a font can show, and texts made of those only. Pure.

Reads the character map of a TrueType font that ships with us (OpenType 1.9, `cmap`, formats 4 and
12); a font is never a stranger's.
"""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final

BOX: Final = "\N{WHITE SQUARE}"
"""What stands for a character that cannot be shown."""
_FORMATS: Final = (4, 12)
_SPACING: Final = "\n\t"


def showable(text: str, covered: frozenset[int]) -> str:
    """Return a text, composed (NFC), with a box for each character that no font shows.

    Control and direction marks go: they move what stands beside them, and show nothing.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = (c for c in composed if c in _SPACING or unicodedata.category(c)[0] != "C")
    return "".join(c if ord(c) in covered or c in _SPACING else BOX for c in kept)


@cache
def covered(font: bytes) -> frozenset[int]:
    """Return the code points that a font has a glyph for."""
    start = _table(font, b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for number in range(count):
        (offset,) = struct.unpack_from(">L", font, start + 4 + 8 * number + 4)
        (kind,) = struct.unpack_from(">H", font, start + offset)
        if kind in _FORMATS:
            read = _of_segments if kind == _FORMATS[0] else _of_groups
            found |= set(read(font, start + offset))
    return frozenset(found)


def _table(font: bytes, name: bytes) -> int:
    """Return where a table begins."""
    (count,) = struct.unpack_from(">H", font, 4)
    for number in range(count):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", font, 12 + 16 * number)
        if tag == name:
            return int(offset)
    raise ValueError("a font without a character map")


def _of_segments(font: bytes, at: int) -> Iterator[int]:
    """Yield the characters of a map in format 4, leaving out those that have no glyph."""
    (twice,) = struct.unpack_from(">H", font, at + 6)
    ends, starts = at + 14, at + 16 + twice
    deltas, ranges = starts + twice, starts + 2 * twice
    for step in range(0, twice, 2):
        last, first = (struct.unpack_from(">H", font, p + step)[0] for p in (ends, starts))
        (delta,) = struct.unpack_from(">h", font, deltas + step)
        (skip,) = struct.unpack_from(">H", font, ranges + step)
        for code in range(first, last + 1):
            if skip:
                (glyph,) = struct.unpack_from(">H", font, ranges + step + skip + 2 * (code - first))
            else:
                glyph = (code + delta) & 0xFFFF
            if glyph and code != 0xFFFF:  # noqa: PLR2004 - the mark that ends the list
                yield code


def _of_groups(font: bytes, at: int) -> Iterator[int]:
    """Yield the characters of a map in format 12."""
    (count,) = struct.unpack_from(">L", font, at + 12)
    for number in range(count):
        first, last, glyph = struct.unpack_from(">LLL", font, at + 16 + 12 * number)
        yield from range(first + (glyph == 0), last + 1)
