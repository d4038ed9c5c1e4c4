# SPDX-License-Identifier: Apache-2.0
"""Colour profiles without their maker: colours stay right, everything that identifies goes.

A profile carries dates, device and software names and serial-like ids (ICC.1:2022). What is known
is replaced by our own fixed bytes: sRGB by nothing, Display P3 and Adobe RGB by one profile each.
Any other is rebuilt from its colour tags alone, with a blank header and fixed texts.
"""

import struct
from collections.abc import Mapping
from functools import cache
from typing import Final

from agent.media.limits import MAX_METADATA_BYTES

COLOUR_TAGS: Final = frozenset(
    {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"chad"}
    | {b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2"}
)
"""The tags that say what a colour is; no other survives."""

_HEADER_BYTES: Final = 128
_MAX_TAGS: Final = 100
_TAG_HEAD: Final = 8
"""Bytes of a tag's type and of the reserved ones behind it."""
_KINDS: Final = frozenset({b"RGB ", b"GRAY", b"CMYK"})
_CLASSES: Final = frozenset({b"mntr", b"scnr", b"prtr", b"spac"})
_D50: Final = (0.9642, 1.0, 0.8249)
_TOLERANCE: Final = 0.003

Colorants = tuple[tuple[float, float, float], ...]
_SRGB: Final[Colorants] = (
    (0.43607, 0.22249, 0.01392),
    (0.38515, 0.71687, 0.09708),
    (0.14307, 0.06061, 0.71410),
)
_DISPLAY_P3: Final[Colorants] = (
    (0.51512, 0.24120, -0.00105),
    (0.29198, 0.69225, 0.04189),
    (0.15710, 0.06657, 0.78407),
)
_ADOBE_RGB: Final[Colorants] = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
)
_SRGB_CURVE: Final = b"para\0\0\0\0\0\3\0\0" + struct.pack(
    ">5i", *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
)
_ADOBE_CURVE: Final = b"curv\0\0\0\0\0\0\0\1" + struct.pack(">H", round(2.19921875 * 256))
_PROBES: Final = (0.1, 0.4, 0.8)
_PARAMETERS: Final = {b"\0\0": 1, b"\0\1": 3, b"\0\2": 4, b"\0\3": 5, b"\0\4": 7}
"""How many numbers a parametric curve has, by its function type (ICC.1:2022 section 10.18)."""
_LENGTHS: Final = {b"XYZ ": 20, b"sf32": 44}


def canonical_profile(untrusted_profile: bytes) -> bytes:
    """Return the profile to keep instead; empty where sRGB is meant or nothing can be read."""
    try:
        kind, tags = _read(untrusted_profile)
    except (struct.error, ValueError):
        return b""
    for colorants, level, profile in _known():
        if kind == b"RGB " and _alike(tags, colorants, level):
            return profile
    return _written(untrusted_profile[12:16], kind, untrusted_profile[20:24], tags)


@cache
def _known() -> tuple[tuple[Colorants, tuple[float, ...], bytes], ...]:
    """The profiles that are replaced by fixed bytes: colorants, curve, replacement."""
    srgb = tuple(_curve_at(_SRGB_CURVE, x) for x in _PROBES)
    adobe = tuple(_curve_at(_ADOBE_CURVE, x) for x in _PROBES)
    return (
        (_SRGB, srgb, b""),
        (_DISPLAY_P3, srgb, _fixed(_DISPLAY_P3, _SRGB_CURVE)),
        (_ADOBE_RGB, adobe, _fixed(_ADOBE_RGB, _ADOBE_CURVE)),
    )


def _fixed(colorants: Colorants, curve: bytes) -> bytes:
    tags = {
        name: _xyz(value)
        for name, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), colorants, strict=True)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    tags[b"wtpt"] = _xyz(_D50)
    return _written(b"mntr", b"RGB ", b"XYZ ", tags)


def _read(untrusted_profile: bytes) -> tuple[bytes, dict[bytes, bytes]]:
    """Return the colour space and the colour tags of a profile.

    Raises:
        ValueError, struct.error: it is no profile that can be rebuilt.
    """
    kind = untrusted_profile[16:20]
    if (
        untrusted_profile[36:40] != b"acsp"
        or kind not in _KINDS
        or untrusted_profile[12:16] not in _CLASSES
        or untrusted_profile[20:24] not in (b"XYZ ", b"Lab ")
        or len(untrusted_profile) > MAX_METADATA_BYTES
    ):
        raise ValueError("no profile that can be rebuilt")
    (count,) = struct.unpack_from(">I", untrusted_profile, _HEADER_BYTES)
    tags: dict[bytes, bytes] = {}
    for i in range(min(count, _MAX_TAGS)):
        name, offset, size = struct.unpack_from(">4sII", untrusted_profile, 132 + 12 * i)
        content = untrusted_profile[offset : offset + size]
        whole = len(content) == size > _TAG_HEAD and offset >= _HEADER_BYTES
        if name in COLOUR_TAGS and whole:
            tags[name] = _bare(content)
    if not tags.keys() - {b"wtpt", b"chad"}:
        raise ValueError("a profile without colours")
    return kind, tags


def _bare(content: bytes) -> bytes:
    """Return a tag without its reserved bytes and whatever stands behind its last number.

    Tables of colours (mft1, mft2, mAB, mBA) are taken as they are.
    """
    kind = content[:4]
    if kind == b"curv":
        length = 12 + 2 * int.from_bytes(content[8:12], "big")
    elif kind == b"para":
        length = 12 + 4 * _PARAMETERS.get(content[8:10], 0)
        content = content[:10] + b"\0\0" + content[12:]
    else:
        length = _LENGTHS.get(kind, len(content))
    return kind + b"\0\0\0\0" + content[8:length]


def _alike(tags: Mapping[bytes, bytes], colorants: Colorants, level: tuple[float, ...]) -> bool:
    """Tell whether a matrix profile means the same colours, to less than the eye can tell."""
    try:
        found = [_xyz_of(tags[name]) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
        curves = [tags[name] for name in (b"rTRC", b"gTRC", b"bTRC")]
        levels = [_curve_at(curve, x) for curve in curves for x in _PROBES]
    except (KeyError, struct.error, ValueError, ZeroDivisionError, OverflowError):
        return False
    wanted = [value for colorant in colorants for value in colorant] + list(level) * 3
    have = [value for colorant in found for value in colorant] + levels
    return all(abs(a - b) <= _TOLERANCE for a, b in zip(have, wanted, strict=True))


def _xyz(value: tuple[float, float, float]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(part * 65536) for part in value))


def _xyz_of(tag: bytes) -> tuple[float, float, float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("not an XYZ tag")
    x, y, z = struct.unpack_from(">3i", tag, 8)
    return x / 65536, y / 65536, z / 65536


def _curve_at(tag: bytes, x: float) -> float:
    """Return a tone curve's value at `x` (ICC.1:2022 sections 10.6 and 10.18)."""
    if tag[:4] == b"curv":
        (count,) = struct.unpack_from(">I", tag, 8)
        if count == 0:
            return x
        if count == 1:
            return float(x ** (struct.unpack_from(">H", tag, 12)[0] / 256))
        (value,) = struct.unpack_from(">H", tag, 12 + 2 * round(x * (count - 1)))
        return float(value / 65535)
    if tag[:4] == b"para" and tag[8:10] in (b"\0\0", b"\0\3"):
        gamma, *rest = struct.unpack_from(">i" if tag[9] == 0 else ">5i", tag, 12)
        a, b, c, d = (v / 65536 for v in rest) if rest else (1.0, 0.0, 0.0, 0.0)
        return float(max(0.0, a * x + b) ** (gamma / 65536) if x >= d else c * x)
    raise ValueError("a curve of another type")


def _text(words: bytes) -> bytes:
    """Return a textDescriptionType of version 2 profiles."""
    body = b"desc\0\0\0\0" + struct.pack(">I", len(words) + 1) + words + b"\0"
    return body + bytes(8 + 3 + 67)


def _written(class_: bytes, kind: bytes, space: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    """Return a profile with these colour tags, a blank header and fixed texts (version 2.4)."""
    whole = {
        b"desc": _text(b"c"),
        b"cprt": b"text\0\0\0\0CC0\0",
        **{name: tags[name] for name in sorted(tags)},
    }
    table, body = b"", b""
    start = 132 + 12 * len(whole)
    placed: dict[bytes, int] = {}
    for name, content in whole.items():
        if content not in placed:
            placed[content] = start + len(body)
            body += content + bytes(-len(content) % 4)
        table += struct.pack(">4sII", name, placed[content], len(content))
    header = bytearray(_HEADER_BYTES)
    header[0:4] = struct.pack(">I", start + len(body))
    header[8:12] = b"\x02\x40\0\0"
    header[12:16], header[16:20], header[20:24] = class_, kind, space
    header[36:40] = b"acsp"
    header[68:80] = struct.pack(">3i", *(round(part * 65536) for part in _D50))
    return bytes(header) + struct.pack(">I", len(whole)) + table + body
