# SPDX-License-Identifier: Apache-2.0
"""WebP files taken apart into chunks and put together again, and drawn samples of every sort."""

import struct
from collections.abc import Callable

from tests.media.small_stills import DATED_PROFILE, drawn, saved

Chunk = tuple[bytes, bytes]


def chunks(data: bytes, start: int = 12) -> list[Chunk]:
    found = []
    while start < len(data):
        (size,) = struct.unpack_from("<I", data, start + 4)
        found.append((data[start : start + 4], data[start + 8 : start + 8 + size]))
        start += 8 + size + size % 2
    return found


def joined(parts: list[Chunk], pad: bytes = b"\0") -> bytes:
    return b"".join(
        name + struct.pack("<I", len(content)) + content + pad * (len(content) % 2)
        for name, content in parts
    )


def riff(parts: list[Chunk], pad: bytes = b"\0") -> bytes:
    body = b"WEBP" + joined(parts, pad)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def animated(**options: bool) -> bytes:
    frames = [drawn((20, 10), "RGBA"), drawn((20, 10), "RGBA").rotate(180), drawn((20, 10), "RGBA")]
    return saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=70, **options)


LOSSY = saved(drawn(), "WEBP", quality=60)
SAMPLES = {
    "lossy": LOSSY,
    "lossless": saved(drawn(), "WEBP", lossless=True),
    "transparent": saved(drawn(mode="RGBA"), "WEBP", quality=60),
    "transparent lossless": saved(drawn(mode="RGBA"), "WEBP", lossless=True),
    "animated": animated(),
    "animated lossless": animated(lossless=True),
    "wide colours": saved(drawn(), "WEBP", icc_profile=DATED_PROFILE),
}
EXTENDED = SAMPLES["transparent"]
EXIF = b"II*\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0"


def spoilt_part(data: bytes, wanted: bytes, change: Callable[[bytes], bytes]) -> bytes:
    return riff([(n, change(content) if n == wanted else content) for n, content in chunks(data)])
