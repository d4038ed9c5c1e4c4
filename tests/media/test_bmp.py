# SPDX-License-Identifier: Apache-2.0
"""BMP: pixels stay; headers, gaps and every bit beside the pixels go; the second reader checks."""

import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.media.errors import Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.model import Kind
from agent.media.verify_bmp import verify_bmp
from agent.media.walk import bmp
from tests.media.small_stills import CANARY, check_hostile, cleaned, drawn, saved, shown, spoilt

RGB565 = (0xF800, 0x07E0, 0x001F)
BGRX = (0xFF0000, 0xFF00, 0xFF)
BGRA = (*BGRX, 0xFF000000)


def bitmap(
    *,
    header: int = 40,
    bits: int = 24,
    size: tuple[int, int] = (5, 3),
    masks: tuple[int, ...] = (),
    palette: bytes = b"",
    gap: bytes = b"",
    pad: bytes = b"\0",
    fill: bytes = bytes(range(1, 200, 3)),
    tail: bytes = b"",
) -> bytes:
    """Return a bitmap by hand; `pad` fills the end of each row."""
    width, height = size
    row = (fill * width)[: -(-width * bits // 8)]
    rows = row + pad * (-len(row) % 4)
    info = struct.pack(
        "<IiiHHIIiiII", header, width, height, 1, bits, 3 if masks else 0, 0, 11_811, 11_811,
        len(palette) // 4, 0,
    )  # fmt: skip
    stored = struct.pack(f"<{len(masks)}I", *masks)
    rest = stored if header == 40 else (stored + CANARY * 4)[: header - 40].ljust(header - 40)
    start = 14 + len(info) + len(rest) + len(palette) + len(gap)
    body = info + rest + palette + gap + rows * abs(height) + tail
    return b"BM" + struct.pack("<IHHI", 14 + len(body), 0x4353, 0x4554, start) + body


GREYS = b"".join(bytes([7 * level, 7 * level, 5 * level, 0]) for level in range(16))
DEEP = {
    "555": bitmap(bits=16, fill=b"\x12\x34"),
    "565": bitmap(bits=16, masks=RGB565),
    "32 bits": bitmap(bits=32, fill=b"\1\2\3\0"),
    "32 bits masked": bitmap(bits=32, masks=BGRX, fill=b"\1\2\3\0"),
    "other masks": bitmap(bits=32, masks=(0xFF000000, 0xFF0000, 0xFF00), fill=b"\0\1\2\3"),
    "V2": bitmap(header=52, bits=16, masks=RGB565),
    "V3 transparent": bitmap(header=56, bits=32, masks=BGRA),
    "V4 transparent": bitmap(header=108, bits=32, masks=BGRA),
    "V4 plain": bitmap(header=108),
    "V5": bitmap(header=124, bits=32, masks=(*BGRX, 0), fill=b"\1\2\3\0"),
}
SAMPLES = {
    "1 bit": saved(drawn(mode="1"), "BMP"),
    "8 bits": saved(drawn().quantize(100), "BMP"),
    "grey": saved(drawn(mode="L"), "BMP"),
    "24 bits": saved(drawn(), "BMP"),
    "32 bits of Pillow": saved(drawn(mode="RGBA"), "BMP"),
    "4 bits": bitmap(bits=4, size=(6, 3), palette=GREYS),
    "1 bit, narrow": bitmap(bits=1, size=(3, 2), palette=GREYS[:8]),
    "upper row first": bitmap(size=(5, -3)),
    "a gap": bitmap(gap=CANARY),
    **DEEP,
}


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES.keys())
def sample(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param
    return data


def test_every_pixel_stays(sample: bytes) -> None:
    assert shown(cleaned(Kind.BMP, sample)) == shown(sample)


def test_a_clean_file_stays_as_it_is(sample: bytes) -> None:
    clean_once = cleaned(Kind.BMP, sample)
    assert cleaned(Kind.BMP, clean_once) == clean_once


@pytest.mark.parametrize("header", sorted(bmp.HEADERS))
def test_every_header_is_needed(header: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bitmap(header=header)
    assert shown(cleaned(Kind.BMP, data)) == shown(data)
    monkeypatch.setattr(bmp, "HEADERS", bmp.HEADERS - {header})
    with pytest.raises(Unsupported):
        bmp.walk(BytesIO(data))


@pytest.mark.parametrize("bits", sorted(bmp.DEPTHS))
def test_every_depth_is_needed(bits: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = bitmap(bits=bits, size=(8, 3), palette=bytes(4 << bits) if bits <= 8 else b"")
    assert shown(cleaned(Kind.BMP, data)) == shown(data)
    monkeypatch.setattr(bmp, "DEPTHS", bmp.DEPTHS - {bits})
    with pytest.raises(Unsupported):
        bmp.walk(BytesIO(data))


def test_headers_keep_only_what_draws() -> None:
    plain = bitmap(pad=b"\0")
    fields = struct.unpack_from("<2sIHHIIiiHHIIiiII", cleaned(Kind.BMP, plain))
    assert fields == (b"BM", 54 + 48, 0, 0, 54, 40, 5, 3, 1, 24, 0, 48, 0, 0, 0, 0)


@pytest.mark.parametrize("name", DEEP)
def test_nothing_of_a_later_header_stays(name: str) -> None:
    assert CANARY[:8] not in cleaned(Kind.BMP, DEEP[name])


def test_the_size_is_known() -> None:
    walked = bmp.walk(BytesIO(SAMPLES["upper row first"]))
    assert (walked.width, walked.height) == (5, 3)


def test_a_gap_and_a_tail_go() -> None:
    data = bitmap(gap=CANARY, tail=CANARY)
    assert cleaned(Kind.BMP, data) == cleaned(Kind.BMP, bitmap())
    assert bmp.walk(BytesIO(data)).recipe.dropped == ("gap before the pixels", "after the end")


@pytest.mark.parametrize(
    ("name", "dropped"),
    [
        ("565", ()),
        ("4 bits", ()),
        ("V2", ()),
        ("V4 plain", ("colour space",)),
        ("a gap", ("gap before the pixels",)),
    ],
)
def test_only_what_goes_is_named(name: str, dropped: tuple[str, ...]) -> None:
    assert bmp.walk(BytesIO(SAMPLES[name])).recipe.dropped == dropped


def test_the_padding_of_a_row_goes() -> None:
    assert cleaned(Kind.BMP, bitmap(pad=b"S")) == cleaned(Kind.BMP, bitmap())


def test_the_bits_behind_the_last_pixel_of_a_row_go() -> None:
    data = bitmap(bits=4, size=(6, 1), palette=GREYS)
    dirty = data[:-4] + bytes(a | b for a, b in zip(data[-4:], b"\0\0\0\x7f", strict=True))
    odd = struct.pack("<i", 5)
    narrow = dirty[:18] + odd + dirty[22:]
    assert cleaned(Kind.BMP, narrow)[-4:] == bytes([data[-4], data[-3], data[-2] & 0xF0, 0])


@pytest.mark.parametrize(
    ("bits", "masks", "fill", "clean_fill"),
    [
        (32, (), b"\1\2\3S", b"\1\2\3\0"),
        (32, BGRX, b"\1\2\3S", b"\1\2\3\0"),
        (16, (), b"\xff\xff", b"\xff\x7f"),
        (16, (0x7C00, 0x03E0, 0x001F), b"\xff\xff", b"\xff\x7f"),
    ],
)
def test_the_bits_that_no_colour_uses_go(
    bits: int, masks: tuple[int, ...], fill: bytes, clean_fill: bytes
) -> None:
    data = bitmap(bits=bits, masks=masks, fill=fill)
    assert cleaned(Kind.BMP, data) == cleaned(
        Kind.BMP, bitmap(bits=bits, masks=masks, fill=clean_fill)
    )
    assert "unused bits" in bmp.walk(BytesIO(data)).recipe.dropped


def test_a_row_among_clean_ones_is_cleaned_alone() -> None:
    data = bytearray(bitmap(size=(5, 7)))
    data[54 + 3 * 16 + 15] = 0x53
    walked = bmp.walk(BytesIO(bytes(data)))
    assert [type(piece).__name__ for piece in walked.recipe.pieces[1:]] == [
        "Extent",
        "bytes",
        "Extent",
    ]
    assert cleaned(Kind.BMP, bytes(data)) == cleaned(Kind.BMP, bitmap(size=(5, 7)))


def test_the_fourth_byte_of_a_colour_goes() -> None:
    spied = bytearray(GREYS)
    spied[3::4] = b"S" * 16
    data = bitmap(bits=4, size=(6, 3), palette=bytes(spied))
    assert cleaned(Kind.BMP, data) == cleaned(Kind.BMP, SAMPLES["4 bits"])


def test_a_cut_file_is_refused_wherever_it_is_cut(sample: bytes) -> None:
    for end in range(len(sample)):
        with pytest.raises((Malformed, Unsupported)):
            bmp.walk(BytesIO(sample[:end]))


def changed(data: bytes, offset: int, form: str, value: int) -> bytes:
    size = struct.calcsize("<" + form)
    return data[:offset] + struct.pack("<" + form, value) + data[offset + size :]


PLAIN = bitmap()
BROKEN: dict[str, tuple[bytes, type[MediaError]]] = {
    "no mark": (b"BA" + PLAIN[2:], Malformed),
    "no width": (changed(PLAIN, 18, "i", 0), Malformed),
    "a negative width": (changed(PLAIN, 18, "i", -5), Malformed),
    "no height": (changed(PLAIN, 22, "i", 0), Malformed),
    "pixels in the header": (changed(PLAIN, 10, "I", 50), Malformed),
    "pixels outside": (changed(PLAIN, 10, "I", 0xFFFFFFF0), Malformed),
    "more rows than bytes": (changed(PLAIN, 22, "i", 4), Malformed),
    "the lowest height": (changed(PLAIN, 22, "i", -(2**31)), TooBig),
    "more pixels than the limit": (changed(PLAIN, 18, "i", 65_536), TooBig),
    "a palette too long": (changed(SAMPLES["8 bits"], 46, "I", 257), Malformed),
    "a palette beyond the pixels": (bitmap(bits=8, palette=bytes(4 * 257)), Malformed),
    "a palette outside": (changed(SAMPLES["8 bits"], 46, "I", 0xFFFFFFFF), Malformed),
    "masks for 24 bits": (bitmap(masks=BGRX), Malformed),
    "no masks": (bitmap(bits=32, masks=(0, 0, 0)), Malformed),
    "masks of too many bits": (bitmap(bits=16, masks=(0x10000, 2, 1)), Malformed),
    "an old header": (changed(PLAIN, 14, "I", 12), Unsupported),
    "a header of OS/2": (changed(PLAIN, 14, "I", 64), Unsupported),
    "run lengths": (changed(SAMPLES["8 bits"], 30, "I", 1), Unsupported),
    "a JPEG inside": (changed(PLAIN, 30, "I", 4), Unsupported),
    "2 bits": (changed(PLAIN, 28, "H", 2), Unsupported),
}


@pytest.mark.parametrize(("data", "refusal"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused(data: bytes, refusal: type[MediaError]) -> None:
    with pytest.raises(refusal):
        bmp.walk(BytesIO(data))


CLEAN = {name: cleaned(Kind.BMP, data) for name, data in SAMPLES.items()}


def plant(name: str, offset: int, form: str, value: int) -> bytes:
    return changed(CLEAN[name], offset, form, value)


BLACK = bitmap(bits=16, masks=RGB565, fill=bytes(2))


def longer(more: bytes) -> bytes:
    """Return a clean file with bytes before its pixels, and lengths that fit."""
    clean = CLEAN["24 bits"][:54] + more + CLEAN["24 bits"][54:]
    return changed(changed(clean, 10, "I", 54 + len(more)), 2, "I", len(clean))


PLANTED: dict[str, bytes] = {
    "bytes behind": CLEAN["24 bits"] + b"S",
    "bytes behind that are counted": changed(
        CLEAN["24 bits"] + b"S", 2, "I", len(CLEAN["24 bits"]) + 1
    ),
    "a cut file": CLEAN["24 bits"][:-1],
    "a cut header": CLEAN["24 bits"][:40],
    "no mark": b"BA" + CLEAN["24 bits"][2:],
    "reserved fields": plant("24 bits", 6, "I", 1),
    "planes": plant("24 bits", 26, "H", 2),
    "run lengths": plant("8 bits", 30, "I", 1),
    "another length of pixels": plant("24 bits", 34, "I", 0),
    "a resolution": plant("24 bits", 38, "i", 2835),
    "important colours": plant("24 bits", 50, "I", 1),
    "no width": plant("24 bits", 18, "i", 0),
    "no height": plant("24 bits", 22, "i", 0),
    "another header": plant("24 bits", 14, "I", 124),
    "2 bits": plant("24 bits", 28, "H", 2),
    "a colour's fourth byte": plant("8 bits", 57, "B", 1),
    "the end of a row": CLEAN["24 bits"][:-1] + b"S",
    "the bits behind a row": changed(CLEAN["1 bit"], len(CLEAN["1 bit"]) - 4, "B", 0xFF),
    "a fourth byte of a pixel": changed(CLEAN["32 bits"], 54 + 3, "B", 1),
    "a fourth byte of the second pixel": changed(CLEAN["32 bits"], 54 + 7, "B", 1),
    "a first byte of the second pixel": changed(CLEAN["other masks"], 66 + 4, "B", 1),
    "the bits behind a narrow row": changed(CLEAN["1 bit, narrow"], 62 + 4, "B", 0x10),
    "a sixteenth bit": changed(CLEAN["555"], 54 + 1, "B", 0x80),
    "masks of too many bits": plant("565", 54, "I", 0x10000),
    "a colour space": plant("V4 transparent", 70, "I", 0),
    "an end point": plant("V4 transparent", 74, "I", 1),
    "a gamma": plant("V4 transparent", 118, "I", 1),
    "a V4 header without need": changed(
        changed(CLEAN["V4 transparent"], 66, "I", 0), 54, "I", 0xFFFF0000
    ),
    "no pixels": changed(
        changed(changed(CLEAN["24 bits"][:54], 18, "i", 0), 34, "I", 0), 2, "I", 54
    ),
    "a gap": longer(b"SSSS"),
    "a gap like a row": longer(b"S" * 111 + b"\0"),
    "a row too many": changed(CLEAN["24 bits"] + bytes(112), 2, "I", len(CLEAN["24 bits"]) + 112),
    "a height of more rows": plant("24 bits", 22, "i", 24),
    "masks for 24 bits": changed(longer(struct.pack("<3I", *BGRX)), 30, "I", 3),
    "masks of another name": plant("565", 30, "I", 6),
    "a V2 header": plant("565", 14, "I", 52),
    "2 bits in rows that fit": changed(plant("1 bit", 28, "H", 2), 18, "i", 32),
    "a mask beyond 16 bits": changed(cleaned(Kind.BMP, BLACK), 54, "I", 0x10000),
    "a cut header of its length": changed(CLEAN["24 bits"][:40], 2, "I", 40),
    "a palette for 24 bits": changed(longer(GREYS), 46, "I", 16),
}


@pytest.mark.parametrize("data", PLANTED.values(), ids=PLANTED.keys())
def test_the_second_reader_sees_what_is_planted(data: bytes) -> None:
    with pytest.raises(Doubt):
        verify_bmp(BytesIO(data))


TINY = [bitmap(size=(3, 2), bits=32, masks=BGRA, header=56), bitmap(size=(3, 2)), DEEP["565"]]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*TINY, SAMPLES["4 bits"], SAMPLES["V5"]]).flatmap(spoilt))
def test_a_hostile_file_is_clean_or_refused_by_type(data: bytes) -> None:
    try:
        check_hostile(Kind.BMP, data)
    except MediaError:
        return
