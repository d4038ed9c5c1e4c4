# SPDX-License-Identifier: Apache-2.0
"""Look at a picture's pixels once: faces, cards, two digests. Runs in the child only.

What comes in is a clean medium: it is upright or its container turns it, and has no metadata. A
picture of many frames is seen by its first one.
"""

import hashlib
import io
from functools import partial
from typing import Final

import numpy as np
from PIL import Image

from agent.media.decoders import FAULTS, FORMATS
from agent.media.errors import Malformed, Unsupported
from agent.media.model import Kind
from agent.media.seen import FaceBox, Seen, Sight

_SEEN: Final = {
    **FORMATS,
    Kind.GIF: "GIF",
    Kind.BMP: "BMP",
    Kind.HEIF: "HEIF",
    Kind.AVIF: "AVIF",
}
MIN_EDGES: Final = 16
"""Of 64 neighbours, how many must differ clearly for the scene to have an outline."""
CLEAR: Final = 3
"""Grey levels of 255 by which neighbours differ clearly."""
_OUTLINE_SIZE: Final = (9, 8)
_GREY_BITS: Final = 8


def look(kind: Kind, data: bytes, threshold: float | None) -> Seen:
    """Return what a picture shows; without a threshold faces are not looked for.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: nothing here decodes this kind, or reads codes.
    """
    picture = decoded(kind, data)
    cards = _cards(picture)
    return Seen(
        width=picture.width,
        height=picture.height,
        pixels=pixel_digest(picture),
        outline=outline(picture),
        faces=None if threshold is None else _faces(picture, threshold),
        cards=cards,
    )


def sight() -> Sight:
    """Return whether faces can be looked for on this computer, or why not."""
    for missing, works in (
        (Sight.READER_MISSING, partial(_cards, Image.new("L", (1, 1)))),
        (Sight.HEIF_MISSING, _learn_heif),
    ):
        try:
            works()
        except Unsupported:
            return missing
    from agent.media import detector  # noqa: PLC0415 - loads the model

    return detector.sight()


def decoded(kind: Kind, data: bytes) -> Image.Image:
    """Return a picture's first frame in RGB; what is transparent shows its hidden colours.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: nothing here decodes this kind.
    """
    return first_frame(kind, data).convert("RGB")


def first_frame(kind: Kind, data: bytes, *, alone: bool = False) -> Image.Image:
    """Return a picture's first frame in its own mode, deep grey in 8 bits.

    Raises:
        Malformed: the pixels cannot be decoded.
        Unsupported: nothing here decodes this kind, or it is to be `alone` and has more frames.
    """
    if kind is Kind.HEIF:
        _learn_heif()
    elif kind not in _SEEN:
        raise Unsupported("no decoder for this kind")
    try:
        picture = Image.open(io.BytesIO(data), formats=[_SEEN[kind]])
        if alone and getattr(picture, "is_animated", False):
            raise Unsupported("a picture of many frames")
        picture.load()
        return _of_8_bits(picture)
    except FAULTS as error:
        raise Malformed("pixels that cannot be decoded") from error


def _of_8_bits(picture: Image.Image) -> Image.Image:
    if not picture.mode.startswith("I"):
        return picture
    deep = np.asarray(picture.convert("I"), np.int32)
    return Image.fromarray((deep >> _GREY_BITS).clip(0, 255).astype(np.uint8))


def _learn_heif() -> None:
    """Let Pillow read HEIF: the main picture alone, with one thread.

    Raises:
        Unsupported: the package does not work on this computer.
    """
    try:
        from pillow_heif import register_heif_opener  # noqa: PLC0415 - large, seldom needed
    except ImportError as error:
        raise Unsupported("no decoder for HEIF on this computer") from error
    register_heif_opener(thumbnails=False, depth_images=False, aux_images=False, decode_threads=2)


def pixel_digest(picture: Image.Image) -> str:
    """Return the SHA-256 (hex) of a picture's size and pixels."""
    digest = hashlib.sha256(f"{picture.width}x{picture.height}:".encode())
    digest.update(picture.tobytes())
    return digest.hexdigest()


def outline(picture: Image.Image) -> int | None:
    """Return the 64-bit difference hash of the scene: is each place brighter than its left one?

    None for a scene with hardly any edges, such as a white page: all of those look the same.
    """
    small = picture.convert("L").resize(_OUTLINE_SIZE, Image.Resampling.BOX)
    steps = np.diff(np.asarray(small, np.int16), axis=1).ravel()
    if np.count_nonzero(abs(steps) >= CLEAR) < MIN_EDGES:
        return None
    return int("".join("1" if step > 0 else "0" for step in steps), 2)


def _cards(picture: Image.Image) -> tuple[str, ...]:
    """Return the texts of class cards.

    Raises:
        Unsupported: the code reader does not work here; a card that nobody reads opens no sitting.
    """
    try:
        from agent.media.codes import texts_in  # noqa: PLC0415 - its package may be missing
    except ImportError as error:
        raise Unsupported("no code reader on this computer") from error
    return texts_in(picture)


def _faces(picture: Image.Image, threshold: float) -> tuple[FaceBox, ...] | None:
    """Return the faces, or None where they cannot be looked for."""
    from agent.media import detector  # noqa: PLC0415 - loads numpy and the model

    try:
        return detector.faces_in(picture, threshold)
    except detector.Blind:
        return None
