# SPDX-License-Identifier: Apache-2.0
"""Photographs of printed cards, drawn: a card in space, through a lens, on a busy background.

Nobody is in them. The conditions are those that the school's readers were first compared on: sizes,
yaw, defocus, motion, darkness with noise, a roll, glare, and all at once.
"""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (4000, 3000)
BACKGROUNDS = 4
_DISTANCE = 3.0
"""From the lens to the card, in widths of the card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """How a card is photographed: pixels across, degrees, blurs in pixels, light, noise."""

    width: int = 800
    yaw: float = 0
    roll: float = 0
    defocus: float = 0
    motion: int = 0
    light: float = 1.0
    noise: float = 0
    glare: bool = False


SHORT = {
    **{f"{width} px wide": Condition(width=width) for width in (1600, 800, 500, 350, 250)},
    **{f"yaw {yaw}": Condition(yaw=yaw) for yaw in (30, 45, 60)},
    **{f"defocus {sigma}": Condition(defocus=sigma) for sigma in (1.5, 3, 5)},
    **{f"motion {pixels}": Condition(motion=pixels) for pixels in (9, 17)},
    "dark": Condition(light=0.25, noise=12),
    "very dark": Condition(light=0.12, noise=10),
    "rolled 37, yaw 25": Condition(roll=37, yaw=25),
    "glare": Condition(glare=True),
    "all at once": Condition(width=500, yaw=30, defocus=1.5, light=0.25, noise=12),
}
LONG = {
    **{f"{width} px wide": Condition(width=width) for width in (1600, 800, 500, 350, 250)},
    **{f"defocus {sigma}": Condition(defocus=sigma) for sigma in (1.5, 3, 5)},
    "all at once": Condition(width=500, yaw=30, defocus=1.5, light=0.25),
}


def photograph(card: Image.Image, condition: Condition, background: int) -> bytes:
    """Return a JPEG of 12 megapixels with the card in it, a little tilted by chance."""
    chance = np.random.default_rng(background * 7919 + condition.width)
    picture = backdrop(background).copy()
    paste_card(picture, card, condition, chance)
    return _developed(picture, condition, chance)


def paste_card(
    picture: Image.Image,
    card: Image.Image,
    condition: Condition,
    chance: np.random.Generator,
    at: tuple[float, float] | None = None,
) -> None:
    """Draw a card into a picture, its middle at a place given as shares of the picture."""
    scaled = card.resize(
        (condition.width, round(condition.width * card.height / card.width)),
        Image.Resampling.LANCZOS,
    )
    corners = _corners(scaled.size, condition, chance)
    left, top = corners.min(axis=0)
    corners -= (left, top)
    size = tuple(math.ceil(side) + 1 for side in corners.max(axis=0))
    coefficients = _perspective(corners, scaled.size)
    shape, how = Image.Transform.PERSPECTIVE, Image.Resampling.BICUBIC
    drawn = scaled.convert("RGB").transform(size, shape, coefficients, how)
    mask = Image.new("L", scaled.size, 255).transform(size, shape, coefficients, how)
    share = tuple(chance.uniform(0.35, 0.65, 2)) if at is None else at
    place = tuple(
        int(max(0, whole * part - side / 2))
        for whole, part, side in zip(picture.size, share, size, strict=True)
    )
    picture.paste(drawn, place, mask)
    if condition.glare:
        _glare(picture, (place[0] + size[0] // 3, place[1] + size[1] // 3), size[0] // 4)


def _corners(
    size: tuple[int, int], condition: Condition, chance: np.random.Generator
) -> np.ndarray:
    """Return where the corners of a card fall that is turned in space before a lens."""
    width, height = size
    yaw, pitch, roll = np.radians(
        np.array([condition.yaw, 0, condition.roll]) + chance.uniform(-4, 4, 3)
    )
    flat = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    x, y = flat[:, 0], flat[:, 1]
    x, y = x * np.cos(roll) - y * np.sin(roll), x * np.sin(roll) + y * np.cos(roll)
    x, z = x * np.cos(yaw), x * np.sin(yaw)
    y, z = y * np.cos(pitch) - z * np.sin(pitch), y * np.sin(pitch) + z * np.cos(pitch)
    nearness = _DISTANCE * width / (_DISTANCE * width + z)
    return np.stack([x * nearness, y * nearness], axis=1)


def _perspective(corners: np.ndarray, size: tuple[int, int]) -> list[float]:
    """Return what Pillow's transform wants: from where each pixel of the picture comes."""
    width, height = size
    rows, wanted = [], []
    for (x, y), (u, v) in zip(
        corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True
    ):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    return [float(one) for one in np.linalg.solve(np.array(rows), np.array(wanted))]


def _glare(picture: Image.Image, middle: tuple[int, int], radius: int) -> None:
    """Lay a white spot over a part of the card, bright in its middle."""
    spot = Image.radial_gradient("L").resize((2 * radius, 2 * radius))
    strength = spot.point([max(0, 150 - value * 150 // 255) for value in range(256)])
    picture.paste((255, 255, 255), (middle[0] - radius, middle[1] - radius), strength)


def _developed(picture: Image.Image, condition: Condition, chance: np.random.Generator) -> bytes:
    if condition.defocus:
        picture = picture.filter(ImageFilter.GaussianBlur(condition.defocus))
    if condition.motion:
        picture = _moved(picture, condition.motion)
    if condition.light < 1:
        picture = picture.point([round(value * condition.light) for value in range(256)] * 3)
    if condition.noise:
        picture = _noisy(picture, condition.noise, chance)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


def _moved(picture: Image.Image, pixels: int) -> Image.Image:
    """Return a picture during which the camera moved sideways: a mean over so many columns."""
    columns = np.asarray(picture, dtype=np.uint32).cumsum(axis=1)
    moved = columns.copy()
    moved[:, pixels:] -= columns[:, :-pixels]
    moved[:, pixels:] //= pixels
    moved[:, :pixels] = moved[:, pixels : pixels + 1]
    return Image.fromarray(moved.astype(np.uint8))


def _noisy(picture: Image.Image, sigma: float, chance: np.random.Generator) -> Image.Image:
    """Return a picture with noise; one field of it is drawn and laid over by another start."""
    field = _noise_field()
    start = int(chance.integers(0, 1000))
    shifted = np.roll(field, start, axis=1)[:, :, None]
    values = np.asarray(picture, dtype=np.int16)
    return Image.fromarray(
        (values + (shifted * sigma).astype(np.int16)).clip(0, 255).astype("uint8")
    )


@cache
def _noise_field() -> np.ndarray:
    return np.random.default_rng(5).standard_normal((SIZE[1], SIZE[0]), dtype=np.float32)


@cache
def backdrop(number: int) -> Image.Image:
    """Return a background as busy as a class before a wall: rounds, stripes, boards, grain."""
    chance = np.random.default_rng(number)
    picture = Image.new("RGB", SIZE, tuple(int(c) for c in chance.integers(60, 200, 3)))
    draw = ImageDraw.Draw(picture)
    for left, top, right, bottom in _boxes(chance, 60, 500):
        draw.rectangle((left, top, right, bottom), fill=_colour(chance), outline=_colour(chance))
    for left, top, right, bottom in _boxes(chance, 160, 300):
        draw.ellipse((left, top, right, bottom), fill=_colour(chance))
    for x in range(0, SIZE[0] // 3, 40):
        draw.line((x, 0, x + 200, SIZE[1]), fill=_colour(chance), width=12)
    return picture.filter(ImageFilter.GaussianBlur(2))


def _boxes(
    chance: np.random.Generator, count: int, side: int
) -> Iterator[tuple[int, int, int, int]]:
    for _ in range(count):
        x, y = int(chance.integers(0, SIZE[0])), int(chance.integers(0, SIZE[1]))
        wide, high = (int(part) for part in chance.integers(side // 4, side, 2))
        yield x, y, x + wide, y + high


def _colour(chance: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = (int(part) for part in chance.integers(0, 256, 3))
    return red, green, blue
