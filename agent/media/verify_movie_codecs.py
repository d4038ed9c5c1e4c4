# SPDX-License-Identifier: Apache-2.0
"""The second reader for sample descriptions: codings on its list, without maker or encoder.

Shares no code with `agent.media.walk` (ISO/IEC 14496-12 section 12, 14496-15, 14496-1 section
7.2.6, QuickTime file format).
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from agent.media.verify_coded import is_av1_configuration, is_hevc_configuration
from agent.media.verify_icc import is_anonymous

_PICTURES: Final = frozenset(
    {"avc1", "avc3", "hvc1", "hev1", "av01", "vp08", "vp09", "mp4v", "s263", "h263", "jpeg"}
    | {"mjpa", "mjpb", "dvh1", "dvhe", "dva1", "dvav"}
    | {"apcn", "apch", "apcs", "apco", "ap4h", "ap4x"}
)
_PLAIN_SOUNDS: Final = frozenset({"raw ", "twos", "sowt", "NONE", "in24", "in32"})
_LOGARITHMIC_SOUNDS: Final = frozenset({"ulaw", "alaw"})
_SOUNDS: Final = (
    frozenset({"mp4a", ".mp3", "alac", "ac-3", "ec-3", "Opus", "samr", "sawb"})
    | {"lpcm", "fl32", "fl64", "ima4"}
    | _PLAIN_SOUNDS
    | _LOGARITHMIC_SOUNDS
)
_START: Final = bytes(6) + b"\0\1"
_RESOLUTION: Final = b"\0\x48\0\0\0\x48\0\0" + bytes(4) + b"\0\1" + bytes(32)
_SOUND_HEADS: Final = (28, 44, 64)

_Shape = Callable[[bytes], bool]


def is_description(handler: bytes, name: str, data: bytes) -> bool:
    """Tell whether the description of a coding of pictures or sound says nothing else.

    Raises:
        struct.error, IndexError: it ends inside a field.
    """
    if data[:8] != _START:
        return False
    if handler == b"vide":
        blank = not any(data[8:24]) and data[28:74] == _RESOLUTION
        size = data[24:26] != b"\0\0" and data[26:28] != b"\0\0"
        ends = data[74:78] in {bytes((0, depth, 255, 255)) for depth in (24, 32, 40)}
        return name in _PICTURES and blank and size and ends and _are_known(data[78:])
    version = int.from_bytes(data[8:10], "big")
    if name not in _SOUNDS or version >= len(_SOUND_HEADS) or len(data) < _SOUND_HEADS[version]:
        return False
    blank = not any(data[10:16] + data[22:24])
    return blank and _are_known(data[_SOUND_HEADS[version] :])


def samples_per_unit(name: str, data: bytes) -> tuple[int, int]:
    """Return (bytes, samples) of sound whose samples are said to have one byte each.

    Raises:
        struct.error: the description ends inside a field.
    """
    version, channels, bits = struct.unpack_from(">8xH6xHH", data)
    pair: tuple[int, int] = (1, 1)
    if name not in _SOUNDS:
        return pair
    if version == 1:
        samples, pair_bytes = struct.unpack_from(">28xI4xI", data)
        pair = (pair_bytes, samples)
    elif version == 2:
        pair_bytes, samples = struct.unpack_from(">II", data, 56)
        pair = (pair_bytes, samples)
    elif name in _PLAIN_SOUNDS:
        pair = (channels * -(-bits // 8), 1)
    elif name in _LOGARITHMIC_SOUNDS:
        pair = (channels, 1)
    return pair if pair[0] and pair[1] else (1, 1)


def _boxes(data: bytes) -> Iterator[tuple[str, bytes]] | None:
    """Return the boxes that fill the data, or nothing where they do not."""
    found: list[tuple[str, bytes]] = []
    at = 0
    while at < len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if not 8 <= length <= len(data) - at:
            return None
        found.append((name.decode("latin-1"), data[at + 8 : at + length]))
        at += length
    return iter(found)


def _are_known(data: bytes, shapes: Mapping[str, _Shape] | None = None) -> bool:
    """Tell whether boxes fill the data, each of them on a list and in its shape."""
    shapes = _SHAPES if shapes is None else shapes
    inner = _boxes(data)
    return inner is not None and all(name in shapes and shapes[name](one) for name, one in inner)


def _of(length: int, *, zeros: int = 0, ends: int = 0) -> _Shape:
    """Return the shape of so many bytes, of which some at the start or end are zeros."""

    def is_shape(data: bytes) -> bool:
        blank = data[:zeros] + data[len(data) - ends :]
        return len(data) == length and not any(blank)

    return is_shape


def _is_avc(data: bytes) -> bool:
    """Tell whether an `avcC` holds parameter sets alone."""
    if data[0] != 1 or data[5] < 0xE0:
        return False
    at = _after_sets(data, 6, data[5] & 31, 7)
    at = _after_sets(data, at + 1, data[at], 8)
    if at != len(data) and data[1] not in (66, 77, 88):
        at = _after_sets(data, at + 4, data[at + 3], 13)
    return at == len(data)


def _after_sets(data: bytes, at: int, count: int, kind: int) -> int:
    """Return where parameter sets of one kind end; past the end where there is another."""
    for _ in range(count):
        (length,) = struct.unpack_from(">H", data, at)
        if data[at + 2] & 31 != kind or not length:
            return len(data) + 1
        at += 2 + length
    return at


def _is_stream(data: bytes) -> bool:
    """Tell whether an `esds` holds one coding and its configuration, and nothing else."""
    stream = _descriptors(data[4:])
    if any(data[:4]) or [tag for tag, _ in stream] != [3]:
        return False
    parts = _descriptors(stream[0][1][3:])
    if any(stream[0][1][:3]) or [tag for tag, _ in parts] != [4, 6] or parts[1][1] != b"\2":
        return False
    coding = parts[0][1]
    specific = _descriptors(coding[13:])
    has_words = coding[0] == 0x20 and b"\0\0\1\xb2" in coding
    return len(coding) >= 13 and [tag for tag, _ in specific] in ([], [5]) and not has_words


def _descriptors(data: bytes) -> list[tuple[int, bytes]]:
    """Return the descriptors that fill the data; a shorter last one has the tag -1."""
    found: list[tuple[int, bytes]] = []
    at = 0
    while at < len(data):
        tag, at, length = data[at], at + 1, 0
        while data[at] & 0x80:
            length, at = length << 7 | data[at] & 0x7F, at + 1
        length, at = length << 7 | data[at], at + 1
        content = data[at : at + length]
        found.append((tag if len(content) == length else -1, content))
        at += length
    return found


def _is_colour(data: bytes) -> bool:
    if data[:4] == b"prof":
        return is_anonymous(data[4:])
    if data[:4] == b"nclx":
        return len(data) == 11 and data[10] in (0, 128)
    return data[:4] == b"nclc" and len(data) == 10


def _is_dolby_vision(data: bytes) -> bool:
    return len(data) == 24 and not data[4] & 3 and not any(data[5:])


def _is_enhanced_ac3(data: bytes) -> bool:
    at = 2
    for _ in range((data[1] & 7) + 1):
        at += 4 if data[at + 2] & 0x1E else 3
    return len(data) in (at, at + 2)


def _is_opus(data: bytes) -> bool:
    return len(data) == (13 + data[1] if data[10] else 11)


def _is_layout(data: bytes) -> bool:
    return not any(data[:4]) and len(data) == 16 + 20 * int.from_bytes(data[12:16], "big")


_IN_WAVE: Final[Mapping[str, _Shape]] = {
    "frma": _of(4),
    "enda": _of(2),
    "mp4a": _of(4, zeros=4),
    "esds": _is_stream,
    "alac": _of(28, zeros=4),
    "\0\0\0\0": _of(0),
}

_SHAPES: Final[Mapping[str, _Shape]] = {
    "avcC": _is_avc,
    "hvcC": is_hevc_configuration,
    "av1C": is_av1_configuration,
    "vpcC": lambda data: data[:4] == b"\1\0\0\0" and _of(12, ends=2)(data),
    "esds": _is_stream,
    "dvcC": _is_dolby_vision,
    "dvvC": _is_dolby_vision,
    "d263": _of(7, zeros=5),
    "colr": _is_colour,
    "clap": _of(32),
    "pasp": _of(8),
    "fiel": _of(2),
    "gama": _of(4),
    "clli": _of(4),
    "mdcv": _of(24),
    "damr": _of(9, zeros=5),
    "dac3": _of(3),
    "dec3": _is_enhanced_ac3,
    "dOps": _is_opus,
    "alac": _of(28, zeros=4),
    "chan": _is_layout,
    "wave": lambda data: data.endswith(b"\0\0\0\x08\0\0\0\0") and _are_known(data, _IN_WAVE),
}
"""The boxes that a description may have, each with its shape."""
