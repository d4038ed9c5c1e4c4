# SPDX-License-Identifier: Apache-2.0
"""Whatever is done to a JPEG or PNG, it is clean or refused by type, and never much larger."""

from collections.abc import Callable
from io import BytesIO
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.media.errors import MediaError
from agent.media.model import Kind, Walked
from agent.media.recipe import HEADROOM
from agent.media.verify import verify
from agent.media.walk import jpeg, png
from tests.media.stills import (
    CANARY,
    PNG_START,
    chunk,
    chunks_of,
    clean_bytes,
    exif_block,
    jpeg_file,
    png_file,
    segment,
    with_chunks,
    with_segments,
)

WALKS: Final[dict[Kind, Callable[[BytesIO], Walked]]] = {Kind.JPEG: jpeg.walk, Kind.PNG: png.walk}
ICC: Final = b"ICC_PROFILE\0\1\1"
JPEGS: Final = tuple(
    with_segments(
        file,
        segment(0xE1, b"Exif\0\0" + exif_block(6)),
        segment(0xE2, ICC + bytes(200)),
        segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\4abcd"),
        segment(0xEE, b"Adobe\0\x64\0\0\0\0\1"),
        segment(0xFE, CANARY),
    )
    for file in (jpeg_file(size=(17, 9)), jpeg_file("L"), jpeg_file(progressive=True, size=(9, 9)))
)
PNGS: Final = tuple(
    with_chunks(file, chunk(b"eXIf", exif_block(6)), chunk(b"tEXt", CANARY))
    for file in (png_file(size=(17, 9)), png_file("P", transparency=3), png_file("1", (5, 5)))
)
PLACES: Final = st.integers(0, 2000)
PIECES: Final = st.sampled_from(
    (
        *(b"\xff", b"\0", b"\xff\xd9", b"\xff\xd8", b"\xff\xda", b"\xff\xff\xff", CANARY),
        *(b"\x7f\xff\xff\xff", b"\xff\xe1\0\2", b"\xff\xee\0\2", b"\xff\xe0\0\7JFIF\0"),
    )
)
Change = tuple[str, int, int, bytes]
CHANGES: Final = st.lists(
    st.tuples(
        st.sampled_from(["write", "insert", "delete", "repeat", "cut"]),
        PLACES,
        st.integers(1, 60),
        PIECES | st.binary(min_size=1, max_size=4),
    ),
    min_size=1,
    max_size=4,
)


def spoilt(file: bytes, changes: list[Change]) -> bytes:
    for what, place, length, new in changes:
        at = place % (len(file) + 1)
        file = {
            "write": file[:at] + new + file[at + len(new) :],
            "insert": file[:at] + new + file[at:],
            "delete": file[:at] + file[at + length :],
            "repeat": file[:at] + file[at : at + length] * 2 + file[at + length :],
            "cut": file[: max(at, 40)],
        }[what]
    return file


def cleaned_or_refused(kind: Kind, file: bytes) -> bytes | None:
    """Return the confirmed clean bytes, or None where the file is refused by type."""
    try:
        clean = clean_bytes(WALKS[kind](BytesIO(file)), file)
    except MediaError:
        return None
    assert len(clean) <= len(file) + HEADROOM
    try:
        verify(kind, BytesIO(clean))
    except MediaError:
        return None
    return clean


def check(kind: Kind, file: bytes) -> None:
    clean = cleaned_or_refused(kind, file)
    if clean is not None:
        assert cleaned_or_refused(kind, clean) == clean


@settings(max_examples=400)
@given(st.sampled_from(JPEGS), CHANGES)
def test_a_spoilt_jpeg_is_clean_or_refused(file: bytes, changes: list[Change]) -> None:
    check(Kind.JPEG, spoilt(file, changes))


@settings(max_examples=200)
@given(st.sampled_from(PNGS), CHANGES)
def test_a_spoilt_png_is_clean_or_refused(file: bytes, changes: list[Change]) -> None:
    check(Kind.PNG, spoilt(file, changes))


@settings(max_examples=400)
@given(st.sampled_from(PNGS), CHANGES, st.lists(st.integers(0, 8), max_size=8), st.data())
def test_a_png_of_spoilt_chunks_with_right_checksums_is_clean_or_refused(
    file: bytes, changes: list[Change], order: list[int], draw: st.DataObject
) -> None:
    chunks = chunks_of(file)
    target = draw.draw(st.integers(0, len(chunks) - 1))
    chunks[target] = (chunks[target][0], spoilt(chunks[target][1], changes))
    chosen = [chunks[i % len(chunks)] for i in order] or chunks
    parts = [chunk(*part) for part in chosen]
    check(Kind.PNG, PNG_START + b"".join(parts) + chunk(b"IEND", b""))


SEGMENTS: Final = st.lists(
    st.tuples(st.integers(0xC0, 0xFE), st.binary(max_size=70)).filter(
        lambda pair: not 0xD0 <= pair[0] <= 0xDA
    ),
    max_size=6,
)


@settings(max_examples=400)
@given(SEGMENTS)
def test_a_jpeg_with_any_segments_is_clean_or_refused(segments: list[tuple[int, bytes]]) -> None:
    check(Kind.JPEG, with_segments(jpeg_file(), *[segment(*pair) for pair in segments]))


@given(st.integers(0xE0, 0xFE), st.binary(max_size=30), st.binary(max_size=30))
def test_no_word_in_an_application_segment_survives(
    marker: int, before: bytes, behind: bytes
) -> None:
    file = with_segments(jpeg_file(), segment(marker, before + CANARY + behind))
    clean = cleaned_or_refused(Kind.JPEG, file)
    assert clean is not None
    assert CANARY not in clean


@pytest.mark.parametrize("kind", WALKS)
@given(junk=st.binary(max_size=300))
def test_bytes_that_are_no_picture_are_refused_by_type(kind: Kind, junk: bytes) -> None:
    check(kind, {Kind.JPEG: b"\xff\xd8\xff", Kind.PNG: PNG_START}[kind] + junk)


@pytest.mark.parametrize(("kind", "files"), [(Kind.JPEG, JPEGS), (Kind.PNG, PNGS)])
def test_the_unspoilt_files_are_clean(kind: Kind, files: tuple[bytes, ...]) -> None:
    assert all(cleaned_or_refused(kind, file) for file in files)
