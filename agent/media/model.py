# SPDX-License-Identifier: Apache-2.0
"""The nouns of the media package: kinds of file, what a walker found, what a decoder may say.

Boundary: plain values only, so that they may cross the pipe to and from the child process.
Rule: a `Metadata` holds hostile bytes; only the child may parse them.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.media.recipe import Recipe


class Family(Enum):
    """What may be done with a kind of file."""

    STILL = "still"
    MOVING = "moving"
    UNVERIFIABLE = "unverifiable"
    """A known kind that nothing here can prove clean: stored sealed, never disclosed."""
    SIDECAR = "sidecar"
    """A companion of another file; never stored."""
    UNKNOWN = "unknown"


class Kind(Enum):
    """What the bytes themselves say the file is: (name, usual extension, family)."""

    JPEG = ("JPEG", "jpg", Family.STILL)
    PNG = ("PNG", "png", Family.STILL)
    WEBP = ("WebP", "webp", Family.STILL)
    GIF = ("GIF", "gif", Family.STILL)
    BMP = ("BMP", "bmp", Family.STILL)
    TIFF = ("TIFF", "tif", Family.STILL)
    HEIF = ("HEIF", "heic", Family.STILL)
    AVIF = ("AVIF", "avif", Family.STILL)
    QUICKTIME = ("QuickTime", "mov", Family.MOVING)
    MP4 = ("MP4", "mp4", Family.MOVING)
    THREEGP = ("3GP", "3gp", Family.MOVING)
    RAW = ("camera RAW", "raw", Family.UNVERIFIABLE)
    MATROSKA = ("Matroska", "mkv", Family.UNVERIFIABLE)
    AVI = ("AVI", "avi", Family.UNVERIFIABLE)
    TRANSPORT_STREAM = ("MPEG transport stream", "mts", Family.UNVERIFIABLE)
    ADJUSTMENT = ("Apple adjustment", "aae", Family.SIDECAR)
    XMP = ("XMP", "xmp", Family.SIDECAR)
    UNKNOWN = ("unknown", "bin", Family.UNKNOWN)

    def __init__(self, label: str, extension: str, family: Family) -> None:
        self.label = label
        self.extension = extension
        self.family = family


UPRIGHT: Final = 1
"""The Exif orientation (TIFF 6.0 tag 274) of a picture that needs no turning; others are 2-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata that a walker dropped, kept for the child to read the device facts from."""

    untrusted_exif: bytes | None = None
    """A TIFF block, without the JPEG prefix `Exif\\0\\0`."""
    untrusted_xmp: tuple[bytes, ...] = ()
    """XMP packets; an Extended XMP is joined to one packet."""
    untrusted_iptc: bytes | None = None
    """IPTC-IIM records (the content of Photoshop resource 0x0404)."""
    untrusted_labels: tuple[tuple[str, bytes], ...] = ()
    """QuickTime-style (key, value) pairs such as make, model, creation date."""
    untrusted_claims: bytes = b""
    """What programs claim about the making of the file (C2PA), as far as it is short."""
    unread: bool = False
    """Whether something over the limit was dropped in which people may have been named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """What a walker makes of a file: the clean recipe and what it found on the way.

    `width` and `height` are pixels as coded, before any turning; `orientation` is the Exif value
    that still has to be applied to the pixels of the clean file (1 where the container itself
    carries the turn, as HEIF and QuickTime do).
    """

    recipe: Recipe
    metadata: Metadata
    width: int
    height: int
    orientation: int = UPRIGHT
    frames: int = 1
