# SPDX-License-Identifier: Apache-2.0
"""The JPEG walker keeps what draws the picture and drops all else (ITU-T T.81 annex B)."""

import struct
from io import BytesIO
from typing import Final

import pytest
from PIL import Image, ImageCms

from agent.media.errors import Doubt, Malformed, TooBig, Unsupported
from agent.media.model import Walked
from agent.media.verify_jpeg import verify_jpeg
from agent.media.walk import jpeg
from tests.media.stills import (
    CANARY,
    clean_bytes,
    exif_block,
    jpeg_file,
    pixels,
    segment,
    with_segments,
)

XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
EXTENDED: Final = b"http://ns.adobe.com/xmp/extension/\0"
METADATA: Final = {
    "APP1 Exif": segment(0xE1, b"Exif\0\0" + exif_block() + CANARY),
    "APP1 XMP": segment(0xE1, XMP + b"<x>" + CANARY + b"</x>"),
    "APP1 Extended XMP": segment(0xE1, EXTENDED + bytes(40) + CANARY),
    "APP1": segment(0xE1, CANARY),
    "APP2 ICC": segment(0xE2, b"ICC_PROFILE\0\1\1" + CANARY),
    "APP2": segment(0xE2, b"MPF\0" + CANARY),
    "APP13 Photoshop": segment(0xED, b"Photoshop 3.0\0" + CANARY),
    "APP13": segment(0xED, CANARY),
    "COM": segment(0xFE, CANARY),
    "unknown": segment(0xF0, CANARY),
    **{f"APP{n}": segment(0xE0 + n, CANARY) for n in (0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15)},
}


def walked(file: bytes) -> Walked:
    return jpeg.walk(BytesIO(file))


def cleaned(file: bytes) -> bytes:
    """Return the clean file, confirmed by the second reader."""
    clean = clean_bytes(walked(file), file)
    verify_jpeg(BytesIO(clean))
    return clean


PICTURES: Final = {
    "baseline": jpeg_file(),
    "progressive": jpeg_file(progressive=True),
    "optimised": jpeg_file(optimize=True),
    "grey": jpeg_file("L"),
    "CMYK": jpeg_file("CMYK"),
    "4:4:4": jpeg_file(subsampling=0),
    "4:2:0": jpeg_file(subsampling=2),
    "restart intervals": jpeg_file(restart_marker_blocks=2),
    "extended": jpeg_file().replace(b"\xff\xc0", b"\xff\xc1", 1),
    "RGB without transform": jpeg_file(keep_rgb=True),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_every_kind_of_picture_keeps_its_pixels(kind: str) -> None:
    assert pixels(cleaned(PICTURES[kind])) == pixels(PICTURES[kind])


@pytest.mark.parametrize("kind", PICTURES)
def test_a_clean_picture_is_left_as_it_is(kind: str) -> None:
    once = cleaned(PICTURES[kind])
    assert cleaned(once) == once


@pytest.mark.parametrize("name", METADATA)
def test_each_kind_of_metadata_goes_and_is_named(name: str) -> None:
    file = with_segments(jpeg_file(), METADATA[name])
    assert CANARY not in cleaned(file)
    assert name in walked(file).recipe.dropped


@pytest.mark.parametrize("name", METADATA)
def test_metadata_between_tables_and_scan_goes_too(name: str) -> None:
    file = jpeg_file()
    at = file.index(b"\xff\xda")
    assert CANARY not in cleaned(file[:at] + METADATA[name] + file[at:])


def test_metadata_between_two_scans_goes() -> None:
    file = jpeg_file(progressive=True)
    at = file.rindex(b"\xff\xda")
    clean = cleaned(file[:at] + METADATA["COM"] + file[at:])
    assert clean == cleaned(file)


def test_a_clean_file_without_metadata_drops_nothing() -> None:
    assert walked(cleaned(jpeg_file())).recipe.dropped == ()


def test_dropped_names_tell_no_value() -> None:
    file = with_segments(jpeg_file(), *METADATA.values())
    assert CANARY.decode() not in " ".join(walked(file).recipe.dropped)


def test_the_jfif_header_is_rebuilt_without_its_thumbnail() -> None:
    file = jpeg_file()
    thumbnail = segment(0xE0, b"JFIF\0\1\2\1\1\2\1\2\1\1" + CANARY)
    assert cleaned(file[:2] + thumbnail + file[20:]) == cleaned(file)


def test_only_the_first_twelve_bytes_of_adobe_stay() -> None:
    file = jpeg_file("CMYK")
    at = file.index(b"\xff\xee")
    longer = segment(0xEE, file[at + 4 : at + 16] + CANARY)
    assert cleaned(file[:at] + longer + file[at + 16 :]) == cleaned(file)


def test_a_second_adobe_segment_goes() -> None:
    file = jpeg_file("CMYK")
    at = file.index(b"\xff\xee")
    assert cleaned(with_segments(file, file[at : at + 16])).count(b"\xff\xee\0\x0eAdobe") == 1


def test_what_follows_the_end_goes() -> None:
    file = jpeg_file() + CANARY
    assert "after the end" in walked(file).recipe.dropped
    assert cleaned(file) == cleaned(jpeg_file())


def test_the_second_picture_of_a_multi_picture_file_goes() -> None:
    out = BytesIO()
    first, second = (Image.new("RGB", (32, 32), colour) for colour in ("red", "blue"))
    first.save(out, "MPO", save_all=True, append_images=[second])
    clean = cleaned(out.getvalue())
    assert clean.count(b"\xff\xd8\xff") == 1
    assert b"MPF" not in clean


def test_fill_bytes_before_a_marker_go() -> None:
    file = jpeg_file()
    assert cleaned(file[:2] + b"\xff" * 7 + file[2:]) == cleaned(file)


def test_fill_bytes_before_the_end_go() -> None:
    file = jpeg_file()
    assert cleaned(file[:-2] + b"\xff" * 7 + file[-2:]) == cleaned(file)


def test_stray_bytes_between_segments_go_and_are_named() -> None:
    file = jpeg_file()
    spoilt = file[:20] + CANARY + file[20:]
    assert cleaned(spoilt) == cleaned(file)
    assert "stray bytes" in walked(spoilt).recipe.dropped


def test_fill_bytes_do_not_eat_the_header_of_an_empty_scan() -> None:
    file = jpeg_file()
    header = segment(0xDA, b"\1\1\0\0\0\xff")
    spoilt = file[: file.index(b"\xff\xda")] + header + b"\xff\xd9"
    assert header in clean_bytes(walked(spoilt), spoilt)


def test_exif_is_handed_to_the_child_without_its_prefix() -> None:
    file = with_segments(jpeg_file(), segment(0xE1, b"Exif\0\0" + exif_block(6)))
    assert walked(file).metadata.untrusted_exif == exif_block(6)


def test_the_orientation_is_read() -> None:
    file = with_segments(jpeg_file(), segment(0xE1, b"Exif\0\0" + exif_block(6)))
    assert walked(file).orientation == 6


def test_an_extended_xmp_is_joined_in_the_order_of_its_offsets() -> None:
    whole = b"<x>" + CANARY + b"</x>"
    parts = [
        segment(0xE1, EXTENDED + b"G" * 32 + struct.pack(">II", len(whole), at) + whole[at:end])
        for at, end in ((9, len(whole)), (0, 9))
    ]
    file = with_segments(jpeg_file(), METADATA["APP1 XMP"], *parts)
    assert walked(file).metadata.untrusted_xmp == (b"<x>" + CANARY + b"</x>", whole)


def test_iptc_is_found_among_photoshop_resources() -> None:
    other = b"8BIM" + struct.pack(">HBxI", 0x0400, 0, 3) + b"abc\0"
    iptc = b"8BIM" + struct.pack(">HBxI", 0x0404, 0, len(CANARY)) + CANARY
    file = with_segments(jpeg_file(), segment(0xED, b"Photoshop 3.0\0" + other + iptc))
    assert walked(file).metadata.untrusted_iptc == CANARY


def test_the_size_is_that_of_the_frame() -> None:
    found = walked(jpeg_file(size=(48, 32)))
    assert (found.width, found.height) == (48, 32)


def test_an_srgb_profile_is_left_out() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert b"ICC_PROFILE" not in cleaned(jpeg_file(icc_profile=profile))


def test_a_profile_of_several_segments_stays_whole() -> None:
    file = jpeg_file("CMYK", icc_profile=large_profile())
    with Image.open(BytesIO(cleaned(file))) as picture:
        kept = picture.info["icc_profile"]
    assert len(kept) > 2 * 65_535
    assert CANARY not in kept


def large_profile() -> bytes:
    """Return a CMYK profile with a table of colours too large for one segment."""
    table = b"mft1\0\0\0\0\4\3\x0b\0" + struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table += bytes(range(256)) * 4 + bytes(3 * 11**4) + bytes(range(256)) * 3
    table += b"\1" * 120_000
    at = 132 + 24
    rows = struct.pack(">4sII", b"A2B0", at, len(table))
    rows += struct.pack(">4sII", b"cprt", at + len(table), len(CANARY))
    size = at + len(table) + len(CANARY)
    head = struct.pack(">I4sI4s4s4s", size, b"ACME", 0x02400000, b"prtr", b"CMYK", b"Lab ")
    head += bytes(12) + b"acsp" + bytes(88)
    return head + struct.pack(">I", 2) + rows + table + CANARY


@pytest.mark.parametrize("marker", sorted(jpeg.REFUSED_FRAMES))
def test_lossless_and_hierarchical_frames_are_refused(marker: int) -> None:
    file = jpeg_file().replace(b"\xff\xc0\0\x11", bytes((0xFF, marker)) + b"\0\x11", 1)
    with pytest.raises(Unsupported):
        walked(file)


def without(file: bytes, mark: bytes) -> bytes:
    at = file.index(mark)
    length = int.from_bytes(file[at + 2 : at + 4], "big")
    return file[:at] + file[at + 2 + length :]


REFUSED: Final = {
    "no start": jpeg_file()[2:],
    "no end": jpeg_file()[:-2],
    "no scan": jpeg_file()[: jpeg_file().index(b"\xff\xda")] + b"\xff\xd9",
    "no frame": without(jpeg_file(), b"\xff\xc0"),
    "two frames": with_segments(jpeg_file(), segment(0xC0, b"\10\0\20\0\20\1\1\x11\0")),
    "a cut frame": with_segments(jpeg_file(), segment(0xC0, b"\10\0")),
    "a segment beyond the file": jpeg_file()[:2] + b"\xff\xe1\xff\xff" + jpeg_file()[2:],
    "a segment shorter than its length": jpeg_file()[:2] + b"\xff\xe1\0\1" + jpeg_file()[2:],
    "a restart outside a scan": jpeg_file()[:2] + b"\xff\xd0" + jpeg_file()[2:],
    "cut in a scan": jpeg_file()[:-40],
    "nothing but a start": b"\xff\xd8\xff",
    "empty": b"",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_broken_jpeg_is_refused(fault: str) -> None:
    with pytest.raises(Malformed):
        walked(REFUSED[fault])


def test_more_pixels_than_the_limit_are_refused() -> None:
    file = jpeg_file()
    at = file.index(b"\xff\xc0") + 5
    with pytest.raises(TooBig):
        walked(file[:at] + b"\xff\xff\xff\xff" + file[at + 4 :])


def test_more_segments_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "MAX_PARTS", 20)
    with pytest.raises(TooBig):
        walked(with_segments(jpeg_file(), *[segment(0xFE, b"")] * 20))


def test_more_bytes_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "MAX_STILL_BYTES", 100)
    with pytest.raises(TooBig):
        walked(jpeg_file())


NEEDED: Final = {
    "FRAMES": {0xC0: "baseline", 0xC1: "extended", 0xC2: "progressive"},
    "TABLES": {0xC4: "optimised", 0xDB: "baseline", 0xDD: "restart intervals"},
}


@pytest.mark.parametrize(
    ("constant", "marker"), [(name, mark) for name, marks in NEEDED.items() for mark in marks]
)
def test_no_entry_of_the_allow_list_is_idle(
    constant: str, marker: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture = PICTURES[NEEDED[constant][marker]]
    monkeypatch.setattr(jpeg, constant, getattr(jpeg, constant) - {marker})
    with pytest.raises((Malformed, OSError, SyntaxError, AssertionError)):
        assert pixels(clean_bytes(walked(picture), picture)) == pixels(picture)


@pytest.mark.parametrize("frame", [0xC9, 0xCA])
def test_arithmetic_frames_and_their_tables_are_kept(frame: int) -> None:
    tables = segment(0xCC, b"\0\x10")
    file = jpeg_file().replace(b"\xff\xc0", bytes((0xFF, frame)), 1)
    clean = cleaned(with_segments(file, tables))
    assert tables in clean
    assert bytes((0xFF, frame)) in clean


def test_a_number_of_lines_is_kept() -> None:
    lines = segment(0xDC, b"\0\x20")
    assert lines in cleaned(jpeg_file()[:-2] + lines + b"\xff\xd9")


@pytest.mark.parametrize("name", METADATA)
def test_the_second_reader_stops_a_walker_that_keeps_metadata(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = with_segments(jpeg_file("CMYK"), METADATA[name])
    monkeypatch.setattr(jpeg, "TABLES", jpeg.TABLES | {METADATA[name][1]})
    with pytest.raises(Doubt):
        cleaned(file)


def test_xmp_over_the_limit_is_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "MAX_METADATA_BYTES", 10)
    file = with_segments(jpeg_file(), METADATA["APP1 XMP"])
    assert walked(file).metadata.untrusted_xmp == ()
