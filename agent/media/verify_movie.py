# SPDX-License-Identifier: Apache-2.0
"""The second reader for QuickTime, MP4 and 3GP: three boxes, a flat list of paths, no byte spare.

Shares no code with `agent.media.walk` (ISO/IEC 14496-12, QuickTime file format). It does not read
recordings at large: it knows the one layout in which a clean one is written, and doubts all else.
The header is read whole; of the media only the length, which the chunk tables have to cover.
"""

import io
import re
import struct
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.verify_movie_codecs import is_description, samples_per_unit

_HEADER_LIMIT: Final = 65 << 20
_BRANDS: Final = frozenset(
    {b"qt  \0\0\0\0qt  ", b"mp42\0\0\0\0mp42isom", b"3gp6" + bytes(4) + b"3gp6isom"}
)
_LAYOUTS: Final[Mapping[str, str]] = {
    "": "mvhd(trak)+",
    "trak": "tkhd(edts)?mdia",
    "trak/edts": "elst",
    "trak/mdia": "mdhdhdlrminf",
    "trak/mdia/minf": "(vmhd|smhd)dinfstbl",
    "trak/mdia/minf/dinf": "dref",
    "trak/mdia/minf/stbl": "stsdstts(ctts)?(stss)?stscstsz(stco|co64)",
}
"""The boxes that have boxes in them, by their path below `moov`, and which, in order."""

_Shape = Callable[[bytes], bool]


@dataclass(slots=True)
class _Track:
    """What the tables of a track say, gathered on the way through."""

    handler: bytes = b""
    tables: dict[str, bytes] = field(default_factory=dict)


def verify_movie(clean: BinaryIO) -> None:
    """Read a cleaned recording from start to end, passing over its media.

    Raises:
        Doubt: a box, field or byte that a clean recording has not, or not so.
    """
    size = clean.seek(0, io.SEEK_END)
    clean.seek(0)
    _sure(_content(clean, b"ftyp", 64) in _BRANDS, "another beginning")
    movie = _content(clean, b"moov", _HEADER_LIMIT)
    store = _store(clean, size)
    try:
        tracks = _tracks(movie)
        _sure(_are_numbered(tracks, movie), "tracks of other numbers")
        places = [places for track in tracks for places in _places(track)]
    except (struct.error, IndexError, ValueError, OverflowError) as error:
        raise Doubt("the cleaned recording ends inside a field") from error
    _sure(_fill(places, store, size), "media bytes that no track refers to")


def _sure(condition: bool, doubt: str) -> None:  # noqa: FBT001 - an assertion reads best so
    if not condition:
        raise Doubt(f"the cleaned recording has {doubt}")


def _content(clean: BinaryIO, wanted: bytes, limit: int) -> bytes:
    """Read an outer box whole."""
    head = clean.read(8)
    length = int.from_bytes(head[:4], "big") - 8
    _sure(head[4:] == wanted and 0 <= length <= limit, "other boxes than three")
    content = clean.read(length)
    _sure(len(content) == length, "a box that is cut off")
    return content


def _store(clean: BinaryIO, size: int) -> int:
    """Return where the media start; they go on to the end of the file."""
    start = clean.tell()
    head = clean.read(16)
    length = int.from_bytes(head[:4], "big")
    _sure(head[4:8] == b"mdat", "other boxes than three")
    if length != 1:
        _sure(start + length == size and length > 8, "bytes behind the media")
        return start + 8
    length = int.from_bytes(head[8:], "big")
    _sure(start + length == size and length >= 1 << 32, "bytes behind the media")
    return start + 16


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield boxes that fill the data; only the plainest header will do."""
    at = 0
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        _sure(8 <= length <= len(data) - at, "a box that does not fit")
        yield name.decode("latin-1"), data[at + 8 : at + length]
        at += length


def _tracks(movie: bytes) -> list[_Track]:
    """Take the header apart; every box is on a list, in its place and in its exact shape."""
    tracks: list[_Track] = []
    waiting = [("", movie)]
    while waiting:
        path, content = waiting.pop()
        inner = list(_boxes(content))
        names = "".join(name for name, _ in inner)
        _sure(re.fullmatch(_LAYOUTS[path], names) is not None, "other boxes in its header")
        if path == "trak":
            tracks.append(_Track())
        for name, data in inner:
            below = f"{path}/{name}".lstrip("/")
            if below in _LAYOUTS:
                waiting.append((below, data))
            else:
                _sure(_SHAPES[name](data), f"a box '{name}' of another shape")
                _gather(name, data, tracks)
    return tracks


def _are_numbered(tracks: list[_Track], movie: bytes) -> bool:
    """Tell whether the tracks have the numbers from 1 on, and the next is that of the header."""
    headers = [track.tables["tkhd"] for track in tracks]
    numbers = sorted(struct.unpack_from(">I", data, 20 if data[0] else 12) for data in headers)
    _, header = next(_boxes(movie))
    return [*numbers, struct.unpack(">I", header[-4:])] == [
        (n + 1,) for n in range(len(tracks) + 1)
    ]


def _gather(name: str, data: bytes, tracks: list[_Track]) -> None:
    """Remember a table of the track that is being read, and what kind of track it is."""
    if tracks:
        tracks[-1].tables[name] = data
    if name == "hdlr":
        tracks[-1].handler = data[8:12]


def _places(track: _Track) -> Iterator[tuple[int, int]]:
    """Yield where each chunk of a track starts and ends, and make sure that its tables agree."""
    tables = track.tables
    media = {b"vide": "vmhd", b"soun": "smhd"}[track.handler]
    _sure(media in tables, "a track of two kinds")
    entries = list(_boxes(tables["stsd"][8:]))
    counted = tables["stsd"][:8] == struct.pack(">II", 0, len(entries))
    described = all(is_description(track.handler, name, data) for name, data in entries)
    _sure(bool(entries) and counted and described, "a coding of another shape")
    uniform, samples = struct.unpack_from(">II", tables["stsz"], 4)
    _sure(_count_for(samples, tables), "times that belong to no sample")
    ends = list(_ends(tables["stsc"], len(entries), _chunks(tables)))
    _sure(ends[-1:] == [samples], "chunks of another number of samples")
    if uniform:
        each, of = samples_per_unit(*entries[0]) if uniform == 1 else (uniform, 1)
        _sure(all(end * each % of == 0 for end in ends), "a chunk that ends inside a packet")
        bounds = [end * each // of for end in ends]
    else:
        sizes = array("Q", accumulate(_numbers(tables["stsz"][12:]), initial=0))
        bounds = [sizes[end] for end in ends]
    for start, first, last in zip(_chunks(tables), [0, *bounds], bounds, strict=False):
        yield start, start + last - first


def _numbers(data: bytes) -> "array[int]":
    """Return numbers of 32 bits."""
    return array("I", chain.from_iterable(struct.iter_unpack(">I", data)))


def _chunks(tables: Mapping[str, bytes]) -> "array[int]":
    """Return where the chunks start."""
    wide = "co64" in tables
    data = tables["co64" if wide else "stco"]
    places = struct.iter_unpack(">Q" if wide else ">I", data[8:])
    return array("Q", chain.from_iterable(places))


def _ends(runs: bytes, entries: int, chunks: "array[int]") -> Iterator[int]:
    """Yield how many samples there are up to the end of each chunk."""
    rows = list(struct.iter_unpack(">III", runs[8:]))
    samples = 0
    for (first, each, entry), following in zip(rows, [*rows[1:], None], strict=True):
        last = len(chunks) + 1 if following is None else following[0]
        counted = first < last <= len(chunks) + 1 and each > 0 and 0 < entry <= entries
        _sure(counted, "chunks that are not counted")
        for _ in range(first, last):
            samples += each
            yield samples
    _sure(bool(rows) and rows[0][0] == 1, "chunks that are not counted")


def _count_for(samples: int, tables: Mapping[str, bytes]) -> bool:
    """Tell whether each entry of a table counts for a sample that is there."""
    times = _numbers(tables["stts"][8:])[::2]
    shifts = _numbers(tables["ctts"][8:])[::2] if "ctts" in tables else array("I")
    starts = _numbers(tables["stss"][8:]) if "stss" in tables else array("I")
    in_order = all(one < other for one, other in pairwise(starts))
    inside = not starts or (starts[0] > 0 and starts[-1] <= samples)
    counted = all(times) and all(shifts) and sum(times) == samples and sum(shifts) <= samples
    return counted and in_order and inside


def _fill(places: list[tuple[int, int]], start: int, end: int) -> bool:
    """Tell whether chunks lie side by side from start to end, none on another."""
    for first, last in sorted(places):
        if first != start:
            return False
        start = last
    return start == end


def _matrix(data: bytes) -> bool:
    return not any(data[8:12] + data[20:24]) and data[32:36] == b"\x40\0\0\0"


def _is_movie_header(data: bytes) -> bool:
    wide = data[0]
    rest = data[32 if wide else 20 :]
    fixed = rest[:16] == b"\0\1\0\0\1\0" + bytes(10) and not any(rest[52:76])
    return _has_no_date(data) and len(rest) == 80 and fixed and _matrix(rest[16:52])


def _is_track_header(data: bytes) -> bool:
    wide = data[0]
    gap, rest = data[24 if wide else 16 :][:4], data[36 if wide else 24 :]
    fixed = not any(gap + data[1:3] + rest[:8] + rest[14:16]) and data[3] < 16
    return _has_no_date(data, flags=False) and len(rest) == 60 and fixed and _matrix(rest[16:52])


def _is_media_header(data: bytes) -> bool:
    return _has_no_date(data) and data[32 if data[0] else 20 :] == b"\x55\xc4\0\0"


def _has_no_date(data: bytes, *, flags: bool = True) -> bool:
    dates = data[4 : 20 if data[0] else 12]
    return data[0] < 2 and not any(dates) and not (flags and any(data[1:4]))


def _table(width: int, head: int = 8, versions: tuple[int, ...] = (0,)) -> _Shape:
    """Return the shape of a table of entries of a width, whose number stands before it."""

    def is_table(data: bytes) -> bool:
        (count,) = struct.unpack_from(">I", data, head - 4)
        return data[0] in versions and not any(data[1:4]) and len(data) == head + width * count

    return is_table


def _is_sizes(data: bytes) -> bool:
    uniform = any(data[4:8])
    return not any(data[:4]) and (len(data) == 12 if uniform else _table(4, 12)(data))


def _is_edits(data: bytes) -> bool:
    return _table(20 if data[0] else 12, versions=(0, 1))(data)


_SHAPES: Final[Mapping[str, _Shape]] = {
    "mvhd": _is_movie_header,
    "tkhd": _is_track_header,
    "elst": _is_edits,
    "mdhd": _is_media_header,
    "hdlr": lambda data: data in {bytes(8) + kind + bytes(13) for kind in (b"vide", b"soun")},
    "vmhd": lambda data: data == b"\0\0\0\1" + bytes(8),
    "smhd": lambda data: data == bytes(8),
    "dref": lambda data: data == b"\0\0\0\0\0\0\0\1\0\0\0\x0curl \0\0\0\1",
    "stsd": lambda data: len(data) > 8,
    "stts": _table(8),
    "ctts": _table(8, versions=(0, 1)),
    "stss": _table(4),
    "stsc": _table(12),
    "stsz": _is_sizes,
    "stco": _table(4),
    "co64": _table(8),
}
"""The boxes that have none in them, each with its shape."""
