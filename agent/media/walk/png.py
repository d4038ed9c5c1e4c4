# SPDX-License-Identifier: Apache-2.0
"""Walk a PNG or APNG and keep what draws the picture (PNG specification, third edition).

Every chunk's CRC is checked, kept or not: a file that lies about itself is refused. Compressed
pixels are followed to the end of their zlib stream, because data can hide behind it, and counted,
because rows that no decoder shows can hide inside it.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig
from agent.media.icc import canonical_profile
from agent.media.limits import MAX_METADATA_BYTES, MAX_PARTS, MAX_STILL_BYTES, check_pixels
from agent.media.model import Metadata, Walked
from agent.media.orientation import orientation_of
from agent.media.recipe import Extent, Piece, Recipe, checked

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
KEPT: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"cICP", b"sBIT"}
    | {b"bKGD", b"acTL", b"fcTL", b"fdAT", b"mDCV", b"cLLI"}
)
"""The chunks that are kept byte for byte; everything else goes."""

_MAX_LENGTH: Final = 2**31 - 1
_FIXED_LENGTHS: Final = {b"IHDR": 13, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4, b"fcTL": 26}
_XMP: Final = b"XML:com.adobe.xmp"
_INFLATE_STEP: Final = 1 << 20
_DEPTHS: Final = frozenset({1, 2, 4, 8, 16})
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel, by colour type."""
_PLAIN: Final = ((0, 0, 1, 1),)
_ADAM7: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
"""The passes of an interlaced picture: first column and row, step across and down (section 8.1)."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    offset: int
    content: memoryview

    def whole(self) -> Extent:
        """Return the chunk's bytes in the source, with length, type and CRC."""
        return Extent(self.offset, len(self.content) + 12)


class _Pixels:
    """Follow the compressed pixels and make sure that nothing hides in them or behind their end.

    `room` is how many bytes the rows of the picture take, each with its filter byte.
    """

    def __init__(self, room: int) -> None:
        self._inflater = zlib.decompressobj()
        self._room = room

    def feed(self, content: memoryview) -> None:
        """Inflate the next piece and forget the pixels.

        Raises:
            Malformed: broken zlib data, data behind its end, or more rows than the picture has.
        """
        if self._inflater.eof and content:
            raise Malformed("data behind the end of the pixels")
        waiting: bytes | memoryview = content
        try:
            while waiting and not self._inflater.eof:
                self._room -= len(self._inflater.decompress(waiting, _INFLATE_STEP))
                waiting = self._inflater.unconsumed_tail
                self._check_room()
        except zlib.error as error:
            raise Malformed("pixels that cannot be inflated") from error
        if self._inflater.unused_data:
            raise Malformed("data behind the end of the pixels")

    def _check_room(self) -> None:
        if self._room < 0:
            raise Malformed("more rows than the picture has")

    def finish(self) -> None:
        """Make sure that the stream has ended.

        Raises:
            Malformed: it was cut off.
        """
        if not self._inflater.eof:
            raise Malformed("pixels that are cut off")


@dataclass(frozen=True, slots=True)
class _Header:
    """The header chunk (PNG section 11.2.1)."""

    width: int
    height: int
    bits: int
    """Bits of a pixel."""
    passes: tuple[tuple[int, int, int, int], ...]

    def pixels(self, width: int, height: int) -> _Pixels:
        """Return what follows the rows of a picture or frame of this size."""
        room = 0
        for left, top, across, down in self.passes:
            columns, rows = len(range(left, width, across)), len(range(top, height, down))
            room += rows * (1 + (columns * self.bits + 7) // 8) if columns else 0
        return _Pixels(room)


@dataclass(slots=True)
class _Found:
    pieces: list[Piece] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    header: _Header | None = None
    frames: int = 1
    pixels: _Pixels = field(default_factory=lambda: _Pixels(0))
    frame: _Pixels | None = None
    """The pixels of the animation frame at hand, where it is not the still picture."""
    frame_size: tuple[int, int] = (0, 0)
    exif: bytes | None = None
    xmp: list[bytes] = field(default_factory=list)
    unread: bool = False
    """Whether something over the limit was dropped in which people may have been named."""
    profile: bytes = b""


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean PNG.

    Raises:
        Malformed: a wrong CRC, no pixels, no end, or data hidden behind the pixels.
        TooBig: more pixels, bytes or chunks than the limits.
    """
    source.seek(0)
    data = source.read(MAX_STILL_BYTES + 1)
    if len(data) > MAX_STILL_BYTES:
        raise TooBig("a still picture of more bytes than the limit")
    if not data.startswith(SIGNATURE):
        raise Malformed("no PNG signature")
    found, end = _Found(), 0
    for chunk in _chunks(data):
        _take(chunk, found)
        end = chunk.offset + len(chunk.content) + 12
    if found.header is None:
        raise Malformed("a PNG without a header chunk")
    found.pixels.finish()
    if end < len(data):
        found.dropped.append("after the end")
    return _walked(found, found.header, len(data))


def _chunks(data: bytes) -> Iterator[_Chunk]:
    """Yield chunks up to IEND, each with its CRC checked."""
    view, position = memoryview(data), len(SIGNATURE)
    for _ in range(MAX_PARTS):
        length = int.from_bytes(view[position : position + 4], "big")
        end = position + 8 + length
        kind = bytes(view[position + 4 : position + 8])
        if length > _MAX_LENGTH or end + 4 > len(data):
            raise Malformed("a chunk reaches outside the file")
        if zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            raise Malformed("a chunk with a wrong CRC")
        yield _Chunk(kind, position, view[position + 8 : end])
        if kind == b"IEND":
            return
        position = end + 4
    raise TooBig("more chunks than the limit")


def _take(chunk: _Chunk, found: _Found) -> None:
    """Keep or drop one chunk."""
    if (found.header is None) is not (chunk.kind == b"IHDR"):
        raise Malformed("the header chunk is not the first and only one")
    wanted = _FIXED_LENGTHS.get(chunk.kind)
    if wanted is not None and len(chunk.content) != wanted:
        raise Malformed("a chunk of fixed length has another one")
    found.header = found.header or _header(chunk.content, found)
    _follow_pixels(chunk, found, found.header)
    if chunk.kind in KEPT:
        found.pieces.append(chunk.whole())
    else:
        _drop(chunk, found)


def _header(content: memoryview, found: _Found) -> _Header:
    width, height, depth, colour, interlaced = struct.unpack(">IIBBxxB", content)
    check_pixels(width, height)
    if depth not in _DEPTHS or colour not in _SAMPLES:
        raise Malformed("a depth or type of colour that PNG has not")
    passes = _ADAM7 if interlaced else _PLAIN
    header = _Header(width, height, depth * _SAMPLES[colour], passes)
    found.pixels = header.pixels(width, height)
    return header


def _follow_pixels(chunk: _Chunk, found: _Found, header: _Header) -> None:
    """Feed compressed pixels to the stream that they belong to; each stream must end."""
    if chunk.kind == b"IDAT":
        found.pixels.feed(chunk.content)
    elif chunk.kind == b"fdAT":
        found.frame = found.frame or header.pixels(*found.frame_size)
        found.frame.feed(chunk.content[4:])
    elif chunk.kind in (b"fcTL", b"IEND") and found.frame is not None:
        found.frame.finish()
        found.frame = None
    if chunk.kind == b"fcTL":
        found.frame_size = _frame_size(chunk.content, header)
    if chunk.kind == b"acTL":
        found.frames = max(1, int.from_bytes(chunk.content[:4], "big"))
    if chunk.kind == b"IEND" and chunk.content:
        raise Malformed("an end chunk with content")


def _frame_size(content: memoryview, header: _Header) -> tuple[int, int]:
    """Return an animation frame's width and height (PNG section 11.3.6.2)."""
    width, height = struct.unpack_from(">II", content, 4)
    if width > header.width or height > header.height:
        raise Malformed("a frame larger than the picture")
    return width, height


def _drop(chunk: _Chunk, found: _Found) -> None:
    """Note what kind of chunk goes, and keep metadata apart for the child."""
    name = chunk.kind.decode("ascii", "replace") if chunk.kind.isalpha() else "unknown"
    found.dropped.append(name)
    if len(chunk.content) > MAX_METADATA_BYTES:
        found.unread = True
        return
    content = bytes(chunk.content)
    if chunk.kind == b"eXIf":
        found.exif = content
    elif chunk.kind == b"iCCP":
        found.profile = canonical_profile(_inflated(content.partition(b"\0")[2][1:]))
    elif chunk.kind == b"iTXt" and content.startswith(_XMP + b"\0"):
        packet = _international_text(content)
        found.xmp.append(packet)
        found.unread = found.unread or not packet
    elif chunk.kind == b"zTXt" and content.startswith(b"Raw profile type exif\0"):
        found.exif = found.exif or _raw_profile(_inflated(content.partition(b"\0")[2][1:]))


def _inflated(data: bytes) -> bytes:
    """Inflate at most the metadata limit; nothing where it is broken or larger."""
    inflater = zlib.decompressobj()
    try:
        text = inflater.decompress(data, MAX_METADATA_BYTES)
    except zlib.error:
        return b""
    return b"" if inflater.unconsumed_tail else text


def _international_text(content: bytes) -> bytes:
    """Return the text of an iTXt chunk (PNG section 11.3.3.4)."""
    flags, rest = content[len(_XMP) + 1 : len(_XMP) + 3], content[len(_XMP) + 3 :]
    text = rest.partition(b"\0")[2].partition(b"\0")[2]
    return _inflated(text) if flags[:1] == b"\1" else text


def _raw_profile(text: bytes) -> bytes | None:
    """Return the bytes of ImageMagick's hexadecimal profile text, without the JPEG prefix."""
    try:
        data = bytes.fromhex("".join(text.decode("ascii").split()[2:]))
    except ValueError:
        return None
    return data.removeprefix(b"Exif\0\0")


def _walked(found: _Found, header: _Header, source_size: int) -> Walked:
    first, *rest = found.pieces
    pieces: list[Piece] = [SIGNATURE, first]
    if found.profile:
        pieces.append(_chunk(b"iCCP", b"c\0\0" + zlib.compress(found.profile, 9)))
    recipe = Recipe(pieces=(*pieces, *rest), dropped=tuple(dict.fromkeys(found.dropped)))
    return Walked(
        recipe=checked(recipe, source_size),
        metadata=Metadata(
            untrusted_exif=found.exif, untrusted_xmp=tuple(found.xmp), unread=found.unread
        ),
        width=header.width,
        height=header.height,
        orientation=orientation_of(found.exif),
        frames=found.frames,
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)
