# SPDX-License-Identifier: Apache-2.0
"""The first files of each walker's fuzzing: small, drawn, with something to drop in them."""

import io

import pillow_heif

from agent.media.model import Kind
from tests.media.heif_files import drawing
from tests.media.movies import MP4, QUICKTIME, THREEGP, recording
from tests.media.small_stills import drawn, saved

_EXIF = b"Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\1\0\0\0\0\0\0"
_BRANDS = {Kind.QUICKTIME: QUICKTIME, Kind.MP4: MP4, Kind.THREEGP: THREEGP}


def seeds_of(kind: Kind) -> list[bytes]:
    """Return a few files of a kind."""
    if kind in _BRANDS:
        return [recording(brand=_BRANDS[kind]), recording(brand=_BRANDS[kind], wide=True)]
    if kind is Kind.HEIF:
        return [_heif(mode) for mode in ("RGB", "RGBA")]
    if kind is Kind.AVIF:
        return [saved(drawing(mode), "AVIF", exif=_EXIF) for mode in ("RGB", "RGBA")]
    modes = {Kind.GIF: ("P",), Kind.BMP: ("RGB", "P", "1")}.get(kind, ("RGB", "L"))
    options = {} if kind in (Kind.GIF, Kind.BMP) else {"exif": _EXIF}
    return [saved(drawn(mode=mode), kind.name, **options) for mode in modes]


def _heif(mode: str) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(drawing(mode)).save(out, exif=_EXIF)
    return out.getvalue()
