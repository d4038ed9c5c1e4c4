# SPDX-License-Identifier: Apache-2.0
"""A recipe reads like its joined bytes; a frame crosses a pipe whole or not at all."""

import io
import struct
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.media.errors import Malformed, TooBig
from agent.media.frames import MAX_DATA, MAX_JSON, read_frame, write_frame
from agent.media.recipe import COPY_CHUNK, HEADROOM, Extent, Recipe, RecipeReader, checked, chunks

SOURCE = bytes(range(256)) * 4
EXTENTS = st.tuples(st.integers(0, 900), st.integers(0, 100)).map(lambda pair: Extent(*pair))
RECIPES = st.lists(st.one_of(st.binary(max_size=40), EXTENTS), max_size=8).map(
    lambda pieces: Recipe(pieces=tuple(pieces))
)


def joined(recipe: Recipe) -> bytes:
    return b"".join(
        piece if isinstance(piece, bytes) else SOURCE[piece.offset : piece.offset + piece.length]
        for piece in recipe.pieces
    )


def reader(recipe: Recipe) -> RecipeReader:
    return RecipeReader(recipe, BytesIO(SOURCE))


@given(RECIPES)
def test_a_recipe_reads_as_its_joined_bytes(recipe: Recipe) -> None:
    assert reader(recipe).read() == joined(recipe)


@given(RECIPES)
def test_the_size_is_that_of_the_joined_bytes(recipe: Recipe) -> None:
    assert recipe.size == len(joined(recipe))


MOVES = st.lists(st.tuples(st.integers(-200, 400), st.integers(0, 2), st.integers(-1, 120)))


@given(RECIPES, MOVES)
def test_seek_and_read_agree_with_a_file_of_the_joined_bytes(
    recipe: Recipe, moves: list[tuple[int, int, int]]
) -> None:
    ours, theirs = reader(recipe), BytesIO(joined(recipe))
    for offset, whence, size in moves:
        base = (0, theirs.tell(), len(joined(recipe)))[whence]
        target = max(0, base + offset)
        assert ours.seek(target - base, whence) == theirs.seek(target)
        assert ours.read(size) == theirs.read(size)
        assert ours.tell() == theirs.tell()


@given(RECIPES, st.integers(1, 200))
def test_readinto_fills_what_there_is(recipe: Recipe, room: int) -> None:
    buffer = bytearray(b"?" * room)
    count = reader(recipe).readinto(buffer)
    assert buffer[:count] == joined(recipe)[:room]
    assert count == min(room, recipe.size)


@given(RECIPES)
def test_a_buffered_reader_gives_the_same_bytes(recipe: Recipe) -> None:
    assert io.BufferedReader(reader(recipe), 64).read() == joined(recipe)


@given(RECIPES)
def test_the_chunks_join_to_the_same_bytes(recipe: Recipe) -> None:
    assert b"".join(chunks(recipe, BytesIO(SOURCE))) == joined(recipe)


def test_no_chunk_is_larger_than_stated() -> None:
    recipe = Recipe(pieces=(bytes(COPY_CHUNK + 1), bytes(COPY_CHUNK)))
    assert [len(part) for part in chunks(recipe, BytesIO())] == [COPY_CHUNK, COPY_CHUNK, 1]


def test_a_seek_before_the_start_is_an_error() -> None:
    with pytest.raises(ValueError, match="before the start"):
        reader(Recipe(pieces=(b"abc",))).seek(-1)


def test_a_source_that_ends_early_is_malformed() -> None:
    recipe = Recipe(pieces=(Extent(0, len(SOURCE) + 1),))
    with pytest.raises(Malformed):
        reader(recipe).read()


@given(RECIPES)
def test_a_recipe_inside_its_source_is_returned(recipe: Recipe) -> None:
    assert checked(recipe, len(SOURCE)) is recipe


@pytest.mark.parametrize(
    "extent", [Extent(1000, 25), Extent(1025, 0), Extent(-1, 5), Extent(5, -1), Extent(0, 1025)]
)
def test_an_extent_outside_the_source_is_malformed(extent: Extent) -> None:
    with pytest.raises(Malformed):
        checked(Recipe(pieces=(b"head", extent)), len(SOURCE))


def test_growth_up_to_the_headroom_is_allowed() -> None:
    recipe = Recipe(pieces=(Extent(0, 1024), bytes(HEADROOM)))
    assert checked(recipe, 1024) is recipe


def test_growth_beyond_the_headroom_is_refused() -> None:
    with pytest.raises(TooBig):
        checked(Recipe(pieces=(Extent(0, 1024), bytes(HEADROOM + 1))), 1024)


def test_overlapping_extents_cannot_multiply_a_file() -> None:
    with pytest.raises(TooBig):
        checked(Recipe(pieces=(Extent(0, 1024),) * 66), 1024)


MESSAGES = st.dictionaries(
    st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=20)
)


def frame(message: dict[str, object], data: bytes = b"") -> bytes:
    pipe = BytesIO()
    write_frame(pipe, message, data)
    return pipe.getvalue()


@given(MESSAGES, st.binary())
def test_a_frame_comes_back_as_it_was_written(message: dict[str, object], data: bytes) -> None:
    assert read_frame(BytesIO(frame(message, data))) == (message, data)


@given(MESSAGES, st.binary(), MESSAGES, st.binary())
def test_two_frames_in_a_row_stay_apart(
    first: dict[str, object], one: bytes, second: dict[str, object], two: bytes
) -> None:
    pipe = BytesIO(frame(first, one) + frame(second, two))
    assert [read_frame(pipe), read_frame(pipe)] == [(first, one), (second, two)]


@given(MESSAGES, st.binary(), st.data())
def test_a_frame_that_is_cut_anywhere_is_an_end(
    message: dict[str, object], data: bytes, draw: st.DataObject
) -> None:
    whole = frame(message, data)
    cut = draw.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(EOFError):
        read_frame(BytesIO(whole[:cut]))


class Dripping(BytesIO):
    """A pipe that gives one byte at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(1 if size else 0)


def test_a_frame_that_comes_in_drops_is_read_whole() -> None:
    assert read_frame(Dripping(frame({"a": 1}, b"xyz"))) == ({"a": 1}, b"xyz")


@pytest.mark.parametrize("lengths", [(MAX_JSON + 1, 0), (2, MAX_DATA + 1), (2**32 - 1, 2**64 - 1)])
def test_a_frame_beyond_the_limits_is_refused_before_it_is_read(lengths: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="beyond the limits"):
        read_frame(BytesIO(struct.pack(">IQ", *lengths)))


@pytest.mark.parametrize("text", [b"[]", b"1", b"null", b'"word"'])
def test_a_message_that_is_no_object_is_refused(text: bytes) -> None:
    with pytest.raises(TypeError):
        read_frame(BytesIO(struct.pack(">IQ", len(text), 0) + text))


@pytest.mark.parametrize("text", [b"{", b"\xff\xfe", b"{'a': 1}", b"[" * 100_000])
def test_a_message_that_is_no_json_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any kind of it
        read_frame(BytesIO(struct.pack(">IQ", len(text), 0) + text))
