# SPDX-License-Identifier: Apache-2.0
"""The second reader for TIFF: it confirms what our writer writes, and sees each planted fault."""

import struct
import zlib
from io import BytesIO

import pytest

from agent.media import tiff_writer
from agent.media import verify_tiff as verify_module
from agent.media.errors import Doubt
from agent.media.tiff_writer import Page, write_tiff
from agent.media.verify_tiff import verify_tiff
from tests.media.small_stills import CANARY, DATED_PROFILE, WIDE_PROFILE, drawn

Changes = dict[int, tuple[int, tuple[int, ...]] | None]


def plain_page(
    mode: str = "RGB", pixels: bytes = b"", palette: bytes = b"", profile: bytes = b""
) -> Page:
    drawing = pixels or drawn().tobytes()
    return Page(width=37, height=23, mode=mode, pixels=drawing, palette=palette, profile=profile)


CLEAN = write_tiff([plain_page(), plain_page()])
COLOURED = write_tiff([plain_page(mode="P", pixels=bytes(37 * 23), palette=b"\7" * 768)])


def swapped(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data
    assert len(old) == len(new)
    return data.replace(old, new, 1)


def row(tag: int, type_: int, count: int, value: int) -> bytes:
    return struct.pack("<HHII", tag, type_, count, value)


PLANTED = {
    "bytes behind": CLEAN + b"S",
    "a cut file": CLEAN[:-2],
    "a cut directory": CLEAN[:40],
    "big-endian": b"MM\0*" + CLEAN[4:],
    "a page elsewhere": swapped(
        CLEAN, struct.pack("<I", len(CLEAN) // 2 + 4), struct.pack("<I", 8)
    ),
    "a page that ends": CLEAN[: len(CLEAN) // 2 + 4] + bytes(8),
    "a huge count": swapped(CLEAN, row(296, 3, 1, 2), row(296, 3, 2**32 - 1, 2)),
    "a value elsewhere": swapped(CLEAN, row(258, 3, 3, 158), row(258, 3, 3, 160)),
    "a strip elsewhere": swapped(CLEAN, row(273, 4, 1, 180), row(273, 4, 1, 182)),
    "a gap before the first page": swapped(CLEAN, b"\x08\0\0\0", b"\x0a\0\0\0"),
    "an Exif tag": swapped(CLEAN, row(296, 3, 1, 2), row(34665, 4, 1, 2)),
    "an orientation": swapped(CLEAN, row(296, 3, 1, 2), row(274, 3, 1, 1)),
    "a tag twice": swapped(CLEAN, row(296, 3, 1, 2), row(262, 3, 1, 2)),
    "another order": swapped(
        CLEAN, row(256, 4, 1, 37) + row(257, 4, 1, 23), row(257, 4, 1, 23) + row(256, 4, 1, 37)
    ),
    "another type": swapped(CLEAN, row(262, 3, 1, 2), row(262, 4, 1, 2)),
    "bytes behind a short value": swapped(CLEAN, row(262, 3, 1, 2), row(262, 3, 1, 0x530002)),
    "another compression": swapped(CLEAN, row(259, 3, 1, 8), row(259, 3, 1, 1)),
    "another photometry": swapped(CLEAN, row(262, 3, 1, 2), row(262, 3, 1, 6)),
    "another unit": swapped(CLEAN, row(296, 3, 1, 2), row(296, 3, 1, 3)),
    "more samples": swapped(CLEAN, row(277, 3, 1, 3), row(277, 3, 1, 4)),
    "a resolution": swapped(CLEAN, struct.pack("<II", 72, 1), struct.pack("<II", 300, 1)),
    "no rows": swapped(CLEAN, row(278, 4, 1, 9446), row(278, 4, 1, 0)),
    "more rows": swapped(CLEAN, row(257, 4, 1, 23), row(257, 4, 1, 24)),
    "fewer rows": swapped(CLEAN, row(257, 4, 1, 23), row(257, 4, 1, 22)),
    "a palette's low bits": swapped(COLOURED, b"\7" * 1536, b"\6" + b"\7" * 1535),
    "a palette without need": swapped(COLOURED, row(262, 3, 1, 3), row(262, 3, 1, 1)),
    "a dated profile": write_tiff([plain_page(profile=DATED_PROFILE)]),
    "pixels behind the last row": write_tiff([plain_page(pixels=drawn().tobytes() + b"S")]),
    "fewer pixels": write_tiff([plain_page(pixels=drawn().tobytes()[:-1])]),
}


def test_the_writer_is_confirmed() -> None:
    verify_tiff(BytesIO(CLEAN))
    verify_tiff(BytesIO(COLOURED))
    verify_tiff(BytesIO(write_tiff([plain_page(profile=WIDE_PROFILE)])))


@pytest.mark.parametrize("data", PLANTED.values(), ids=PLANTED.keys())
def test_the_second_reader_sees_what_is_planted(data: bytes) -> None:
    with pytest.raises(Doubt):
        verify_tiff(BytesIO(data))


def refielded(changes: Changes, pixels: bytes = b"") -> bytes:
    """Return a page written with other fields, in a file that fits together otherwise."""
    fields = tiff_writer._fields
    with pytest.MonkeyPatch.context() as patch:

        def changed(*known: object) -> tiff_writer.Fields:
            everything = {**fields(*known), **changes}
            return {tag: field for tag, field in sorted(everything.items()) if field}

        patch.setattr(tiff_writer, "_fields", changed)
        return write_tiff([plain_page(pixels=pixels)])


@pytest.mark.parametrize("tag", verify_module._NEEDED)
def test_a_page_without_a_tag_that_it_needs_is_seen(tag: int) -> None:
    with pytest.raises(Doubt):
        verify_tiff(BytesIO(refielded({tag: None})))


MISFITS = {
    "two widths": {256: (4, (37, 37))},
    "two heights": {257: (4, (23, 23))},
    "two counts of rows": {278: (4, (9446, 9446))},
    "two strips in place of one": {279: (4, (0, 0))},
    "a size too many": {279: (4, (1836, 0))},
    "strips in no place": {273: (4, (0, 0)), 279: (4, (0, 0))},
    "a wide value": {262: (3, (2, 2, 2))},
    "many values": {258: (3, (8,) * 70)},
}


@pytest.mark.parametrize("changes", MISFITS.values(), ids=MISFITS.keys())
def test_values_that_do_not_fit_are_seen(
    changes: Changes,
) -> None:
    with pytest.raises(Doubt):
        verify_tiff(BytesIO(refielded(changes)))


def test_a_strip_too_few_is_seen() -> None:
    half = drawn().tobytes()[: 12 * 37 * 3]
    verify_tiff(BytesIO(refielded({257: (4, (12,)), 278: (4, (12,))}, half)))
    with pytest.raises(Doubt, match="too few"):
        verify_tiff(BytesIO(refielded({278: (4, (12,))}, half)))


def test_data_behind_a_deflated_strip_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    compress = zlib.compress
    monkeypatch.setattr(zlib, "compress", lambda pixels: compress(pixels) + CANARY)
    data = write_tiff([plain_page()])
    with pytest.raises(Doubt, match="strip"):
        verify_tiff(BytesIO(data))


def test_a_strip_without_its_checksum_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    compress = zlib.compress
    monkeypatch.setattr(zlib, "compress", lambda pixels: compress(pixels)[:-2])
    data = write_tiff([plain_page()])
    with pytest.raises(Doubt, match="strip"):
        verify_tiff(BytesIO(data))


def test_the_pad_byte_of_a_strip_is_zero() -> None:
    shades = (bytes([shade]) * (37 * 23 * 3 - 1) + b"S" for shade in range(256))
    odd = next(pixels for pixels in shades if len(zlib.compress(pixels)) % 2)
    data = write_tiff([plain_page(pixels=odd)])
    verify_tiff(BytesIO(data))
    with pytest.raises(Doubt, match="strip"):
        verify_tiff(BytesIO(data[:-1] + b"S"))
