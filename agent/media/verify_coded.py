# SPDX-License-Identifier: Apache-2.0
"""The second reader for coded HEVC and AV1 pictures: units that draw, and none that tell.

Shares no code with `agent.media.walk.heif_coded` (H.265 section 7.4.2.2, AV1 section 5.3).
"""

import struct
from typing import Final

_HEVC_SLICES: Final = frozenset({0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 18, 19, 20, 21})
_HEVC_SETS: Final = frozenset({32, 33, 34})
_AV1_SEQUENCE: Final = 1
_AV1_PICTURES: Final = frozenset({3, 4, 6, 7})


def is_hevc_picture(content: bytes, width: int) -> bool:
    """Tell whether units whose lengths take `width` bytes fill the content and all draw."""
    at, drawn = 0, False
    while at < len(content):
        length = int.from_bytes(content[at : at + width], "big")
        unit = content[at + width : at + width + length]
        if len(unit) != length or length < 3 or unit[0] >> 7:
            return False
        name = unit[0] >> 1
        if name not in _HEVC_SLICES | _HEVC_SETS:
            return False
        drawn = drawn or name in _HEVC_SLICES
        at += width + length
    return drawn


def is_hevc_configuration(content: bytes) -> bool:
    """Tell whether an `hvcC` holds parameter sets alone (ISO/IEC 14496-15 section 8.3.3.1.2)."""
    if len(content) < 23 or content[0] != 1 or not content[22]:
        return False
    at = 23
    for _ in range(content[22]):
        head, count = struct.unpack_from(">BH", content, at)
        at += 3
        if head & 0x7F not in _HEVC_SETS:
            return False
        for _ in range(count):
            (length,) = struct.unpack_from(">H", content, at)
            if length < 3 or content[at + 2] >> 1 != head & 0x3F:
                return False
            at += 2 + length
    return at == len(content)


def is_av1_picture(content: bytes) -> bool:
    """Tell whether units fill the content, all draw, and some do."""
    names = _av1_units(content)
    return names is not None and bool(_AV1_PICTURES & names) and names <= {1, *_AV1_PICTURES}


def is_av1_configuration(content: bytes) -> bool:
    """Tell whether an `av1C` holds nothing but a sequence header (AV1-ISOBMFF section 2.3)."""
    names = _av1_units(content[4:])
    return content[:1] == b"\x81" and len(content) >= 4 and names in (set(), {_AV1_SEQUENCE})


def _av1_units(content: bytes) -> set[int] | None:
    """Return the types of the units that fill the content, or nothing where they do not."""
    at = 0
    names: set[int] = set()
    while at < len(content):
        head = content[at]
        at += 2 if head & 4 else 1
        length, at = _av1_length(content, at) if head & 2 else (len(content) - at, at)
        if head & 0x81 or length < 0 or at + length > len(content):
            return None
        names.add(head >> 3)
        at += length
    return names


def _av1_length(content: bytes, at: int) -> tuple[int, int]:
    """Return a number in groups of seven bits and where it ends."""
    last = at
    while content[last] >= 0x80 and last < at + 8:
        last += 1
    groups = reversed(content[at : last + 1])
    return int("".join(f"{group & 0x7F:07b}" for group in groups), 2), last + 1
