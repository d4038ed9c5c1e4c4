# SPDX-License-Identifier: Apache-2.0
"""Read a track of pictures or sound and write it anew, field by field (ISO/IEC 14496-12 section 8).

What a track keeps: its size, turn, volume and length, its edit list, its coding, its sample tables.
What it loses: dates, language, the names of its handlers, references to other tracks, user data.
A box that is wanted stands in its parent once; two would let two readers see two recordings.
"""

from array import array
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.walk.boxes import Fields, box, children, full_box
from agent.media.walk.movie_entries import read_descriptions
from agent.media.walk.movie_tables import Tables, read_tables, written_offsets

HANDLERS: Final = frozenset({b"vide", b"soun"})
"""The kinds of track that survive: no text, no subtitles, no time code, no timed metadata."""

_UNKNOWN: Final = 0xFFFF_FFFF
"""A length that is not known, in 32 bits; all ones in 64 bits mean the same."""
_UNKNOWN_WIDE: Final = 0xFFFF_FFFF_FFFF_FFFF
MAX_EDITS: Final = 10_000
_UNDETERMINED: Final = b"\x55\xc4"
"""The language `und`, five bits a letter."""
_SHOWN: Final = 0x0F
"""Flags of a track: enabled, in the movie, in the preview, size is an aspect ratio."""
_MATRIX_END: Final = b"\x40\0\0\0"
_TABLES: Final = frozenset({b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2"}) | {
    *(b"stco", b"co64")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """A track that stays: its boxes as they will be written, and where its chunks lie."""

    handler: bytes
    header: tuple[int, bytes]
    """The flags of its header, and the header behind its number."""
    edits: bytes
    media_header: bytes
    descriptions: bytes
    tables: Tables
    width: int
    height: int

    def written(self, number: int, placed: "array[int]", base: int, *, wide: bool) -> bytes:
        """Return the box of the track with its number and the new places of its chunks."""
        flags, header = self.header
        version = int(len(header) > _SHORT_TRACK_HEADER)
        dates = bytes(16 if version else 8)
        head = full_box(b"tkhd", version, flags, dates, number.to_bytes(4, "big"), header)
        offsets = written_offsets(placed, base, wide=wide)
        table = box(b"stbl", self.descriptions, self.tables.written, offsets)
        name = b"vmhd" if self.handler == b"vide" else b"smhd"
        media = full_box(name, 0, int(name == b"vmhd"), bytes(8 if name == b"vmhd" else 4))
        information = box(b"minf", media, _SELF_CONTAINED, table)
        handler = full_box(b"hdlr", 0, 0, bytes(4) + self.handler + bytes(13))
        inner = box(b"mdia", self.media_header, handler, information)
        return box(b"trak", head, self.edits, inner)


_SHORT_TRACK_HEADER: Final = 72
_SELF_CONTAINED: Final = box(b"dinf", full_box(b"dref", 0, 0, b"\0\0\0\1", full_box(b"url ", 0, 1)))


def parts(content: memoryview, wanted: Collection[bytes]) -> dict[bytes, memoryview]:
    """Return the wanted boxes of a parent by their type.

    Raises:
        Malformed: one of them is there twice.
    """
    found: dict[bytes, memoryview] = {}
    for kind, inner in children(content):
        if kind not in wanted:
            continue
        if kind in found:
            raise Malformed("a box that should be there once is there twice")
        found[kind] = inner
    return found


def need(found: dict[bytes, memoryview], kind: bytes) -> memoryview:
    """Return a box that must be there.

    Raises:
        Malformed: it is not.
    """
    if kind not in found:
        raise Malformed("a recording without one of its boxes")
    return found[kind]


def handler_of(track: memoryview) -> bytes:
    """Return what kind of track this is, as a code of four letters."""
    media = need(parts(track, (b"mdia",)), b"mdia")
    fields = Fields(need(parts(media, (b"hdlr",)), b"hdlr"))
    fields.take(8)
    return fields.code()


def read_track(content: memoryview, handler: bytes) -> Track:
    """Read a track that stays.

    Raises:
        Malformed: boxes or tables are missing, twice or contradict one another.
        Unsupported: its samples lie in another file, are encrypted or of an unknown coding.
        TooBig: more pixels or entries than the limits.
    """
    outer = parts(content, (b"tkhd", b"edts", b"mdia"))
    media = parts(need(outer, b"mdia"), (b"mdhd", b"minf"))
    information = parts(need(media, b"minf"), (b"dinf", b"stbl"))
    _check_self_contained(information.get(b"dinf"))
    tables = parts(need(information, b"stbl"), _TABLES)
    descriptions = read_descriptions(need(tables, b"stsd"), handler)
    return Track(
        handler=handler,
        header=_track_header(Fields(need(outer, b"tkhd"))),
        edits=_edits(outer.get(b"edts")),
        media_header=_media_header(Fields(need(media, b"mdhd"))),
        descriptions=descriptions.written,
        tables=read_tables(tables, descriptions.count, descriptions.unit),
        width=descriptions.width,
        height=descriptions.height,
    )


def movie_header(content: memoryview, tracks: int) -> bytes:
    """Return the header of the movie anew: its scale, length and turn.

    Raises:
        Malformed: it ends inside a field.
    """
    fields = Fields(content)
    version, _ = fields.version_flags()
    fields.take(16 if version == 1 else 8)
    scale, length = fields.take(4), _length(fields, version)
    fields.take(16)
    wide, dates, written = _timed(length)
    rate_and_volume = b"\0\1\0\0" + b"\1\0" + bytes(10)
    number = (tracks + 1).to_bytes(4, "big")
    rest = rate_and_volume + _matrix(fields) + bytes(24) + number
    return full_box(b"mvhd", wide, 0, dates, scale, written, rest)


def _length(fields: Fields, version: int) -> int:
    """Take how long something lasts, in ticks; of 64 bits all ones mean that it is not known."""
    length = fields.number(8 if version == 1 else 4)
    return _UNKNOWN if version == 1 and length == _UNKNOWN_WIDE else length


def _timed(length: int) -> tuple[int, bytes, bytes]:
    """Return the version that a length needs, the dates without a date, and the length."""
    wide = int(length > _UNKNOWN)
    return wide, bytes(16 if wide else 8), length.to_bytes(8 if wide else 4, "big")


def _matrix(fields: Fields) -> bytes:
    """Take a matrix: turns, scales and shifts; what is the same in every recording is fixed."""
    rows = bytes(fields.take(36))
    flat = bytes(4)
    return rows[:8] + flat + rows[12:20] + flat + rows[24:32] + _MATRIX_END


def _track_header(fields: Fields) -> tuple[int, bytes]:
    version, flags = fields.version_flags()
    fields.take(20 if version == 1 else 12)
    fields.take(4)
    _, _, length = _timed(_length(fields, version))
    fields.take(8)
    order = bytes(fields.take(6))
    fields.take(2)
    matrix = _matrix(fields)
    header = bytes(4) + length + bytes(8) + order + bytes(2) + matrix + bytes(fields.take(8))
    return flags & _SHOWN, header


def _media_header(fields: Fields) -> bytes:
    version, _ = fields.version_flags()
    fields.take(16 if version == 1 else 8)
    scale = fields.take(4)
    wide, dates, length = _timed(_length(fields, version))
    return full_box(b"mdhd", wide, 0, dates, scale, length, _UNDETERMINED, bytes(2))


def _edits(content: memoryview | None) -> bytes:
    """Return `edts` anew: which part of the track plays when."""
    found = parts(content, (b"elst",)) if content is not None else {}
    if b"elst" not in found:
        return b""
    fields = Fields(found[b"elst"])
    version, _ = fields.version_flags()
    count, width = fields.number(4), 8 if version == 1 else 4
    if count > MAX_EDITS:
        raise TooBig("more edits than the limit")
    edits = [
        (
            fields.number(width),
            int.from_bytes(fields.take(width), "big", signed=True),
            fields.take(4),
        )
        for _ in range(count)
    ]
    wide = any(length > _UNKNOWN or time >= 1 << 31 for length, time, _ in edits)
    size = 8 if wide else 4
    rows = (
        length.to_bytes(size, "big") + time.to_bytes(size, "big", signed=True) + bytes(rate)
        for length, time, rate in edits
    )
    return box(b"edts", full_box(b"elst", int(wide), 0, count.to_bytes(4, "big"), *rows))


def _check_self_contained(content: memoryview | None) -> None:
    """Make sure that the samples lie in this very file."""
    if content is None:
        return
    references = Fields(need(parts(content, (b"dref",)), b"dref"))
    references.take(8)
    for _, reference in children(references.rest()):
        _, flags = Fields(reference).version_flags()
        if not flags & 1:
            raise Unsupported("samples that lie in another file")
