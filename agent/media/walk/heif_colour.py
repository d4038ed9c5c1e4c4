# SPDX-License-Identifier: Apache-2.0
"""Say Display P3 in code points instead of a profile (ITU-T H.273, `colr` of type `nclx`).

A profile says which colours are meant; code points say also how brightness and colour were coded,
and outrank what the coded picture says of that. So they are written for Display P3 only where the
file states the coding itself: in code points beside the profile, or in the sequence parameter set
of the coded picture (H.265 section 7.3.2.2 and annex E). Else the fixed profile stays. sRGB needs
neither: it is what a picture without any of them means.
"""

import hashlib
from typing import Final

from agent.media.errors import Malformed
from agent.media.walk.boxes import Fields, box

DISPLAY_P3: Final = "c36083720dc21e05cbcbb2d0fc48b2fcf3705501e8d8b0a8476bb37c52d6cf73"
"""The SHA-256 of the profile that `agent.media.icc` puts in the place of any Display P3."""

_PRIMARIES_TRANSFER: Final = b"\x00\x0c\x00\x0d"
"""SMPTE EG 432-1 primaries with white D65; the transfer of IEC 61966-2-1 (H.273 tables 2 and 3)."""
_CODE_POINTS: Final = b"colrnclx"
_PROFILE: Final = b"colrprof"
_SEQUENCE_SET: Final = 33
_SEQUENCE_BYTES: Final = 512
"""How much of a parameter set is read; what is wanted lies in its first hundred bytes or so."""
_LONGEST_GOLOMB: Final = 32


def is_display_p3(property_box: bytes) -> bool:
    """Tell whether the box of a property is the fixed profile of Display P3."""
    return (
        property_box[4:12] == _PROFILE
        and hashlib.sha256(property_box[12:]).hexdigest() == DISPLAY_P3
    )


def in_code_points(properties: tuple[bytes, ...], coding: bytes | None) -> tuple[bytes, ...]:
    """Return the boxes of an item that says Display P3, with code points for its profile.

    `coding` is what the coded picture says of itself, from `coding_of`; code points that stand
    beside the profile outrank it. Where both are silent the boxes are returned as they are.
    """
    beside = [one[16:] for one in properties if one[4:12] == _CODE_POINTS]
    coding = beside[0] if beside else coding
    if coding is None:
        return properties
    replaced = box(b"colr", b"nclx", _PRIMARIES_TRANSFER, coding)
    return tuple(
        replaced if one[4:12] == _PROFILE else one
        for one in properties
        if one[4:12] != _CODE_POINTS
    )


def coding_of(configuration: memoryview) -> bytes | None:
    """Return matrix and range as code points from an `hvcC`, or None where it does not say."""
    fields = Fields(configuration)
    fields.take(22)
    for _ in range(fields.number(1)):
        kind = fields.number(1) & 0x3F
        for _ in range(fields.number(2)):
            unit = fields.take(fields.number(2))
            if kind == _SEQUENCE_SET:
                return _coding_in(bytes(unit[2:_SEQUENCE_BYTES]))
    return None


def _coding_in(parameter_set: bytes) -> bytes | None:
    try:
        return _video_signal(_Bits(parameter_set.replace(b"\0\0\3", b"\0\0")))
    except Malformed:
        return None


class _Bits:
    """Take bits from the front of a sequence parameter set."""

    def __init__(self, content: bytes) -> None:
        self._value = int.from_bytes(content, "big")
        self._left = 8 * len(content)

    def take(self, count: int) -> int:
        """Return the next bits as a number."""
        self._left -= count
        if self._left < 0:
            raise Malformed("a parameter set that ends inside a field")
        return self._value >> self._left & (1 << count) - 1

    def golomb(self, times: int = 1) -> int:
        """Return the last of so many Exp-Golomb numbers (H.265 section 9.2)."""
        value = 0
        for _ in range(times):
            zeros = 0
            while not self.take(1):
                zeros += 1
            if zeros > _LONGEST_GOLOMB:
                raise Malformed("a parameter set with a number of too many bits")
            value = (1 << zeros) - 1 + self.take(zeros)
        return value


def _video_signal(bits: _Bits) -> bytes | None:
    """Return matrix and range of a sequence parameter set; None for what is not read here."""
    sub_layers = _profile_tier_level(bits)
    order_bits = _picture_format(bits, sub_layers)
    if not _tools(bits) or not _reference_sets(bits, order_bits):
        return None
    bits.take(2)  # temporal vectors, strong smoothing
    if not bits.take(1):  # no usability information
        return None
    if bits.take(1) and bits.take(8) == 255:  # a sample aspect ratio that is spelt out
        bits.take(32)
    if bits.take(1):  # overscan
        bits.take(1)
    if not bits.take(1):  # no video signal type
        return None
    bits.take(3)
    full_range = bits.take(1)
    matrix = bits.take(24) & 0xFF if bits.take(1) else 2
    return bytes((0, matrix, full_range << 7))


def _profile_tier_level(bits: _Bits) -> int:
    """Pass what comes before the picture format; return the number of lower sub-layers."""
    bits.take(4)
    sub_layers = bits.take(3)
    bits.take(1 + 96)
    present = [bits.take(2) for _ in range(sub_layers)]
    if sub_layers:
        bits.take(2 * (8 - sub_layers))
    for flags in present:
        bits.take(88 * (flags >> 1) + 8 * (flags & 1))
    bits.golomb()
    return sub_layers


def _picture_format(bits: _Bits, sub_layers: int) -> int:
    """Pass the picture's format and block sizes; return how many bits state a picture's order."""
    if bits.golomb() == 3:  # no chroma subsampling
        bits.take(1)
    bits.golomb(2)
    if bits.take(1):  # conformance window
        bits.golomb(4)
    order_bits = bits.golomb(3) + 4
    bits.golomb(3 * (sub_layers + 1 if bits.take(1) else 1))
    bits.golomb(6)
    return order_bits


def _tools(bits: _Bits) -> bool:
    """Pass the coding tools; False for scaling lists of the picture's own, which are not read."""
    if bits.take(1) and bits.take(1):
        return False
    bits.take(2)
    if bits.take(1):  # raw samples
        bits.take(8)
        bits.golomb(2)
        bits.take(1)
    return True


def _reference_sets(bits: _Bits, order_bits: int) -> bool:
    """Pass the reference picture sets; False where one is told by another, which is not read."""
    for number in range(bits.golomb()):
        if number and bits.take(1):
            return False
        for _ in range(bits.golomb() + bits.golomb()):
            bits.golomb()
            bits.take(1)
    if bits.take(1):
        for _ in range(bits.golomb()):
            bits.take(order_bits + 1)
    return True
