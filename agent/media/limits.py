# SPDX-License-Identifier: Apache-2.0
"""The limits that protect the agent from hostile or absurd files, in one place."""

from typing import Final

from agent.media.errors import Malformed, TooBig

MAX_PIXELS: Final = 200_000_000
"""Pixels of a picture: a school camera has 12 to 50 million, a medium-format back 150."""
MAX_SIDE: Final = 65_535
MAX_PARTS: Final = 100_000
"""Segments, chunks or blocks of one file."""
MAX_STILL_BYTES: Final = 256 << 20
"""Bytes of a still picture; a film has no such limit, because it is never held in memory."""
MAX_METADATA_BYTES: Final = 16 << 20
"""Bytes of one metadata block that are handed to the child; a larger one is dropped unread."""
CHILD_MEMORY_BYTES: Final = 3 << 30
"""Memory of the child: a 200-megapixel picture takes 600 MB to decode and as much to turn."""


def check_pixels(width: int, height: int) -> None:
    """Make sure that a picture has pixels, and not too many.

    Raises:
        Malformed: it has none.
        TooBig: it has too many.
    """
    if width < 1 or height < 1:
        raise Malformed("a picture without pixels")
    if width > MAX_SIDE or height > MAX_SIDE or width * height > MAX_PIXELS:
        raise TooBig("more pixels than the limit")
