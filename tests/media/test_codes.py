# SPDX-License-Identifier: Apache-2.0
"""Cards are read in pictures, and nothing but the form of a card ever comes out of a code."""

import io

import pytest
import segno
from PIL import Image

from agent.core.cards import Card, CardKind, card_text
from agent.media.card_texts import MAX_CARDS, NOT_A_CARD, of_cards
from agent.media.codes import texts_in

CARD = card_text(Card(kind=CardKind.CLASS, id="ABCDEFGHIJKL", year="26"), b"key")
OTHER = card_text(Card(kind=CardKind.CHILD, id="QRSTUVWXYZ23", year="26"), b"key")


def a_code(text: str, scale: int = 6) -> Image.Image:
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", scale=scale, border=4)
    return Image.open(out).convert("L")


def a_picture(*codes: Image.Image, mode: str = "RGB") -> Image.Image:
    picture = Image.new("L", (1600, 1200), 120)
    for number, code in enumerate(codes):
        picture.paste(code, (40 + number * 600, 200))
    return picture.convert(mode)


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "CMYK", "P", "1"])
def test_a_card_is_read_in_every_mode(mode: str) -> None:
    assert texts_in(a_picture(a_code(CARD), mode=mode)) == (CARD,)


def test_a_small_card_and_a_large_one_are_both_read() -> None:
    assert set(texts_in(a_picture(a_code(CARD, 16), a_code(OTHER, 2)))) == {CARD, OTHER}


def test_a_tiny_picture_is_read_as_it_is() -> None:
    assert texts_in(a_code(CARD, 2)) == (CARD,)
    assert texts_in(Image.new("L", (1, 1))) == ()


@pytest.mark.parametrize("text", ["https://lunch.example", "BEGIN:VCARD N:Okafor", "pw1:C:", "12"])
def test_a_code_of_others_is_not_there(text: str) -> None:
    assert texts_in(a_picture(a_code(text))) == ()


@pytest.mark.parametrize("text", ["PW1:", "PW1:Amara Okafor", CARD + "\n", "PW1:" + "A" * 300])
def test_what_only_begins_like_a_card_carries_no_text_out(text: str) -> None:
    assert of_cards([text]) == (NOT_A_CARD,)
    assert texts_in(a_picture(a_code("PW1:Amara Okafor"))) == (NOT_A_CARD,)


def test_a_picture_full_of_cards_is_cut() -> None:
    many = [CARD[:-2] + a + b for a in "ABCDEFGH" for b in "ABCDEFGH"]
    assert len(of_cards(many)) == MAX_CARDS
