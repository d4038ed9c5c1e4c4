# SPDX-License-Identifier: Apache-2.0
"""The second reader for WebP: the order of its chunks is one of three, each in its exact shape.

Shares no code with `agent.media.walk.webp` (RFC 9649 sections 2 and 3).
"""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.verify_icc import is_anonymous

_PICTURE: Final = rb"(?:(?:ALPH)?VP8 |VP8L)"
_FILE: Final = re.compile(rb"VP8 |VP8L|VP8X(?:ICCP)?(?:" + _PICTURE + rb"|ANIM(?:ANMF)+)")
_FRAME: Final = re.compile(_PICTURE)
_FLAGS: Final = {b"ICCP": 0x20, b"ANIM": 0x02}
_TRANSPARENT: Final = 0x10


def verify_webp(clean: BinaryIO) -> None:
    """Read a cleaned WebP from start to end.

    Raises:
        Doubt: a chunk off the list, out of order or in another shape, or bytes outside any.
    """
    head, body = clean.read(12), clean.read()
    if head[:4] + head[8:] != b"RIFFWEBP" or int.from_bytes(head[4:8], "little") != 4 + len(body):
        raise Doubt("the cleaned file does not start as a WebP, or not with its own length")
    chunks = _read(body)
    if not _FILE.fullmatch(b"".join(name for name, _ in chunks)):
        raise Doubt("chunks that a clean WebP has not, or not in this order")
    wanted = sum(_FLAGS.get(name, 0) for name in dict(chunks))
    if chunks[0][0] == b"VP8X" and chunks[0][1][0] & ~_TRANSPARENT != wanted:
        raise Doubt("the cleaned WebP claims parts that it has not")


def _read(body: bytes) -> list[tuple[bytes, bytes]]:
    """Return each chunk's name and content.

    Raises:
        Doubt: a chunk in another shape than its own, or a pad byte that says something.
    """
    chunks, source = [], BytesIO(body)
    while head := source.read(8):
        name, size = head[:4], int.from_bytes(head[4:], "little")
        content, padding = source.read(size), source.read(size % 2)
        shape = _SHAPES.get(name)
        if shape is None or len(content) != size or not shape(content):
            raise Doubt("a chunk that a clean WebP has not, or not so")
        if padding != bytes(size % 2):
            raise Doubt("a pad byte of the cleaned WebP is not zero")
        chunks.append((name, content))
    return chunks


def _is_frame(content: bytes) -> bool:
    """Tell whether a frame is its 16 header bytes and one picture."""
    if len(content) < 16 or content[15] > 3:
        return False
    return _FRAME.fullmatch(b"".join(name for name, _ in _read(content[16:]))) is not None


def _is_key_frame(content: bytes) -> bool:
    return len(content) >= 10 and content[3:6] == b"\x9d\x01\x2a" and content[0] % 2 == 0


_SHAPES: Final[Mapping[bytes, Callable[[bytes], bool]]] = {
    b"VP8X": lambda content: len(content) == 10 and not any(content[1:4]),
    b"ICCP": is_anonymous,
    b"ANIM": lambda content: len(content) == 6,
    b"ANMF": _is_frame,
    b"ALPH": lambda content: len(content) > 1 and content[0] < 0x40,
    b"VP8 ": _is_key_frame,
    b"VP8L": lambda content: len(content) > 5 and content[0] == 0x2F and content[4] < 0x20,
}
