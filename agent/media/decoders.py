# SPDX-License-Identifier: Apache-2.0
"""Decode and re-encode pictures with Pillow. Runs in the child only.

A picture is opened with the decoder of its sniffed kind and no other; a decompression bomb is an
error; a truncated file is never filled up.
"""

import io
import warnings
from typing import Any, Final

from PIL import Image, ImageFile

from agent.media.errors import Malformed, Unsupported
from agent.media.limits import MAX_PIXELS
from agent.media.model import Kind

_FORMATS: Final = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP"}
_TURNS: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SWAPS_SIDES: Final = frozenset({5, 6, 7, 8})
_TABLE_SIDE: Final = 8
_SUBSAMPLINGS: Final = frozenset({"4:4:4", "4:2:2", "4:2:0"})

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False
warnings.simplefilter("error", Image.DecompressionBombWarning)


def _opened(kind: Kind, data: bytes) -> Image.Image:
    """Open a picture with its own decoder and load every pixel."""
    if kind not in _FORMATS:
        raise Unsupported("no decoder for this kind")
    try:
        picture = Image.open(io.BytesIO(data), formats=[_FORMATS[kind]])
        picture.load()
    except (OSError, SyntaxError, ValueError, Warning, Image.DecompressionBombError) as error:
        raise Malformed("pixels that cannot be decoded") from error
    return picture


def turn(kind: Kind, data: bytes, orientation: int) -> bytes:
    """Return a picture with its pixels turned upright, in the quality of its source.

    A JPEG is encoded with its own quantisation tables, turned along with the pixels.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: a picture of several frames cannot be turned.
    """
    picture = _opened(kind, data)
    if getattr(picture, "n_frames", 1) > 1:
        raise Unsupported("an animation that would have to be turned")
    turned = picture.transpose(_TURNS[orientation])
    options = _options(kind, picture, swap=orientation in _SWAPS_SIDES)
    profile = picture.info.get("icc_profile")
    out = io.BytesIO()
    turned.info = {}
    turned.save(out, format=_FORMATS[kind], icc_profile=profile, **options)
    return out.getvalue()


def shape(kind: Kind, data: bytes) -> tuple[int, int]:
    """Decode a picture fully and return its width and height in pixels.

    Raises:
        Malformed: the pixels cannot be decoded.
    """
    return _opened(kind, data).size


def _options(kind: Kind, picture: Image.Image, *, swap: bool) -> dict[str, Any]:
    """Return how to save in the quality of the source."""
    if kind is Kind.PNG:
        return {"optimize": False}
    if kind is Kind.WEBP:
        return {"lossless": True}
    tables: dict[int, list[int]] = getattr(picture, "quantization", {})
    return {
        "qtables": [_turned_table(tables[i]) if swap else tables[i] for i in sorted(tables)],
        "subsampling": _subsampling(picture, swap=swap),
        "optimize": True,
    }


def _turned_table(table: list[int]) -> list[int]:
    """Return a quantisation table with rows and columns exchanged."""
    side = range(_TABLE_SIDE)
    return [table[column * _TABLE_SIDE + row] for row in side for column in side]


def _subsampling(picture: Image.Image, *, swap: bool) -> str:
    """Return the source's chroma subsampling; 4:2:2 turned has no name in Pillow, so 4:4:4."""
    layer = getattr(picture, "layer", None) or []
    if not layer or len(layer) < 3:
        return "4:4:4"
    horizontal, vertical = layer[0][1], layer[0][2]
    name = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}.get((horizontal, vertical), "4:4:4")
    return "4:4:4" if swap and name == "4:2:2" else name
