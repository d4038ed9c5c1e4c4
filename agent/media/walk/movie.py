# SPDX-License-Identifier: Apache-2.0
"""Walk a QuickTime, MP4 or 3GP recording: its tracks of pictures and sound, in a new container.

The header is written anew and stands first; behind it lie the chunks that the kept tracks refer to,
in the order of the source, and not a byte between them. The turn stays in the container, so the
recording is upright as it is. Media bytes are never read here: a recipe names where they lie.

Rules: a fragmented, encrypted or compressed recording is refused by name; a chunk lies inside a
media box, and no two chunks share a byte.
"""

import io
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.limits import MAX_METADATA_BYTES
from agent.media.model import Metadata, Walked
from agent.media.recipe import Extent, Recipe, checked
from agent.media.walk.boxes import (
    MAX_HEADER_BYTES,
    Box,
    box,
    box_header,
    boxes,
    children,
    read_content,
)
from agent.media.walk.movie_labels import labels, packet_in
from agent.media.walk.movie_tables import MAX_CHUNKS
from agent.media.walk.movie_tracks import (
    HANDLERS,
    Track,
    handler_of,
    movie_header,
    need,
    parts,
    read_track,
)

MAX_TRACKS: Final = 100

_QUICKTIME: Final = b"qt  "
_FIRST: Final = {
    _QUICKTIME: box(b"ftyp", b"qt  \0\0\0\0qt  "),
    b"3gp6": box(b"ftyp", b"3gp6\0\0\0\0" + b"3gp6isom"),
    b"mp42": box(b"ftyp", b"mp42\0\0\0\0" + b"mp42isom"),
}
"""The first box, without the version and brands that name a maker."""
_XMP: Final = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_FRAGMENTS: Final = frozenset({b"moof", b"mvex", b"sidx", b"styp"})
_OFFSET_LIMIT: Final = 1 << 32
_SPOKEN: Final = frozenset({b"free", b"skip", b"wide", b"uuid", b"udta", b"meta", b"iods", b"pnot"})
"""Boxes that may be named in what was dropped; other names are the file's own words."""


@dataclass(slots=True)
class _Outer:
    """The outer boxes of a file."""

    first: bytes = _FIRST[_QUICKTIME]
    header: Box | None = None
    stores: list[Box] = field(default_factory=list)
    packets: list[bytes] = field(default_factory=list)
    unread: bool = False
    """Whether XMP over the limit was dropped, in which people may have been named."""
    dropped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Which bytes survive, and for each track where its chunks come to lie, from the first byte."""

    extents: tuple[Extent, ...]
    length: int
    placed: "tuple[array[int], ...]"


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean recording.

    Raises:
        Malformed: no header, neither pictures nor sound, tables that contradict one another, or
            chunks that share bytes or lie outside the media.
        Unsupported: fragmented, encrypted, compressed, of an unknown coding, or kept elsewhere.
        TooBig: a header, table or picture over the limits.
    """
    size = source.seek(0, io.SEEK_END)
    outer = _outer(source, size)
    if outer.header is None:
        raise Malformed("a recording without its header")
    movie = read_content(source, outer.header)
    tracks = _tracks(movie, outer)
    layout = _layout(tracks, outer.stores)
    header = _header(movie, tracks, layout, outer.first)
    recipe = Recipe(pieces=(header, *layout.extents), dropped=tuple(dict.fromkeys(outer.dropped)))
    seen = next((track for track in tracks if track.handler == b"vide"), None)
    return Walked(
        recipe=checked(recipe, size),
        metadata=Metadata(
            untrusted_xmp=tuple(outer.packets),
            untrusted_labels=labels(movie),
            unread=outer.unread,
        ),
        width=seen.width if seen else 0,
        height=seen.height if seen else 0,
    )


def _outer(source: BinaryIO, size: int) -> _Outer:
    """Read the outer boxes; the media among them are passed over."""
    outer = _Outer()
    for one in boxes(source, 0, size):
        if one.kind in _FRAGMENTS:
            raise Unsupported("a recording in fragments")
        if one.kind == b"moov":
            if outer.header is not None:
                raise Malformed("a recording with two headers")
            outer.header = one
        elif one.kind == b"mdat":
            outer.stores.append(one)
        elif one.kind == b"ftyp":
            outer.first = _first(bytes(read_content(source, one, MAX_METADATA_BYTES)[:4]))
        else:
            outer.dropped.append(_name(one.kind))
            _keep_packet(source, one, outer)
    return outer


def _first(brand: bytes) -> bytes:
    if brand == _QUICKTIME:
        return _FIRST[_QUICKTIME]
    return _FIRST[b"3gp6" if brand[:2] == b"3g" else b"mp42"]


def _name(kind: bytes) -> str:
    return kind.decode("ascii") if kind in _SPOKEN else "unknown box"


def _keep_packet(source: BinaryIO, one: Box, outer: _Outer) -> None:
    """Keep the XMP of a `uuid` box for the child, for people may be named in it."""
    if one.kind != b"uuid":
        return
    source.seek(one.content - len(_XMP))
    if source.read(len(_XMP)) != _XMP:
        return
    if one.end - one.content > MAX_METADATA_BYTES:
        outer.unread = True
    else:
        outer.packets.append(bytes(read_content(source, one)))


def _tracks(movie: memoryview, outer: _Outer) -> list[Track]:
    """Read the tracks of pictures and sound that have samples."""
    tracks: list[Track] = []
    for kind, content in children(movie):
        if kind in _FRAGMENTS:
            raise Unsupported("a recording in fragments")
        if kind == b"cmov":
            raise Unsupported("a compressed header")
        if kind == b"trak":
            _take(content, tracks, outer)
        elif kind != b"mvhd":
            outer.dropped.append(_name(kind))
        if kind == b"udta" and (packet := packet_in(content)):
            outer.packets.append(packet)
    if not tracks:
        raise Malformed("a recording without pictures and sound")
    return tracks


def _take(content: memoryview, tracks: list[Track], outer: _Outer) -> None:
    handler = handler_of(content)
    if handler not in HANDLERS:
        outer.dropped.append("track that is neither pictures nor sound")
        return
    track = read_track(content, handler)
    if not any(track.tables.lengths):
        outer.dropped.append("track without samples")
        return
    tracks.append(track)
    if len(tracks) > MAX_TRACKS or sum(len(one.tables.offsets) for one in tracks) > MAX_CHUNKS:
        raise TooBig("more tracks or chunks than the limit")


def _layout(tracks: Sequence[Track], stores: Sequence[Box]) -> _Layout:
    """Lay the chunks side by side in the order of the source; neighbours become one extent."""
    offsets, lengths = array("Q"), array("Q")
    for track in tracks:
        offsets.extend(track.tables.offsets)
        lengths.extend(track.tables.lengths)
    placed, at = array("Q", bytes(8 * len(offsets))), 0
    runs: list[list[int]] = []
    for index in sorted(range(len(offsets)), key=offsets.__getitem__):
        placed[index] = at
        if lengths[index]:
            _append(runs, offsets[index], offsets[index] + lengths[index])
            at += lengths[index]
    _check_inside(runs, stores)
    ends = [0]
    for track in tracks:
        ends.append(ends[-1] + len(track.tables.offsets))
    return _Layout(
        extents=tuple(Extent(start, end - start) for start, end in runs),
        length=at,
        placed=tuple(placed[a:b] for a, b in pairwise(ends)),
    )


def _append(runs: list[list[int]], start: int, end: int) -> None:
    """Add a chunk to the runs of neighbours."""
    last = runs[-1][1] if runs else 0
    if start < last:
        raise Malformed("two chunks that share bytes")
    if runs and start == last:
        runs[-1][1] = end
    else:
        runs.append([start, end])


def _check_inside(runs: Sequence[Sequence[int]], stores: Sequence[Box]) -> None:
    """Make sure that each run of chunks lies inside one media box."""
    starts = [store.content for store in stores]
    for start, end in runs:
        place = bisect_right(starts, start) - 1
        if place < 0 or end > stores[place].end:
            raise Malformed("a chunk that lies outside the media")


def _header(movie: memoryview, tracks: Sequence[Track], layout: _Layout, first: bytes) -> bytes:
    """Return all that stands before the media; places get 64 bits only where 32 do not do."""
    head = movie_header(need(parts(movie, (b"mvhd",)), b"mvhd"), len(tracks))
    store = box_header(b"mdat", layout.length)

    def written(base: int, *, wide: bool) -> bytes:
        placed = zip(tracks, layout.placed, strict=True)
        traks = (t.written(n, p, base, wide=wide) for n, (t, p) in enumerate(placed, 1))
        return first + box(b"moov", head, *traks) + store

    short = len(written(0, wide=True))
    wide = short + layout.length >= _OFFSET_LIMIT
    base = len(written(0, wide=wide))
    header = written(base, wide=wide)
    if len(header) > MAX_HEADER_BYTES:
        raise TooBig("a header of more bytes than the limit")
    return header
