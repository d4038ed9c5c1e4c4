# SPDX-License-Identifier: Apache-2.0
"""Read whole blocks out of an Exif directory (TIFF 6.0, section 2). Runs in the child only.

The library that reads camera facts leaves out values beyond a thousand bytes, and such a value may
name people. Only the first directory is read; there these blocks have their home.
"""

import struct
from collections.abc import Iterable
from typing import Final

_ORDERS: Final = {b"II": "<", b"MM": ">"}
_ENTRY: Final = 12
_BYTES: Final = frozenset({1, 2, 7})
"""The types BYTE, ASCII and UNDEFINED; blocks of other types are none of ours."""
_INLINE: Final = 4


def blocks_in(untrusted_exif: bytes, wanted: Iterable[int]) -> dict[int, bytes]:
    """Return the wanted tags of the first directory that are there and whole."""
    order = _ORDERS.get(untrusted_exif[:2])
    if order is None or len(untrusted_exif) < _ENTRY:
        return {}
    (at,) = struct.unpack_from(order + "L", untrusted_exif, 4)
    if at + 2 > len(untrusted_exif):
        return {}
    (count,) = struct.unpack_from(order + "H", untrusted_exif, at)
    entries = range(at + 2, min(at + 2 + count * _ENTRY, len(untrusted_exif) - _ENTRY + 1), _ENTRY)
    listed, found = frozenset(wanted), dict[int, bytes]()
    for entry in entries:
        tag, kind, length, place = struct.unpack_from(order + "HHLL", untrusted_exif, entry)
        start = entry + 8 if length <= _INLINE else place
        if tag in listed and kind in _BYTES and start + length <= len(untrusted_exif):
            found.setdefault(tag, untrusted_exif[start : start + length])
    return found
