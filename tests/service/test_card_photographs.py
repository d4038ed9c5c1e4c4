# SPDX-License-Identifier: Apache-2.0
"""Printed cards are read in photographs at least as well as when readers were first compared.

Then: 106 of 108 at half size, and all 72 of the short codes that cards have. The other 36 were of a
long code, which no card has; it is here so that the figures can be compared.
"""

import io
from functools import cache

import numpy as np
import pytest
import segno
from PIL import Image

from agent.core.cards import Card, CardKind, NotOurs, read_card
from agent.media.card_texts import NOT_A_CARD
from agent.media.codes import texts_in
from service.cards.printing import pictures_of
from tests.service.card_photographs import (
    BACKGROUNDS,
    LONG,
    SHORT,
    Condition,
    backdrop,
    paste_card,
    photograph,
)
from tests.service.test_cards import CHESS, CLASS_3B, EDITION, SNAPSHOT

EXPECTED = Card(kind=CardKind.CLASS, id=CLASS_3B.id, year="26")
EVERY_DAY = ("250 px wide", "yaw 45", "all at once")
"""What the tests of every day look at, on one background."""
LONGEST_TEXT = NOT_A_CARD + "A" * 120


@cache
def printed(which: str = "3B") -> Image.Image:
    card = CLASS_3B if which == "3B" else CHESS
    (page,) = pictures_of([card], EDITION, 300)
    return Image.open(io.BytesIO(page)).convert("RGB")


@cache
def long_card() -> Image.Image:
    """Return a card with a code of version 6, as one with a signature of 64 bytes would have."""
    out = io.BytesIO()
    segno.make(LONGEST_TEXT, error="m", micro=False, boost_error=False).save(
        out, kind="png", scale=24, border=4
    )
    card = Image.new("RGB", (1748, 2480), "white")
    code = Image.open(out).convert("RGB").resize((1320, 1320), Image.Resampling.NEAREST)
    card.paste(code, (214, 640))
    return card


def read(file: bytes) -> tuple[str, ...]:
    return texts_in(Image.open(io.BytesIO(file)))


def is_read(condition: Condition, background: int) -> bool:
    texts = read(photograph(printed(), condition, background))
    assert {read_card(text, SNAPSHOT.card_key) for text in texts} <= {EXPECTED}
    return bool(texts)


@pytest.mark.parametrize("name", EVERY_DAY)
def test_a_card_is_read_as_teachers_photograph_it(name: str) -> None:
    assert is_read(SHORT[name], 0)


@pytest.mark.slow
def test_every_card_is_read_in_every_condition() -> None:
    missed = [
        (name, background)
        for name, condition in SHORT.items()
        for background in range(BACKGROUNDS)
        if not is_read(condition, background)
    ]
    assert missed == []
    assert len(SHORT) * BACKGROUNDS == 72


@pytest.mark.slow
def test_long_codes_are_read_as_well_as_when_readers_were_compared() -> None:
    missed = [
        (name, background)
        for name, condition in LONG.items()
        for background in range(BACKGROUNDS)
        if read(photograph(long_card(), condition, background)) != (NOT_A_CARD,)
    ]
    assert len(LONG) * BACKGROUNDS == 36
    assert len(missed) <= 2, missed


def test_two_cards_in_one_picture_are_both_read() -> None:
    picture, chance = backdrop(0).copy(), np.random.default_rng(3)
    paste_card(picture, printed(), Condition(width=1000), chance, (0.3, 0.5))
    paste_card(picture, printed("chess"), Condition(width=300, yaw=20), chance, (0.8, 0.4))
    ids = {read_card(text, SNAPSHOT.card_key).id for text in texts_in(picture)}
    assert ids == {CLASS_3B.id, CHESS.id}


def test_a_picture_without_a_card_shows_none() -> None:
    assert texts_in(backdrop(0)) == ()


def test_a_card_too_far_away_is_not_read() -> None:
    assert read(photograph(printed(), Condition(width=30), 0)) == ()


def test_a_card_is_never_read_as_another_one() -> None:
    """A spoilt code fails its own error correction; what is read is signed, or it is nothing."""
    picture = photograph(printed(), Condition(width=110, defocus=2, light=0.1, noise=14), 0)
    for text in read(picture):
        assert read_card(text, SNAPSHOT.card_key) in (EXPECTED, NotOurs.FORGED)
