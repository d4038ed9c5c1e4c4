# SPDX-License-Identifier: Apache-2.0
"""What becomes of the colour profile of a HEIF or AVIF picture."""

import hashlib
import io
import struct
from collections.abc import Iterator
from dataclasses import replace

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageCms

from agent.media.icc import canonical_profile
from agent.media.walk.heif_colour import DISPLAY_P3, coding_of
from tests.media.heif_files import (
    MAIN,
    File,
    Item,
    atom,
    atoms,
    coded,
    drawing,
    grid,
    named,
    pixels,
    simple,
)
from tests.media.test_heif import cleaned

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def profile(red: tuple[float, float, float], green: tuple[float, float, float]) -> bytes:
    """Return a camera's profile with these colorants, the sRGB curve and a name."""
    blue = tuple(w - r - g for w, r, g in zip((0.9642, 1.0, 0.8249), red, green, strict=True))
    curve = b"para\0\0\0\0\0\3\0\0" + struct.pack(
        ">5i", *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    )
    tags = {b"desc": b"desc\0\0\0\0\0\0\0\x0fMs Invented's\0\0" + bytes(78)}
    for name, colorant in zip((b"rXYZ", b"gXYZ", b"bXYZ"), (red, green, blue), strict=True):
        values = (round(v * 65536) for v in colorant)
        tags[name] = b"XYZ \0\0\0\0" + struct.pack(">3i", *values)
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body = b"", b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, 132 + 12 * len(tags) + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = bytearray(128)
    head[:4] = struct.pack(">I", 132 + len(table) + len(body))
    head[4:8], head[8:12], head[12:24] = b"appl", b"\4\0\0\0", b"mntrRGB XYZ "
    head[36:40], head[80:84] = b"acsp", b"appl"
    return bytes(head) + struct.pack(">I", len(tags)) + table + body


P3 = profile((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189))
WIDE = profile((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087))
"""The colorants of Adobe RGB with another curve: no profile that has fixed bytes."""


def with_profile(icc: bytes, kind: bytes = b"hvc1", *more: bytes) -> File:
    return simple(kind, atom(b"colr", b"prof", icc), *more)


def colours(clean: bytes) -> list[bytes]:
    container = named(clean, b"meta", b"iprp", b"ipco")
    return [content for kind, content in atoms(container) if kind == b"colr"]


def points(primaries: int, transfer: int, matrix: int, last: int = 128) -> bytes:
    return b"nclx" + struct.pack(">HHHB", primaries, transfer, matrix, last)


def test_the_fixed_profile_is_the_one_that_is_recognised() -> None:
    assert hashlib.sha256(canonical_profile(P3)).hexdigest() == DISPLAY_P3


def test_display_p3_becomes_code_points_with_the_coding_of_the_picture() -> None:
    data = with_profile(P3).made()
    clean = cleaned(data)
    assert colours(clean) == [points(12, 13, 6)]
    assert pixels(clean) == pixels(data)


def test_display_p3_of_a_grid_takes_the_coding_of_its_tiles() -> None:
    data = grid(atom(b"colr", b"prof", P3)).made()
    clean = cleaned(data)
    assert colours(clean) == [points(12, 13, 6)]
    assert pixels(clean) == pixels(data)


def test_code_points_beside_a_profile_give_the_coding() -> None:
    beside = atom(b"colr", points(2, 2, 9, 0))
    assert colours(cleaned(with_profile(P3, b"av01", beside).made())) == [points(12, 13, 9, 0)]


def test_where_the_coding_is_not_said_the_fixed_profile_stays() -> None:
    clean = cleaned(with_profile(P3, b"av01").made())
    assert colours(clean) == [b"prof" + canonical_profile(P3)]


def test_code_points_stand_where_the_profile_stood() -> None:
    turned = with_profile(P3, b"hvc1", atom(b"irot", b"\1"))
    container = named(cleaned(turned.made()), b"meta", b"iprp", b"ipco")
    assert [kind for kind, _ in atoms(container)][-2:] == [b"colr", b"irot"]


@pytest.mark.parametrize("icc", [SRGB, b"", b"Ms Invented's own"])
def test_srgb_and_what_cannot_be_read_go(icc: bytes) -> None:
    assert colours(cleaned(with_profile(icc).made())) == []


def test_any_other_profile_keeps_its_colours_alone() -> None:
    clean = cleaned(with_profile(WIDE).made())
    assert colours(clean) == [b"prof" + canonical_profile(WIDE)]
    assert len(canonical_profile(WIDE)) > 200
    assert b"Invented" not in clean


def test_a_restricted_profile_is_a_profile() -> None:
    data = simple(b"hvc1", atom(b"colr", b"rICC", P3)).made()
    assert colours(cleaned(data)) == [points(12, 13, 6)]


def test_code_points_alone_stay_as_they_are() -> None:
    data = simple(b"hvc1", atom(b"colr", points(9, 16, 9, 0x80 | 5))).made()
    assert colours(cleaned(data)) == [points(9, 16, 9)]


def encodings() -> Iterator[tuple[int, int]]:
    return ((matrix, full) for matrix in (0, 1, 5, 6, 9) for full in (0, 1))


@pytest.mark.parametrize(("matrix", "full"), list(encodings()))
def test_the_coding_is_read_as_the_encoder_wrote_it(matrix: int, full: int) -> None:
    file = io.BytesIO()
    options = {"chroma": 444} if matrix == 0 else {}
    pillow_heif.from_pillow(drawing()).save(
        file,
        matrix_coefficients=matrix,
        full_range_flag=full,
        color_primaries=12,
        transfer_characteristics=13,
        **options,
    )
    container = dict(atoms(named(file.getvalue(), b"meta", b"iprp", b"ipco")))
    assert coding_of(memoryview(container[b"hvcC"])) == container[b"colr"][8:]


def configuration(parameter_set: bytes) -> bytes:
    head = coded().properties[0][8:30]
    return head + b"\1\x21\0\1" + struct.pack(">H", len(parameter_set)) + parameter_set


class Bits:
    """Write a sequence parameter set, bit by bit (H.265 section 7.3.2.2)."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, count: int) -> None:
        self.text += f"{value:0{count}b}" if count else ""

    def golomb(self, *values: int) -> None:
        for value in values:
            self.put(value + 1, 2 * (value + 1).bit_length() - 1)

    def guarded(self) -> bytes:
        """Return the bytes, with those put in that keep start codes away."""
        text = self.text + "1"
        plain = bytes(int(text[i : i + 8].ljust(8, "0"), 2) for i in range(0, len(text), 8))
        found = b""
        for byte in plain:
            found += b"\3" if found[-2:] == b"\0\0" and byte < 4 else b""
            found += bytes((byte,))
        return found


number = st.integers(0, 70)
some = st.integers(0, 3)


@st.composite
def parameter_sets(draw: st.DrawFn) -> tuple[bytes, bytes | None]:
    """Return a sequence parameter set and the coding that it states."""
    bits = Bits()
    _general(draw, bits)
    order_bits = _format(draw, bits)
    readable = _tools(draw, bits) and _references(draw, bits, order_bits)
    bits.put(draw(some), 2)
    coding = _usability(draw, bits)
    return bits.guarded(), coding if readable else None


def _general(draw: st.DrawFn, bits: Bits) -> None:
    sub_layers = draw(some)
    bits.put(draw(st.integers(0, 15)), 4)
    bits.put(sub_layers, 3)
    bits.put(1, 1)
    bits.put(draw(st.integers(0, 2**96 - 1)), 96)
    present = [draw(some) for _ in range(sub_layers)]
    for flags in present:
        bits.put(flags, 2)
    bits.put(0, 2 * (8 - sub_layers) if sub_layers else 0)
    for flags in present:
        length = (88 if flags & 2 else 0) + (8 if flags & 1 else 0)
        bits.put(draw(st.integers(0, 2**length - 1)), length)
    bits.golomb(draw(number))
    bits.text += f"|{sub_layers}"


def _format(draw: st.DrawFn, bits: Bits) -> int:
    bits.text, _, sub_layers = bits.text.partition("|")
    chroma = draw(some)
    bits.golomb(chroma)
    bits.put(0, 1 if chroma == 3 else 0)
    bits.golomb(draw(number), draw(number))
    window = draw(st.booleans())
    bits.put(window, 1)
    bits.golomb(*(draw(number) for _ in range(4 * window)))
    order = draw(st.integers(0, 12))
    bits.golomb(draw(some), draw(some), order)
    each = draw(st.booleans())
    bits.put(each, 1)
    bits.golomb(*(draw(some) for _ in range(3 * (int(sub_layers) + 1 if each else 1))))
    bits.golomb(*(draw(some) for _ in range(6)))
    return order + 4


def _tools(draw: st.DrawFn, bits: Bits) -> bool:
    lists, own = draw(st.booleans()), draw(st.integers(0, 9)) == 0
    bits.put(lists, 1)
    bits.put(own, 1 if lists else 0)
    bits.put(draw(some), 2)
    raw = draw(st.booleans())
    bits.put(raw, 1)
    if raw:
        bits.put(0x77, 8)
        bits.golomb(draw(some), draw(some))
        bits.put(0, 1)
    return not (lists and own)


def _references(draw: st.DrawFn, bits: Bits, order_bits: int) -> bool:
    sets = draw(some)
    bits.golomb(sets)
    for place in range(sets):
        predicted = place > 0 and draw(st.integers(0, 9)) == 0
        bits.put(predicted, 1 if place else 0)
        if predicted:
            return False
        before, behind = draw(some), draw(some)
        bits.golomb(before, behind)
        for _ in range(before + behind):
            bits.golomb(draw(some))
            bits.put(1, 1)
    long_term = draw(st.booleans())
    bits.put(long_term, 1)
    if long_term:
        count = draw(some)
        bits.golomb(count)
        bits.put(0, count * (order_bits + 1))
    return True


def _usability(draw: st.DrawFn, bits: Bits) -> bytes | None:
    told, shape = draw(st.booleans()), draw(st.sampled_from([None, 1, 255]))
    bits.put(told, 1)
    if not told:
        return None
    bits.put(shape is not None, 1)
    bits.put(shape or 0, 8 if shape else 0)
    bits.put(0, 32 if shape == 255 else 0)
    overscan, signal = draw(st.booleans()), draw(st.booleans())
    bits.put(2 * overscan + overscan, 2 if overscan else 1)
    bits.put(signal, 1)
    if not signal:
        return None
    full, described, matrix = draw(st.booleans()), draw(st.booleans()), draw(number)
    bits.put(5, 3)
    bits.put(full, 1)
    bits.put(described, 1)
    bits.put(12 << 16 | 13 << 8 | matrix, 24 if described else 0)
    return bytes((0, matrix if described else 2, 128 * full))


@given(parameter_sets())
def test_the_coding_is_read_from_any_parameter_set(case: tuple[bytes, bytes | None]) -> None:
    written, coding = case
    assert coding_of(memoryview(configuration(b"\x42\1" + written))) == coding


@given(st.binary(max_size=600))
def test_noise_says_no_coding_or_some_coding(noise: bytes) -> None:
    said = coding_of(memoryview(configuration(b"\x42\1" + noise)))
    assert said is None or (len(said) == 3 and said[2] in (0, 128))


def test_a_parameter_set_cut_anywhere_says_no_coding_or_the_same() -> None:
    own = coded().properties[0][8:]
    whole = own[own.index(b"\x42\1\1") :][:43]
    wanted = coding_of(memoryview(own))
    assert wanted == b"\0\6\x80"
    for length in range(len(whole)):
        assert coding_of(memoryview(configuration(whole[:length]))) in (None, wanted)


def test_without_a_parameter_set_no_coding_is_said() -> None:
    assert coding_of(memoryview(coded().properties[0][8:30] + b"\0")) is None


def test_an_identity_has_the_coding_of_what_it_shows() -> None:
    main = Item(b"iden", b"", (coded().properties[1], atom(b"colr", b"prof", P3)))
    file = File({3: coded(), MAIN: main}, [(b"dimg", MAIN, (3,))])
    assert colours(cleaned(file.made())) == [points(12, 13, 6)]
    alone = replace(file, items={3: coded(b"av01"), MAIN: main}, brand=b"avif")
    assert colours(cleaned(alone.made())) == [b"prof" + canonical_profile(P3)]
