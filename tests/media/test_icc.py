# SPDX-License-Identifier: Apache-2.0
"""A colour profile loses its maker and keeps its colours, as littleCMS sees them.

littleCMS gives Lab in 8 bits here: one step of L is 0.39, one of a or b is 1.0. A profile whose
colours are right therefore differs by no more than one step, and by far less than 1 on average.
"""

import io
import itertools
import math
import struct
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.media.icc import canonical_profile
from agent.media.verify_icc import is_anonymous
from tests.media.stills import CANARY

D50: Final = (0.9642, 1.0, 0.8249)
P3: Final = ((0.51512, 0.2412, -0.00105), (0.29198, 0.69225, 0.04189), (0.1571, 0.06657, 0.78407))
ADOBE: Final = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.7446),
)
SRGB: Final = ((0.43607, 0.22249, 0.0139), (0.38515, 0.71687, 0.0971), (0.14307, 0.06061, 0.7141))
OTHER: Final = ((0.5, 0.26, 0.01), (0.31, 0.68, 0.05), (0.1542, 0.06, 0.7649))
SRGB_PARAMETERS: Final = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def fixed(*values: float) -> bytes:
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def parametric(kind: int, *values: float) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", kind, 0) + fixed(*values)


def gamma(value: float) -> bytes:
    return b"curv\0\0\0\0\0\0\0\1" + struct.pack(">H", round(value * 256))


def sampled(count: int) -> bytes:
    """Return the curve of sRGB as a table, as older programs write it."""

    def level(x: float) -> float:
        return x / 12.92 if x <= 0.04045 else float(((x + 0.055) / 1.055) ** 2.4)

    values = [round(level(i / (count - 1)) * 65535) for i in range(count)]
    return b"curv\0\0\0\0" + struct.pack(f">I{count}H", count, *values)


def profile(tags: dict[bytes, bytes], space: bytes = b"RGB ", class_: bytes = b"mntr") -> bytes:
    """Return a profile as a maker writes it: names, a date, texts, ids."""
    tags = {b"desc": b"desc\0\0\0\0" + CANARY, b"cprt": b"text\0\0\0\0" + CANARY, **tags}
    tags[b"dmnd"] = b"desc\0\0\0\0" + CANARY
    at = 132 + 12 * len(tags)
    table, body = b"", b""
    for name, content in tags.items():
        table += struct.pack(">4sII", name, at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    head = struct.pack(">I4sI4s4s4s", at + len(body), b"ACME", 0x02400000, class_, space, b"XYZ ")
    head += struct.pack(">6H", 2031, 5, 4, 3, 2, 1) + b"acsp" + b"APPL" + bytes(4) + b"ACMEcam1"
    head += bytes(12) + fixed(*D50) + b"ACME" + bytes(range(16))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def matrix(colorants: tuple[tuple[float, ...], ...], *curves: bytes) -> bytes:
    curves = curves * 3 if len(curves) == 1 else curves
    tags = {
        name + b"XYZ": b"XYZ \0\0\0\0" + fixed(*value)
        for name, value in zip((b"r", b"g", b"b"), colorants, strict=True)
    }
    tags |= {name + b"TRC": curve for name, curve in zip((b"r", b"g", b"b"), curves, strict=True)}
    return profile({**tags, b"wtpt": b"XYZ \0\0\0\0" + fixed(*D50)})


def made_srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


GREY_TAGS: Final = {b"kTRC": gamma(2.2), b"wtpt": b"XYZ \0\0\0\0" + fixed(*D50)}
PROFILES: Final = {
    "sRGB of littleCMS": made_srgb(),
    "sRGB as parameters": matrix(SRGB, parametric(3, *SRGB_PARAMETERS)),
    "sRGB as a table": matrix(SRGB, sampled(1024)),
    "Display P3": matrix(P3, parametric(3, *SRGB_PARAMETERS)),
    "Display P3 as a table": matrix(P3, sampled(4096)),
    "Adobe RGB": matrix(ADOBE, gamma(2.19921875)),
    "another matrix": matrix(OTHER, gamma(1.8)),
    "a curve for each colour": matrix(OTHER, gamma(1.8), gamma(2.0), gamma(2.2)),
    "a straight line": matrix(OTHER, b"curv" + bytes(8)),
    "grey": profile(GREY_TAGS, b"GRAY"),
}
KNOWN: Final = ("sRGB of littleCMS", "sRGB as parameters", "sRGB as a table")


def lab(profile_bytes: bytes, mode: str) -> bytes:
    """Return the Lab values of a grid of colours under a profile, 8 bits each."""
    steps = range(0, 256, 17)
    values = itertools.product(steps, repeat=len(mode)) if mode == "RGB" else ((i,) for i in steps)
    data = bytes(itertools.chain.from_iterable(values))
    grid = Image.frombytes(mode, (len(data) // len(mode), 1), data)
    transform = ImageCms.buildTransform(
        io.BytesIO(profile_bytes), ImageCms.createProfile("LAB"), mode, "LAB"
    )
    shown = ImageCms.applyTransform(grid, transform)
    assert shown is not None
    return shown.tobytes()


def differences(name: str) -> list[float]:
    """Return delta E (CIE 1976) of each colour of the grid, under the old and new profile."""
    mode = "L" if name == "grey" else "RGB"
    old, new = (lab(p, mode) for p in (PROFILES[name], kept(name)))
    signed = [(a + 128) % 256 - (b + 128) % 256 for a, b in zip(old, new, strict=True)]
    plain = [a - b for a, b in zip(old, new, strict=True)]
    return [
        math.hypot(plain[i] / 2.55, signed[i + 1], signed[i + 2]) for i in range(0, len(old), 3)
    ]


def kept(name: str) -> bytes:
    """Return the profile that a program will assume: ours, or sRGB where there is none."""
    return canonical_profile(PROFILES[name]) or made_srgb()


@pytest.mark.parametrize("name", PROFILES)
def test_the_colours_are_those_of_the_source(name: str) -> None:
    found = differences(name)
    assert sum(found) / len(found) < 0.5
    assert max(found) < 1.5


def test_another_profile_would_be_seen() -> None:
    old, new = (lab(PROFILES[name], "RGB") for name in ("Adobe RGB", "sRGB as parameters"))
    assert max(abs(a - b) for a, b in zip(old[::3], new[::3], strict=True)) > 10


@pytest.mark.parametrize("name", KNOWN)
def test_srgb_needs_no_profile(name: str) -> None:
    assert canonical_profile(PROFILES[name]) == b""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Display P3", matrix(P3, sampled(2048))),
        ("Display P3", PROFILES["Display P3 as a table"]),
        ("Adobe RGB", matrix(ADOBE, gamma(2.2))),
    ],
)
def test_a_known_profile_becomes_the_same_fixed_bytes(one: str, other: bytes) -> None:
    assert canonical_profile(PROFILES[one]) == canonical_profile(other) != b""


@pytest.mark.parametrize("name", [name for name in PROFILES if name not in KNOWN])
def test_nothing_names_the_maker(name: str) -> None:
    clean = canonical_profile(PROFILES[name])
    assert is_anonymous(clean)
    assert CANARY not in clean
    assert b"ACME" not in clean


@pytest.mark.parametrize("name", PROFILES)
def test_a_clean_profile_is_left_as_it_is(name: str) -> None:
    once = canonical_profile(PROFILES[name])
    assert canonical_profile(once) == once


TABLES: Final = {
    b"A2B0": b"mft2\0\0\0\0\3\3\2\0" + bytes(100),
    b"B2A0": b"mft2\0\0\0\0\3\3\2\0" + bytes(90),
}


def test_tables_of_colours_are_kept_byte_for_byte() -> None:
    clean = canonical_profile(profile(TABLES))
    assert all(content in clean for content in TABLES.values())


def changed(at: int, new: bytes, source: bytes = PROFILES["another matrix"]) -> bytes:
    return source[:at] + new + source[at + len(new) :]


UNREADABLE: Final = {
    "empty": b"",
    "a text": CANARY * 9,
    "a cut header": PROFILES["another matrix"][:100],
    "a cut table": PROFILES["another matrix"][:150],
    "no signature": changed(36, b"what"),
    "a device link": changed(12, b"link"),
    "an unknown colour space": changed(16, b"9CLR"),
    "no tags": changed(128, bytes(4)),
    "only texts": profile({}),
    "a count beyond the file": changed(128, b"\xff" * 4)[:600],
}


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_profile_that_cannot_be_rebuilt_is_left_out(fault: str) -> None:
    assert canonical_profile(UNREADABLE[fault]) == b""


def test_a_curve_with_a_power_of_a_negative_number_is_no_known_one() -> None:
    hostile = matrix(SRGB, parametric(3, 2.4, -1.0, 0.0, 0.0, 0.0))
    assert isinstance(canonical_profile(hostile), bytes)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(hostile: bytes) -> None:
    assert isinstance(canonical_profile(hostile), bytes)


MUTATIONS: Final = st.lists(
    st.tuples(
        st.integers(0, 700), st.sampled_from([b"\xff" * 4, bytes(4), b"\x7f", b"\x80\0", b"A"])
    ),
    min_size=1,
    max_size=6,
)


@given(st.sampled_from(sorted(PROFILES)), MUTATIONS, st.integers(0, 5000))
def test_no_spoilt_profile_makes_it_fail_or_grow(
    name: str, mutations: list[tuple[int, bytes]], cut: int
) -> None:
    hostile = PROFILES[name]
    for at, new in mutations:
        hostile = changed(at, new, hostile)
    clean = canonical_profile(hostile[: cut or None])
    assert canonical_profile(clean) == clean


def test_overlapping_tags_cannot_multiply_a_profile() -> None:
    source = bytearray(matrix(OTHER, sampled(4096)))
    for row in range(2, 8):
        source[132 + 12 * row + 4 : 144 + 12 * row] = struct.pack(">II", 300, 8000)
    assert len(canonical_profile(bytes(source))) < 2 * len(source)


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        (b"wtpt", b"XYZ \0\0\0\0" + fixed(*D50)),
        (b"chad", b"sf32\0\0\0\0" + fixed(1, 0, 0, 0, 1, 0, 0, 0, 1)),
        (b"kTRC", gamma(1.8)),
        (b"kTRC", parametric(3, *SRGB_PARAMETERS)),
        (b"kTRC", parametric(0, 1.8)),
    ],
)
def test_words_behind_the_last_number_of_a_tag_go(name: bytes, tag: bytes) -> None:
    tags = {**GREY_TAGS, name: tag}
    hidden = canonical_profile(profile({**tags, name: tag + CANARY}, b"GRAY"))
    assert hidden == canonical_profile(profile(tags, b"GRAY"))


def test_words_in_the_reserved_bytes_of_a_tag_go() -> None:
    tags = {**GREY_TAGS, b"kTRC": b"curvNAME" + gamma(2.2)[8:]}
    assert canonical_profile(profile(tags, b"GRAY")) == canonical_profile(PROFILES["grey"])
