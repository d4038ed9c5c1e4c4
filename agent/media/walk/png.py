# SPDX-License-Identifier: Apache-2.0
"""Walk a PNG or APNG and keep what draws the picture (PNG specification, third edition).

Every chunk's CRC is checked, kept or not: a file that lies about itself is refused. Compressed
pixels are followed to the end of their zlib stream, because data can hide behind it.
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
_FIXED_LENGTHS: Final = {b"IHDR": 13, b"gAMA": 4, b"cHRM": 32, b"sRGB": 1, b"cICP": 4}
_XMP: Final = b"XML:com.adobe.xmp"
_INFLATE_STEP: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    offset: int
    content: memoryview

    def whole(self) -> Extent:
        """Return the chunk's bytes in the source, with length, type and CRC."""
        return Extent(self.offset, len(self.content) + 12)


class _Pixels:
    """Follow the compressed pixels and make sure that nothing hides behind their end."""

    def __init__(self) -> None:
        self._inflater = zlib.decompressobj()

    def feed(self, content: memoryview) -> None:
        """Inflate the next piece and forget the pixels.

        Raises:
            Malformed: broken zlib data, or data behind its end.
        """
        if self._inflater.eof and content:
            raise Malformed("data behind the end of the pixels")
        waiting: bytes | memoryview = content
        try:
            while waiting and not self._inflater.eof:
                self._inflater.decompress(waiting, _INFLATE_STEP)
                waiting = self._inflater.unconsumed_tail
        except zlib.error as error:
            raise Malformed("pixels that cannot be inflated") from error
        if self._inflater.unused_data:
            raise Malformed("data behind the end of the pixels")

    def finish(self) -> None:
        """Make sure that the stream has ended.

        Raises:
            Malformed: it was cut off.
        """
        if not self._inflater.eof:
            raise Malformed("pixels that are cut off")


@dataclass(slots=True)
class _Found:
    pieces: list[Piece] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    size: tuple[int, int] | None = None
    frames: int = 1
    pixels: _Pixels = field(default_factory=_Pixels)
    frame: _Pixels | None = None
    """The pixels of the animation frame at hand, where it is not the still picture."""
    exif: bytes | None = None
    xmp: list[bytes] = field(default_factory=list)
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
    if found.size is None:
        raise Malformed("a PNG without a header chunk")
    found.pixels.finish()
    if end < len(data):
        found.dropped.append("after the end")
    return _walked(found, len(data))


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
    if (found.size is None) is not (chunk.kind == b"IHDR"):
        raise Malformed("the header chunk is not the first and only one")
    wanted = _FIXED_LENGTHS.get(chunk.kind)
    if wanted is not None and len(chunk.content) != wanted:
        raise Malformed("a chunk of fixed length has another one")
    if chunk.kind == b"IHDR":
        width, height = struct.unpack_from(">II", chunk.content)
        check_pixels(width, height)
        found.size = (width, height)
    _follow_pixels(chunk, found)
    if chunk.kind in KEPT:
        found.pieces.append(chunk.whole())
    else:
        _drop(chunk, found)


def _follow_pixels(chunk: _Chunk, found: _Found) -> None:
    """Feed compressed pixels to the stream that they belong to; each stream must end."""
    if chunk.kind == b"IDAT":
        found.pixels.feed(chunk.content)
    elif chunk.kind == b"fdAT":
        found.frame = found.frame or _Pixels()
        found.frame.feed(chunk.content[4:])
    elif chunk.kind in (b"fcTL", b"IEND") and found.frame is not None:
        found.frame.finish()
        found.frame = None
    if chunk.kind == b"acTL":
        found.frames = max(1, int.from_bytes(chunk.content[:4], "big"))
    if chunk.kind == b"IEND" and chunk.content:
        raise Malformed("an end chunk with content")


def _drop(chunk: _Chunk, found: _Found) -> None:
    """Note what kind of chunk goes, and keep metadata apart for the child."""
    name = chunk.kind.decode("ascii", "replace") if chunk.kind.isalpha() else "unknown"
    found.dropped.append(name)
    if len(chunk.content) > MAX_METADATA_BYTES:
        return
    content = bytes(chunk.content)
    if chunk.kind == b"eXIf":
        found.exif = content
    elif chunk.kind == b"iCCP":
        found.profile = canonical_profile(_inflated(content.partition(b"\0")[2][1:]))
    elif chunk.kind == b"iTXt" and content.startswith(_XMP + b"\0"):
        found.xmp.append(_international_text(content))
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


def _walked(found: _Found, source_size: int) -> Walked:
    header, *rest = found.pieces
    pieces: list[Piece] = [SIGNATURE, header]
    if found.profile:
        pieces.append(_chunk(b"iCCP", b"c\0\0" + zlib.compress(found.profile, 9)))
    width, height = found.size or (0, 0)
    recipe = Recipe(pieces=(*pieces, *rest), dropped=tuple(dict.fromkeys(found.dropped)))
    return Walked(
        recipe=checked(recipe, source_size),
        metadata=Metadata(untrusted_exif=found.exif, untrusted_xmp=tuple(found.xmp)),
        width=width,
        height=height,
        orientation=orientation_of(found.exif),
        frames=found.frames,
    )


def _chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)
