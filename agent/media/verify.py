# SPDX-License-Identifier: Apache-2.0
"""The second reader: it looks at every cleaned file as if the walker had never been.

It shares no code and no list with the walkers. A file passes when every byte is accounted for by a
structure on the reader's own flat list, in its exact shape. Doubt means that the medium is held.
"""

from collections.abc import Callable, Mapping
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.model import Kind
from agent.media.verify_bmp import verify_bmp
from agent.media.verify_gif import verify_gif
from agent.media.verify_heif import verify_heif
from agent.media.verify_jpeg import verify_jpeg
from agent.media.verify_movie import verify_movie
from agent.media.verify_png import verify_png
from agent.media.verify_tiff import verify_tiff
from agent.media.verify_webp import verify_webp

Verifier = Callable[[BinaryIO], None]

_VERIFIERS: Final[Mapping[Kind, Verifier]] = {
    Kind.JPEG: verify_jpeg,
    Kind.PNG: verify_png,
    Kind.WEBP: verify_webp,
    Kind.GIF: verify_gif,
    Kind.BMP: verify_bmp,
    Kind.HEIF: verify_heif,
    Kind.AVIF: verify_heif,
    Kind.TIFF: verify_tiff,
    Kind.QUICKTIME: verify_movie,
    Kind.MP4: verify_movie,
    Kind.THREEGP: verify_movie,
}


def verify(kind: Kind, clean: BinaryIO) -> None:
    """Make sure that a cleaned file holds nothing but its picture or recording.

    Raises:
        Doubt: something is there that need not be, or nothing here can read this kind.
    """
    verifier = _VERIFIERS.get(kind)
    if verifier is None:
        raise Doubt("no second reader for this kind")
    clean.seek(0)
    verifier(clean)
