# SPDX-License-Identifier: Apache-2.0
"""Whatever way a camera was held, the clean picture is upright and carries no orientation."""

import io
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final

import pytest
from PIL import Image, ImageOps

from agent.media.child import Child
from agent.media.cleaning import CleanMedium, clean, inspect
from agent.media.errors import Malformed, Unsupported
from agent.media.model import Kind
from agent.media.orientation import orientation_of
from tests.media.stills import (
    chunk,
    decibels,
    exif_block,
    jpeg_file,
    png_file,
    segment,
    with_chunks,
    with_segments,
)

LEAST_DECIBELS: Final = 45.0
"""Of the brightness; measured: 48 and more on this drawing of hard edges."""
LEAST_DECIBELS_OF_COLOUR: Final = 28.0
"""Colours at hard edges are sampled once more where the source has them at half width."""
MODES: Final = ("RGB", "RGBA", "L", "LA", "1", "P", "I;16")
JPEGS: Final = {
    "RGB": jpeg_file(quality=95),
    "grey": jpeg_file("L", quality=95),
    "CMYK": jpeg_file("CMYK", quality=95),
    "4:4:4": jpeg_file(quality=95, subsampling=0),
    "4:2:2": jpeg_file(quality=95, subsampling=1),
    "progressive": jpeg_file(quality=95, progressive=True),
}


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def jpeg_with(orientation: int, file: bytes = JPEGS["RGB"]) -> bytes:
    return with_segments(file, segment(0xE1, b"Exif\0\0" + exif_block(orientation)))


def png_with(orientation: int, file: bytes) -> bytes:
    return with_chunks(file, chunk(b"eXIf", exif_block(orientation)))


def cleaned(file: bytes, child: Child) -> CleanMedium:
    source = BytesIO(file)
    return clean(inspect(source, child), source, child)


def opened(medium: CleanMedium) -> Image.Image:
    return Image.open(io.BytesIO(medium.open().read()))


def reference(file: bytes) -> Image.Image:
    """Return the picture as Pillow itself turns it by its tag."""
    with Image.open(BytesIO(file)) as picture:
        turned = ImageOps.exif_transpose(picture)
    assert turned is not None
    return turned


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("mode", MODES)
def test_a_png_is_turned_as_the_reference_turns_it(
    mode: str, orientation: int, child: Child
) -> None:
    file = png_with(orientation, png_file(mode))
    shown, wanted = opened(cleaned(file, child)), reference(file)
    assert (shown.mode, shown.size, shown.tobytes()) == (wanted.mode, wanted.size, wanted.tobytes())


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", JPEGS)
def test_a_jpeg_is_turned_as_the_reference_turns_it(
    kind: str, orientation: int, child: Child
) -> None:
    file = jpeg_with(orientation, JPEGS[kind])
    wanted, shown = reference(file), opened(cleaned(file, child))
    assert decibels(wanted.convert("L"), shown.convert("L")) > LEAST_DECIBELS
    assert decibels(wanted, shown) > LEAST_DECIBELS_OF_COLOUR


def test_a_wrong_turn_would_be_seen() -> None:
    wanted = reference(jpeg_with(6))
    wrong = wanted.transpose(Image.Transpose.ROTATE_180)
    assert decibels(wanted.convert("L"), wrong.convert("L")) < LEAST_DECIBELS_OF_COLOUR / 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_clean_picture_carries_no_orientation(orientation: int, child: Child) -> None:
    assert dict(opened(cleaned(jpeg_with(orientation), child)).getexif()) == {}


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_medium_says_its_size_as_it_is_shown(orientation: int, child: Child) -> None:
    medium = cleaned(jpeg_with(orientation), child)
    assert (medium.width, medium.height) == opened(medium).size
    assert medium.turned is (orientation != 1)


def test_an_upright_jpeg_is_not_encoded_again(child: Child) -> None:
    assert cleaned(jpeg_with(1), child).open().read() == JPEGS["RGB"]


@pytest.mark.parametrize(
    ("mode", "transparent"), [("P", 3), ("L", 40), ("RGB", (255, 0, 0)), ("1", 0)]
)
def test_what_is_transparent_stays_transparent(
    mode: str, transparent: object, child: Child
) -> None:
    file = png_with(6, png_file(mode, transparency=transparent))
    shown, wanted = opened(cleaned(file, child)), reference(file)
    assert shown.convert("RGBA").tobytes() == wanted.convert("RGBA").tobytes()


def test_a_palette_with_grades_of_transparency_keeps_them(child: Child) -> None:
    file = png_with(6, png_file("P", transparency=bytes(range(200))))
    shown, wanted = opened(cleaned(file, child)), reference(file)
    assert shown.convert("RGBA").tobytes() == wanted.convert("RGBA").tobytes()


def test_deep_colours_that_would_lose_their_depth_are_refused(child: Child) -> None:
    rows = b"".join(b"\0" + bytes(range(48)) for _ in range(8))
    with pytest.raises(Unsupported):
        cleaned(png_with(6, deep_png(rows)), child)


def test_deep_colours_that_are_upright_are_kept(child: Child) -> None:
    rows = b"".join(b"\0" + bytes(range(48)) for _ in range(8))
    file = deep_png(rows)
    assert cleaned(file, child).open().read() == file


def deep_png(rows: bytes) -> bytes:
    """Return a picture of 8 by 8 pixels with 16 bits for each colour."""

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 16, 2, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + head + body


@pytest.mark.parametrize("orientation", [0, 9, 255])
def test_an_orientation_that_does_not_exist_means_upright(orientation: int) -> None:
    assert orientation_of(exif_block(orientation)) == 1


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_both_byte_orders_are_read(order: str, orientation: int) -> None:

    magic = {"<": b"II*\0", ">": b"MM\0*"}[order]
    block = magic + struct.pack(order + "IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)
    assert orientation_of(block) == orientation


@pytest.mark.parametrize("cut", range(len(exif_block(6)) - 6))
def test_a_cut_block_means_upright(cut: int) -> None:
    assert orientation_of(exif_block(6)[:cut]) == 1


def test_no_block_means_upright() -> None:
    assert orientation_of(None) == 1


def test_pixels_that_cannot_be_decoded_are_not_turned(child: Child) -> None:
    with pytest.raises(Malformed):
        child.turn(Kind.JPEG, jpeg_file()[:200], 6)
