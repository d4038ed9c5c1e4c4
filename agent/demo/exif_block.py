# SPDX-License-Identifier: Apache-2.0
"""Write an Exif block as a camera would: device, time, place, owner and an embedded thumbnail.

For the demonstration and the tests only; the product never writes metadata (TIFF 6.0; Exif 2.32).
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_ASCII, _SHORT, _LONG, _RATIONAL = 2, 3, 4, 5
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
_THUMBNAIL_OFFSET, _THUMBNAIL_LENGTH, _COMPRESSION = 0x0201, 0x0202, 0x0103
_HEADER: Final = b"MM\x00*\x00\x00\x00\x08"

Value = tuple[int, int, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSays:
    """What a camera writes into a picture; empty texts are left out."""

    make: str = ""
    model: str = ""
    serial: str = ""
    owner: str = ""
    taken: str = "2026:09:14 10:30:00"
    orientation: int = 1
    place: tuple[float, float] | None = None
    thumbnail: bytes = b""


def exif_block(camera: CameraSays) -> bytes:
    """Return a big-endian TIFF block, without the JPEG prefix."""
    exif = _texts({0x9003: camera.taken, 0x9011: "+01:00", 0xA431: camera.serial})
    image = _texts({0x010F: camera.make, 0x0110: camera.model, 0x013B: camera.owner})
    image[0x0112] = (_SHORT, 1, struct.pack(">HH", camera.orientation, 0))
    gps = _place(camera.place) if camera.place else {}
    for pointer, directory in ((_EXIF_POINTER, exif), (_GPS_POINTER, gps)):
        if directory:
            image[pointer] = (_LONG, 1, bytes(4))
    start_exif = len(_HEADER) + len(_directory(image, 0, 0))
    start_gps = start_exif + len(_directory(exif, 0, 0))
    start_thumbnail = start_gps + (len(_directory(gps, 0, 0)) if gps else 0)
    image[_EXIF_POINTER] = (_LONG, 1, struct.pack(">I", start_exif))
    if gps:
        image[_GPS_POINTER] = (_LONG, 1, struct.pack(">I", start_gps))
    following = start_thumbnail if camera.thumbnail else 0
    block = _HEADER + _directory(image, len(_HEADER), following)
    block += _directory(exif, start_exif, 0)
    block += _directory(gps, start_gps, 0) if gps else b""
    return block + (_thumbnail(camera.thumbnail, start_thumbnail) if following else b"")


def _texts(values: Mapping[int, str]) -> dict[int, Value]:
    texts = {tag: text.encode() + b"\0" for tag, text in values.items() if text}
    return {tag: (_ASCII, len(text), text) for tag, text in texts.items()}


def _place(place: tuple[float, float]) -> dict[int, Value]:
    latitude, longitude = place
    return {
        1: (_ASCII, 2, b"N\0" if latitude >= 0 else b"S\0"),
        2: (_RATIONAL, 3, _degrees(abs(latitude))),
        3: (_ASCII, 2, b"E\0" if longitude >= 0 else b"W\0"),
        4: (_RATIONAL, 3, _degrees(abs(longitude))),
    }


def _degrees(value: float) -> bytes:
    """Return degrees, minutes and hundredths of seconds as three rationals."""
    hundredths = round(value * 360_000)
    degrees, rest = divmod(hundredths, 360_000)
    minutes, seconds = divmod(rest, 6_000)
    return struct.pack(">6I", degrees, 1, minutes, 1, seconds, 100)


def _directory(values: Mapping[int, Value], start: int, following: int) -> bytes:
    """Return one directory at an offset, its larger values behind it."""
    table, behind = b"", b""
    base = start + 2 + 12 * len(values) + 4
    for tag, (kind, count, value) in sorted(values.items()):
        content = value
        if len(value) > 4:  # noqa: PLR2004 - TIFF 6.0: four bytes fit into the entry
            content = struct.pack(">I", base + len(behind))
            behind += value + bytes(len(value) % 2)
        table += struct.pack(">HHI", tag, kind, count) + content.ljust(4, b"\0")
    return struct.pack(">H", len(values)) + table + struct.pack(">I", following) + behind


def _thumbnail(jpeg: bytes, start: int) -> bytes:
    values: dict[int, Value] = {
        _COMPRESSION: (_SHORT, 1, struct.pack(">HH", 6, 0)),
        _THUMBNAIL_OFFSET: (_LONG, 1, bytes(4)),
        _THUMBNAIL_LENGTH: (_LONG, 1, struct.pack(">I", len(jpeg))),
    }
    size = len(_directory(values, start, 0))
    values[_THUMBNAIL_OFFSET] = (_LONG, 1, struct.pack(">I", start + size))
    return _directory(values, start, 0) + jpeg
