# SPDX-License-Identifier: Apache-2.0
"""Write a HEIF file: brands, an index of the items given, and their coded pictures behind it.

Rule: the same picture always becomes the same bytes, so that nothing survives of the way in which a
device writes: items are numbered from 1, properties stand once, offsets have four bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from agent.media.recipe import Extent, Piece
from agent.media.walk.boxes import box, box_header, full_box
from agent.media.walk.heif_properties import ESSENTIAL

_BRANDS: Final = {
    b"heic": (b"mif1", b"heic"),
    b"heix": (b"mif1", b"heix"),
    b"avif": (b"avif", b"mif1", b"miaf"),
}
"""The compatible brands for each main brand (ISO/IEC 23008-12 annex B, AV1 in HEIF section 6)."""
_HANDLER: Final = full_box(b"hdlr", 0, 0, bytes(4), b"pict", bytes(13))
_HIDDEN: Final = 1
_WIDE_ASSOCIATIONS: Final = 1
_NARROW_PLACES: Final = 127


@dataclass(frozen=True, slots=True, kw_only=True)
class NewItem:
    """A picture of the new file: its type, its properties as boxes, and its content.

    A coded picture has `coded` pieces; a derived one has a `derivation`, which is short.
    """

    kind: bytes
    properties: tuple[bytes, ...]
    derivation: bytes = b""
    coded: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The new file: its main brand, its items in order, the number of the main one, the links.

    `references` are (type, number it goes out from, numbers it goes to); numbers count from 1.
    """

    brand: bytes
    primary: int
    items: tuple[NewItem, ...]
    references: tuple[tuple[bytes, int, tuple[int, ...]], ...]


def written(picture: Picture) -> tuple[Piece, ...]:
    """Return the pieces of the new file, in order."""
    brands = box(b"ftyp", picture.brand, bytes(4), *_BRANDS[picture.brand])
    stored = tuple(dict.fromkeys(item.coded for item in picture.items if item.coded))
    length = sum(map(_length, stored))
    store = box_header(b"mdat", length)
    start = len(brands) + len(_index(picture, stored, 0)) + len(store)
    pieces = [piece for pieces in stored for piece in pieces]
    return (brands + _index(picture, stored, start) + store, *_merged(pieces))


def _length(pieces: Iterable[Piece]) -> int:
    return sum(len(p) if isinstance(p, bytes) else p.length for p in pieces)


def _index(picture: Picture, stored: tuple[tuple[Piece, ...], ...], start: int) -> bytes:
    """Return the `meta` box of a file whose stored pictures begin at `start`."""
    embedded = b"".join(item.derivation for item in picture.items)
    parts = (
        _HANDLER,
        full_box(b"pitm", 0, 0, _short(picture.primary)),
        _locations(picture, stored, start),
        _entries(picture),
        *_references(picture),
        _properties(picture),
        box(b"idat", embedded) if embedded else b"",
    )
    return full_box(b"meta", 0, 0, *parts)


def _short(number: int) -> bytes:
    return number.to_bytes(2, "big")


def _locations(picture: Picture, stored: tuple[tuple[Piece, ...], ...], start: int) -> bytes:
    """Return `iloc`: coded pictures by their place in the file, derivations by that in `idat`."""
    places: dict[tuple[Piece, ...], tuple[int, int]] = {}
    for pieces in stored:
        places[pieces] = (start, _length(pieces))
        start += _length(pieces)
    rows, embedded = [], 0
    for number, item in enumerate(picture.items, 1):
        if item.coded:
            offset, length = places[item.coded]
        else:
            offset, length = embedded, len(item.derivation)
            embedded += length
        if length:
            head = (number, 0 if item.coded else 1, 0, 1)
            place = offset.to_bytes(4, "big") + length.to_bytes(4, "big")
            rows.append(b"".join(map(_short, head)) + place)
    return full_box(b"iloc", 1, 0, b"\x44\x00", _short(len(rows)), *rows)


def _entries(picture: Picture) -> bytes:
    rows = [
        full_box(
            b"infe",
            2,
            0 if number == picture.primary else _HIDDEN,
            *(_short(number), bytes(2), item.kind, b"\0"),
        )
        for number, item in enumerate(picture.items, 1)
    ]
    return full_box(b"iinf", 0, 0, _short(len(rows)), *rows)


def _references(picture: Picture) -> tuple[bytes, ...]:
    rows = [
        box(kind, *map(_short, (source, len(targets), *targets)))
        for kind, source, targets in picture.references
    ]
    return (full_box(b"iref", 0, 0, *rows),) if rows else ()


def _properties(picture: Picture) -> bytes:
    """Return `iprp`: each property once, in the order of its first use."""
    known = tuple(dict.fromkeys(one for item in picture.items for one in item.properties))
    wide = len(known) > _NARROW_PLACES
    width = 2 if wide else 1
    places = {
        one: place + (1 << 8 * width - 1 if one[4:8] in ESSENTIAL else 0)
        for place, one in enumerate(known, 1)
    }
    rows = [
        _short(number)
        + bytes((len(item.properties),))
        + b"".join(places[one].to_bytes(width, "big") for one in item.properties)
        for number, item in enumerate(picture.items, 1)
    ]
    association = full_box(
        b"ipma", 0, _WIDE_ASSOCIATIONS if wide else 0, len(rows).to_bytes(4, "big"), *rows
    )
    return box(b"iprp", box(b"ipco", *known), association)


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Join extents that touch, so that the clean file is read in few steps."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else b""
        if (
            isinstance(piece, Extent)
            and isinstance(last, Extent)
            and last.offset + last.length == piece.offset
        ):
            merged[-1] = Extent(last.offset, last.length + piece.length)
        else:
            merged.append(piece)
    return merged
