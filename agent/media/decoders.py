# SPDX-License-Identifier: Apache-2.0
"""Decode and re-encode pictures with Pillow. Runs in the child only.

A picture is opened with the decoder of its sniffed kind and no other; a decompression bomb is an
error; a truncated file is never filled up. A TIFF is decoded page by page and written anew by our
own writer, never by an encoder; what was written is decoded once more and compared.
"""

import hashlib
import io
import struct
import warnings
from collections.abc import Iterator
from typing import Any, Final, cast

from PIL import Image, ImageFile, ImageSequence, TiffImagePlugin

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.icc import canonical_profile
from agent.media.limits import MAX_PIXELS
from agent.media.model import Kind
from agent.media.tiff_writer import LAYOUTS, Page, write_tiff

FORMATS: Final = {Kind.JPEG: "JPEG", Kind.PNG: "PNG", Kind.WEBP: "WEBP", Kind.TIFF: "TIFF"}
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
_PNG_DEPTH_AT: Final = 24
_DEEP: Final = 16
"""Bits of a sample: where a PNG's header says them, and when they are more than Pillow keeps."""
_WEBP_QUALITY: Final = 95
"""Of a lossy WebP that has to be turned: 41 dB on a noisy picture, at 1.5 times its size."""
_DEPTHS: Final = ((1, 2, 4, 8), (16,))
"""Bits of a sample that are decoded exactly: of usual modes, of deep grey."""
FAULTS: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    EOFError,
    struct.error,
    Warning,
    Image.DecompressionBombError,
)
"""What Pillow raises over a file that it cannot read."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
ImageFile.LOAD_TRUNCATED_IMAGES = False
warnings.simplefilter("error", Image.DecompressionBombWarning)


def _opened(kind: Kind, data: bytes) -> Image.Image:
    """Open a picture with its own decoder and load every pixel."""
    if kind not in FORMATS:
        raise Unsupported("no decoder for this kind")
    try:
        picture = Image.open(io.BytesIO(data), formats=[FORMATS[kind]])
        picture.load()
    except FAULTS as error:
        raise Malformed("pixels that cannot be decoded") from error
    return picture


def turn(kind: Kind, data: bytes, orientation: int) -> bytes:
    """Return a picture with its pixels turned upright, in the quality of its source.

    A JPEG is encoded with its own quantisation tables, turned along with the pixels; a TIFF is
    written anew, each page by its own orientation.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: a picture of several frames cannot be turned, or pixels of an unusual kind.
        TooBig: all pages together have more pixels than the limit.
    """
    if kind is Kind.TIFF:
        return rewritten_tiff(data)
    picture = _opened(kind, data)
    if getattr(picture, "n_frames", 1) > 1:
        raise Unsupported("an animation that would have to be turned")
    turned = picture.transpose(_TURNS[orientation])
    options = _options(kind, data, picture, swap=orientation in _SWAPS_SIDES)
    profile = picture.info.get("icc_profile")
    out = io.BytesIO()
    turned.info = {}
    turned.save(out, format=FORMATS[kind], icc_profile=profile, **options)
    return out.getvalue()


def shape(kind: Kind, data: bytes) -> tuple[int, int]:
    """Decode a picture fully and return its width and height in pixels.

    Raises:
        Malformed: the pixels cannot be decoded.
    """
    return _opened(kind, data).size


def _options(kind: Kind, data: bytes, picture: Image.Image, *, swap: bool) -> dict[str, Any]:
    """Return how to save in the quality of the source."""
    if kind is Kind.PNG:
        return _png_options(data, picture)
    if kind is Kind.WEBP:
        lossless = _is_lossless_webp(data)
        quality = {} if lossless else {"quality": _WEBP_QUALITY}
        return {"lossless": lossless, "exact": True, "method": 4, **quality}
    tables: dict[int, list[int]] = getattr(picture, "quantization", {})
    return {
        "qtables": [_turned_table(tables[i]) if swap else tables[i] for i in sorted(tables)],
        "subsampling": _subsampling(picture, swap=swap),
        "optimize": True,
    }


def _png_options(data: bytes, picture: Image.Image) -> dict[str, Any]:
    """Keep what is transparent; refuse colours of 16 bits, which Pillow quietly cuts to 8."""
    if data[_PNG_DEPTH_AT] == _DEEP and picture.mode != "I;16":
        raise Unsupported("pixels of a kind that cannot be written exactly")
    kept = {key: picture.info[key] for key in ("transparency",) if key in picture.info}
    return {"optimize": False, **kept}


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


def _is_lossless_webp(data: bytes) -> bool:
    """Tell how a clean WebP holds its pixels, by the chunk that they are in (RFC 9649)."""
    at = 12
    while data[at : at + 4] not in (b"VP8L", b"VP8 ", b""):
        at += 8 + (int.from_bytes(data[at + 4 : at + 8], "little") + 1) // 2 * 2
    return data[at : at + 4] == b"VP8L"


def rewritten_tiff(data: bytes) -> bytes:
    """Return a TIFF written anew: every page upright, in the same pixels, under baseline tags.

    Raises:
        Malformed: a page cannot be decoded, or came back in other pixels.
        Unsupported: pixels of a kind that cannot be written exactly.
        TooBig: all pages together have more pixels than the limit.
    """
    digests: list[bytes] = []
    try:
        clean = write_tiff(_noted(_pages(data), digests))
        same = [_digest(page) for page in _pages(clean)] == digests
    except FAULTS as error:
        raise Malformed("a page that cannot be decoded") from error
    if not same:
        raise Malformed("a page that comes back in other pixels")
    return clean


def _noted(pages: Iterator[Page], digests: list[bytes]) -> Iterator[Page]:
    """Pass pages on, and note what each of them shows."""
    for page in pages:
        digests.append(_digest(page))
        yield page


def _digest(page: Page) -> bytes:
    shown = hashlib.sha256(page.pixels)
    shown.update(repr((page.width, page.height, page.mode, page.palette, page.profile)).encode())
    return shown.digest()


def _pages(data: bytes) -> Iterator[Page]:
    """Yield the decoded pages of a TIFF, without previews; Pillow turns each one upright."""
    tiff = Image.open(io.BytesIO(data), formats=["TIFF"])
    pixels = 0
    for page in ImageSequence.Iterator(tiff):
        tags = cast(TiffImagePlugin.TiffImageFile, page).tag_v2
        if tags.get(254, 0) & 1 or tags.get(255) == 2:
            continue
        pixels += page.width * page.height
        if pixels > MAX_PIXELS:
            raise TooBig("more pixels than the limit on all pages together")
        yield _page(page, bits=max(tags.get(258, (1,))), white_is_zero=tags.get(262) == 0)


def _page(page: Image.Image, *, bits: int, white_is_zero: bool) -> Page:
    """Return a page as the writer takes it, from samples of this many bits.

    Pillow quietly cuts colours of 16 bits to 8, and does not turn grey ones that count from white.
    """
    profile = canonical_profile(page.info.get("icc_profile") or b"")
    page.load()
    upright = page.convert("I").convert("I;16") if page.mode == "I;16B" else page
    deep = upright.mode == "I;16"
    if upright.mode not in LAYOUTS or (deep and white_is_zero) or bits not in _DEPTHS[deep]:
        raise Unsupported("pixels of a kind that cannot be written exactly")
    palette = upright.getpalette("RGB") or [] if upright.mode == "P" else []
    return Page(
        width=upright.width,
        height=upright.height,
        mode=upright.mode,
        pixels=upright.tobytes(),
        palette=bytes(palette).ljust(768 if palette else 0, b"\0"),
        profile=profile,
    )
