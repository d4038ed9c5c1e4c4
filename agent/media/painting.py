# SPDX-License-Identifier: Apache-2.0
"""Paint one colour over places of a picture, and check that it is there. Runs in the child only.

The colour is a constant. Whatever is computed from a face, a mosaic, a blur or its mean colour,
links the copy to other pictures of the same child; a constant says nothing (docs/faces.md). Its
shape is a box with corners: a round one on shoulders is a head to the detector, and every copy is
looked at once more for faces that are still to be seen. The copy is encoded anew from the painted
pixels, so no byte of the original's coding is in it.
"""

import io
from collections.abc import Sequence
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from agent.media.errors import Malformed
from agent.media.eyes import first_frame
from agent.media.model import Kind

COVER: Final = (128, 128, 128)
QUALITY: Final = 90
LEAST: Final = 48
"""Pixels that a cover has on each side at least, as far as the picture reaches."""
_BLOCK: Final = 8
"""Pixels of a JPEG's blocks: at the rim of a cover its neighbours colour one block."""

Box = tuple[int, int, int, int]
"""Left, top, right and bottom in pixels, the last two within the box."""
Fractions = Sequence[float]
"""Left, top, width and height of a place, of the picture's sides."""


def cover(kind: Kind, data: bytes, places: Sequence[Fractions]) -> bytes:
    """Return a picture as a new JPEG with the places painted over.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: nothing here decodes this kind, or it has many frames.
    """
    picture = first_frame(kind, data, alone=True)
    profile = picture.info.get("icc_profile") if picture.mode == "RGB" else None
    plain = _on_white(picture)
    pen = ImageDraw.Draw(plain)
    for place in places:
        pen.rectangle(box_of(place, plain.size), fill=COVER)
    out = io.BytesIO()
    plain.save(out, "JPEG", quality=QUALITY, subsampling=0, icc_profile=profile)
    return out.getvalue()


def unevenness(data: bytes, places: Sequence[Fractions]) -> list[int]:
    """Return for each place of a covered JPEG how far its colour is from the cover's, at most.

    Raises:
        Malformed: the pixels cannot be decoded.
    """
    picture = first_frame(Kind.JPEG, data)
    pixels = np.asarray(picture.convert("RGB"), np.int16)
    return [_largest_step(pixels, box_of(place, picture.size)) for place in places]


def box_of(place: Fractions, size: tuple[int, int]) -> Box:
    """Return a place in pixels, outwards to whole ones and to the least size of a cover."""
    left, top, width, height = place
    low_x, high_x = _span(left, width, size[0])
    low_y, high_y = _span(top, height, size[1])
    return low_x, low_y, high_x, high_y


def _span(start: float, length: float, whole: int) -> tuple[int, int]:
    low, high = int(start * whole), min(whole - 1, int((start + length) * whole))
    lacking = max(0, LEAST - (high - low + 1))
    return max(0, low - (lacking + 1) // 2), min(whole - 1, high + (lacking + 1) // 2)


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture in RGB as people see it: what is transparent shows white."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    shown = picture.convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, shown).convert("RGB")


def _largest_step(pixels: np.ndarray[tuple[int, ...], np.dtype[np.int16]], box: Box) -> int:
    """Return the largest difference from the cover's colour inside its rim."""
    inwards = _BLOCK
    left, top, right, bottom = box
    if right - left < 2 * inwards or bottom - top < 2 * inwards:
        inwards = max(0, (min(right - left, bottom - top) - 1) // 2)
    inside = pixels[top + inwards : bottom - inwards + 1, left + inwards : right - inwards + 1]
    if not inside.size:
        raise Malformed("a place without a pixel")
    return int(abs(inside - np.array(COVER, np.int16)).max())
