# SPDX-License-Identifier: Apache-2.0
"""Walk a HEIC, HEIF or AVIF file and build a new one around its main picture alone.

Kept: the primary item, the pictures it is derived from (tiles, overlays), their transparency, and
of their properties those that `heif_properties` writes. All else goes: Exif, XMP, names of items,
thumbnails, depth, gain maps, further pictures, whatever lies between and behind. The turn
stays with the container (irot, imir), for the format forbids readers to turn by Exif (ISO/IEC
23008-12 annex A); so the decoded pixels are the same before and after.

Source: ISO/IEC 23008-12 (HEIF) with ISO/IEC 14496-12; AV1 Image File Format 1.1.
"""

from collections.abc import Iterable
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.limits import MAX_METADATA_BYTES, MAX_STILL_BYTES, check_pixels
from agent.media.model import Metadata, Walked
from agent.media.recipe import Recipe, checked
from agent.media.walk.boxes import Box, boxes
from agent.media.walk.heif_content import Contents, derivation
from agent.media.walk.heif_items import Index, Property, read_index
from agent.media.walk.heif_properties import (
    ALPHA,
    auxiliary_type,
    profile_of,
    rewritten,
    size_of,
    unit_length_width,
)
from agent.media.walk.heif_writing import NewItem, Picture, written

CODED: Final = {b"hvc1": b"hvcC", b"av01": b"av1C"}
"""The types of coded pictures that can be kept, each with the property that configures it."""
DERIVED: Final = frozenset({b"grid", b"iden", b"iovl"})
"""The types of pictures made from others that can be kept."""
MAX_DERIVATIONS: Final = 4
"""How many times a picture may be made from pictures: a turned overlay of grids is three."""
MAX_INDEX_BYTES: Final = 4 << 20
"""Bytes of the index: that of a picture of 200 million pixels has 40 thousand."""

_MAIN_PROFILES: Final = frozenset({1, 3})
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
    source.seek(0)
    data = source.read(MAX_STILL_BYTES + 1)
    if len(data) > MAX_STILL_BYTES:
        raise TooBig("a still picture of more bytes than the limit")
    found = _outer_boxes(source, len(data))
    index = _index(memoryview(data), found)
    contents = Contents(memoryview(data), index, [box for box in found if box.kind == b"mdat"])
    kept = _kept_items(index)
    recipe = Recipe(
        pieces=written(_picture(index, contents, kept)),
        dropped=_dropped(index, kept, found, len(data)),
    )
    width, height = _size(index)
    return Walked(
        recipe=checked(recipe, len(data)),
        metadata=_metadata(index, contents),
        width=width,
        height=height,
    )


def _outer_boxes(source: BinaryIO, size: int) -> list[Box]:
    """Return the outer boxes; what follows the index and is no box lies after the end."""
    found: list[Box] = []
    try:
        found.extend(boxes(source, 0, size))
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


def _kept_items(index: Index) -> tuple[int, ...]:
    """Return the main picture, what it is derived from, and the transparency of either."""
    if index.targets(b"thmb", index.primary) or index.targets(b"auxl", index.primary):
        raise Malformed("a main picture that belongs to another")  # readers differ on which to show
    kept = _derived_from(index, index.primary)
    for item, masters in index.references.get(b"auxl", {}).items():
        if kept.intersection(masters) and _is_alpha(index, item):
            kept |= _derived_from(index, item)
    for item in kept:
        _check_kept(index, item)
    return tuple(sorted(kept))


def _derived_from(index: Index, root: int) -> set[int]:
    """Return a picture and, level by level, the pictures that it is made from."""
    found: set[int] = set()
    level = {root}
    for _ in range(MAX_DERIVATIONS):
        found |= level
        made = (item for item in level if _kind(index, item) in DERIVED)
        level = {source for item in made for source in index.targets(b"dimg", item)}
    if level:
        raise Malformed("a picture made from pictures too many times, or from itself")
    return found


def _kind(index: Index, item: int) -> bytes:
    entry = index.entries.get(item)
    if entry is None:
        raise Malformed("a picture that is not there")
    return entry.kind


def _is_alpha(index: Index, item: int) -> bool:
    kinds = [p.content for p in index.properties.get(item, ()) if p.kind == b"auxC"]
    return any(auxiliary_type(content) in ALPHA for content in kinds)


def _check_kept(index: Index, item: int) -> None:
    """Make sure that a picture can be kept as it is."""
    entry = index.entries[item]
    if entry.kind not in CODED.keys() | DERIVED or entry.protected:
        raise Unsupported("a picture that needs an unknown or protected item")
    if index.targets(b"pred", item) or index.targets(b"exbl", item):
        raise Unsupported("a picture that is predicted from another one")
    for sized in _named(index, item, b"ispe"):
        check_pixels(*size_of(sized.content))


def _named(index: Index, item: int, kind: bytes) -> list[Property]:
    return [one for one in index.properties.get(item, ()) if one.kind == kind]


def _one(index: Index, item: int, kind: bytes) -> memoryview:
    """Return the content of a property that a picture must have just once."""
    found = _named(index, item, kind)
    if len(found) != 1:
        raise Malformed("a picture without its size or coding, or with two")
    return found[0].content


def _size(index: Index) -> tuple[int, int]:
    return size_of(_one(index, index.primary, b"ispe"))


def _picture(index: Index, contents: Contents, kept: tuple[int, ...]) -> Picture:
    """Return the new file: the kept items in their order, numbered from 1."""
    numbers = {item: number for number, item in enumerate(kept, 1)}
    references = [
        (kind, numbers[item], tuple(numbers[t] for t in index.targets(kind, item) if t in numbers))
        for kind in (b"dimg", b"auxl", b"prem")
        for item in kept
    ]
    seen: dict[int, bytes] = {}
    return Picture(
        brand=_brand(index, kept),
        primary=numbers[index.primary],
        items=tuple(_new_item(index, contents, item, seen) for item in kept),
        references=tuple(reference for reference in references if reference[2]),
    )


def _brand(index: Index, kept: tuple[int, ...]) -> bytes:
    """Return the brand that the coding asks for (ISO/IEC 23008-12 annex B.4.1)."""
    codings = {index.entries[item].kind for item in kept} - DERIVED
    if len(codings) != 1:
        raise Unsupported("a picture coded in two ways, or in none")
    if codings == {b"av01"}:
        return b"avif"
    own = _derived_from(index, index.primary)
    coded = [_one(index, item, b"hvcC") for item in own if index.entries[item].kind == b"hvc1"]
    return b"heic" if {profile_of(content) for content in coded} <= _MAIN_PROFILES else b"heix"


def _new_item(index: Index, contents: Contents, item: int, seen: dict[int, bytes]) -> NewItem:
    kind = index.entries[item].kind
    properties = _new_properties(index.properties.get(item, ()), seen)
    if kind in DERIVED:
        inputs = len(index.targets(b"dimg", item))
        content = memoryview(b"") if kind == b"iden" else contents.of(item)
        made = derivation(kind, content, inputs)
        return NewItem(kind=kind, properties=properties, derivation=made)
    configuration = _one(index, item, CODED[kind])
    width = unit_length_width(configuration) if kind == b"hvc1" else 0
    coded = contents.coded(item, kind, width)
    return NewItem(kind=kind, properties=properties, coded=coded)


def _new_properties(properties: Iterable[Property], seen: dict[int, bytes]) -> tuple[bytes, ...]:
    """Return the properties that stay, each written once and remembered by its place."""
    boxes_: list[bytes] = []
    for one in properties:
        if one.place not in seen:
            seen[one.place] = rewritten(one.kind, one.content)
        if seen[one.place]:
            boxes_.append(seen[one.place])
        elif one.essential:
            raise Unsupported("a picture with an essential property that is not known here")
    return tuple(dict.fromkeys(boxes_))


def _dropped(index: Index, kept: tuple[int, ...], found: list[Box], size: int) -> tuple[str, ...]:
    """Name the types of outer boxes, items and properties that are gone."""
    kinds = [box.kind for box in found if box.kind not in (b"ftyp", b"meta", b"mdat")]
    kinds += [*index.others, *(e.kind for item, e in index.entries.items() if item not in kept)]
    kinds += [
        one.kind
        for item in kept
        for one in index.properties.get(item, ())
        if not rewritten(one.kind, one.content)
    ]
    names = [kind.decode("ascii") if kind in _NAMED else "unknown" for kind in kinds]
    if found[-1].end < size:
        names.append("after the end")
    return tuple(dict.fromkeys(names))


def _metadata(index: Index, contents: Contents) -> Metadata:
    """Keep Exif and XMP apart for the child; what describes the main picture comes first."""
    own = {
        i for i, targets in index.references.get(b"cdsc", {}).items() if index.primary in targets
    }
    exif: list[bytes] = []
    xmp: list[bytes] = []
    for item, entry in sorted(index.entries.items(), key=lambda pair: pair[0] not in own):
        is_xmp = entry.content_type == b"application/rdf+xml"
        if entry.protected or not (entry.kind == b"Exif" or is_xmp):
            continue
        content = bytes(contents.of(item))
        if len(content) <= MAX_METADATA_BYTES:
            (xmp if is_xmp else exif).append(content)
    return Metadata(untrusted_exif=_tiff(exif[0]) if exif else None, untrusted_xmp=tuple(xmp))


def _tiff(untrusted_exif: bytes) -> bytes:
    """Return the TIFF block of an Exif item (ISO/IEC 23008-12 annex A.2.1)."""
    offset = int.from_bytes(untrusted_exif[:4], "big")
    return untrusted_exif[4 + offset :]
