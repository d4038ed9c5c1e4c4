# SPDX-License-Identifier: Apache-2.0
"""Write a short film as a tablet does: Motion JPEG in QuickTime, with all that it says of itself.

For the demonstration and the bench only (QuickTime File Format; ISO/IEC 14496-12).
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from agent.demo.exif_block import CameraSays

_EPOCH_SECONDS: Final = 3_870_000_000
"""Some day of 2026 in seconds since 1904, as QuickTime counts."""
_MATRIX: Final = struct.pack(">9i", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_SCALE, _FRAME = 600, 60
_KEY: Final = b"com.apple.quicktime."
_U32: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What a film shows: its frames as JPEG files of one size in pixels, and its camera."""

    frames: Sequence[bytes]
    size: tuple[int, int]
    camera: CameraSays
    words: bytes = b""
    """A word that is hidden in every place where recordings hide words."""


def write_film(film: Film, target: BinaryIO) -> None:
    """Write a film: its frames first and the header behind, as cameras do."""
    target.write(_box(b"ftyp", b"qt  \0\0\0\0qt  "))
    start = target.tell() + 16
    length = sum(map(len, film.frames))
    target.write(struct.pack(">I4sQ", 1, b"mdat", 16 + length))
    target.writelines(film.frames)
    target.write(_header(film, start))
    target.write(_box(b"free", film.words))


def _header(film: Film, start: int) -> bytes:
    duration = len(film.frames) * _FRAME
    dates = struct.pack(">II", _EPOCH_SECONDS, _EPOCH_SECONDS)
    movie = dates + struct.pack(">IIIH10x", _SCALE, duration, 0x10000, 0x100) + _MATRIX
    return _box(
        b"moov",
        _full(b"mvhd", movie + bytes(24) + struct.pack(">I", 2)),
        _track(film, start, dates, duration),
        _meta(film),
        _box(b"udta", _text(b"\xa9xyz", _iso6709(film.camera)), _text(b"\xa9mod", film.words)),
        _box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), b"<x>", film.words),
    )


def _track(film: Film, start: int, dates: bytes, duration: int) -> bytes:
    width, height = film.size
    head = dates + struct.pack(">III8x", 1, 0, duration)
    shape = bytes(8) + _MATRIX + struct.pack(">II", width << 16, height << 16)
    return _box(
        b"trak",
        _full(b"tkhd", head, shape, flags=3),
        _box(
            b"mdia",
            _full(b"mdhd", dates + struct.pack(">IIHH", _SCALE, duration, 0x55C4, 0)),
            _handler(b"mhlr", b"vide", film.words),
            _box(
                b"minf",
                _full(b"vmhd", bytes(8), flags=1),
                _handler(b"dhlr", b"url ", film.words),
                _box(b"dinf", _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))),
                _tables(film, start),
            ),
        ),
    )


def _tables(film: Film, start: int) -> bytes:
    width, height = film.size
    entry = bytes(6) + struct.pack(">HHH4sII", 1, 0, 0, b"appl", 512, 512)
    entry += struct.pack(">HHIIIH", width, height, 72 << 16, 72 << 16, 0, 1)
    entry += bytes([len(film.words[:31])]) + film.words[:31].ljust(31, b"\0")
    offsets, place = [], start
    for frame in film.frames:
        offsets.append(place)
        place += len(frame)
    kind, form = (b"co64", "Q") if place > _U32 else (b"stco", "I")
    count = len(film.frames)
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1), _box(b"jpeg", entry + struct.pack(">Hh", 24, -1))),
        _full(b"stts", struct.pack(">III", 1, count, _FRAME)),
        _full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)),
        _full(b"stsz", struct.pack(">II", 0, count), _numbers("I", map(len, film.frames))),
        _full(kind, struct.pack(">I", count), _numbers(form, offsets)),
    )


def _meta(film: Film) -> bytes:
    camera = film.camera
    pairs = {
        b"make": camera.make.encode(),
        b"model": camera.model.encode(),
        b"creationdate": b"2026-09-14T10:30:00+0100",
        b"location.ISO6709": _iso6709(camera),
        b"content.identifier": film.words,
    }
    names = b"".join(_box(b"mdta", _KEY + key) for key in pairs)
    items = b"".join(
        _box(struct.pack(">I", number), _box(b"data", struct.pack(">II", 1, 0), value))
        for number, value in enumerate(pairs.values(), 1)
    )
    return _box(
        b"meta",
        _handler(b"\0\0\0\0", b"mdta", b""),
        _full(b"keys", struct.pack(">I", len(pairs)), names),
        _box(b"ilst", items),
    )


def _iso6709(camera: CameraSays) -> bytes:
    if camera.place is None:
        return b""
    latitude, longitude = camera.place
    return f"{latitude:+08.4f}{longitude:+09.4f}/".encode()


def _handler(kind: bytes, handler: bytes, name: bytes) -> bytes:
    return _full(b"hdlr", kind + handler + b"appl" + bytes(8) + bytes([len(name)]) + name)


def _text(kind: bytes, value: bytes) -> bytes:
    return _box(kind, struct.pack(">HH", len(value), 0x15C7), value)


def _numbers(form: str, values: Iterable[int]) -> bytes:
    listed = list(values)
    return struct.pack(f">{len(listed)}{form}", *listed)


def _box(kind: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return struct.pack(">I", len(body) + 8) + kind + body


def _full(kind: bytes, *contents: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *contents)
