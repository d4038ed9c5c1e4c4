# SPDX-License-Identifier: Apache-2.0
"""The second reader for PNG: each chunk on the list, in its exact shape, and nothing behind.

Shares no code with `agent.media.walk.png` (PNG specification, third edition, section 11).
"""

import binascii
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.verify_icc import is_anonymous

_PROFILE_LIMIT: Final = 4 << 20


def verify_png(clean: BinaryIO) -> None:
    """Read a cleaned PNG from start to end.

    Raises:
        Doubt: a chunk off the list or in another shape, a wrong checksum, or bytes behind the end.
    """
    if clean.read(8) != bytes.fromhex("89504e470d0a1a0a"):
        raise Doubt("the cleaned file does not start as a PNG")
    name = b""
    while name != b"IEND":
        head = clean.read(8)
        if len(head) != struct.calcsize(">I4s"):
            raise Doubt("the cleaned PNG ends too soon")
        length, name = struct.unpack(">I4s", head)
        content, checksum = clean.read(length), clean.read(4)
        shape = _SHAPES.get(name)
        if shape is None or len(content) != length or not shape(content):
            raise Doubt("a chunk that a clean PNG has not, or not so")
        if checksum != binascii.crc32(content, binascii.crc32(name)).to_bytes(4, "big"):
            raise Doubt("a chunk of the cleaned PNG has a wrong checksum")
    if clean.read(1):
        raise Doubt("bytes behind the end of the cleaned PNG")


def _is_profile(content: bytes) -> bool:
    if not content.startswith(b"c\0\0"):
        return False
    inflater = zlib.decompressobj()
    try:
        profile = inflater.decompress(content[3:], _PROFILE_LIMIT)
    except zlib.error:
        return False
    return inflater.eof and not inflater.unused_data and is_anonymous(profile)


def _of(*lengths: int) -> Callable[[bytes], bool]:
    return lambda content: len(content) in lengths


_SHAPES: Final[Mapping[bytes, Callable[[bytes], bool]]] = {
    b"IHDR": _of(13),
    b"PLTE": lambda content: 0 < len(content) <= 768 and len(content) % 3 == 0,
    b"IDAT": lambda _content: True,
    b"IEND": _of(0),
    b"tRNS": lambda content: len(content) <= 256,
    b"gAMA": _of(4),
    b"cHRM": _of(32),
    b"sRGB": _of(1),
    b"iCCP": _is_profile,
    b"cICP": _of(4),
    b"sBIT": lambda content: 0 < len(content) <= 4,
    b"bKGD": _of(1, 2, 6),
    b"acTL": _of(8),
    b"fcTL": _of(26),
    b"fdAT": lambda content: len(content) > 4,
    b"mDCV": _of(24),
    b"cLLI": _of(8),
}
