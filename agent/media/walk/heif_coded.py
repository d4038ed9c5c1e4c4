# SPDX-License-Identifier: Apache-2.0
"""Find what must stay of a coded picture: the units that are decoded, not those that tell.

Encoders write their name, their settings and whole texts between the pixels, as "supplemental
information" (HEVC, ITU-T H.265 section 7.4.2.2 and annex D) or "metadata" (AV1, section 5.8). No
decoder needs them for a picture. Rule: the units fill the picture without a gap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.media.errors import Malformed
from agent.media.walk.boxes import Fields


class Use(Enum):
    """What a coded unit is for."""

    DRAW = "draw"
    SET_UP = "set up"
    """Parameters that the drawing units need."""
    TELL = "tell"
    """Anything else; it goes."""


HEVC_USES: Final = dict.fromkeys((*range(10), *range(16, 22)), Use.DRAW) | dict.fromkeys(
    (32, 33, 34), Use.SET_UP
)
"""Slices and parameter sets (H.265 table 7-1); every other type tells."""
AV1_USES: Final = dict.fromkeys((3, 4, 6, 7), Use.DRAW) | {1: Use.SET_UP}
"""Frames, their headers and tiles; the sequence header (AV1 section 6.2.2); others tell."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Where a coded unit starts and ends, with its length or size field, and what it is for."""

    start: int
    end: int
    use: Use


def units(kind: bytes, content: memoryview, length_width: int = 0) -> Iterator[Unit]:
    """Yield the units that fill a coded picture.

    `length_width` is the number of bytes that state the length of an HEVC unit; AV1 needs none.

    Raises:
        Malformed: a unit reaches outside the content, or breaks the rules of its header.
    """
    return _hevc(content, length_width) if kind == b"hvc1" else _av1(content)


def hevc_use(unit: memoryview) -> Use:
    """Return what an HEVC unit is for, by its header (H.265 section 7.3.1.2).

    Raises:
        Malformed: it is no longer than its header, or its forbidden bit is set.
    """
    if len(unit) < 3 or unit[0] & 0x80:
        raise Malformed("a coded unit without content")
    return HEVC_USES.get(unit[0] >> 1, Use.TELL)


def _hevc(content: memoryview, length_width: int) -> Iterator[Unit]:
    position = 0
    while position < len(content):
        start = position + length_width
        end = start + int.from_bytes(content[position:start], "big")
        if end > len(content):
            raise Malformed("a coded unit that does not fit its picture")
        yield Unit(position, end, hevc_use(content[start:end]))
        position = end


def _av1(content: memoryview) -> Iterator[Unit]:
    position = 0
    while position < len(content):
        fields = Fields(content[position:])
        head = fields.number(1)
        if head & 0x81:
            raise Malformed("a coded unit with a forbidden bit")
        fields.take(head >> 2 & 1)
        length = _leb128(fields) if head & 2 else len(fields.rest())
        fields.take(length)
        end = len(content) - len(fields.rest())
        yield Unit(position, end, AV1_USES.get(head >> 3, Use.TELL))
        position = end


def _leb128(fields: Fields) -> int:
    """Return a number in little-endian groups of seven bits (AV1 section 4.10.5)."""
    value = 0
    for shift in range(0, 56, 7):
        group = fields.number(1)
        value |= (group & 0x7F) << shift
        if not group & 0x80:
            return value
    raise Malformed("a length of more than eight bytes")
