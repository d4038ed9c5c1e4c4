# SPDX-License-Identifier: Apache-2.0
"""The second reader for JPEG: each segment must have the exact length that its content needs.

Shares no code with `agent.media.walk.jpeg` (ITU-T T.81 annex B; JFIF 1.02; ICC.1 annex B).
"""

import re
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import BinaryIO, Final

from agent.media.errors import Doubt
from agent.media.verify_icc import is_anonymous

_JFIF_SEGMENT: Final = bytes.fromhex("4a46494600010100000100010000")
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xff]")
_PROFILE_LABEL: Final = b"ICC_PROFILE\0"


def verify_jpeg(clean: BinaryIO) -> None:
    """Read a cleaned JPEG from start to end.

    Raises:
        Doubt: a segment off the list, of another length than it needs, or bytes outside any.
    """
    raw = clean.read()
    source = BytesIO(raw)
    if source.read(2) != b"\xff\xd8":
        raise Doubt("the cleaned file does not start as a JPEG")
    number = 0
    profile: list[bytes] = []
    while True:
        mark = source.read(2)
        if mark == b"\xff\xd9":
            break
        size = int.from_bytes(source.read(2), "big") - 2
        content = source.read(max(0, size))
        if mark[:1] != b"\xff" or size < 0 or len(content) != size:
            raise Doubt("bytes outside any segment of the cleaned file")
        _check(mark[1:], content, number)
        profile += [content[len(_PROFILE_LABEL) :]] * (mark == b"\xff\xe2")
        if mark == b"\xff\xda":
            _pass_entropy(raw, source)
        number += 1
    if source.read(1):
        raise Doubt("bytes after the end of the cleaned file")
    _check_profile(profile)


def _check(mark: bytes, content: bytes, number: int) -> None:
    shape = _SHAPES.get(mark)
    if shape is None or not shape(content):
        raise Doubt("a segment that a clean JPEG has not, or not so")
    if mark == b"\xe0" and number:
        raise Doubt("a JFIF segment that is not the first")


def _pass_entropy(raw: bytes, source: BytesIO) -> None:
    """Move to the marker after a scan: 0xFF followed by neither 0 nor a restart."""
    end = _MARKER.search(raw, source.tell())
    if end is None:
        raise Doubt("a scan without an end in the cleaned file")
    source.seek(end.start())


def _is_frame(content: bytes) -> bool:
    return len(content) > 5 and len(content) == 6 + 3 * content[5]


def _is_scan(content: bytes) -> bool:
    return len(content) > 0 and len(content) == 4 + 2 * content[0]


def _is_huffman(content: bytes) -> bool:
    """Tell whether tables of 16 counts and their symbols fill the segment exactly."""
    while content:
        if len(content) < 17 or content[0] & 0xEE:
            return False
        content = content[17 + sum(content[1:17]) :] if _fits(content) else b"?"
    return True


def _fits(content: bytes) -> bool:
    return 17 + sum(content[1:17]) <= len(content)


def _is_quantisation(content: bytes) -> bool:
    """Tell whether 8- or 16-bit tables of 64 values fill the segment exactly."""
    while content:
        needed = {0: 65, 1: 129}.get(content[0] >> 4, 0)
        if not needed or len(content) < needed or content[0] & 15 > 3:
            return False
        content = content[needed:]
    return True


def _check_profile(parts: list[bytes]) -> None:
    """Make sure that the parts are numbered as they come (ICC.1 annex B.4) and name nobody."""
    wanted = [(i + 1, len(parts)) for i in range(len(parts))]
    numbered = [(part[0], part[1]) for part in parts] == wanted
    if parts and not (numbered and is_anonymous(b"".join(part[2:] for part in parts))):
        raise Doubt("a colour profile that a clean JPEG has not")


def _is_adobe(content: bytes) -> bool:
    return len(content) == 12 and content.startswith(b"Adobe") and content[-1] < 3


_SHAPES: Final[Mapping[bytes, Callable[[bytes], bool]]] = {
    **dict.fromkeys((b"\xc0", b"\xc1", b"\xc2", b"\xc9", b"\xca"), _is_frame),
    b"\xc4": _is_huffman,
    b"\xcc": lambda content: len(content) % 2 == 0,
    b"\xda": _is_scan,
    b"\xdb": _is_quantisation,
    b"\xdc": lambda content: len(content) == 2,
    b"\xdd": lambda content: len(content) == 2,
    b"\xe0": lambda content: content == _JFIF_SEGMENT,
    b"\xe2": lambda content: content.startswith(_PROFILE_LABEL) and len(content) > 14,
    b"\xee": _is_adobe,
}
