# SPDX-License-Identifier: Apache-2.0
"""The one value of Exif that is needed outside the child: the orientation tag.

A tiny strict reader of IFD0 (TIFF 6.0 section 2; Exif 2.32 tag 274). Whatever it does not
understand means "upright": a wrong turn is a nuisance, a parser fault would be a hole.
"""

import struct
from typing import Final

from agent.media.model import UPRIGHT

_ORIENTATION: Final = 274
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12
_MAX_ENTRIES: Final = 512
_LARGEST: Final = 8


def orientation_of(untrusted_exif: bytes | None) -> int:
    """Return the orientation (1 to 8) that a TIFF block states, or 1."""
    if untrusted_exif is None:
        return UPRIGHT
    try:
        return _read(untrusted_exif)
    except struct.error:
        return UPRIGHT


def _read(untrusted_exif: bytes) -> int:
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(untrusted_exif[:4])
    if order is None:
        return UPRIGHT
    (start,) = struct.unpack_from(order + "I", untrusted_exif, 4)
    (count,) = struct.unpack_from(order + "H", untrusted_exif, start)
    for i in range(min(count, _MAX_ENTRIES)):
        at = start + 2 + i * _ENTRY_BYTES
        tag, kind, values, value = struct.unpack_from(order + "HHIH", untrusted_exif, at)
        if tag == _ORIENTATION:
            sound = kind == _SHORT and values == 1 and UPRIGHT <= value <= _LARGEST
            return value if sound else UPRIGHT
    return UPRIGHT
