# SPDX-License-Identifier: Apache-2.0
"""Survey a TIFF (TIFF 6.0 section 2): its pages, its turn, and who and what it names.

A TIFF is not walked but written anew in the child, because any offset in it may point anywhere. So
the recipe is the untouched source, which no second reader would ever confirm; what can be learned
without decoding comes from here. Previews ("reduced resolution") go: they may show what was cut.
"""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.limits import MAX_METADATA_BYTES, check_pixels
from agent.media.model import Metadata, Walked
from agent.media.orientation import orientation_of
from agent.media.recipe import Extent, Recipe
from agent.media.walk.jpeg import iptc_of
from agent.media.walk.whole import read_whole

MAX_PAGES: Final = 1000
MAX_TAGS: Final = 512
"""Of one page."""
PREVIEW: Final = 1
"""The bit of NewSubfileType that marks a preview of another page."""
PAGE_KINDS: Final = frozenset({0, 2})
"""NewSubfileType of a picture and of one page of several."""

_WIDTH, _HEIGHT, _SUBFILE, _OLD_SUBFILE = 256, 257, 254, 255
_XMP, _IPTC, _PHOTOSHOP = 700, 33723, 34377
_OLD_PREVIEW: Final = 2
_NAMES: Final = {
    330: "inner pictures",
    _XMP: "XMP",
    33432: "texts",
    _IPTC: "IPTC",
    _PHOTOSHOP: "Photoshop",
    34665: "EXIF",
    34675: "ICC",
    34853: "GPS",
    **dict.fromkeys((269, 270, 271, 272, 285, 305, 306, 315, 316), "texts"),
}
_DRAWING: Final = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 266, 273, 274, 277, 278, 279, 282, 283, 284, 292, 293}
    | {296, 297, 301, 317, 318, 319, 320, 322, 323, 324, 325, 338, 339, 347, 529, 530, 531, 532}
)
"""The tags that are not metadata, though few of them are written again."""
_SHORT, _LONG = 3, 4


@dataclass(frozen=True, slots=True)
class _Entry:
    type: int
    count: int
    at: int
    """Where the four bytes of the value, or of its offset, stand."""


@dataclass(frozen=True, slots=True)
class _Tiff:
    data: bytes
    order: str

    def numbers(self, form: str, at: int) -> tuple[int, ...]:
        """Return numbers in the order of the file.

        Raises:
            Malformed: they are outside the file.
        """
        try:
            return struct.unpack_from(self.order + form, self.data, at)
        except struct.error as error:
            raise Malformed("a directory reaches outside the file") from error

    def content(self, entry: _Entry | None) -> bytes:
        """Return a value's bytes; none where the tag is absent, broken or beyond the limit."""
        if entry is None:
            return b""
        # Blocks are bytes by the book; some writers count IPTC in LONGs.
        size = entry.count * (4 if entry.type == _LONG else 1)
        at = entry.at if size <= 4 else self.numbers("I", entry.at)[0]
        if size > MAX_METADATA_BYTES:
            raise TooBig("more metadata than can be read")
        return self.data[at : at + size]

    def number(self, entry: _Entry | None) -> int:
        """Return the one number of a SHORT or LONG; 0 where the tag is absent."""
        if entry is None:
            return 0
        if entry.type not in (_SHORT, _LONG) or entry.count != 1:
            raise Malformed("a size of another type")
        return self.numbers("H" if entry.type == _SHORT else "I", entry.at)[0]


Directory = Mapping[int, _Entry]


def walk(source: BinaryIO) -> Walked:
    """Return what a TIFF says of itself, and as its recipe the untouched file.

    Raises:
        Malformed: a directory outside the file, pages in a ring, or a page without pixels.
        Unsupported: a file whose first picture is a preview, as in RAW files, or with masks.
        TooBig: more pixels, pages or bytes than the limits.
    """
    data = read_whole(source)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        raise Malformed("no TIFF signature")
    tiff = _Tiff(data, order)
    pages = list(_pages(tiff))
    first = pages[0]
    kinds = [_kind(tiff, page) for page in pages]
    drawn = [kind for kind in kinds if not kind & PREVIEW]
    if kinds[0] & PREVIEW or not PAGE_KINDS.issuperset(drawn):
        raise Unsupported("a TIFF that starts with a preview, or has masks")
    width, height = tiff.number(first.get(_WIDTH)), tiff.number(first.get(_HEIGHT))
    check_pixels(width, height)
    return Walked(
        recipe=Recipe(pieces=(Extent(0, len(data)),), dropped=tuple(_dropped(pages, kinds))),
        metadata=_metadata(tiff, pages),
        width=width,
        height=height,
        orientation=orientation_of(data),
        frames=len(drawn),
    )


def _pages(tiff: _Tiff) -> Iterator[Directory]:
    """Yield the directory of each page."""
    (offset,), seen = tiff.numbers("I", 4), set[int]()
    while offset:
        if offset in seen:
            raise Malformed("pages in a ring")
        if len(seen) == MAX_PAGES:
            raise TooBig("more pages than the limit")
        seen.add(offset)
        (count,) = tiff.numbers("H", offset)
        if count > MAX_TAGS:
            raise TooBig("more tags than the limit")
        places = range(offset + 2, offset + 2 + 12 * count, 12)
        rows = [(*tiff.numbers("HHI", at), at + 8) for at in places]
        yield {tag: _Entry(type_, amount, at) for tag, type_, amount, at in rows}
        (offset,) = tiff.numbers("I", offset + 2 + 12 * count)
    if not seen:
        raise Malformed("a TIFF without a page")


def _kind(tiff: _Tiff, page: Directory) -> int:
    """Return a page's NewSubfileType; the older SubfileType is heard where it says preview."""
    old = tiff.number(page.get(_OLD_SUBFILE))
    return tiff.number(page.get(_SUBFILE)) | (PREVIEW if old == _OLD_PREVIEW else 0)


def _metadata(tiff: _Tiff, pages: list[Directory]) -> Metadata:
    """Hand the child what may name a device or a person; the file itself is the Exif block."""
    resources = (iptc_of(block) or b"" for block in _blocks(tiff, pages, _PHOTOSHOP))
    return Metadata(
        untrusted_exif=tiff.data,
        untrusted_xmp=_blocks(tiff, pages, _XMP),
        untrusted_iptc=b"".join((*_blocks(tiff, pages, _IPTC), *resources)) or None,
    )


def _blocks(tiff: _Tiff, pages: list[Directory], tag: int) -> tuple[bytes, ...]:
    """Return a tag's value of every page that has it, up to the limit for metadata."""
    found, room = [], MAX_METADATA_BYTES
    for page in pages:
        block = tiff.content(page.get(tag))
        room -= len(block)
        if room < 0:
            raise TooBig("more metadata than can be read")
        if block:
            found.append(block)
    return tuple(found)


def _dropped(pages: list[Directory], kinds: list[int]) -> list[str]:
    """Return the names of what goes."""
    tags = sorted({tag for page in pages for tag in page} - _DRAWING)
    names = [_NAMES.get(tag, "other tags") for tag in tags]
    previews = ["preview pages"] if any(kind & PREVIEW for kind in kinds) else []
    return list(dict.fromkeys([*names, *previews]))
