# SPDX-License-Identifier: Apache-2.0
"""Walk a WebP and keep what draws the picture (RFC 9649), still or animated.

Kept: the coded pictures with their alpha planes, the frames and the loop of an animation. The
header of an extended file, every frame header, every length and every pad byte are written anew; a
colour profile is replaced by its canonical form. Chunks off the list go, inside frames too, and so
does everything behind the RIFF body.

A coded picture is copied as it is, with any bytes that its own decoder would never read.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig
from agent.media.icc import canonical_profile
from agent.media.limits import MAX_METADATA_BYTES, MAX_PARTS, check_pixels
from agent.media.model import Metadata, Walked
from agent.media.orientation import orientation_of
from agent.media.recipe import Extent, Piece, Recipe, checked
from agent.media.walk.whole import read_whole

PIXELS: Final = frozenset({b"VP8 ", b"VP8L"})
"""The chunks that hold a coded picture: lossy and lossless."""
PICTURE: Final = PIXELS | {b"ALPH"}
"""The chunks that are kept byte for byte, in a file and in a frame."""
ANIMATION: Final = frozenset({b"ANIM", b"ANMF"})

_METADATA: Final = {b"EXIF": "EXIF", b"XMP ": "XMP", b"ICCP": "ICCP"}
_RIFF_BYTES: Final = 12
_HEADER_BYTES: Final = 8
_FRAME_BYTES: Final = 16
_PROFILE_FLAG, _ALPHA_FLAG, _ANIMATION_FLAG = 0x20, 0x10, 0x02
_FRAME_FLAGS: Final = 0x03
"""Blending and disposal; the other six bits are reserved."""

Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    offset: int
    """Where its content starts in the source."""
    content: memoryview

    def whole(self) -> list[Piece]:
        """Return the chunk with a header and a pad byte of ours."""
        size = len(self.content)
        header = self.kind + struct.pack("<I", size)
        return [header, Extent(self.offset, size), *([b"\0"] if size % 2 else [])]


@dataclass(slots=True)
class _Picture:
    """One coded picture: perhaps an alpha plane, then the pixels."""

    pieces: list[Piece] = field(default_factory=list)
    size: Size | None = None

    def take(self, chunk: _Chunk) -> None:
        """Add the alpha plane or the pixels.

        Raises:
            Malformed: twice the same, or an alpha plane that does not precede lossy pixels.
        """
        if chunk.kind == b"VP8 ":
            size = _lossy_size(chunk.content)
        elif chunk.kind == b"VP8L":
            size = _lossless_size(chunk.content)
        else:
            size = None
        if self.size is not None or (self.pieces and chunk.kind != b"VP8 "):
            raise Malformed("a picture with parts too many or in another order")
        self.size = size
        self.pieces += chunk.whole()


@dataclass(slots=True)
class _Found:
    canvas: Size | None = None
    alpha: bool = False
    loop: bytes | None = None
    still: _Picture = field(default_factory=_Picture)
    frames: list[Piece] = field(default_factory=list)
    frame_count: int = 0
    parts: int = 0
    """Chunks met so far, inside frames too."""
    dropped: list[str] = field(default_factory=list)
    exif: bytes | None = None
    xmp: list[bytes] = field(default_factory=list)
    unread: bool = False
    """Whether something over the limit was dropped in which people may have been named."""
    profile: bytes = b""


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean WebP.

    Raises:
        Malformed: a chunk that reaches outside its parent, or parts that make no picture.
        TooBig: more pixels, bytes or chunks than the limits.
    """
    data = read_whole(source)
    if data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        raise Malformed("no WebP signature")
    end = _HEADER_BYTES + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Malformed("a RIFF body that reaches outside the file")
    found = _Found()
    for number, chunk in enumerate(_chunks(memoryview(data), _RIFF_BYTES, end, found)):
        _take(chunk, number, found)
    if end < len(data):
        found.dropped.append("after the end")
    return _walked(found, len(data))


def _chunks(view: memoryview, position: int, end: int, found: _Found) -> Iterator[_Chunk]:
    """Yield the chunks that fill a part of the file; the last pad byte may be missing."""
    while position < end:
        start = position + _HEADER_BYTES
        kind, length = bytes(view[position : position + 4]), view[position + 4 : start]
        position = start + int.from_bytes(length, "little")
        if position > end:
            raise Malformed("a chunk reaches outside its parent")
        found.parts += 1
        if found.parts > MAX_PARTS:
            raise TooBig("more chunks than the limit")
        yield _Chunk(kind, start, view[start:position])
        position += position % 2


def _take(chunk: _Chunk, number: int, found: _Found) -> None:
    """Keep, rebuild or drop one chunk of the file."""
    if chunk.kind == b"VP8X":
        if number:
            raise Malformed("an extended header that is not the first chunk")
        _extended(chunk.content, found)
    elif chunk.kind in PICTURE:
        if chunk.kind == b"ALPH" and found.canvas is None:
            raise Malformed("an alpha plane without an extended header")
        found.still.take(chunk)
    elif chunk.kind in ANIMATION:
        _animation(chunk, found)
    else:
        _drop(chunk, found)


def _extended(content: memoryview, found: _Found) -> None:
    """Read the canvas and whether it is transparent; the other claims are not believed."""
    if len(content) != 10:
        raise Malformed("an extended header of another length")
    width, height = _number(content, 4) + 1, _number(content, 7) + 1
    check_pixels(width, height)
    found.canvas, found.alpha = (width, height), bool(content[0] & _ALPHA_FLAG)


def _animation(chunk: _Chunk, found: _Found) -> None:
    """Keep the loop of an animation, or one of its frames."""
    if chunk.kind == b"ANMF":
        _frame(chunk, found)
    elif len(chunk.content) != 6 or found.loop is not None:
        raise Malformed("an animation header of another length, or a second one")
    else:
        found.loop = b"ANIM\6\0\0\0" + bytes(chunk.content)


def _frame(chunk: _Chunk, found: _Found) -> None:
    """Rebuild one frame from its header and its picture."""
    header = bytes(chunk.content[:_FRAME_BYTES])
    if found.canvas is None or found.loop is None:
        raise Malformed("a frame outside an animation")
    size = (_number(header, 6) + 1, _number(header, 9) + 1)
    right, lower = 2 * _number(header, 0) + size[0], 2 * _number(header, 3) + size[1]
    picture = _Picture()
    for part in _chunks(chunk.content, _FRAME_BYTES, len(chunk.content), found):
        if part.kind in PICTURE:
            picture.take(_Chunk(part.kind, chunk.offset + part.offset, part.content))
        else:
            found.dropped.append("frame data")
    if picture.size != size or right > found.canvas[0] or lower > found.canvas[1]:
        raise Malformed("a frame without its picture, or outside the canvas")
    length = struct.pack("<I", _FRAME_BYTES + _size(picture.pieces))
    flags = bytes([header[15] & _FRAME_FLAGS])
    found.frames += [b"ANMF" + length + header[:15] + flags, *picture.pieces]
    found.frame_count += 1


def _drop(chunk: _Chunk, found: _Found) -> None:
    """Note what kind of chunk goes, and keep metadata apart for the child."""
    found.dropped.append(_METADATA.get(chunk.kind, "unknown chunk"))
    if len(chunk.content) > MAX_METADATA_BYTES:
        found.unread = True
        return
    content = bytes(chunk.content)
    if chunk.kind == b"EXIF":
        found.exif = found.exif or content.removeprefix(b"Exif\0\0")
    elif chunk.kind == b"XMP ":
        found.xmp.append(content)
    elif chunk.kind == b"ICCP":
        found.profile = canonical_profile(content)


def _lossy_size(content: memoryview) -> Size:
    """Return width and height from the header of a key frame (RFC 6386 section 9.1)."""
    tag = _number(content, 0)
    if bytes(content[3:6]) != b"\x9d\x01\x2a" or tag & 1 or 10 + (tag >> 5) > len(content):
        raise Malformed("lossy pixels without a whole key frame")
    width, height = struct.unpack_from("<HH", content, 6)
    check_pixels(width & 0x3FFF, height & 0x3FFF)
    return width & 0x3FFF, height & 0x3FFF


def _lossless_size(content: memoryview) -> Size:
    """Return width and height from a lossless header (RFC 9649 section 3.4)."""
    bits = int.from_bytes(content[1:5], "little")
    if len(content) < 5 or content[0] != 0x2F or bits >> 29:
        raise Malformed("lossless pixels without a header")
    width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    check_pixels(width, height)
    return width, height


def _number(content: bytes | memoryview, offset: int) -> int:
    """Return a 24-bit number."""
    return int.from_bytes(content[offset : offset + 3], "little")


def _size(pieces: list[Piece]) -> int:
    return sum(len(p) if isinstance(p, bytes) else p.length for p in pieces)


def _walked(found: _Found, source_size: int) -> Walked:
    """Put the clean file together from what was found."""
    size = found.canvas or found.still.size
    animated = found.loop is not None
    if size is None or bool(found.still.pieces) is animated:
        raise Malformed("a WebP with no picture, or with a still and an animation")
    if not found.frame_count if animated else found.still.size != size:
        raise Malformed("an animation without frames, or a canvas of another size")
    body = [*_head(found, size), *found.still.pieces, *found.frames]
    riff = b"RIFF" + struct.pack("<I", 4 + _size(body)) + b"WEBP"
    recipe = Recipe(pieces=(riff, *body), dropped=tuple(dict.fromkeys(found.dropped)))
    return Walked(
        recipe=checked(recipe, source_size),
        metadata=Metadata(
            untrusted_exif=found.exif, untrusted_xmp=tuple(found.xmp), unread=found.unread
        ),
        width=size[0],
        height=size[1],
        orientation=orientation_of(found.exif),
        frames=max(1, found.frame_count),
    )


def _head(found: _Found, size: Size) -> list[Piece]:
    """Return the extended header, the canonical profile and the loop, where the file has them."""
    if found.canvas is None:
        return []
    animated = found.loop is not None
    flags = (
        (_PROFILE_FLAG if found.profile else 0)
        | (_ALPHA_FLAG if found.alpha else 0)
        | (_ANIMATION_FLAG if animated else 0)
    )
    canvas = b"".join((side - 1).to_bytes(3, "little") for side in size)
    head: list[Piece] = [b"VP8X" + struct.pack("<II", 10, flags) + canvas]
    if found.profile:
        length = struct.pack("<I", len(found.profile))
        head.append(b"ICCP" + length + found.profile + bytes(len(found.profile) % 2))
    return [*head, *([found.loop] if found.loop is not None else [])]
