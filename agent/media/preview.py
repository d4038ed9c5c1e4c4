# SPDX-License-Identifier: Apache-2.0
"""Make a small JPEG of a clean picture, whole or of one place. Runs in the child only.

A JPEG is decoded at the smallest scale that suffices. What comes out is encoded from pixels alone:
no profile, no metadata, no byte of the source's coding.
"""

import io
from collections.abc import Sequence
from typing import Final

from PIL import Image

from agent.media.decoders import FAULTS
from agent.media.errors import Malformed
from agent.media.eyes import first_frame
from agent.media.model import Kind

QUALITY: Final = 85
_AROUND: Final = 0.35
"""By how much a place is widened on each side, of its own size: a face is known by its hair too."""


def preview(kind: Kind, data: bytes, side: int, place: Sequence[float] | None) -> bytes:
    """Return a JPEG whose sides have at most this many pixels; of a place, with what is around it.

    A place is left, top, width and height as fractions of the picture.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: nothing here decodes this kind.
    """
    picture = _small_enough(data, side) if kind is Kind.JPEG and place is None else None
    plain = _on_white(picture or first_frame(kind, data))
    if place is not None:
        plain = plain.crop(_box(place, plain.size))
    plain.thumbnail((side, side), Image.Resampling.LANCZOS)
    out = io.BytesIO()
    plain.info = {}
    plain.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _small_enough(data: bytes, side: int) -> Image.Image:
    try:
        picture = Image.open(io.BytesIO(data), formats=["JPEG"])
        picture.draft("RGB", (side, side))
        picture.load()
    except FAULTS as error:
        raise Malformed("pixels that cannot be decoded") from error
    return picture


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    shown = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown).convert("RGB")


def _box(place: Sequence[float], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, width, height = place
    low_x, high_x = _span(left, width, size[0])
    low_y, high_y = _span(top, height, size[1])
    return low_x, low_y, high_x, high_y


def _span(start: float, length: float, whole: int) -> tuple[int, int]:
    low = int((start - _AROUND * length) * whole)
    high = int((start + (1 + _AROUND) * length) * whole)
    low = min(max(low, 0), whole - 1)
    return low, min(max(high, low + 1), whole)
