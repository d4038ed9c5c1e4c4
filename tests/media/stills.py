# SPDX-License-Identifier: Apache-2.0
"""Drawn JPEG and PNG files, and the hand-made segments and chunks that tests put into them."""

import math
import struct
import zlib
from io import BytesIO
from typing import Final

from PIL import Image, ImageChops, ImageDraw, ImageStat

from agent.media.model import Walked
from agent.media.recipe import RecipeReader

CANARY: Final = b"Invented Name of Class 4b"
PNG_START: Final = b"\x89PNG\r\n\x1a\n"
AFTER_IHDR: Final = 33


def drawn(mode: str = "RGB", size: tuple[int, int] = (48, 32)) -> Image.Image:
    """Return a picture of which no two turns are alike."""
    width, height = size
    picture = Image.linear_gradient("L").resize(size).convert("RGB")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, width // 3, height // 4), fill="red")
    pen.rectangle((width // 2, height // 2, width, height), fill="blue")
    pen.line((0, height, width, 0), fill="lime", width=2)
    return picture.convert(mode)


def jpeg_file(mode: str = "RGB", size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    out = BytesIO()
    drawn(mode, size).save(out, "JPEG", **{"quality": 90, **options})
    return out.getvalue()


def png_file(mode: str = "RGB", size: tuple[int, int] = (48, 32), **options: object) -> bytes:
    out = BytesIO()
    drawn(mode, size).save(out, "PNG", **options)
    return out.getvalue()


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def with_segments(file: bytes, *segments: bytes) -> bytes:
    """Return a JPEG with segments right behind its start."""
    return file[:2] + b"".join(segments) + file[2:]


def chunk(kind: bytes, content: bytes) -> bytes:
    crc = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", crc)


def with_chunks(file: bytes, *chunks: bytes) -> bytes:
    """Return a PNG with chunks right behind its header."""
    return file[:AFTER_IHDR] + b"".join(chunks) + file[AFTER_IHDR:]


def chunks_of(file: bytes) -> list[tuple[bytes, bytes]]:
    """Return the (kind, content) pairs of a sound PNG."""
    found, at = [], len(PNG_START)
    while at < len(file):
        length = int.from_bytes(file[at : at + 4], "big")
        found.append((file[at + 4 : at + 8], file[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def exif_block(orientation: int = 1) -> bytes:
    """Return a TIFF block that says the orientation and nothing else."""
    return b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 274, 3, 1, orientation, 0, 0)


def clean_bytes(walked: Walked, file: bytes) -> bytes:
    return RecipeReader(walked.recipe, BytesIO(file)).read()


def pixels(file: bytes) -> bytes:
    with Image.open(BytesIO(file)) as picture:
        return repr((picture.mode, picture.size)).encode() + picture.tobytes()


def decibels(wanted: Image.Image, shown: Image.Image) -> float:
    """Return the peak signal-to-noise ratio of two pictures; infinite where they are alike."""
    assert (wanted.mode, wanted.size) == (shown.mode, shown.size)
    squares = ImageStat.Stat(ImageChops.difference(wanted, shown)).sum2
    error = sum(squares) / (wanted.width * wanted.height * len(squares))
    return 10 * math.log10(255**2 / error) if error else math.inf
