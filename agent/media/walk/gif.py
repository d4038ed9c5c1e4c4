# SPDX-License-Identifier: Apache-2.0
"""Walk a GIF and keep what draws the picture (GIF89a specification), still or animated.

Kept: header, screen descriptor, colour tables, images, and the graphic control that belongs to an
image. The loop of an animation is written anew, under its usual name. Comments, plain text, every
other application's data and everything behind the trailer go; a missing trailer is supplied.

Compressed pixels are copied as they are, with any bytes that their own decoder would never read.
"""

from dataclasses import dataclass, field
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig
from agent.media.limits import MAX_METADATA_BYTES, MAX_PARTS, check_pixels
from agent.media.model import Metadata, Walked
from agent.media.recipe import Extent, Piece, Recipe, checked
from agent.media.walk.whole import read_whole

VERSIONS: Final = frozenset({b"GIF87a", b"GIF89a"})
LOOPS: Final = frozenset({b"NETSCAPE2.0", b"ANIMEXTS1.0"})
"""The applications whose extension says how often to loop; the second is an older name."""

_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_PLAIN_TEXT, _CONTROL, _COMMENT, _APPLICATION = 0x01, 0xF9, 0xFE, 0xFF
_NAMES: Final = {_PLAIN_TEXT: "plain text", _CONTROL: "graphic control", _COMMENT: "comment"}
_SCREEN_BYTES: Final = 13
_DESCRIPTOR_BYTES: Final = 10
_CODE_SIZES: Final = range(1, 9)
"""Bits of the first compressed code: the bits of a pixel; 1 is an old encoder's habit."""
_XMP: Final = b"XMP DataXMP"
_XMP_TRAILER: Final = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
"""A reader that takes the raw packet for sub-blocks ends up in here, wherever it jumps in."""


@dataclass(slots=True)
class _Found:
    size: tuple[int, int]
    pieces: list[Piece] = field(default_factory=list)
    control: Piece | None = None
    """The graphic control that waits for its image."""
    looped: bool = False
    frames: int = 0
    dropped: list[str] = field(default_factory=list)
    xmp: list[bytes] = field(default_factory=list)
    unread: bool = False
    """Whether something over the limit was dropped in which people may have been named."""


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean GIF.

    Raises:
        Malformed: no image, a block that reaches outside the file, or bytes that are no block.
        TooBig: more pixels, bytes or blocks than the limits.
    """
    data = read_whole(source)
    if data[:6] not in VERSIONS or len(data) < _SCREEN_BYTES:
        raise Malformed("no GIF signature")
    found = _Found(size=_size(data, 6))
    position = _SCREEN_BYTES + _table_bytes(data[10])
    _need(data, position)
    found.pieces.append(Extent(0, position))
    end = _blocks(data, position, found)
    if not found.frames:
        raise Malformed("a GIF without an image")
    if end < len(data):
        found.dropped.append("after the end")
    return _walked(found, len(data))


def _blocks(data: bytes, position: int, found: _Found) -> int:
    """Go from block to block; return the position after the trailer."""
    for _ in range(MAX_PARTS):
        if position == len(data):
            return position
        if data[position] == _TRAILER:
            return position + 1
        if data[position] == _IMAGE:
            position = _image(data, position, found)
        elif data[position] == _EXTENSION:
            position = _extension(data, position, found)
        else:
            raise Malformed("bytes that are no block")
    raise TooBig("more blocks than the limit")


def _image(data: bytes, start: int, found: _Found) -> int:
    """Keep an image with the control before it; return the position after it."""
    _need(data, start + _DESCRIPTOR_BYTES)
    _size(data, start + 5)
    codes = start + _DESCRIPTOR_BYTES + _table_bytes(data[start + 9])
    _need(data, codes + 1)
    if data[codes] not in _CODE_SIZES:
        raise Malformed("an image with codes of an impossible size")
    end = _sub_blocks(data, codes + 1)
    if found.control is not None:
        found.pieces.append(found.control)
    found.control = None
    found.pieces.append(Extent(start, end - start))
    found.frames += 1
    return end


def _extension(data: bytes, start: int, found: _Found) -> int:
    """Keep, rebuild or drop one extension; return the position after it."""
    _need(data, start + 2)
    label = data[start + 1]
    end = _sub_blocks(data, start + 2)
    if label == _CONTROL:
        if data[start + 2] != 4 or end != start + 8:
            raise Malformed("a graphic control of another length")
        found.control = Extent(start, end - start)
    elif label == _APPLICATION:
        _application(data[start + 2 : end], found)
    else:
        found.dropped.append(_NAMES.get(label, "unknown extension"))
        # A control that belonged to a text must not fall to the next image.
        found.control = None if label == _PLAIN_TEXT else found.control
    return end


def _application(content: bytes, found: _Found) -> None:
    """Write the loop anew, keep XMP apart for the child, note that anything else goes."""
    name, blocks = content[1:12] if content[0] == 11 else b"", content[12:]
    if name in LOOPS and blocks[:2] == b"\x03\x01" and not found.looped:
        found.looped = True
        found.pieces.append(b"!\xff\x0bNETSCAPE2.0\x03\x01" + blocks[2:4] + b"\0")
    elif name == _XMP:
        found.dropped.append("XMP")
        if len(blocks) <= MAX_METADATA_BYTES:
            found.xmp.append(_packet(blocks))
        else:
            found.unread = True
    else:
        found.dropped.append("application data")


def _packet(blocks: bytes) -> bytes:
    """Return the XMP packet, stored raw before its trailer, or in sub-blocks like other data."""
    if blocks.endswith(_XMP_TRAILER):
        return blocks.removesuffix(_XMP_TRAILER)
    parts, position = [], 0
    while size := blocks[position]:
        parts.append(blocks[position + 1 : position + 1 + size])
        position += 1 + size
    return b"".join(parts)


def _sub_blocks(data: bytes, position: int) -> int:
    """Return the position after the empty block that ends a run of sub-blocks."""
    while position < len(data):
        size = data[position]
        position += 1 + size
        if not size:
            return position
    raise Malformed("sub-blocks without an end")


def _size(data: bytes, offset: int) -> tuple[int, int]:
    """Return a checked width and height."""
    width = int.from_bytes(data[offset : offset + 2], "little")
    height = int.from_bytes(data[offset + 2 : offset + 4], "little")
    check_pixels(width, height)
    return width, height


def _table_bytes(packed: int) -> int:
    """Return the length of the colour table that a descriptor announces."""
    return 3 << (packed & 7) + 1 if packed & 0x80 else 0


def _need(data: bytes, end: int) -> None:
    if end > len(data):
        raise Malformed("a block reaches outside the file")


def _walked(found: _Found, source_size: int) -> Walked:
    recipe = Recipe(pieces=(*found.pieces, b";"), dropped=tuple(dict.fromkeys(found.dropped)))
    return Walked(
        recipe=checked(recipe, source_size),
        metadata=Metadata(untrusted_xmp=tuple(found.xmp), unread=found.unread),
        width=found.size[0],
        height=found.size[1],
        frames=found.frames,
    )
