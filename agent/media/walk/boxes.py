# SPDX-License-Identifier: Apache-2.0
"""Read and write the boxes of ISO base media files (ISO/IEC 14496-12 section 4.2).

A file's outer boxes are read from a stream, header by header, so a film is never held in memory;
the boxes inside a parent that was read whole come from `children`. Nothing here recurses: a walker
opens the parents that it knows, so its own text bounds the depth that a file can reach.

Rules: boxes fill their parent without a gap, every size covers its own header, and only the last
box of a file may leave its size open. Numbers are big-endian, as everywhere in this format.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig
from agent.media.limits import MAX_PARTS

MAX_HEADER_BYTES: Final = 64 << 20
"""Bytes of a parent that is read whole: the index of ten hours of film has about half of that."""

_SHORT_HEADER: Final = 8
_LONG_HEADER: Final = 16
_LONG_SIZE: Final = 1
_OPEN_SIZE: Final = 0
_EXTENDED_KIND: Final = 16
_MAX_TEXT: Final = 4096
_BITS_32: Final = 1 << 32


Content = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a stream: its type, and in bytes where it starts, its header and its whole size."""

    kind: bytes
    start: int
    header: int
    size: int

    @property
    def content(self) -> int:
        """Where its content starts."""
        return self.start + self.header

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.start + self.size


class Fields:
    """Take fields from the front of hostile bytes; whatever is not there is Malformed."""

    def __init__(self, content: memoryview) -> None:
        self._content = content
        self._position = 0

    def take(self, length: int) -> memoryview:
        """Return the next `length` bytes."""
        end = self._position + length
        if end > len(self._content):
            raise Malformed("a box that ends inside a field")
        taken = self._content[self._position : end]
        self._position = end
        return taken

    def number(self, length: int) -> int:
        """Return the next unsigned number of `length` bytes; no bytes mean zero."""
        return int.from_bytes(self.take(length), "big")

    def code(self) -> bytes:
        """Return the next four-character code."""
        return bytes(self.take(4))

    def text(self) -> bytes:
        """Return the next text without the zero that ends it; a long one is Malformed."""
        text = bytes(self.rest()[:_MAX_TEXT]).partition(b"\0")[0]
        if len(text) == _MAX_TEXT:
            raise Malformed("a text that is too long")
        self.take(len(text) + 1)
        return text

    def rest(self) -> memoryview:
        """Return what is left, without taking it."""
        return self._content[self._position :]

    def version_flags(self) -> tuple[int, int]:
        """Return what every full box begins with: its version and its flags."""
        return self.number(1), self.number(3)


def boxes(source: BinaryIO, start: int, end: int, limit: int = MAX_PARTS) -> Iterator[Box]:
    """Yield the boxes that fill a stream from `start` to `end`, which is the end of the file.

    Raises:
        Malformed: a box without a whole header, smaller than its header or reaching past the end.
        TooBig: more boxes than the limit.
    """
    position = start
    for _ in range(limit):
        if position == end:
            return
        source.seek(position)
        head = source.read(min(_LONG_HEADER + _EXTENDED_KIND, end - position))
        kind, header, size = _header(memoryview(head), end - position, may_be_open=True)
        yield Box(kind, position, header, size)
        position += size
    if position != end:
        raise TooBig("more boxes than the limit")


def children(data: memoryview, limit: int = MAX_PARTS) -> Iterator[tuple[bytes, memoryview]]:
    """Yield the type and the content of the boxes that fill a parent held in memory.

    Raises:
        Malformed: a gap, an open size, or a box that reaches outside its parent.
        TooBig: more boxes than the limit.
    """
    position = 0
    for _ in range(limit):
        if position == len(data):
            return
        kind, header, size = _header(data[position:], len(data) - position, may_be_open=False)
        yield kind, data[position + header : position + size]
        position += size
    if position != len(data):
        raise TooBig("more boxes than the limit")


def read_content(source: BinaryIO, box: Box, limit: int = MAX_HEADER_BYTES) -> memoryview:
    """Read the whole content of one box of a stream.

    Raises:
        TooBig: it has more bytes than the limit.
        Malformed: the stream ended while it was read.
    """
    length = box.size - box.header
    if length > limit:
        raise TooBig("a box of more bytes than the limit")
    source.seek(box.content)
    content = source.read(length)
    if len(content) != length:
        raise Malformed("the source ended while it was read")
    return memoryview(content)


def box(kind: bytes, *contents: Content) -> bytes:
    """Return a box with these contents."""
    size = _SHORT_HEADER + sum(map(len, contents))
    return b"".join((size.to_bytes(4, "big"), kind, *contents))


def full_box(kind: bytes, version: int, flags: int, *contents: Content) -> bytes:
    """Return a box whose contents begin with a version and flags."""
    return box(kind, bytes((version,)), flags.to_bytes(3, "big"), *contents)


def box_header(kind: bytes, length: int) -> bytes:
    """Return the header alone of a box whose content of `length` bytes is written elsewhere."""
    size = _SHORT_HEADER + length
    if size < _BITS_32:
        return size.to_bytes(4, "big") + kind
    return _LONG_SIZE.to_bytes(4, "big") + kind + (size + _LONG_HEADER - _SHORT_HEADER).to_bytes(8)


def _header(head: memoryview, room: int, *, may_be_open: bool) -> tuple[bytes, int, int]:
    """Return the type, the header's length and the size of the box that `head` begins with."""
    kind, header, size = bytes(head[4:8]), _SHORT_HEADER, int.from_bytes(head[:4], "big")
    if size == _LONG_SIZE:
        header, size = _LONG_HEADER, int.from_bytes(head[8:16], "big")
    elif size == _OPEN_SIZE and may_be_open:
        size = room
    if kind == b"uuid":
        header += _EXTENDED_KIND
    if len(kind) < 4 or not header <= size <= room:
        raise Malformed("a box that does not fit its parent")
    return kind, header, size
