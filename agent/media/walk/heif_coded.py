# SPDX-License-Identifier: Apache-2.0
"""Find what must stay of a coded picture: the units that are decoded, not those that tell.

Encoders write their name, their settings and whole texts between the pixels, as "supplemental
information" (HEVC, ITU-T H.265 section 7.4.2.2 and annex D) or "metadata" (AV1, section 5.8). No
decoder needs them for a picture. Rule: the units fill the picture without a gap.
"""

from collections.abc import Iterator
from typing import Final

from agent.media.errors import Malformed
from agent.media.walk.boxes import Fields

KEPT_HEVC: Final = frozenset({*range(10), *range(16, 22), 32, 33, 34})
"""Slices and parameter sets (H.265 table 7-1)."""
KEPT_AV1: Final = frozenset({1, 3, 4, 6, 7})
"""Sequence header, frame header, tile group, frame, redundant frame header (AV1 section 6.2.2)."""


def units(
    kind: bytes, content: memoryview, length_width: int = 0
) -> Iterator[tuple[int, int, bool]]:
    """Yield where each unit of a coded picture starts and ends, and whether it stays.

    `length_width` is the number of bytes that state the length of an HEVC unit; AV1 needs none.

    Raises:
        Malformed: a unit reaches outside the content.
    """
    return _hevc(content, length_width) if kind == b"hvc1" else _av1(content)


def _hevc(content: memoryview, length_width: int) -> Iterator[tuple[int, int, bool]]:
    position = 0
    while position < len(content):
        start = position + length_width
        end = start + int.from_bytes(content[position:start], "big")
        if not start + 2 <= end <= len(content) or content[start] & 0x80:
            raise Malformed("a coded unit that does not fit its picture")
        yield position, end, content[start] >> 1 in KEPT_HEVC
        position = end


def _av1(content: memoryview) -> Iterator[tuple[int, int, bool]]:
    position = 0
    while position < len(content):
        fields = Fields(content[position:])
        head = fields.number(1)
        if head & 0x80:
            raise Malformed("a coded unit with its forbidden bit set")
        fields.take(head >> 2 & 1)
        length = _leb128(fields) if head & 2 else len(fields.rest())
        fields.take(length)
        end = len(content) - len(fields.rest())
        yield position, end, head >> 3 & 15 in KEPT_AV1
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
