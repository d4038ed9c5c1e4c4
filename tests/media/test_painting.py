# SPDX-License-Identifier: Apache-2.0
"""Covers are of one colour whatever lay there, and the copy says nothing of what they hide."""

import io
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import pytest
from PIL import Image

from agent.demo.pictures import draw_people
from agent.media.child import Child
from agent.media.errors import ChildFailed, Malformed, Unsupported
from agent.media.model import Kind
from agent.media.painting import COVER, LEAST, box_of, cover, unevenness
from tests.media.test_child import of_program
from tests.media.test_look import jpeg, written

PLACES: Final = ((0.25, 0.25, 0.2, 0.3), (0.8, 0.8, 0.2, 0.2))


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def noise(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (300, 400, 3), np.uint8)
    return Image.fromarray(pixels)


def pixels_of(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"), np.int16)


def test_each_place_comes_out_in_one_colour(child: Child) -> None:
    covered = child.cover(Kind.PNG, written(noise(1), "PNG"), PLACES)
    assert child.unevenness(covered, PLACES) == 0
    pixels = pixels_of(covered)
    for place in PLACES:
        left, top, right, bottom = box_of(place, (400, 300))
        assert (pixels[top + 8 : bottom - 7, left + 8 : right - 7] == COVER).all()


def test_what_is_not_covered_stays_as_it_was(child: Child) -> None:
    smooth = Image.linear_gradient("L").resize((400, 300)).convert("RGB")
    pixels = pixels_of(child.cover(Kind.PNG, written(smooth, "PNG"), PLACES[:1]))
    before = np.asarray(smooth, np.int16)
    assert abs(pixels[:60] - before[:60]).max() <= 3


def test_the_check_sees_a_place_that_is_not_covered(child: Child) -> None:
    covered = child.cover(Kind.PNG, written(noise(1), "PNG"), PLACES[:1])
    assert child.unevenness(covered, PLACES) > 50


@pytest.mark.parametrize("kind", [Kind.JPEG, Kind.PNG, Kind.WEBP, Kind.BMP], ids=lambda k: k.name)
def test_a_copy_depends_on_nothing_under_its_covers(kind: Kind, child: Child) -> None:
    """Two pictures that differ only under the covers give the very same bytes."""
    first, second = noise(1), noise(1)
    for place in PLACES:
        left, top, right, bottom = box_of(place, first.size)
        second.paste(noise(2).crop((left, top, right, bottom)), (left, top))
    options = {"lossless": True} if kind is Kind.WEBP else {}
    if kind is Kind.JPEG:
        assert cover(Kind.PNG, written(first, "PNG"), PLACES) == cover(
            Kind.PNG, written(second, "PNG"), PLACES
        )
        return
    one = child.cover(kind, written(first, kind.name, **options), PLACES)
    other = child.cover(kind, written(second, kind.name, **options), PLACES)
    assert one == other


def test_hidden_colours_under_transparency_do_not_come_out(child: Child) -> None:
    hidden = noise(3).convert("RGBA")
    hidden.putalpha(0)
    pixels = pixels_of(child.cover(Kind.PNG, written(hidden, "PNG"), PLACES[:1]))
    assert (pixels[200:, 300:] == 255).all()


@pytest.mark.parametrize(
    ("place", "size", "box"),
    [
        ((0.25, 0.5, 0.5, 0.25), (400, 400), (100, 200, 300, 300)),
        ((0.5, 0.5, 0.001, 0.001), (400, 400), (176, 176, 224, 224)),
        ((0.0, 0.0, 0.01, 0.01), (400, 400), (0, 0, 26, 26)),
        ((0.99, 0.99, 0.01, 0.01), (400, 400), (374, 374, 399, 399)),
        ((0.0, 0.0, 1.0, 1.0), (10, 5), (0, 0, 9, 4)),
        ((0.9, 0.9, 0.1, 0.1), (1, 1), (0, 0, 0, 0)),
    ],
)
def test_a_place_in_pixels(
    place: Sequence[float], size: tuple[int, int], box: tuple[int, ...]
) -> None:
    found = box_of(place, size)
    assert found == pytest.approx(box, abs=1)
    assert 0 <= found[0] <= found[2] < size[0]
    assert 0 <= found[1] <= found[3] < size[1]


def test_a_small_place_is_covered_by_more_than_the_blocks_at_its_rim() -> None:
    left, top, right, bottom = box_of((0.5, 0.5, 0.001, 0.001), (1000, 1000))
    assert min(right - left, bottom - top) >= LEAST - 1
    data = cover(
        Kind.PNG, written(Image.effect_noise((1000, 1000), 90), "PNG"), [(0.5, 0.5, 0.001, 0.001)]
    )
    assert unevenness(data, [(0.5, 0.5, 0.001, 0.001)]) == [0]


def test_a_picture_smaller_than_a_cover_is_all_cover() -> None:
    data = cover(Kind.PNG, written(Image.effect_noise((20, 20), 90), "PNG"), [(0.5, 0.5, 0.1, 0.1)])
    assert unevenness(data, [(0.5, 0.5, 0.1, 0.1)]) == [0]


@pytest.mark.parametrize("kind", [Kind.GIF, Kind.PNG, Kind.WEBP, Kind.TIFF], ids=lambda k: k.name)
def test_a_picture_of_many_frames_is_refused(kind: Kind, child: Child) -> None:
    frames = [noise(n) for n in range(2)]
    moving = written(frames[0], kind.name, save_all=True, append_images=frames[1:])
    with pytest.raises(Unsupported):
        child.cover(kind, moving, PLACES)
    assert child.look(kind, moving, None).width == 400


@pytest.mark.parametrize("kind", [Kind.MP4, Kind.RAW])
def test_what_does_not_decode_is_refused(kind: Kind, child: Child) -> None:
    with pytest.raises(Unsupported):
        child.cover(kind, b"", PLACES)
    with pytest.raises(Malformed):
        child.cover(Kind.JPEG, jpeg(draw_people(2))[:-3000], PLACES)


@pytest.mark.parametrize(
    "steps", ["[]", "[1]", "['1', 1]", "[256, 1]", "[-1, 1]", "[True, 1]", "5"]
)
def test_a_check_of_another_shape_is_a_failure_of_the_child(steps: str) -> None:
    with (
        of_program(f"write_frame(sys.stdout.buffer, {{{{'steps': {steps}}}}})") as child,
        pytest.raises(ChildFailed),
    ):
        child.unevenness(b"", PLACES)
