# SPDX-License-Identifier: Apache-2.0
"""Fetch what the items of a HEIF file hold: coded pictures, recipes of derived ones, metadata.

Rules: content lies in `mdat` or `idat` of this file; all that is fetched together is no longer than
the file itself, however its extents overlap; a derived picture names just the inputs that it uses.
"""

from itertools import islice
from typing import Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.limits import MAX_PARTS, check_pixels
from agent.media.recipe import HEADROOM, Extent, Piece
from agent.media.walk.boxes import Box, Fields
from agent.media.walk.heif_coded import Use, units
from agent.media.walk.heif_items import Index, Location

_IN_FILE: Final = 0
_IN_INDEX: Final = 1

Place = tuple[int, int]


class Contents:
    """Read items by their id; `stores` are the `mdat` boxes of the file that `data` is."""

    def __init__(self, data: memoryview, index: Index, stores: list[Box]) -> None:
        self._data = data
        self._index = index
        self._stores = stores
        self._fetched: dict[Location, tuple[memoryview, int | None]] = {}
        self._bytes_left = len(data) + HEADROOM
        self._units_left = MAX_PARTS

    def of(self, item: int) -> memoryview:
        """Return the content of an item.

        Raises:
            Unsupported: it lies in another file, in another item, or is as long as the file.
            Malformed: it lies nowhere, or outside `mdat` and `idat`.
            TooBig: the items together are larger than the file.
        """
        return self._fetch(item)[0]

    def coded(self, item: int, kind: bytes, length_width: int) -> tuple[Piece, ...]:
        """Return the pieces of a coded picture that are decoded.

        Raises:
            The same as `of`; Malformed also for coded units that do not fit.
        """
        content, start = self._fetch(item)
        found = list(islice(units(kind, content, length_width), self._units_left + 1))
        self._units_left -= len(found)
        if self._units_left < 0:
            raise TooBig("more coded units than the limit")
        if not any(unit.use is Use.DRAW for unit in found):
            raise Malformed("a coded picture that draws nothing")
        kept: list[Place] = []
        for unit in found:
            if unit.use is not Use.TELL and kept and kept[-1][1] == unit.start:
                kept[-1] = (kept[-1][0], unit.end)
            elif unit.use is not Use.TELL:
                kept.append((unit.start, unit.end))
        if start is None:
            return tuple(bytes(content[begin:end]) for begin, end in kept)
        return tuple(Extent(start + begin, end - begin) for begin, end in kept)

    def _fetch(self, item: int) -> tuple[memoryview, int | None]:
        """Return the content of an item, and where it starts in the file if it is in one piece."""
        location = self._index.locations.get(item)
        if location is None:
            raise Malformed("an item that lies nowhere")
        if location not in self._fetched:
            self._bytes_left -= sum(length for _, length in location.extents)
            if self._bytes_left < 0:
                raise TooBig("the items are larger than their file")
            self._fetched[location] = self._read(location)
        return self._fetched[location]

    def _read(self, location: Location) -> tuple[memoryview, int | None]:
        if location.data_reference or location.construction not in (_IN_FILE, _IN_INDEX):
            raise Unsupported("an item that lies outside its file or inside another item")
        if not location.extents or not all(length for _, length in location.extents):
            raise Unsupported("an item of open length")
        places = [(offset, offset + length) for offset, length in location.extents]
        if location.construction == _IN_INDEX:
            return self._joined(self._index.embedded, places), None
        if not all(self._is_stored(*place) for place in places):
            raise Malformed("an item that lies outside the stored data")
        start = places[0][0] if len(places) == 1 else None
        return self._joined(self._data, places), start

    def _is_stored(self, start: int, end: int) -> bool:
        return any(store.content <= start and end <= store.end for store in self._stores)

    @staticmethod
    def _joined(data: memoryview, places: list[Place]) -> memoryview:
        if any(end > len(data) for _, end in places):
            raise Malformed("an item that lies outside the stored data")
        if len(places) == 1:
            return data[places[0][0] : places[0][1]]
        return memoryview(b"".join(data[start:end] for start, end in places))


def derivation(kind: bytes, content: memoryview, inputs: int) -> bytes:
    """Return how a picture is derived from its inputs, written anew (ISO/IEC 23008-12 section 6.6).

    Raises:
        Malformed: it needs another number of inputs, or makes no pixels.
        Unsupported: a version that is not known here.
        TooBig: it makes more pixels than the limit.
    """
    if kind == b"iden":
        _expect(1, inputs)
        return b""
    if not inputs:
        raise Malformed("a picture made from none")
    fields = Fields(content)
    version, wide = fields.number(1), fields.number(1) & 1
    if version:
        raise Unsupported("a derived picture of another version")
    layout = fields.take(2 if kind == b"grid" else 8)
    if kind == b"grid":
        _expect((layout[0] + 1) * (layout[1] + 1), inputs)
    width = 4 if wide else 2
    size = fields.take(2 * width)
    check_pixels(int.from_bytes(size[:width], "big"), int.from_bytes(size[width:], "big"))
    offsets = b"" if kind == b"grid" else fields.take(2 * width * inputs)
    return b"".join((bytes((0, wide)), layout, size, offsets))


def _expect(wanted: int, inputs: int) -> None:
    if inputs != wanted:
        raise Malformed("a derived picture with another number of inputs")
