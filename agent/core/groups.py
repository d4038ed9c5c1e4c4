# SPDX-License-Identifier: Apache-2.0
"""Which files of one folder belong together, by their names: Live Photo, RAW and JPEG, sidecars.

The members of a group arrive together and are decided together, so a name can only ever make a
verdict stricter. A sidecar holds edits, tags or a preview of a medium: it is never stored, and goes
when its medium goes. Apple's edited copy (IMG_E1234) belongs to its original (IMG_1234), because
cropping a child out of the copy leaves the child in the original.
"""

import re
from typing import Final

MAX_MEMBERS: Final = 16
"""A group of more is no group: no camera writes that many files of one name."""

_MEDIA: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".heic", ".heif", ".avif", ".webp", ".gif", ".bmp", ".tif", ".tiff"}
    | {".mov", ".mp4", ".m4v", ".3gp", ".avi", ".mts", ".mkv"}
    | {".cr2", ".cr3", ".nef", ".arw", ".dng", ".raf", ".rw2", ".orf", ".pef", ".srw"}
)
_SIDECAR_LIMITS: Final = {
    ".aae": 4 << 20,
    ".xmp": 16 << 20,
    ".thm": 256 << 10,
    ".lrv": 4 << 30,
}
"""How large a sidecar of a kind can be, in bytes; what is larger is a medium with an odd name."""
_APPLE_DOUBLE: Final = "._"
_APPLE_DOUBLE_LIMIT: Final = 16 << 20
_APPLE_COPY: Final = re.compile(r"img_[eo](\d{4,})")
_EDITED_COPY: Final = re.compile(
    r"(?:[-_ ](?:edited|edit|cropped|retouched|copy)|(?<=.{7})~\d+| - copy)(?: ?\(\d+\))?$"
)
"""What programs put behind the name of a copy that they have changed."""


def is_sidecar(name: str, size: int) -> bool:
    """Tell whether a file of this name and size (bytes) is the sidecar of a medium."""
    lowered = name.lower()
    if lowered.startswith(_APPLE_DOUBLE):
        return size <= _APPLE_DOUBLE_LIMIT
    return size <= _SIDECAR_LIMITS.get(_split(lowered)[1], -1)


def group_name(name: str) -> str:
    """Return what the members of a group have in common; another file's is its whole name."""
    stem, suffix = _split(name.lower().removeprefix(_APPLE_DOUBLE))
    if suffix in _SIDECAR_LIMITS and _split(stem)[1] in _MEDIA:
        stem = _split(stem)[0]  # "IMG_1.JPG.xmp" is another way to write "IMG_1.xmp"
    elif suffix not in _MEDIA and suffix not in _SIDECAR_LIMITS:
        return name
    original = _EDITED_COPY.sub("", stem) or stem
    return _APPLE_COPY.sub(r"img_\1", original) + ".*"


def _split(name: str) -> tuple[str, str]:
    stem, dot, suffix = name.rpartition(".")
    return (stem, dot + suffix) if stem else (name, "")
