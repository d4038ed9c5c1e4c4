# SPDX-License-Identifier: Apache-2.0
"""Hand-made HEIF files for tests, around pictures that are drawn and encoded here.

Written without the code under test: a file is a table of items, and what a writer may do wrong or
oddly (another layout, holes, doubled entries) is a parameter.
"""

import io
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

import pillow_heif
from PIL import Image, ImageDraw

SIDE = 64
MAIN = 7
"""The number of the main item in these files."""


def atom(kind: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return struct.pack(">I", len(body) + 8) + kind + body


def full(kind: bytes, version: int, flags: int, *contents: bytes) -> bytes:
    return atom(kind, struct.pack(">I", version << 24 | flags), *contents)


def drawing(mode: str = "RGB", seed: int = 0, side: int = SIDE) -> Image.Image:
    """Draw a picture whose every turn and crop looks different."""
    picture = Image.new(mode, (side, side))
    pen = ImageDraw.Draw(picture)
    for i in range(0, side, 4):
        colour = ((i * 4 + seed * 40) % 256, (255 - i * 3) % 256, (i * i + seed) % 256, 128 + i)
        pen.rectangle((i, i // 2, side, side), fill=colour[: len(mode)] if len(mode) > 1 else i)
    return picture


@cache
def encoded_heic(mode: str = "RGB", seed: int = 0, **info: bytes) -> bytes:
    return _encoded(mode, seed, "HEIF", info)


@cache
def encoded_avif(mode: str = "RGB", seed: int = 0, **info: bytes) -> bytes:
    return _encoded(mode, seed, "AVIF", info)


def _encoded(mode: str, seed: int, form: str, info: Mapping[str, bytes]) -> bytes:
    file = io.BytesIO()
    if form == "AVIF":
        drawing(mode, seed).save(file, "AVIF", quality=70, speed=10, **info)
        return file.getvalue()
    container = pillow_heif.from_pillow(drawing(mode, seed))
    container.info.update(info)
    container.save(file, quality=70, **({"exif": info["exif"]} if "exif" in info else {}))
    return file.getvalue()


def pixels(data: bytes) -> tuple[str, tuple[int, int], bytes]:
    """Decode the main picture of a HEIF or AVIF file as a viewer would show it."""
    if data[8:12] == b"avif":
        picture = Image.open(io.BytesIO(data))
        return picture.mode, picture.size, picture.tobytes()
    container = pillow_heif.open_heif(io.BytesIO(data))
    return container.mode, container.size, bytes(container.data or b"")


def atoms(data: bytes) -> list[tuple[bytes, bytes]]:
    found = []
    while data:
        size = int.from_bytes(data[:4], "big")
        found.append((data[4:8], data[8:size]))
        data = data[size:]
    return found


def named(data: bytes, *path: bytes) -> bytes:
    """Return the content of the first box on a path."""
    for name in path:
        data = next(content for kind, content in atoms(data) if kind == name)
        data = data[4:] if name == b"meta" else data
    return data


@dataclass(frozen=True)
class Item:
    """One item: its type, content, properties as boxes, and oddities."""

    kind: bytes
    content: bytes = b""
    properties: tuple[bytes, ...] = ()
    embedded: bool = False
    """Whether its content lies in `idat`."""
    pieces: int = 1
    name: bytes = b""
    protection: int = 0
    construction: int | None = None
    data_reference: int = 0
    after_name: bytes = b""
    essential: frozenset[bytes] = frozenset({b"hvcC", b"av1C", b"irot", b"imir", b"clap"})


@dataclass(frozen=True)
class File:
    """A HEIF file to be: items by number, references, and what a writer may add."""

    items: Mapping[int, Item]
    references: Sequence[tuple[bytes, int, tuple[int, ...]]] = ()
    primary: int = MAIN
    brand: bytes = b"heic"
    in_index: bytes = b""
    """Boxes at the end of `meta`."""
    behind: bytes = b""
    hole: bytes = b""
    """Bytes in `mdat` that belong to no item."""
    handler: bytes = b"pict"
    iloc_version: int = 1
    wide: bool = False
    """Whether items are numbered with four bytes, as the later versions of each box have it."""
    store_header: str = "short"
    order: tuple[str, ...] = field(default=("ftyp", "meta", "mdat"))

    def with_item(
        self, number: int, item: Item, *references: tuple[bytes, int, tuple[int, ...]]
    ) -> "File":
        """Return the file with one item and its references more, or another one."""
        return replace(
            self,
            items={**self.items, number: item},
            references=(*self.references, *references),
        )

    def made(self) -> bytes:
        """Return the file."""
        parts = {"ftyp": atom(b"ftyp", self.brand, bytes(4), self.brand, b"mif1", b"miaf")}
        parts["mdat"] = self._store()
        parts["meta"] = self._index(0)
        before = self.order[: self.order.index("mdat")]
        header = {"short": 8, "long": 16, "open": 8}[self.store_header]
        parts["meta"] = self._index(sum(len(parts[name]) for name in before) + header)
        return b"".join(parts[name] for name in self.order) + self.behind

    def _stored(self) -> bytes:
        return b"".join(i.content + self.hole for i in self.items.values() if not i.embedded)

    def _store(self) -> bytes:
        body = self._stored()
        if self.store_header == "long":
            return struct.pack(">I4sQ", 1, b"mdat", len(body) + 16) + body
        size = 0 if self.store_header == "open" else len(body) + 8
        return struct.pack(">I4s", size, b"mdat") + body

    def _index(self, start: int) -> bytes:
        embedded = b"".join(i.content for i in self.items.values() if i.embedded)
        references = [
            atom(kind, self._number(source), struct.pack(">H", len(t)), *map(self._number, t))
            for kind, source, t in self.references
        ]
        return full(
            b"meta",
            0,
            0,
            full(b"hdlr", 0, 0, bytes(4), self.handler, bytes(12), b"Camera of Nobody\0"),
            full(b"pitm", self.wide, 0, self._number(self.primary)),
            self._entries(),
            self._locations(start),
            full(b"iref", self.wide, 0, *references) if references else b"",
            self._properties(),
            atom(b"idat", embedded) if embedded else b"",
            self.in_index,
        )

    def _entries(self) -> bytes:
        rows = [
            full(
                b"infe",
                2 + self.wide,
                0,
                self._number(number),
                struct.pack(">H", item.protection),
                item.kind + item.name + b"\0" + item.after_name,
            )
            for number, item in self.items.items()
        ]
        return full(b"iinf", self.wide, 0, self._number(len(rows)), *rows)

    def _number(self, number: int) -> bytes:
        return struct.pack(">I" if self.wide else ">H", number)

    def _locations(self, start: int) -> bytes:
        rows, embedded = [], 0
        for number, item in self.items.items():
            if item.kind == b"iden":
                continue
            at = embedded if item.embedded else start
            method = item.embedded if item.construction is None else item.construction
            row = self._number(number)
            row += struct.pack(">H", method) if self.iloc_version else b""
            row += struct.pack(">HH", item.data_reference, item.pieces)
            step = -(-len(item.content) // item.pieces)
            for piece in range(item.pieces):
                length = min(step, len(item.content) - piece * step)
                row += struct.pack(">QQ", at + piece * step, length)
            rows.append(row)
            if item.embedded:
                embedded += len(item.content)
            else:
                start += len(item.content) + len(self.hole)
        version = 2 if self.wide else self.iloc_version
        return full(b"iloc", version, 0, b"\x88\x00", self._number(len(rows)), *rows)

    def _properties(self) -> bytes:
        known: list[bytes] = []
        rows = []
        for number, item in self.items.items():
            marks = b""
            for one in item.properties:
                known.append(one)
                essential = 0x8000 if one[4:8] in item.essential else 0
                marks += struct.pack(">H", essential | len(known))
            rows.append(self._number(number) + bytes((len(item.properties),)) + marks)
        return atom(
            b"iprp",
            atom(b"ipco", *known),
            full(b"ipma", self.wide, 1, struct.pack(">I", len(rows)), *rows),
        )


def size(width: int = SIDE, height: int = SIDE) -> bytes:
    return full(b"ispe", 0, 0, struct.pack(">II", width, height))


def turn(quarters: int = 1) -> bytes:
    return atom(b"irot", bytes((quarters,)))


@cache
def coded(kind: bytes = b"hvc1", seed: int = 0) -> Item:
    """Return a picture of 64 by 64 pixels, encoded, with the properties that it needs."""
    data = encoded_heic("RGB", seed) if kind == b"hvc1" else encoded_avif("RGB", seed)
    name = b"hvcC" if kind == b"hvc1" else b"av1C"
    container = named(data, b"meta", b"iprp", b"ipco")
    configuration = next(content for one, content in atoms(container) if one == name)
    depths = full(b"pixi", 0, 0, b"\3\x08\x08\x08")
    properties = (atom(name, configuration), size(), depths)
    return Item(kind, named(data, b"mdat"), properties)


def simple(kind: bytes = b"hvc1", *properties: bytes) -> File:
    """Return a file of one picture, with further properties."""
    item = coded(kind)
    item = replace(item, properties=(*item.properties, *properties))
    return File({MAIN: item}, brand=b"heic" if kind == b"hvc1" else b"avif")


def grid(*properties: bytes, kind: bytes = b"hvc1") -> File:
    """Return a file of two tiles side by side."""
    recipe = struct.pack(">BBBBHH", 0, 0, 0, 1, 2 * SIDE, SIDE)
    main = Item(b"grid", recipe, (size(2 * SIDE, SIDE), *properties), embedded=True)
    items = {3: coded(kind, 1), 5: coded(kind, 2), MAIN: main}
    brand = b"heic" if kind == b"hvc1" else b"avif"
    return File(items, [(b"dimg", MAIN, (3, 5))], brand=brand)


def auxiliary(name: bytes) -> bytes:
    return full(b"auxC", 0, 0, name + b"\0")
