# SPDX-License-Identifier: Apache-2.0
"""The second reader for colour profiles: nothing that could name a device, a person or a time.

Shares no code with `agent.media.icc` (ICC.1:2022 section 7).
"""

import re
import struct
from typing import Final

_NAMES: Final = frozenset(
    {"desc", "cprt", "wtpt", "chad", "rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC", "kTRC"}
    | {"A2B0", "A2B1", "A2B2", "B2A0", "B2A1", "B2A2"}
)
_TEXTS: Final = {"desc": b"desc\0\0\0\0\0\0\0\2c\0" + bytes(78), "cprt": b"text\0\0\0\0CC0\0"}
_TYPES: Final = frozenset({b"XYZ ", b"curv", b"para", b"sf32", b"mft1", b"mft2", b"mAB ", b"mBA "})
_CURVE_LENGTHS: Final = {bytes((0, i, 0, 0)): n for i, n in enumerate((16, 24, 28, 32, 40))}
_HEADER: Final = re.compile(
    rb".{4}\x00{4}\x02\x40\x00\x00(mntr|scnr|prtr|spac)(RGB |GRAY|CMYK)(XYZ |Lab )"
    rb"\x00{12}acsp\x00{28}\x00\x00\xf6\xd6\x00\x01\x00\x00\x00\x00\xd3\x2d\x00{48}",
    re.DOTALL,
)
"""Every field but the size, the class and the colour spaces has one value only."""


def is_anonymous(profile: bytes) -> bool:
    """Tell whether a profile says colours and nothing else."""
    try:
        size, count = (
            struct.unpack_from(">I", profile)[0],
            struct.unpack_from(">I", profile, 128)[0],
        )
        rows = [struct.unpack_from(">4sII", profile, 132 + i * 12) for i in range(min(count, 99))]
    except struct.error:
        return False
    if size != len(profile) or count != len(rows) or not _HEADER.match(profile):
        return False
    return all(
        _says_colour(row[0], profile[row[1] : row[1] + row[2]], row[2]) for row in rows
    ) and _all_used(rows, profile)


def _says_colour(name: bytes, content: bytes, size: int) -> bool:
    label = name.decode("latin-1")
    if label in _TEXTS:
        return content == _TEXTS[label]
    return label in _NAMES and len(content) == size and _is_bare(content)


def _is_bare(content: bytes) -> bool:
    """Tell whether numbers fill the content to its end; tables of colours are taken as they are."""
    kind, needed = content[:4], len(content)
    if kind not in _TYPES or any(content[4:8]):
        return False
    if kind == b"curv":
        needed = 12 + 2 * int.from_bytes(content[8:12], "big")
    if kind == b"para":
        needed = _CURVE_LENGTHS.get(content[8:12], 0)
    return len(content) == {b"XYZ ": 20, b"sf32": 44}.get(kind, needed) and len(content) > 8


def _all_used(rows: list[tuple[bytes, int, int]], profile: bytes) -> bool:
    """Tell whether the tags, each padded to four bytes, fill the profile without a hole."""
    at = 132 + 12 * len(rows)
    for offset, size in sorted({(offset, size) for _, offset, size in rows}):
        if offset != at or any(profile[offset + size : offset + size + -size % 4]):
            return False
        at = offset + size + -size % 4
    return at == len(profile)
