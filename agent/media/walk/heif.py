# SPDX-License-Identifier: Apache-2.0
"""Walk a HEIC, HEIF or AVIF file and build a new one around its main picture alone.

Kept: the primary item, the pictures it is derived from (tiles, overlays), their transparency, and
of their properties those that `heif_properties` writes. All else goes: Exif, XMP, names of items,
thumbnails, depth, gain maps, further pictures, whatever lies between and behind. The turn
stays with the container (irot, imir), for the format forbids readers to turn by Exif (ISO/IEC
23008-12 annex A); so the decoded pixels are the same before and after.

Source: ISO/IEC 23008-12 (HEIF) with ISO/IEC 14496-12; AV1 Image File Format 1.1.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.limits import MAX_METADATA_BYTES
from agent.media.model import Metadata, Walked
from agent.media.recipe import Recipe, checked
from agent.media.walk.boxes import Box, boxes
from agent.media.walk.heif_content import Contents
from agent.media.walk.heif_items import Index, read_index
from agent.media.walk.heif_properties import size_of
from agent.media.walk.heif_rebuilding import rebuilt
from agent.media.walk.heif_selection import kept_items
from agent.media.walk.heif_writing import written
from agent.media.walk.whole import read_whole

MAX_INDEX_BYTES: Final = 4 << 20
"""Bytes of the index: that of a picture of 200 million pixels has 40 thousand."""

MAX_OUTER_BOXES: Final = 100
"""Boxes of the file itself: phones write three to six."""

_NAMED: Final = frozenset(
    {b"Exif", b"mime", b"uri ", b"hvc1", b"av01", b"grid", b"iden", b"iovl", b"tmap", b"jpeg"}
    | {b"free", b"skip", b"uuid", b"udta", b"moov", b"meta", b"grpl", b"dinf", b"mpvd", b"sefd"}
    | {b"colr", b"auxC", b"udes", b"a1lx", b"rref", b"amve", b"cclv", b"altt", b"mdft", b"wide"}
)
"""The types that may be reported; another could be somebody's message."""


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean HEIF or AVIF still.

    Raises:
        Malformed: the index contradicts itself, or a picture lies where the file has none.
        Unsupported: no still, or one that needs an unknown, protected or outside item.
        TooBig: more pixels, bytes or items than the limits.
    """
    data = read_whole(source)
    found = _outer_boxes(source, len(data))
    index = _index(memoryview(data), found)
    width, height = size_of(index.property_of(index.primary, b"ispe").content)
    contents = Contents(memoryview(data), index, [box for box in found if box.kind == b"mdat"])
    kept = kept_items(index)
    new = rebuilt(index, contents, kept)
    names = [*_gone(found, index, kept), *map(_name, new.dropped)]
    if found[-1].end < len(data):
        names.append("after the end")
    recipe = Recipe(pieces=written(new.picture), dropped=tuple(dict.fromkeys(names)))
    return Walked(
        recipe=checked(recipe, len(data)),
        metadata=_metadata(index, contents),
        width=width,
        height=height,
    )


def _outer_boxes(source: BinaryIO, size: int) -> list[Box]:
    """Return the outer boxes; what follows the pictures and is no box lies after the end."""
    found: list[Box] = []
    try:
        for box in boxes(source, 0, size, MAX_OUTER_BOXES):
            found.append(box)  # noqa: PERF402 - what was found before a fault counts
    except Malformed:
        if not {b"meta", b"mdat"} <= {box.kind for box in found}:
            raise
    if not found or found[0].kind != b"ftyp":
        raise Malformed("a file without brands")
    return found


def _index(data: memoryview, found: list[Box]) -> Index:
    indexes = [box for box in found if box.kind == b"meta"]
    if not indexes:
        raise Unsupported("a sequence without a still picture")
    if len(indexes) > 1:
        raise Malformed("a file with two indexes")
    content = data[indexes[0].content : indexes[0].end]
    if len(content) > MAX_INDEX_BYTES:
        raise TooBig("an index of more bytes than the limit")
    return read_index(content)


def _gone(found: list[Box], index: Index, kept: tuple[int, ...]) -> Iterator[str]:
    """Yield the types of the boxes and items that are not kept."""
    rewritten = (b"ftyp", b"meta", b"mdat")
    yield from (_name(box.kind) for box in found if box.kind not in rewritten)
    yield from map(_name, index.others)
    items = sorted(index.entries.keys() - set(kept))
    yield from (_name(index.entries[item].kind) for item in items)


def _name(kind: bytes) -> str:
    return kind.decode("ascii") if kind in _NAMED else "unknown"


def _metadata(index: Index, contents: Contents) -> Metadata:
    """Keep Exif and XMP apart for the child; what describes the main picture comes first."""
    own = {
        i for i, targets in index.references.get(b"cdsc", {}).items() if index.primary in targets
    }
    exif: list[bytes] = []
    xmp: list[bytes] = []
    room, unread = MAX_METADATA_BYTES, False
    for item, entry in sorted(index.entries.items(), key=lambda pair: pair[0] not in own):
        is_xmp = entry.content_type == b"application/rdf+xml"
        if entry.protected or not (entry.kind == b"Exif" or is_xmp):
            continue
        content = contents.of(item)
        if len(content) <= room:
            room -= len(content)
            (xmp if is_xmp else exif).append(bytes(content))
        else:
            unread = True
    return Metadata(
        untrusted_exif=_tiff(exif[0]) if exif else None, untrusted_xmp=tuple(xmp), unread=unread
    )


def _tiff(untrusted_exif: bytes) -> bytes:
    """Return the TIFF block of an Exif item (ISO/IEC 23008-12 annex A.2.1)."""
    offset = int.from_bytes(untrusted_exif[:4], "big")
    return untrusted_exif[4 + offset :]
