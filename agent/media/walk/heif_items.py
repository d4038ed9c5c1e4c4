# SPDX-License-Identifier: Apache-2.0
"""Read the index of a HEIF file: its items, where they lie and what is said of them.

Sources: ISO/IEC 14496-12 section 8.11 (meta, iloc, iinf, iref, pitm), ISO/IEC 23008-12 section 9.3
(iprp). Rule: a file that says one thing twice is refused, so that no two readers see two pictures.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.media.errors import Malformed, TooBig
from agent.media.walk.boxes import Fields, children

MAX_ITEMS: Final = 10_000
"""Items of one file: a picture of 200 million pixels has about 800 tiles."""
MAX_EXTENTS: Final = 100_000
"""Extents, references and associations of properties, of all items together, of each at most."""

_REQUIRED: Final = (b"hdlr", b"pitm", b"iinf", b"iprp")
_WIDTHS: Final = frozenset({0, 4, 8})

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where an item lies: what its extents are counted from, in which file, and the extents."""

    construction: int
    data_reference: int
    extents: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One thing that is said of items: its place in `ipco`, and whether readers must know it."""

    place: int
    kind: bytes
    content: memoryview
    essential: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What `iinf` says of an item; `content_type` is that of a `mime` item."""

    kind: bytes
    protected: bool = False
    content_type: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """The content of the `meta` box of a picture file, by item id."""

    primary: int
    entries: Mapping[int, Entry]
    locations: Mapping[int, Location]
    properties: Mapping[int, tuple[Property, ...]]
    references: Mapping[bytes, Mapping[int, tuple[int, ...]]]
    """Type of reference, item that it goes out from, items that it goes to."""
    embedded: memoryview
    """The content of `idat`, where small items lie."""
    others: tuple[bytes, ...]
    """The types of the boxes that were not read."""

    def targets(self, kind: bytes, item: int) -> tuple[int, ...]:
        """Return the items that one kind of reference goes to from an item."""
        return self.references.get(kind, {}).get(item, ())

    def property_of(self, item: int, kind: bytes) -> Property:
        """Return a property that a picture must have just once.

        Raises:
            Malformed: it has none, or two.
        """
        found = [one for one in self.properties.get(item, ()) if one.kind == kind]
        if len(found) != 1:
            raise Malformed("a picture without its size or coding, or with two")
        return found[0]


def read_index(meta: memoryview) -> Index:
    """Read the content of a `meta` box.

    Raises:
        Malformed: a part is missing, doubled or broken.
        TooBig: more items, extents or boxes than the limits.
    """
    fields = Fields(meta)
    fields.version_flags()
    parts = _unique(children(fields.rest()))
    if not parts.keys() >= set(_REQUIRED) or bytes(parts[b"hdlr"][8:12]) != b"pict":
        raise Malformed("an index that describes no picture")
    return Index(
        primary=_primary(parts[b"pitm"]),
        entries=_entries(parts[b"iinf"]),
        locations=_locations(parts.get(b"iloc", memoryview(bytes(8)))),
        properties=_properties(parts[b"iprp"]),
        references=_references(parts.get(b"iref", memoryview(bytes(4)))),
        embedded=parts.get(b"idat", memoryview(b"")),
        others=tuple(parts.keys() - {*_REQUIRED, b"iloc", b"iref", b"idat"}),
    )


def _unique(boxes: Iterable[tuple[bytes, memoryview]]) -> dict[bytes, memoryview]:
    found: dict[bytes, memoryview] = {}
    for kind, content in boxes:
        _put(found, kind, content)
    return found


def _put(table: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Enter a value under a key that is not there yet."""
    if key in table:
        raise Malformed("an index that says one thing twice")
    table[key] = value


def _primary(content: memoryview) -> int:
    fields = Fields(content)
    version, _ = fields.version_flags()
    return fields.number(2 if version == 0 else 4)


def _entries(content: memoryview) -> dict[int, Entry]:
    fields = Fields(content)
    version, _ = fields.version_flags()
    fields.number(2 if version == 0 else 4)
    entries: dict[int, Entry] = {}
    for kind, entry in children(fields.rest(), MAX_ITEMS):
        if kind == b"infe":
            _put(entries, *_entry(Fields(entry)))
    return entries


def _entry(fields: Fields) -> tuple[int, Entry]:
    """Read one `infe`; those before version 2 describe no pictures."""
    version, _ = fields.version_flags()
    item = fields.number(4 if version == 3 else 2)
    protected = fields.number(2) != 0
    if version < 2:
        return item, Entry(kind=b"")
    kind = fields.code()
    if kind != b"mime":
        return item, Entry(kind=kind, protected=protected)
    fields.text()
    content_type = fields.text()
    if fields.rest() and fields.text():
        content_type = b""  # packed in a way that nothing here unpacks
    return item, Entry(kind=kind, protected=protected, content_type=content_type)


def _locations(content: memoryview) -> dict[int, Location]:
    fields = Fields(content)
    version, _ = fields.version_flags()
    sizes = fields.number(2)
    widths = tuple(sizes >> shift & 15 for shift in (12, 8, 4, 0))
    if version == 0:
        widths = (*widths[:3], 0)
    if version > 2 or not _WIDTHS.issuperset(widths):
        raise Malformed("locations of an unknown shape")
    locations: dict[int, Location] = {}
    room = MAX_EXTENTS
    for _ in range(_bounded(fields.number(4 if version == 2 else 2), MAX_ITEMS)):
        item = fields.number(4 if version == 2 else 2)
        location = _location(fields, version, widths, room)
        room -= len(location.extents)
        _put(locations, item, location)
    return locations


def _location(fields: Fields, version: int, widths: tuple[int, ...], room: int) -> Location:
    """Read where one item lies; its extents may take up the room that is left."""
    offset_width, length_width, base_width, index_width = widths
    construction = fields.number(2) & 15 if version else 0
    data_reference = fields.number(2)
    base = fields.number(base_width)
    extents: list[tuple[int, int]] = []
    for _ in range(_bounded(fields.number(2), room)):
        fields.number(index_width)
        offset = fields.number(offset_width)
        extents.append((base + offset, fields.number(length_width)))
    return Location(
        construction=construction, data_reference=data_reference, extents=tuple(extents)
    )


def _bounded(count: int, limit: int) -> int:
    if count > limit:
        raise TooBig("an index with more entries than the limit")
    return count


def _references(content: memoryview) -> dict[bytes, dict[int, tuple[int, ...]]]:
    fields = Fields(content)
    version, _ = fields.version_flags()
    width, room = (2 if version == 0 else 4), MAX_EXTENTS
    references: dict[bytes, dict[int, tuple[int, ...]]] = {}
    for kind, entry in children(fields.rest(), MAX_ITEMS):
        one = Fields(entry)
        source = one.number(width)
        count = _bounded(one.number(2), room)
        targets = tuple(one.number(width) for _ in range(count))
        room -= count
        _put(references.setdefault(kind, {}), source, targets)
    return references


def _properties(content: memoryview) -> dict[int, tuple[Property, ...]]:
    """Read `iprp`: the properties themselves, then which item has which."""
    parts = list(children(content))
    known = [entry for kind, part in parts if kind == b"ipco" for entry in children(part)]
    properties: dict[int, tuple[Property, ...]] = {}
    for kind, part in parts:
        if kind == b"ipma":
            for item, associations in _associations(Fields(part)):
                _put(properties, item, tuple(_property(known, *one) for one in associations))
    return properties


def _associations(fields: Fields) -> Iterator[tuple[int, list[tuple[int, bool]]]]:
    """Yield from an `ipma` each item with the places of its properties, and which it must have."""
    version, flags = fields.version_flags()
    width = 2 if flags & 1 else 1
    essential, room = 1 << (8 * width - 1), MAX_EXTENTS
    for _ in range(_bounded(fields.number(4), MAX_ITEMS)):
        item = fields.number(2 if version == 0 else 4)
        count = _bounded(fields.number(1), room)
        room -= count
        numbers = [fields.number(width) for _ in range(count)]
        yield item, [(n % essential, n >= essential) for n in numbers if n % essential]


def _property(known: list[tuple[bytes, memoryview]], place: int, essential: bool) -> Property:  # noqa: FBT001 - a pair as it was read
    if place > len(known):
        raise Malformed("a property that is not there")
    kind, content = known[place - 1]
    return Property(place=place, kind=kind, content=content, essential=essential)
