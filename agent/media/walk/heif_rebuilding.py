# SPDX-License-Identifier: Apache-2.0
"""Make the items of the new HEIF file out of those that are kept of the old one.

Rule: nothing is carried over as it was but coded units; numbers, properties, links and recipes of
derived pictures are written anew from what was read.
"""

from dataclasses import dataclass
from typing import Final

from agent.media.errors import Unsupported
from agent.media.walk.heif_colour import coding_of, in_code_points, is_display_p3
from agent.media.walk.heif_content import Contents, derivation
from agent.media.walk.heif_items import Index
from agent.media.walk.heif_properties import profile_of, rewritten, unit_length_width
from agent.media.walk.heif_selection import DERIVED, is_alpha, made_from
from agent.media.walk.heif_writing import NewItem, Picture

_CONFIGURATIONS: Final = {b"hvc1": b"hvcC", b"av01": b"av1C"}
_MAIN_PROFILES: Final = frozenset({1, 3})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The new file, and the types of the properties that it does without."""

    picture: Picture
    dropped: tuple[bytes, ...]


def rebuilt(index: Index, contents: Contents, kept: tuple[int, ...]) -> Rebuilt:
    """Return the new file: the kept items in their order, numbered from 1.

    Raises:
        Malformed, TooBig: what an item holds breaks the rules or the limits.
        Unsupported: an essential property is unknown, or the picture is coded in two ways.
    """
    rebuilding = _Rebuilding(index, contents, kept)
    picture = Picture(
        brand=rebuilding.brand(),
        primary=kept.index(index.primary) + 1,
        items=tuple(map(rebuilding.item, kept)),
        references=rebuilding.references(),
    )
    return Rebuilt(picture=picture, dropped=rebuilding.dropped)


class _Rebuilding:
    """What is looked up again and again while one file is rebuilt."""

    def __init__(self, index: Index, contents: Contents, kept: tuple[int, ...]) -> None:
        self._index = index
        self._contents = contents
        self._kept = kept
        used = {one.place: one for item in kept for one in index.properties.get(item, ())}
        self._boxes = {place: rewritten(one.kind, one.content) for place, one in used.items()}
        self._display_p3 = frozenset(filter(is_display_p3, self._boxes.values()))
        self._codings: dict[int, bytes | None] = {}
        self.dropped = tuple(one.kind for place, one in used.items() if not self._boxes[place])

    def brand(self) -> bytes:
        """Return the brand that the coding asks for (ISO/IEC 23008-12 annex B.4)."""
        codings = {self._index.entries[item].kind for item in self._kept} - DERIVED
        if len(codings) != 1:
            raise Unsupported("a picture coded in two ways, or in none")
        if codings == {b"av01"}:
            return b"avif"
        own = made_from(self._index, {self._index.primary})
        coded = (item for item in own if self._index.entries[item].kind not in DERIVED)
        is_main = {profile_of(self._configuration(item)[1]) for item in coded} <= _MAIN_PROFILES
        return b"heic" if is_main else b"heix"

    def references(self) -> tuple[tuple[bytes, int, tuple[int, ...]], ...]:
        """Return the links between kept items, by their new numbers."""
        numbers = {item: number for number, item in enumerate(self._kept, 1)}
        alphas = {item: numbers[item] for item in self._kept if is_alpha(self._index, item)}
        derived = [i for i in self._kept if self._index.entries[i].kind in DERIVED]
        links = (
            (kind, numbers[item], tuple(ends[t] for t in targets if t in ends))
            for kind, starts, ends in (
                (b"dimg", derived, numbers),
                (b"auxl", alphas, numbers),
                (b"prem", self._kept, alphas),
            )
            for item in starts
            if (targets := self._index.targets(kind, item))
        )
        return tuple(link for link in links if link[2])

    def item(self, item: int) -> NewItem:
        """Return an item with its properties and content."""
        kind, properties = self._index.entries[item].kind, self._properties(item)
        if kind in DERIVED:
            inputs = len(self._index.targets(b"dimg", item))
            content = memoryview(b"") if kind == b"iden" else self._contents.of(item)
            made = derivation(kind, content, inputs)
            return NewItem(kind=kind, properties=properties, derivation=made)
        _, configuration = self._configuration(item)
        width = unit_length_width(configuration) if kind == b"hvc1" else 0
        coded = self._contents.coded(item, kind, width)
        return NewItem(kind=kind, properties=properties, coded=coded)

    def _properties(self, item: int) -> tuple[bytes, ...]:
        """Return the boxes of the properties that stay."""
        found = self._index.properties.get(item, ())
        if any(one.essential and not self._boxes[one.place] for one in found):
            raise Unsupported("a picture with an essential property that is not known here")
        boxes = tuple(dict.fromkeys(filter(None, (self._boxes[one.place] for one in found))))
        if self._display_p3.isdisjoint(boxes):
            return boxes
        return in_code_points(boxes, self._coding(item))

    def _coding(self, item: int) -> bytes | None:
        """Return how the first coded picture behind an item says that it is coded."""
        while self._index.entries[item].kind in DERIVED:
            inputs = self._index.targets(b"dimg", item)
            if not inputs:
                return None
            item = inputs[0]
        if self._index.entries[item].kind != b"hvc1":
            return None
        place, configuration = self._configuration(item)
        if place not in self._codings:
            self._codings[place] = coding_of(configuration)
        return self._codings[place]

    def _configuration(self, item: int) -> tuple[int, memoryview]:
        kind = _CONFIGURATIONS[self._index.entries[item].kind]
        found = self._index.property_of(item, kind)
        return found.place, found.content
