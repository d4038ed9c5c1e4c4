# SPDX-License-Identifier: Apache-2.0
"""The second reader sees each thing that a walker might leave behind, and doubts.

Each case takes a clean file, which the reader confirms, and plants one fault in it.
"""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Final

import pytest

from agent.media.errors import Doubt
from agent.media.icc import canonical_profile
from agent.media.model import Kind
from agent.media.verify import verify
from agent.media.verify_icc import is_anonymous
from agent.media.walk import jpeg, png
from tests.media.stills import (
    CANARY,
    PNG_START,
    chunk,
    clean_bytes,
    exif_block,
    jpeg_file,
    png_file,
    segment,
    with_chunks,
    with_segments,
)


def clean_jpeg(mode: str = "RGB") -> bytes:
    file = jpeg_file(mode)
    return clean_bytes(jpeg.walk(BytesIO(file)), file)


def clean_png() -> bytes:
    file = png_file()
    return clean_bytes(png.walk(BytesIO(file)), file)


def wide_profile() -> bytes:
    """Return our own fixed profile of Display P3."""
    numbers = ((33759, 15807, -69), (19135, 45367, 2745), (10296, 4369, 51385))
    tags = {
        name: b"XYZ \0\0\0\0" + struct.pack(">3i", *value)
        for name, value in zip((b"rXYZ", b"gXYZ", b"bXYZ"), numbers, strict=True)
    }
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv\0\0\0\0\0\0\0\1\2\x33")
    table = b""
    body = b"".join(tags.values())
    at = 132 + 12 * len(tags)
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + body.index(content), len(content))
    head = bytes(12) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(88)
    return canonical_profile(head + struct.pack(">I", len(tags)) + table + body)


PROFILE: Final = wide_profile()


def in_jpeg(profile: bytes, numbers: bytes = b"\1\1") -> bytes:
    return with_segments_behind_jfif(segment(0xE2, b"ICC_PROFILE\0" + numbers + profile))


def with_segments_behind_jfif(*segments: bytes) -> bytes:
    file = clean_jpeg()
    return file[:20] + b"".join(segments) + file[20:]


def before_scan(part: bytes) -> bytes:
    file = clean_jpeg()
    at = file.index(b"\xff\xda")
    return file[:at] + part + file[at:]


def longer(mark: bytes, extra: bytes, file: bytes) -> bytes:
    """Return a JPEG with more bytes in the first segment of a kind."""
    at = file.index(mark)
    size = int.from_bytes(file[at + 2 : at + 4], "big")
    content = file[at + 4 : at + 2 + size] + extra
    return file[:at] + segment(mark[1], content) + file[at + 2 + size :]


JPEG_FAULTS: Final = {
    "another start": b"\xff\xd7" + clean_jpeg()[2:],
    "bytes behind the end": clean_jpeg() + CANARY,
    "one byte behind the end": clean_jpeg() + b"\0",
    "no end": clean_jpeg()[:-2],
    "fill bytes": clean_jpeg()[:2] + b"\xff" + clean_jpeg()[2:],
    "stray bytes": clean_jpeg()[:20] + CANARY + clean_jpeg()[20:],
    "fill bytes behind a scan": clean_jpeg()[:-2] + b"\xff" + clean_jpeg()[-2:],
    "a second picture": clean_jpeg() + clean_jpeg(),
    "Exif": with_segments(clean_jpeg(), segment(0xE1, b"Exif\0\0" + exif_block())),
    "Exif before the scan": before_scan(segment(0xE1, b"Exif\0\0" + exif_block())),
    "a comment": before_scan(segment(0xFE, CANARY)),
    "an empty comment": before_scan(segment(0xFE, b"")),
    "a second JFIF header": with_segments_behind_jfif(clean_jpeg()[2:20]),
    "a JFIF thumbnail": longer(b"\xff\xe0", b"123", clean_jpeg()),
    "a JFIF density": clean_jpeg()[:14] + b"\0\x48" + clean_jpeg()[16:],
    "words behind Adobe": longer(b"\xff\xee", CANARY, clean_jpeg("CMYK")),
    "words behind a quantisation table": longer(b"\xff\xdb", CANARY, clean_jpeg()),
    "words behind a Huffman table": longer(b"\xff\xc4", CANARY, clean_jpeg()),
    "words behind the frame header": longer(b"\xff\xc0", CANARY, clean_jpeg()),
    "a cut frame header": before_scan(segment(0xC0, b"\10\0\20\0\20")),
    "words behind the scan header": longer(b"\xff\xda", CANARY, clean_jpeg()),
    "words in a restart interval": before_scan(segment(0xDD, CANARY)),
    "words in a number of lines": before_scan(segment(0xDC, CANARY)),
    "an odd arithmetic table": before_scan(segment(0xCC, b"\0\x10\0")),
    "a segment beyond the file": clean_jpeg()[:20] + b"\xff\xdb\xff\xff" + clean_jpeg()[20:],
    "a segment shorter than its length": clean_jpeg()[:20] + b"\xff\xdb\0\1" + clean_jpeg()[20:],
    "no profile under its label": in_jpeg(CANARY),
    "a profile with a wrong number": in_jpeg(PROFILE, b"\2\1"),
    "a profile with a part missing": in_jpeg(PROFILE, b"\1\2"),
    "a profile twice": with_segments_behind_jfif(*[in_jpeg(PROFILE)[20 : 38 + len(PROFILE)]] * 2),
    "another APP2": with_segments_behind_jfif(segment(0xE2, b"MPF\0" + CANARY)),
    "empty": b"",
}


def png_with(*chunks: bytes) -> bytes:
    return with_chunks(clean_png(), *chunks)


def in_png(profile: bytes, name: bytes = b"c", extra: bytes = b"") -> bytes:
    return png_with(chunk(b"iCCP", name + b"\0\0" + zlib.compress(profile) + extra))


def with_pixels(change: Callable[[bytes], bytes]) -> bytes:
    file = clean_png()
    at = file.index(b"IDAT") - 4
    end = at + 12 + int.from_bytes(file[at : at + 4], "big")
    return file[:at] + chunk(b"IDAT", change(file[at + 8 : end - 4])) + file[end:]


def interlaced_pixel(rows: bytes) -> bytes:
    """Return an interlaced picture of one grey pixel; six of its seven passes are empty."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 1))
    return PNG_START + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def animation(extra: bytes = b"", rows: int = 32) -> bytes:
    """Return an animation of two frames; `extra` stands behind the pixels of the second."""
    control = struct.pack(">IIIIIHHBB", 0, 48, 32, 0, 0, 1, 20, 0, 0)
    stream = zlib.compress(bytes(rows * (1 + 48 * 3))) + extra
    head = [chunk(b"acTL", struct.pack(">II", 2, 0)), chunk(b"fcTL", control)]
    frame = chunk(b"fcTL", b"\0\0\0\1" + control[4:]) + chunk(b"fdAT", b"\0\0\0\2" + stream)
    return png_with(*head)[:-12] + frame + chunk(b"IEND", b"")


PNG_FAULTS: Final = {
    "another start": b"\x89PNG\r\n\x1a\r" + clean_png()[8:],
    "bytes behind the end": clean_png() + CANARY,
    "one byte behind the end": clean_png() + b"\0",
    "no end": clean_png()[:-12],
    "a wrong checksum": png_with(chunk(b"gAMA", bytes(4))[:-1] + b"?"),
    "a text": png_with(chunk(b"tEXt", b"Author\0" + CANARY)),
    "Exif": png_with(chunk(b"eXIf", exif_block())),
    "a time": png_with(chunk(b"tIME", bytes(7))),
    "an unknown chunk": png_with(chunk(b"prVt", b"")),
    "an end with content": clean_png()[:-12] + chunk(b"IEND", CANARY),
    "words in a gamma": png_with(chunk(b"gAMA", CANARY)),
    "words in colorants": png_with(chunk(b"cHRM", CANARY)),
    "words in a palette": png_with(chunk(b"PLTE", CANARY)),
    "words in a background": png_with(chunk(b"bKGD", CANARY)),
    "words in significant bits": png_with(chunk(b"sBIT", CANARY)),
    "words in a light level": png_with(chunk(b"cLLI", CANARY)),
    "words in a mastering volume": png_with(chunk(b"mDCV", CANARY)),
    "words in code points": png_with(chunk(b"cICP", CANARY)),
    "words in an intent": png_with(chunk(b"sRGB", CANARY)),
    "words in an animation control": png_with(chunk(b"acTL", CANARY)),
    "words in a frame control": png_with(chunk(b"fcTL", CANARY)),
    "words as transparency": png_with(chunk(b"tRNS", CANARY * 20)),
    "a profile under a name": in_png(PROFILE, name=CANARY),
    "no profile": in_png(CANARY),
    "words behind a profile": in_png(PROFILE, extra=CANARY),
    "a profile that cannot be inflated": png_with(chunk(b"iCCP", b"c\0\0" + CANARY)),
    "words behind the pixels of a frame": animation(extra=CANARY),
    "a row too many in a frame": animation(rows=33),
    "an empty palette": png_with(chunk(b"PLTE", b"")),
    "a byte more than an interlaced pixel": interlaced_pixel(b"\0\0?"),
    "a row that no decoder shows": with_pixels(
        lambda stream: zlib.compress(zlib.decompress(stream) + bytes(1 + 48 * 3))
    ),
    "no header": clean_png()[:8] + clean_png()[33:],
    "words behind the pixels": with_pixels(lambda stream: stream + CANARY),
    "words for pixels": with_pixels(lambda _stream: CANARY),
    "pixels that never end": with_pixels(lambda stream: stream[:-8]),
    "words in a data chunk of their own": clean_png()[:-12]
    + chunk(b"IDAT", CANARY)
    + chunk(b"IEND", b""),
    "empty": b"",
}


@pytest.mark.parametrize("fault", JPEG_FAULTS)
def test_a_fault_in_a_clean_jpeg_is_doubted(fault: str) -> None:
    with pytest.raises(Doubt):
        verify(Kind.JPEG, BytesIO(JPEG_FAULTS[fault]))


@pytest.mark.parametrize("fault", PNG_FAULTS)
def test_a_fault_in_a_clean_png_is_doubted(fault: str) -> None:
    with pytest.raises(Doubt):
        verify(Kind.PNG, BytesIO(PNG_FAULTS[fault]))


CONFIRMED: Final = {
    "JPEG": (Kind.JPEG, clean_jpeg()),
    "CMYK JPEG": (Kind.JPEG, clean_jpeg("CMYK")),
    "JPEG with a profile": (Kind.JPEG, in_jpeg(PROFILE)),
    "PNG": (Kind.PNG, clean_png()),
    "animation": (Kind.PNG, animation()),
    "interlaced PNG": (Kind.PNG, interlaced_pixel(b"\0\0")),
    "PNG with a profile": (Kind.PNG, in_png(PROFILE)),
}


@pytest.mark.parametrize("name", CONFIRMED)
def test_without_the_fault_it_is_confirmed(name: str) -> None:
    kind, file = CONFIRMED[name]
    verify(kind, BytesIO(file))


def test_a_profile_in_two_parts_is_confirmed() -> None:
    parts = (PROFILE[:100], PROFILE[100:])
    segments = [
        segment(0xE2, b"ICC_PROFILE\0" + bytes((i, 2)) + part) for i, part in enumerate(parts, 1)
    ]
    verify(Kind.JPEG, BytesIO(with_segments_behind_jfif(*segments)))


def test_the_reader_starts_at_the_start() -> None:
    file = BytesIO(clean_png())
    file.seek(20)
    verify(Kind.PNG, file)


@pytest.mark.parametrize("kind", [Kind.UNKNOWN, Kind.RAW, Kind.XMP])
def test_a_kind_without_a_reader_is_doubted(kind: Kind) -> None:
    with pytest.raises(Doubt):
        verify(kind, BytesIO(clean_png()))


@pytest.mark.parametrize("kind", [Kind.JPEG, Kind.PNG])
def test_a_file_of_another_kind_is_doubted(kind: Kind) -> None:
    other = clean_png() if kind is Kind.JPEG else clean_jpeg()
    with pytest.raises(Doubt):
        verify(kind, BytesIO(other))


BLANK_FIELDS: Final = {
    "preferred program": 4,
    "date": 24,
    "platform": 40,
    "maker": 48,
    "model": 52,
    "intent": 64,
    "creator": 80,
    "id": 84,
    "reserved": 100,
}


@pytest.mark.parametrize("field", BLANK_FIELDS)
def test_a_profile_with_a_filled_header_field_names_someone(field: str) -> None:
    at = BLANK_FIELDS[field]
    assert not is_anonymous(PROFILE[:at] + b"ACME" + PROFILE[at + 4 :])


PROFILE_FAULTS: Final = {
    "words behind it": PROFILE + CANARY,
    "four bytes behind it": PROFILE + bytes(4),
    "a wrong size": b"\0\0\0\1" + PROFILE[4:],
    "another name": PROFILE.replace(b"\0\0\0\2c\0", b"\0\0\0\2d\0"),
    "another owner": PROFILE.replace(b"CC0\0", b"ACME"),
    "an unknown tag": PROFILE.replace(b"gTRC", b"dmnd"),
    "an unknown type": PROFILE.replace(b"curv\0", b"utf8\0"),
    "words in the reserved bytes of a tag": PROFILE.replace(b"XYZ \0\0\0\0", b"XYZ NAME", 1),
    "words for a colour space": PROFILE.replace(b"XYZ ", b"ACME", 1),
    "words for a class": PROFILE.replace(b"mntr", b"ACME"),
    "another illuminant": PROFILE[:68] + b"ACME" + PROFILE[72:],
    "a count beyond its end": PROFILE[:128] + b"\xff" * 4 + PROFILE[132:],
    "cut": PROFILE[:-4],
    "a cut header": PROFILE[:100],
    "empty": b"",
}


@pytest.mark.parametrize("fault", PROFILE_FAULTS)
def test_a_spoilt_profile_is_not_anonymous(fault: str) -> None:
    assert not is_anonymous(PROFILE_FAULTS[fault])


POINT: Final = b"XYZ \0\0\0\0" + bytes(12)
LINE: Final = b"curv\0\0\0\0\0\0\0\0"
POWER: Final = b"para\0\0\0\0\0\0\0\0\0\1\0\0"
ADAPTATION: Final = b"sf32\0\0\0\0" + bytes(36)
TAGS: Final = {b"wtpt": POINT, b"kTRC": LINE, b"rTRC": POWER, b"chad": ADAPTATION}


def with_tag(name: bytes, content: bytes) -> bytes:
    """Return a profile of one tag, padded to four bytes."""
    body = content + bytes(-len(content) % 4)
    size = struct.pack(">I", 144 + len(body))
    return size + PROFILE[4:128] + struct.pack(">I4sII", 1, name, 144, len(content)) + body


@pytest.mark.parametrize("name", TAGS)
def test_a_tag_of_numbers_alone_is_anonymous(name: bytes) -> None:
    assert is_anonymous(with_tag(name, TAGS[name]))


@pytest.mark.parametrize("name", TAGS)
@pytest.mark.parametrize("hidden", [CANARY, b"1234", b"\0"])
def test_words_behind_the_numbers_of_a_tag_are_not_anonymous(name: bytes, hidden: bytes) -> None:
    assert not is_anonymous(with_tag(name, TAGS[name] + hidden))


@pytest.mark.parametrize("name", TAGS)
def test_a_cut_tag_is_not_anonymous(name: bytes) -> None:
    assert not is_anonymous(with_tag(name, TAGS[name][:-4]))


def test_our_own_profile_is_anonymous() -> None:
    assert is_anonymous(PROFILE)
