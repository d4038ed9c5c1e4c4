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
_STEP: Final = 1 << 20
_LACES: Final = (
    *((0, 8, 0, 8), (4, 8, 0, 8), (0, 4, 4, 8), (2, 4, 0, 4)),
    *((0, 2, 2, 4), (1, 2, 0, 2), (0, 1, 1, 2)),
)
"""Where the columns and rows of each pass of Adam7 start, and how far apart they are."""


def verify_png(clean: BinaryIO) -> None:
    """Read a cleaned PNG from start to end.

    Raises:
        Doubt: a chunk off the list or in another shape, a wrong checksum, or bytes behind the end.
    """
    if clean.read(8) != bytes.fromhex("89504e470d0a1a0a"):
        raise Doubt("the cleaned file does not start as a PNG")
    name, streams = b"", _Streams()
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
        streams.take(name, content)
    if clean.read(1):
        raise Doubt("bytes behind the end of the cleaned PNG")


class _Streams:
    """The compressed pixels of the picture and of each frame, joined; all must end exactly."""

    def __init__(self) -> None:
        self._header = b""
        self._still = bytearray()
        self._frame = bytearray()
        self._size = (0, 0)

    def take(self, name: bytes, content: bytes) -> None:
        """Take a chunk; check a stream as soon as no more of it can come."""
        if (name == b"IHDR") is bool(self._header):
            raise Doubt("a header that is not the first and only one of the cleaned PNG")
        if name == b"IHDR":
            self._header = content
        elif name == b"IDAT":
            self._still += content
        elif name == b"fdAT":
            self._frame += content[4:]
        elif name in (b"fcTL", b"IEND") and self._frame:
            self._check(self._frame, *self._size)
            self._frame.clear()
        if name == b"fcTL":
            self._size = struct.unpack_from(">II", content, 4)
        if name == b"IEND":
            self._check(self._still, *struct.unpack_from(">II", self._header))

    def _check(self, stream: bytearray, width: int, height: int) -> None:
        left, waiting, inflater = self._bytes(width, height), bytes(stream), zlib.decompressobj()
        try:
            while waiting and left >= 0 and not inflater.eof:
                left -= len(inflater.decompress(waiting, _STEP))
                waiting = inflater.unconsumed_tail
        except zlib.error as error:
            raise Doubt("pixels of the cleaned PNG that cannot be inflated") from error
        if left < 0 or not inflater.eof or inflater.unused_data:
            raise Doubt("more or less than its pixels in the cleaned PNG")

    def _bytes(self, width: int, height: int) -> int:
        """Return how many bytes the rows take; seven smaller pictures where it is interlaced."""
        depth, colour, laced = struct.unpack_from(">BBxxB", self._header, 8)
        bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(colour, 0)
        parts = [(width, height)]
        if laced:
            parts = [
                (-(-(width - x) // across), -(-(height - y) // down))
                for x, across, y, down in _LACES
            ]
        return sum(
            rows * (1 + -(-columns * bits // 8)) for columns, rows in parts if columns > 0 < rows
        )


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
