# SPDX-License-Identifier: Apache-2.0
"""The second reader for HEIF and AVIF: three boxes, one picture, and a reason for every byte.

Shares no code with `agent.media.walk` (ISO/IEC 23008-12, ISO/IEC 14496-12). It does not read HEIF
at large: it knows the one layout in which a clean file is written, and doubts all else.
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.verify_coded import (
    is_av1_configuration,
    is_av1_picture,
    is_hevc_configuration,
    is_hevc_picture,
)
from agent.media.verify_icc import is_anonymous

_FIRST: Final = frozenset(
    {b"heic\0\0\0\0mif1heic", b"heix\0\0\0\0mif1heix", b"avif\0\0\0\0avifmif1miaf"}
)
_HANDLER: Final = bytes(8) + b"pict" + bytes(13)
_LAYOUTS: Final = frozenset(
    f"hdlr pitm iloc iinf {references}iprp{embedded}"
    for references in ("", "iref ")
    for embedded in ("", " idat")
)
_DERIVED: Final = frozenset({"grid", "iden", "iovl"})
_TRANSPARENCY: Final = frozenset(
    bytes(4) + name + b"\0"
    for name in (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
)
_MUST_KNOW: Final = frozenset({"hvcC", "av1C", "irot", "imir", "clap", "lsel", "a1op"})

_Place = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """A cleaned file taken apart: items by number, each with its type, content and properties."""

    primary: int
    kinds: Mapping[int, str]
    stored: Mapping[int, bytes]
    properties: Mapping[int, tuple[tuple[str, bytes], ...]]
    references: tuple[tuple[str, int, tuple[int, ...]], ...]


def verify_heif(clean: BinaryIO) -> None:
    """Read a cleaned HEIF or AVIF from start to end.

    Raises:
        Doubt: a box, item, property or byte that a clean picture has not, or not so.
    """
    data = clean.read()
    try:
        file = _taken_apart(data)
        _sure(_all_belong(file), "an item that is no part of the picture")
        _sure(all(_is_picture(file, number) for number in file.kinds), "an item of another shape")
    except (struct.error, LookupError, ValueError) as error:
        raise Doubt("the cleaned HEIF ends inside a field") from error


def _sure(condition: bool, doubt: str) -> None:  # noqa: FBT001 - an assertion reads best so
    if not condition:
        raise Doubt(f"the cleaned HEIF has {doubt}")


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield boxes that fill the data; only the plainest header will do."""
    at = 0
    while at < len(data):
        size, name = struct.unpack_from(">I4s", data, at)
        _sure(8 <= size <= len(data) - at, "a box that does not fit")
        yield name.decode("ascii"), data[at + 8 : at + size]
        at += size


def _taken_apart(data: bytes) -> _File:
    outer = list(_boxes(data))
    _sure([name for name, _ in outer] == ["ftyp", "meta", "mdat"], "other boxes than three")
    brands, index, store = (content for _, content in outer)
    _sure(brands in _FIRST and index[:4] == bytes(4), "another beginning")
    inner = list(_boxes(index[4:]))
    _sure(" ".join(name for name, _ in inner) in _LAYOUTS, "another index")
    parts = dict(inner)
    _sure(parts["hdlr"] == _HANDLER, "another handler")
    _sure(len(parts["pitm"]) == 6 and not any(parts["pitm"][:4]), "another main picture")
    (primary,) = struct.unpack(">H", parts["pitm"][4:])
    kinds = _kinds(parts["iinf"], primary)
    return _File(
        primary=primary,
        kinds=kinds,
        stored=_stored(parts["iloc"], kinds, data, len(store), parts.get("idat", b"")),
        properties=_properties(parts["iprp"], len(kinds)),
        references=tuple(_references(parts["iref"])) if "iref" in parts else (),
    )


def _kinds(content: bytes, primary: int) -> dict[int, str]:
    """Return the types of the items, which are numbered from 1 and have no names."""
    kinds: dict[int, str] = {}
    for number, (name, entry) in enumerate(_boxes(content[6:]), 1):
        head = struct.pack(">IHH", 0x02000000 + (number != primary), number, 0)
        _sure(name == "infe" and entry[:8] == head and entry[12:] == b"\0", "an item with more")
        kinds[number] = entry[8:12].decode("ascii")
    _sure(content[:6] == struct.pack(">IH", 0, len(kinds)) and primary in kinds, "other items")
    return kinds


def _stored(
    content: bytes, kinds: Mapping[int, str], data: bytes, stored: int, embedded: bytes
) -> dict[int, bytes]:
    """Return the items' contents, which together fill `mdat` and `idat` without a gap."""
    found: dict[int, bytes] = {}
    places: tuple[list[_Place], list[_Place]] = ([], [])
    rows = list(struct.iter_unpack(">HHHHII", content[8:]))
    _sure(content[:8] == struct.pack(">IHH", 0x01000000, 0x4400, len(rows)), "other locations")
    for number, where, file, extents, start, length in rows:
        is_plain = file == 0 and extents == 1 and where == (kinds[number] in _DERIVED)
        _sure(is_plain and number not in found, "an item that lies elsewhere")
        found[number] = (data, embedded)[where][start : start + length]
        places[where].append((start, start + length))
    _sure(_fill(places[0], len(data) - stored, len(data)), "bytes in mdat without an item")
    _sure(_fill(places[1], 0, len(embedded)), "bytes in idat without an item")
    return found


def _fill(places: list[_Place], start: int, end: int) -> bool:
    """Tell whether places, some of them the same, lie side by side from start to end."""
    ordered = sorted(set(places))
    starts, ends = [first for first, _ in ordered], [last for _, last in ordered]
    return [start, *ends] == [*starts, end]


def _references(content: bytes) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    _sure(content[:4] == bytes(4), "references of another version")
    for name, entry in _boxes(content[4:]):
        numbers = [number for (number,) in struct.iter_unpack(">H", entry)]
        _sure(len(numbers) > 2 and numbers[1] == len(numbers) - 2, "a reference of another shape")
        yield name, numbers[0], tuple(numbers[2:])


def _properties(content: bytes, items: int) -> dict[int, tuple[tuple[str, bytes], ...]]:
    """Return the properties of each item; each one is on the list, in shape, and used."""
    (first, container), (second, association) = _boxes(content)
    _sure((first, second) == ("ipco", "ipma"), "other properties")
    known = list(_boxes(container))
    _sure(all(n in _SHAPES and _SHAPES[n](c) for n, c in known), "a property of another shape")
    wide = association[3]
    head = struct.pack(">II", len(known) > 127, items)
    _sure(association[:8] == head, "properties of another version")
    found: dict[int, tuple[tuple[str, bytes], ...]] = {}
    at, used = 8, set()
    for number in range(1, items + 1):
        item, count = struct.unpack_from(">HB", association, at)
        marks = struct.unpack_from(f">{count}{'H' if wide else 'B'}", association, at + 3)
        places = [mark & (0x7FFF if wide else 0x7F) for mark in marks]
        _sure(item == number and 0 not in places, "properties of no item")
        found[item] = tuple(known[place - 1] for place in places)
        must = [mark != place for mark, place in zip(marks, places, strict=True)]
        _sure(must == [name in _MUST_KNOW for name, _ in found[item]], "another duty to know")
        used.update(places)
        at += 3 + count * (2 if wide else 1)
    _sure(at == len(association) and used == set(range(1, len(known) + 1)), "unused properties")
    return found


def _all_belong(file: _File) -> bool:
    """Tell whether each item is the main picture, made into it, or the transparency of it."""
    near: dict[int, set[int]] = {number: set() for number in file.kinds}
    for name, source, targets in file.references:
        if name == "dimg":
            _sure(file.kinds[source] in _DERIVED, "inputs of a picture that has none")
            near[source].update(targets)
        elif name == "auxl":
            _sure(_is_transparency(file, source), "another auxiliary picture")
            for target in targets:
                near[target].add(source)
        else:
            known = name == "prem" and all(_is_transparency(file, target) for target in targets)
            _sure(known, "a reference off the list")
    belong, waiting = {file.primary}, [file.primary]
    while waiting:
        new = near[waiting.pop()] - belong
        belong |= new
        waiting.extend(new)
    pairs = [(name, source) for name, source, _ in file.references]
    return belong == file.kinds.keys() and len(pairs) == len(set(pairs))


def _is_transparency(file: _File, number: int) -> bool:
    return any(name == "auxC" for name, _ in file.properties[number])


def _is_picture(file: _File, number: int) -> bool:
    """Tell whether an item's content is a coded picture, or the recipe of a derived one."""
    kind, properties = file.kinds[number], dict(file.properties[number])
    if kind == "hvc1":
        width = properties["hvcC"][21] % 4 + 1
        return is_hevc_picture(file.stored[number], width)
    if kind == "av01":
        return "av1C" in properties and is_av1_picture(file.stored[number])
    inputs = [t for n, source, t in file.references if (n, source) == ("dimg", number)]
    if kind == "iden":
        return number not in file.stored and [len(one) for one in inputs] == [1]
    return kind in _DERIVED and _is_derivation(kind, file.stored[number], len(inputs[0]))


def _is_derivation(kind: str, content: bytes, inputs: int) -> bool:
    """Tell whether a grid or overlay has its exact length and its number of inputs."""
    version, wide = content[:2]
    numbers = 4 if wide else 2
    if kind == "grid":
        fits = len(content) == 4 + 2 * numbers and (content[2] + 1) * (content[3] + 1) == inputs
    else:
        fits = len(content) == 10 + 2 * numbers * (inputs + 1)
    return fits and version == 0 and wide < 2


def _is_colour(content: bytes) -> bool:
    if content[:4] == b"nclx":
        return len(content) == 11 and content[10] in (0, 128)
    return content[:4] == b"prof" and is_anonymous(content[4:])


def _of(length: int) -> Callable[[bytes], bool]:
    return lambda content: len(content) == length


_SHAPES: Final[Mapping[str, Callable[[bytes], bool]]] = {
    "hvcC": is_hevc_configuration,
    "av1C": is_av1_configuration,
    "ispe": lambda content: len(content) == 12 and not any(content[:4]),
    "pixi": lambda content: not any(content[:4]) and len(content) == 5 + content[4],
    "colr": _is_colour,
    "irot": lambda content: len(content) == 1 and content[0] < 4,
    "imir": lambda content: len(content) == 1 and content[0] < 2,
    "clap": _of(32),
    "pasp": _of(8),
    "auxC": lambda content: content in _TRANSPARENCY,
    "lsel": _of(2),
    "a1op": _of(1),
    "clli": _of(4),
    "mdcv": _of(24),
}
