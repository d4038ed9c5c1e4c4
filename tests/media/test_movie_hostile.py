# SPDX-License-Identifier: Apache-2.0
"""Hostile recordings are refused by type, and the second reader sees each planted fault."""

import re
import struct
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings

from agent.media import verify_movie as second
from agent.media.errors import Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.model import Kind
from agent.media.recipe import RecipeReader
from agent.media.verify_movie import verify_movie
from agent.media.walk import movie, movie_tables, movie_tracks
from tests.media.movies import (
    CANARY,
    PICTURES,
    QUICKTIME,
    SOUND,
    Track,
    box,
    boxes,
    full,
    inner,
    picture,
    recording,
    sound,
    words,
)
from tests.media.small_stills import check_hostile, cleaned, spoilt

MOVIE = recording(PICTURES, SOUND)
CLEAN = cleaned(Kind.QUICKTIME, MOVIE)


def refused(data: bytes, error: type[MediaError], words_of_it: str) -> None:
    with pytest.raises(error, match=words_of_it):
        movie.walk(BytesIO(data))


def with_tables(**tables: bytes) -> bytes:
    replaced = tuple((name.encode(), full(name.encode(), data)) for name, data in tables.items())
    return recording(Track(entry=PICTURES.entry, chunks=PICTURES.chunks, tables=replaced))


def described(entry: bytes, handler: bytes = b"vide") -> bytes:
    return recording(Track(handler=handler, entry=entry, chunks=((b"one", b"two"),)))


@pytest.mark.parametrize(
    ("data", "error", "words_of_it"),
    [
        (MOVIE + box(b"moof"), Unsupported, "fragments"),
        (box(b"styp", b"msdh") + MOVIE, Unsupported, "fragments"),
        (recording(inside=box(b"mvex")), Unsupported, "fragments"),
        (recording(inside=box(b"cmov")), Unsupported, "compressed"),
        (described(picture(b"encv")), Unsupported, "encrypted"),
        (described(sound(b"enca"), b"soun"), Unsupported, "encrypted"),
        (described(sound(b"drms"), b"soun"), Unsupported, "encrypted"),
        (described(picture(extensions=box(b"sinf"))), Unsupported, "encrypted"),
        (described(picture(b"SVQ3")), Unsupported, "not known"),
        (described(picture(b"sowt")), Unsupported, "not known"),
        (described(sound(b"jpeg"), b"soun"), Unsupported, "not known"),
        (
            recording(Track(entry=picture(), chunks=((b"one",),), reference=full(b"url ", CANARY))),
            Unsupported,
            "another file",
        ),
        (box(b"ftyp", QUICKTIME) + box(b"mdat", b"media"), Malformed, "without its header"),
        (MOVIE + box(b"moov"), Malformed, "two headers"),
        (recording(Track(handler=b"meta", entry=picture())), Malformed, "without pictures"),
        (MOVIE + b"\0\0\0\0", Malformed, "fit"),
        (MOVIE[:-3], Malformed, "fit"),
        (recording(moved=1_000_000), Malformed, "outside the media"),
        (recording(moved=-20), Malformed, "outside the media"),
    ],
)
def test_a_recording_of_another_nature_is_refused(
    data: bytes, error: type[MediaError], words_of_it: str
) -> None:
    refused(data, error, words_of_it)


@pytest.mark.parametrize(
    ("tables", "words_of_it"),
    [
        ({"stts": words(1, 3, 100)}, "times"),
        ({"stts": words(1, 5, 100)}, "times"),
        ({"stts": words(2, 4, 100, 0, 0xC0FFEE)}, "times"),
        ({"stts": words(9, 4, 100)}, "ends inside"),
        ({"ctts": words(1, 5, 100)}, "times"),
        ({"stss": words(2, 2, 2)}, "in order"),
        ({"stss": words(2, 3, 1)}, "in order"),
        ({"stss": words(1, 5)}, "in order"),
        ({"stss": words(1, 0)}, "in order"),
        ({"stsc": words(1, 2, 1, 1)}, "in order"),
        ({"stsc": words(2, 1, 2, 1, 1, 1, 1)}, "in order"),
        ({"stsc": words(2, 1, 2, 1, 9, 1, 1)}, "in order"),
        ({"stsc": words(0)}, "in order"),
        ({"stsc": words(1, 1, 0, 1)}, "without samples"),
        ({"stsc": words(2, 1, 2, 1, 2, 1, 2)}, "without samples or description"),
        ({"stsc": words(1, 1, 9, 1)}, "another number of samples"),
        ({"stsz": words(0, 5, 1, 1, 1, 1, 1)}, "another number of samples"),
        ({"stsz": words(0, 4, 1, 1, 1)}, "ends inside"),
        ({"stco": words(3, 50, 50, 50)}, "share bytes"),
        ({"stco": words(3, 50, 51, 200)}, "share bytes"),
        ({"stco": words(3, 0xFFFFFFF0, 50, 90)}, "outside the media"),
        ({"stco": words(3, 0, 50, 90)}, "outside the media"),
        ({"stsd": words(0)}, "another number"),
        ({"stsd": words(2) + picture()}, "another number"),
        ({"stsd": words(1) + box(b"jpeg", bytes(8))}, "ends inside"),
    ],
)
def test_tables_that_contradict_one_another_are_refused(
    tables: dict[str, bytes], words_of_it: str
) -> None:
    refused(with_tables(**tables), Malformed, words_of_it)


def test_tracks_that_share_a_chunk_are_refused() -> None:
    tables = full(b"stco", words(3, *_places(MOVIE)))
    other = Track(entry=PICTURES.entry, chunks=PICTURES.chunks, tables=((b"stco", tables),))
    data = recording(PICTURES, other)
    again = recording(PICTURES, Track(entry=other.entry, chunks=other.chunks))
    assert len(data) == len(again)
    shared = struct.pack(">3I", *_places(again))
    refused(data.replace(tables[16:], shared), Malformed, "share bytes")


def _places(data: bytes) -> tuple[int, ...]:
    path = (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stco")
    return struct.unpack(">3I", inner(data, *path)[8:])


@pytest.mark.parametrize("kind", [b"stts", b"stsz", b"stco", b"stsd"])
def test_a_track_without_a_table_is_refused(kind: bytes) -> None:
    tables = ((kind, b""),)
    data = recording(Track(entry=PICTURES.entry, chunks=PICTURES.chunks, tables=tables))
    refused(data, Malformed, "without")


def test_a_table_that_is_there_twice_is_refused() -> None:
    table = full(b"stts", words(1, 4, 100))
    tables = ((b"stts", table * 2),)
    data = recording(Track(entry=PICTURES.entry, chunks=PICTURES.chunks, tables=tables))
    refused(data, Malformed, "twice")


def test_a_size_of_64_bits_is_read() -> None:
    assert cleaned(Kind.QUICKTIME, recording(PICTURES, SOUND, wide=True)) == CLEAN


@pytest.mark.parametrize("size", [2**63, 2**64 - 1, 17, 8, 0])
def test_a_size_of_64_bits_that_cannot_be_is_refused(size: int) -> None:
    data = recording(wide=True)
    at = data.index(b"mdat") + 4
    refused(data[:at] + struct.pack(">Q", size) + data[at + 8 :], Malformed, "fit")


def test_the_last_box_may_leave_its_size_open() -> None:
    data = recording(PICTURES, SOUND, header_first=True, behind=b"")
    at = data.index(b"mdat") - 4
    assert cleaned(Kind.QUICKTIME, data[:at] + bytes(4) + data[at + 4 :]) == CLEAN


@pytest.mark.parametrize(
    ("module", "limit", "highest"),
    [
        (movie, "MAX_TRACKS", 1),
        (movie, "MAX_CHUNKS", 5),
        (movie_tables, "MAX_CHUNKS", 2),
        (movie_tables, "MAX_ENTRIES", 3),
        (movie_tracks, "MAX_EDITS", 0),
    ],
)
def test_more_than_a_limit_is_too_big(
    module: object, limit: str, highest: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, limit, highest)
    with pytest.raises(TooBig):
        movie.walk(BytesIO(MOVIE))


def test_a_count_without_entries_takes_no_memory() -> None:
    with pytest.raises(TooBig, match="more entries"):
        movie.walk(BytesIO(with_tables(stsz=words(0, 0xFFFFFFFF))))


def test_boxes_inside_boxes_cost_nothing() -> None:
    nest = b""
    for _ in range(2000):
        nest = box(b"udta", nest)
    assert cleaned(Kind.QUICKTIME, recording(PICTURES, SOUND, inside=nest)) == CLEAN


@settings(deadline=None, max_examples=300)
@given(spoilt(MOVIE))
def test_a_spoilt_recording_is_clean_or_refused(data: bytes) -> None:
    try:
        check_hostile(Kind.QUICKTIME, data)
    except MediaError:
        return


@settings(deadline=None, max_examples=300)
@given(spoilt(CLEAN))
def test_the_second_reader_never_fails_otherwise(data: bytes) -> None:
    try:
        verify_movie(BytesIO(data))
    except Doubt:
        return


@pytest.mark.parametrize("change", [0x01, 0x41, 0x80, 0xFF])
def test_what_the_second_reader_passes_the_walker_keeps(change: int) -> None:
    """Any byte that may be another one is one that the walker takes from the source as it is."""
    passed = 0
    for place in range(len(CLEAN)):
        data = CLEAN[:place] + bytes((CLEAN[place] ^ change,)) + CLEAN[place + 1 :]
        try:
            verify_movie(BytesIO(data))
        except Doubt:
            continue
        passed += 1
        walked = movie.walk(BytesIO(data))
        assert RecipeReader(walked.recipe, BytesIO(data)).read() == data
    assert passed < len(CLEAN) // 3


def header_of(data: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """Return a clean file with another movie header, its chunks moved as far as that takes."""
    first, header, media = (box(kind, content) for kind, content in boxes(data))
    changed = change(header)
    return first + moved(changed, len(changed) - len(header)) + media


def moved(header: bytes, by: int) -> bytes:
    for found in re.finditer(b"stco", header):
        (count,) = struct.unpack_from(">I", header, found.end() + 4)
        start, form = found.end() + 8, f">{count}I"
        places = [place + by for place in struct.unpack_from(form, header, start)]
        header = header[:start] + struct.pack(form, *places) + header[start + 4 * count :]
    return header


def grown(header: bytes, more: bytes, *path: bytes) -> bytes:
    """Return a header with a box at the end of the first parent on a path."""
    at, ends = 0, []
    for kind in path:
        at = header.index(kind, at) - 4
        ends.append(at)
    (size,) = struct.unpack_from(">I", header, at)
    header = header[: at + size] + more + header[at + size :]
    for place in ends:
        (size,) = struct.unpack_from(">I", header, place)
        header = header[:place] + words(size + len(more)) + header[place + 4 :]
    return header


PARENTS = (
    (b"moov",),
    (b"moov", b"trak"),
    (b"moov", b"trak", b"edts"),
    (b"moov", b"trak", b"mdia"),
    (b"moov", b"trak", b"mdia", b"minf"),
    (b"moov", b"trak", b"mdia", b"minf", b"dinf"),
    (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"),
    (b"moov", b"trak", b"mdia", b"minf", b"stbl"),
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd"),
    (b"moov", b"trak", b"mdia", b"minf", b"stbl", b"stsd", b"jpeg"),
)


@pytest.mark.parametrize("path", PARENTS, ids=lambda path: path[-1].decode())
@pytest.mark.parametrize("kind", [b"udta", b"free", b"SECR"])
def test_the_second_reader_sees_a_box_in_any_parent(path: tuple[bytes, ...], kind: bytes) -> None:
    data = header_of(CLEAN, lambda header: grown(header, box(kind, CANARY), *path))
    with pytest.raises(Doubt):
        verify_movie(BytesIO(data))


def test_the_second_reader_passes_what_was_only_moved() -> None:
    verify_movie(BytesIO(header_of(CLEAN, lambda header: header)))


@pytest.mark.parametrize(
    "fault",
    [
        CLEAN + box(b"free", CANARY),
        box(b"free") + CLEAN,
        CLEAN + b"\0",
        CLEAN[:-1],
        CLEAN.replace(b"qt  \0\0\0\0", b"qt  \x20\5\3\0"),
        b"",
        CLEAN[:40],
    ],
)
def test_the_second_reader_sees_bytes_around(fault: bytes) -> None:
    with pytest.raises(Doubt):
        verify_movie(BytesIO(fault))


FIELDS = [
    (b"mvhd", 4, 8),
    (b"mvhd", 9, 1),
    (b"mvhd", 20, 16),
    (b"mvhd", 72, 24),
    (b"mvhd", 96, 4),
    (b"tkhd", 4, 8),
    (b"tkhd", 1, 1),
    (b"tkhd", 12, 4),
    (b"tkhd", 16, 4),
    (b"tkhd", 24, 8),
    (b"tkhd", 38, 2),
    (b"mdhd", 4, 8),
    (b"mdhd", 20, 4),
    (b"hdlr", 0, 8),
    (b"hdlr", 12, 13),
    (b"vmhd", 4, 8),
    (b"smhd", 4, 4),
    (b"url ", 0, 4),
    (b"stsd", 1, 3),
    (b"jpeg", 0, 8),
    (b"jpeg", 8, 16),
    (b"jpeg", 28, 48),
    (b"sowt", 0, 8),
    (b"sowt", 10, 6),
    (b"sowt", 22, 2),
    (b"stts", 1, 3),
    (b"stsc", 4, 4),
    (b"stco", 8, 4),
]


@pytest.mark.parametrize(("kind", "start", "length"), FIELDS)
def test_the_second_reader_sees_a_word_in_any_blank_field(
    kind: bytes, start: int, length: int
) -> None:
    at = CLEAN.index(kind) + 4 + start
    for place in range(at, at + length):
        fault = bytearray(CLEAN)
        fault[place] ^= 0x41
        with pytest.raises(Doubt):
            verify_movie(BytesIO(bytes(fault)))


@pytest.mark.parametrize("kind", sorted(second._SHAPES))
def test_each_shape_of_the_second_reader_is_needed(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without its shape a box is not on the list; the reader doubts rather than passes it."""
    compositions = ((b"ctts", full(b"ctts", words(1, 4, 50))),)
    pictures = Track(entry=PICTURES.entry, chunks=PICTURES.chunks, tables=compositions)
    if kind == "co64":
        monkeypatch.setattr(movie, "_OFFSET_LIMIT", 1)
    data = cleaned(Kind.QUICKTIME, recording(pictures, SOUND))
    shapes = {name: shape for name, shape in second._SHAPES.items() if name != kind}
    shapes[kind] = lambda _data: False
    monkeypatch.setattr(second, "_SHAPES", shapes)
    with pytest.raises(Doubt):
        verify_movie(BytesIO(data))
