# SPDX-License-Identifier: Apache-2.0
"""Write the sample descriptions of a track anew (ISO/IEC 14496-12 section 8.5.2, QuickTime).

A description names its vendor, its encoder in 32 letters of free text, and whatever boxes a maker
adds. What stays: the coding, the size of a picture, the form of a sound, and the boxes that
`movie_codecs` lists. Codings that are not on the list are refused, encrypted ones by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from agent.media.errors import Malformed, Unsupported
from agent.media.limits import check_pixels
from agent.media.walk.boxes import Fields, box, children, full_box
from agent.media.walk.movie_codecs import extensions, rewritten

PICTURES: Final = frozenset(
    {b"avc1", b"avc3", b"hvc1", b"hev1", b"av01", b"vp08", b"vp09", b"mp4v", b"s263", b"h263"}
    | {b"jpeg", b"mjpa", b"mjpb", b"dvh1", b"dvhe", b"dva1", b"dvav"}
    | {b"apcn", b"apch", b"apcs", b"apco", b"ap4h", b"ap4x"}
)
"""The codings of pictures that phones and cameras write, ProRes among them."""
UNCOMPRESSED: Final = frozenset({b"raw ", b"twos", b"sowt", b"NONE", b"in24", b"in32"})
SOUNDS: Final = UNCOMPRESSED | {
    *(b"mp4a", b".mp3", b"alac", b"ac-3", b"ec-3", b"Opus", b"samr", b"sawb"),
    *(b"lpcm", b"fl32", b"fl64", b"ulaw", b"alaw", b"ima4"),
}
"""The codings of sound."""

_MAX_DESCRIPTIONS: Final = 64
_ENCRYPTED: Final = frozenset({b"encv", b"enca", b"drmi", b"drms"})
_RESOLUTION: Final = b"\0\x48\0\0" * 2
_DEPTHS: Final = frozenset({24, 32, 40})
_NO_COLOUR_TABLE: Final = b"\xff\xff"
_FIRST_REFERENCE: Final = b"\0\1"
_PER_CHANNEL: Final = frozenset({b"ulaw", b"alaw"})
_WIDE_SOUND: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptions:
    """The sample descriptions of one track.

    `width` and `height` are those of the first picture, in pixels; 0 of sound. `unit` is (bytes,
    samples) of old QuickTime sound, as `read_tables` wants it.
    """

    written: bytes
    count: int
    width: int = 0
    height: int = 0
    unit: tuple[int, int] = (1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    written: bytes
    width: int = 0
    height: int = 0
    unit: tuple[int, int] = (1, 1)


def read_descriptions(content: memoryview, handler: bytes) -> Descriptions:
    """Read the box `stsd` of a track of pictures (`vide`) or sound (`soun`).

    Raises:
        Malformed: a description without its fields, or none at all.
        Unsupported: an encrypted coding, or one that is not on the list.
        TooBig: more pixels than the limit.
    """
    fields = Fields(content)
    version, _ = fields.version_flags()
    count = fields.number(4)
    found = list(children(fields.rest(), _MAX_DESCRIPTIONS))
    if version:
        raise Unsupported("sample descriptions of another version")
    if not found or len(found) != count:
        raise Malformed("sample descriptions of another number")
    known, read = _READERS[handler]
    entries = [read(kind, _described(kind, known, inner)) for kind, inner in found]
    written = full_box(b"stsd", 0, 0, count.to_bytes(4, "big"), *(one.written for one in entries))
    first = entries[0]
    return Descriptions(
        written=written, count=count, width=first.width, height=first.height, unit=first.unit
    )


def _described(kind: bytes, known: frozenset[bytes], content: memoryview) -> Fields:
    """Return the fields of a description, behind what all have in common."""
    if kind in _ENCRYPTED:
        raise Unsupported("a recording that is encrypted")
    if kind not in known:
        raise Unsupported("a coding of pictures or sound that is not known")
    fields = Fields(content)
    fields.take(8)
    return fields


def _extended(fields: Fields) -> bytes:
    return b"".join(rewritten(kind, content) for kind, content in extensions(fields.rest()))


def _picture(kind: bytes, fields: Fields) -> _Entry:
    fields.take(16)
    width, height = fields.number(2), fields.number(2)
    check_pixels(width, height)
    fields.take(14 + 32)
    depth = fields.number(2)
    fields.take(2)
    size = width.to_bytes(2, "big") + height.to_bytes(2, "big")
    written = box(
        kind,
        bytes(6) + _FIRST_REFERENCE + bytes(16) + size + _RESOLUTION + bytes(4) + b"\0\1",
        bytes(32),
        (depth if depth in _DEPTHS else 24).to_bytes(2, "big") + _NO_COLOUR_TABLE,
        _extended(fields),
    )
    return _Entry(written=written, width=width, height=height)


def _sound(kind: bytes, fields: Fields) -> _Entry:
    """Read a sound; QuickTime has three versions of it, of 20, 36 and 64 bytes of fields."""
    version = fields.number(2)
    if version > _WIDE_SOUND:
        raise Unsupported("sound of another version")
    fields.take(6)
    shape = bytes(fields.take(4))
    compression = bytes(fields.take(4))[:2]
    rate = bytes(fields.take(4))
    more = bytes(fields.take((0, 16, 36)[version]))
    head = bytes(6) + _FIRST_REFERENCE + version.to_bytes(2, "big") + bytes(6) + shape
    written = box(kind, head, compression, bytes(2), rate, more, _extended(fields))
    return _Entry(written=written, unit=_unit(kind, version, shape, more))


def _unit(kind: bytes, version: int, shape: bytes, more: bytes) -> tuple[int, int]:
    """Return (bytes, samples) that belong together in sound whose samples count one byte each."""
    channels, bits = int.from_bytes(shape[:2], "big"), int.from_bytes(shape[2:], "big")
    unit = (1, 1)
    if version == 1:
        unit = (int.from_bytes(more[8:12], "big"), int.from_bytes(more[:4], "big"))
    elif version == _WIDE_SOUND:
        unit = (int.from_bytes(more[28:32], "big"), int.from_bytes(more[32:36], "big"))
    elif kind in UNCOMPRESSED:
        unit = (channels * (bits + 7 >> 3), 1)
    elif kind in _PER_CHANNEL:
        unit = (channels, 1)
    return unit if all(unit) else (1, 1)


_READERS: Final[Mapping[bytes, tuple[frozenset[bytes], Callable[[bytes, Fields], _Entry]]]] = {
    b"vide": (PICTURES, _picture),
    b"soun": (SOUNDS, _sound),
}
