# SPDX-License-Identifier: Apache-2.0
"""Clues are the keyed digests that the page says, and nothing about them shows the key."""

import base64
import hashlib
import hmac
from collections.abc import Callable

import pytest

from agent.core.clues import KEY_BYTES, ClueMaker, normal_form

KEY = bytes(range(32))
CLUES = ClueMaker(KEY)


def by_definition(label: bytes, data: bytes) -> str:
    digest = hmac.new(KEY, label + b"\0" + data, hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:26]


@pytest.mark.parametrize(
    ("label", "make"),
    [
        (b"name", CLUES.name),
        (b"serial", CLUES.serial),
        (b"model", CLUES.model),
        (b"folder", CLUES.folder),
    ],
)
def test_a_clue_is_the_hmac_of_its_label_and_normal_form(
    label: bytes, make: Callable[[str], str]
) -> None:
    assert make("  A  Text ") == by_definition(label, b"a text")


def test_a_place_is_taken_byte_for_byte() -> None:
    assert CLUES.place(b" A  Place\xff") == by_definition(b"place", b" A  Place\xff")


def test_a_case_id_is_the_hmac_of_all_bytes_fed() -> None:
    case = CLUES.case()
    case.update(b"one ")
    case.update(b"two")
    assert case.id() == by_definition(b"case", b"one two")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("O\N{RIGHT SINGLE QUOTATION MARK}Neill", "o'neill"),
        ("O`Neill", "o'neill"),
        ("Zoe\N{COMBINING DIAERESIS}", "zo\N{LATIN SMALL LETTER E WITH DIAERESIS}"),
        ("Stra\N{LATIN SMALL LETTER SHARP S}e", "strasse"),
        ("\tAmara\N{NO-BREAK SPACE}\n Okafor ", "amara okafor"),
    ],
)
def test_names_are_compared_in_one_form(text: str, normal: str) -> None:
    assert normal_form(text) == normal


def test_a_name_that_is_no_text_still_has_a_clue() -> None:
    assert len(CLUES.folder("\udcff")) == 26


def test_another_station_has_other_clues() -> None:
    assert ClueMaker(KEY[::-1]).name("amara") != CLUES.name("amara")


@pytest.mark.parametrize("length", [KEY_BYTES - 1, KEY_BYTES + 1, 0])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ClueMaker(bytes(length))


def test_the_key_is_never_shown() -> None:
    assert repr(CLUES) == "ClueMaker(key hidden)"


def test_a_body_and_pixels_are_clues_like_the_others() -> None:
    assert CLUES.body("Canon  EOS", "Camera-1") == by_definition(b"body", b"canon eos\0camera-1")
    assert CLUES.pixels("ab") == by_definition(b"pixels", b"ab")


def test_an_outline_moves_every_bit_and_turns_some_over() -> None:
    def digest(data: bytes) -> bytes:
        return hmac.new(KEY, b"outline\0" + data, hashlib.sha256).digest()

    order = sorted(range(64), key=lambda at: digest(bytes([at])))
    mask = int.from_bytes(digest(b"mask")[:8], "big")
    for bits in (0, 1, 1 << 63, 0x0123456789ABCDEF, (1 << 64) - 1):
        moved = 0
        for to, at in enumerate(order):
            moved |= (bits >> at & 1) << to
        assert CLUES.outline(bits) == moved ^ mask
