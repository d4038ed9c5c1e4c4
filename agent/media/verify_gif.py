# SPDX-License-Identifier: Apache-2.0
"""The second reader for GIF: screen, controlled images, one loop, trailer; no byte besides.

Shares no code with `agent.media.walk.gif` (GIF89a specification, appendix A).
"""

from io import BytesIO
from typing import BinaryIO, Final

from agent.media.errors import Doubt

_LOOP: Final = bytes.fromhex("ff0b4e45545343415045322e300301")
_CONTROL: Final = bytes.fromhex("f904")


def verify_gif(clean: BinaryIO) -> None:
    """Read a cleaned GIF from start to end.

    Raises:
        Doubt: a block off the list or in another shape, or bytes behind the trailer.
    """
    source = BytesIO(clean.read())
    if source.read(6) not in (b"GIF87a", b"GIF89a"):
        raise Doubt("the cleaned file does not start as a GIF")
    _pass_table(source, _exactly(source, 7)[4])
    loops = 0
    while (mark := _exactly(source, 1)) != b";":
        if mark == b"!":
            loops += _pass_extension(source)
        elif mark == b",":
            _pass_image(source)
        else:
            raise Doubt("bytes outside any block of the cleaned GIF")
    if loops > 1 or source.read(1):
        raise Doubt("a second loop, or bytes behind the trailer")


def _pass_extension(source: BytesIO) -> int:
    """Pass a control and its image, or the loop; return how many loops that were."""
    label = _exactly(source, 2)
    if label == _CONTROL:
        if _exactly(source, 5)[4] or _exactly(source, 1) != b",":
            raise Doubt("a graphic control that goes on, or has no image")
        _pass_image(source)
        return 0
    if label + _exactly(source, len(_LOOP) - 2) != _LOOP or _exactly(source, 3)[2]:
        raise Doubt("an extension that a clean GIF has not, or not so")
    return 1


def _pass_image(source: BytesIO) -> None:
    _pass_table(source, _exactly(source, 9)[8])
    _exactly(source, 1)
    while size := _exactly(source, 1)[0]:
        _exactly(source, size)


def _pass_table(source: BytesIO, packed: int) -> None:
    if packed > 0x7F:
        _exactly(source, 3 * 2 ** (packed % 8 + 1))


def _exactly(source: BytesIO, size: int) -> bytes:
    found = source.read(size)
    if len(found) != size:
        raise Doubt("the cleaned GIF ends too soon")
    return found
