# SPDX-License-Identifier: Apache-2.0
"""Write the properties of a HEIF item anew: those on the list, field by field, and no others.

Sources: ISO/IEC 23008-12 section 6.5 (properties of pictures), ISO/IEC 14496-15 section 8.3.3
(hvcC), the AV1-ISOBMFF binding section 2.3 (av1C), AV1 in HEIF section 2.3 (a1op).
"""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.icc import canonical_profile
from agent.media.walk.boxes import Fields, box, full_box
from agent.media.walk.heif_coded import HEVC_USES, Use, units

ALPHA: Final = frozenset(
    {b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1"}
)
"""What an auxiliary picture may be: transparency. Depth, mattes and gain maps are not kept."""
ESSENTIAL: Final = frozenset({b"hvcC", b"av1C", b"irot", b"imir", b"clap", b"lsel", b"a1op"})
"""The properties that a reader must understand, as their own texts have it."""
MAX_CONFIGURATION_UNITS: Final = 100
"""Units in the configuration of an AV1 picture, which needs one."""

_HEVC_HEADER: Final = 22
_AV1_HEADER: Final = 4


def rewritten(kind: bytes, content: memoryview) -> bytes:
    """Return the box of a property, without whatever need not be in it; empty where it must go.

    Raises:
        Malformed: the property is shorter than its fields.
        Unsupported: a coding that is not known here.
        TooBig: a coding of more units than the limit.
    """
    writer = WRITERS.get(kind)
    return writer(kind, Fields(content)) if writer else b""


def auxiliary_type(content: memoryview) -> bytes:
    """Return what kind of auxiliary picture an `auxC` property names."""
    fields = Fields(content)
    fields.version_flags()
    return fields.text()


def size_of(content: memoryview) -> tuple[int, int]:
    """Return the width and height of an `ispe` property, in pixels."""
    fields = Fields(content)
    fields.version_flags()
    return fields.number(4), fields.number(4)


def unit_length_width(content: memoryview) -> int:
    """Return how many bytes state the length of each coded unit, by an `hvcC` property."""
    return (Fields(content).take(_HEVC_HEADER)[-1] & 3) + 1


def profile_of(content: memoryview) -> int:
    """Return the HEVC profile that an `hvcC` property names (H.265 annex A.3)."""
    return Fields(content).take(_HEVC_HEADER)[1] & 0x1F


def _exactly(length: int, mask: int = 0xFF) -> Callable[[bytes, Fields], bytes]:
    """Keep so many bytes, of the first only the bits of a mask."""

    def write(kind: bytes, fields: Fields) -> bytes:
        first, rest = fields.number(1), fields.take(length - 1)
        return box(kind, bytes((first & mask,)), rest)

    return write


def _size(kind: bytes, fields: Fields) -> bytes:
    width, height = size_of(fields.rest())
    return full_box(kind, 0, 0, width.to_bytes(4, "big"), height.to_bytes(4, "big"))


def _depths(kind: bytes, fields: Fields) -> bytes:
    """Write `pixi`: the number of channels and the bits of each."""
    fields.version_flags()
    channels = fields.number(1)
    return full_box(kind, 0, 0, bytes((channels,)), fields.take(channels))


def _auxiliary(kind: bytes, fields: Fields) -> bytes:
    """Write `auxC` without its subtype, which may hold anything."""
    name = auxiliary_type(fields.rest())
    return full_box(kind, 0, 0, name + b"\0") if name in ALPHA else b""


def _colour(kind: bytes, fields: Fields) -> bytes:
    """Write `colr`: code points as they are, a profile only in its canonical form."""
    form = fields.code()
    if form == b"nclx":
        return box(kind, form, fields.take(6), bytes((fields.number(1) & 0x80,)))
    if form not in (b"prof", b"rICC"):
        return b""
    profile = canonical_profile(bytes(fields.rest()))
    return box(kind, b"prof", profile) if profile else b""


def _hevc(kind: bytes, fields: Fields) -> bytes:
    """Write `hvcC` with its parameter sets alone; other arrays hold free text."""
    header = fields.take(_HEVC_HEADER)
    arrays = []
    for _ in range(fields.number(1)):
        head = fields.number(1)
        sets = [bytes(fields.take(fields.number(2))) for _ in range(fields.number(2))]
        if HEVC_USES.get(head & 0x3F) is Use.SET_UP and sets:
            if any(len(one) < 3 or one[0] >> 1 != head & 0x3F for one in sets):
                raise Malformed("a parameter set of another type")
            body = b"".join(len(one).to_bytes(2, "big") + one for one in sets)
            arrays.append(bytes((head & 0xBF,)) + len(sets).to_bytes(2, "big") + body)
    if header[0] != 1 or not arrays:
        raise Malformed("a coding without parameter sets")
    return box(kind, header, bytes((len(arrays),)), *arrays)


def _av1(kind: bytes, fields: Fields) -> bytes:
    """Write `av1C` with its sequence header alone."""
    header, rest = fields.take(_AV1_HEADER), fields.rest()
    if header[0] != 0x81:
        raise Unsupported("an AV1 coding of another version")
    found = list(islice(units(b"av01", rest), MAX_CONFIGURATION_UNITS + 1))
    if len(found) > MAX_CONFIGURATION_UNITS:
        raise TooBig("a coding of more units than the limit")
    kept = [bytes(rest[unit.start : unit.end]) for unit in found if unit.use is Use.SET_UP]
    return box(kind, header, *kept)


WRITERS: Final[Mapping[bytes, Callable[[bytes, Fields], bytes]]] = {
    b"hvcC": _hevc,
    b"av1C": _av1,
    b"ispe": _size,
    b"pixi": _depths,
    b"colr": _colour,
    b"irot": _exactly(1, 0x03),
    b"imir": _exactly(1, 0x01),
    b"clap": _exactly(32),
    b"pasp": _exactly(8),
    b"auxC": _auxiliary,
    b"lsel": _exactly(2),
    b"a1op": _exactly(1),
    b"clli": _exactly(4),
    b"mdcv": _exactly(24),
}
"""The properties that survive, each with the function that writes it."""
