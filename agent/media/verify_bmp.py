# SPDX-License-Identifier: Apache-2.0
"""The second reader for BMP: one form of header, no bit unaccounted for, and nothing behind.

Shares no code with `agent.media.walk.bmp` (Windows GDI: BITMAPINFOHEADER, BITMAPV4HEADER).
"""

import struct
from io import BytesIO
from typing import BinaryIO, Final

from agent.media.errors import Doubt

_V4_REST: Final = b"BGRs" + bytes(48)
"""The colour space sRGB, and neither end points nor gamma."""


def verify_bmp(clean: BinaryIO) -> None:
    """Read a cleaned BMP from start to end.

    Raises:
        Doubt: a field in another shape, a bit that no pixel uses, or bytes outside the pixels.
    """
    raw = clean.read()
    source = BytesIO(raw)
    signature, size, reserved, offset = struct.unpack("<2sIII", _exactly(source, 14))
    if (signature, size, reserved) != (b"BM", len(raw), 0):
        raise Doubt("the cleaned file does not start as a BMP, or not with its own length")
    info = struct.unpack("<IiiHHIIiiII", _exactly(source, 40))
    header, width, height, planes, bits, compression, pixels, *resolution, colours, important = info
    spare = _spare_bits(source, header, bits, compression)
    if any(_exactly(source, 4 * colours)[3::4]) or source.tell() != offset:
        raise Doubt("a palette that says more than colours, or a gap behind it")
    stride = -(-width * bits // 32) * 4
    if [planes, important, *resolution] != [1, 0, 0, 0] or pixels != stride * abs(height):
        raise Doubt("a header field that a clean BMP has not so")
    if (
        colours > (2**bits if bits <= 8 else 0)
        or min(width, abs(height)) < 1
        or offset + pixels != len(raw)
    ):
        raise Doubt("colours that no pixel can have, or bytes behind the pixels")
    _check_rows(source, len(raw), width, bits, spare)


def _spare_bits(source: BytesIO, header: int, bits: int, compression: int) -> int:
    """Pass the masks; return the bits of a pixel that must be zero."""
    if (header, compression) == (40, 0) and bits in (1, 4, 8, 24):
        return 0
    if (header, compression) == (40, 0) and bits in (16, 32):
        return 0x8000 if bits == 16 else 0xFF000000
    if compression != 3 or header not in (40, 108) or bits not in (16, 32):
        raise Doubt("a header that a clean BMP has not")
    masks = struct.unpack("<4I", _exactly(source, 16)) if header == 108 else ()
    red, green, blue, alpha = masks or (*struct.unpack("<3I", _exactly(source, 12)), 0)
    used = int(red | green | blue | alpha)
    if (masks and (not alpha or _exactly(source, 52) != _V4_REST)) or used >= 1 << bits:
        raise Doubt("masks of another shape, or a colour space")
    return used ^ ((1 << bits) - 1)


def _check_rows(source: BytesIO, size: int, width: int, bits: int, spare: int) -> None:
    """Make sure that neither pixels nor the ends of rows carry a bit beside the picture."""
    whole, rest = divmod(width * bits, 8)
    padding = -(whole + (rest > 0)) % 4
    unit = bits // 8 if spare else 1
    unused = [(at, _only(part)) for at, part in enumerate(spare.to_bytes(4, "little")) if part]
    while (row := source.read(whole)) or source.tell() < size:
        last = _exactly(source, 1)[0] if rest else 0
        if last & (0xFF >> rest) or any(_exactly(source, padding)):
            raise Doubt("bits behind the last pixel of a row")
        if any(any(row[at::unit].translate(table)) for at, table in unused):
            raise Doubt("bits that no pixel uses")


def _only(bits: int) -> bytes:
    """Return the table that leaves of each byte just these bits."""
    return bytes(byte & bits for byte in range(256))


def _exactly(source: BytesIO, size: int) -> bytes:
    found = source.read(size)
    if len(found) != size:
        raise Doubt("the cleaned BMP ends too soon")
    return found
