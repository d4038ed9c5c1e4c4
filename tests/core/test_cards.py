# SPDX-License-Identifier: Apache-2.0
"""The code on a card: its form, its id that says nothing, its signature that nobody can make."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.cards import (
    END_ID,
    Card,
    CardKind,
    NotOurs,
    card_id,
    card_ids,
    card_text,
    key_of,
    read_card,
)

KEY, OTHER_KEY = bytes(range(32)), bytes(32)
ROSTER = "r" * 26
CARD = Card(kind=CardKind.CLASS, id="ABCDEFGHIJKL", year="26")


def test_a_code_has_the_form_that_the_page_says() -> None:
    """The values below were computed with another program's HMAC."""
    text = card_text(CARD, KEY)
    assert text == "PW1:C:ABCDEFGHIJKL:26:6V2A4NBB6J66RXOO"
    assert re.fullmatch(r"PW1:[CPE]:[A-Z2-7]{12}:[0-9]{2}:[A-Z2-7]{16}", text)
    assert len(text) == 38


@pytest.mark.parametrize("kind", CardKind)
def test_a_code_reads_back_as_the_card_that_it_is(kind: CardKind) -> None:
    card = Card(kind=kind, id=card_id(kind, ROSTER, KEY), year="26")
    assert read_card(card_text(card, KEY), KEY) == card


@given(st.integers(0, 37), st.characters(min_codepoint=32, max_codepoint=126))
def test_one_letter_changed_is_no_card(at: int, letter: str) -> None:
    text = card_text(CARD, KEY)
    spoilt = text[:at] + letter + text[at + 1 :]
    if spoilt != text:
        assert read_card(spoilt, KEY) is (NotOurs.FORGED if at > 3 else NotOurs.FOREIGN)


@pytest.mark.parametrize("key", [OTHER_KEY, b""])
def test_a_code_under_another_key_or_none_is_forged(key: bytes) -> None:
    assert read_card(card_text(CARD, KEY), key) is NotOurs.FORGED


def test_a_code_that_somebody_made_without_a_key_is_forged() -> None:
    assert read_card(card_text(CARD, b""), b"") is NotOurs.FORGED


@pytest.mark.parametrize("text", ["", "PW1", "pw1:C:", " PW1:", "https://lunch.example"])
def test_a_code_of_others_is_foreign(text: str) -> None:
    assert read_card(text, KEY) is NotOurs.FOREIGN


def test_an_id_is_of_its_kind_its_reference_its_key_and_its_count() -> None:
    one = card_id(CardKind.CLASS, ROSTER, KEY)
    assert one == "VX5HFM55ZBFZ"
    others = {
        card_id(CardKind.CHILD, ROSTER, KEY),
        card_id(CardKind.CLASS, "q" * 26, KEY),
        card_id(CardKind.CLASS, ROSTER, OTHER_KEY),
        card_id(CardKind.CLASS, ROSTER, KEY, 1),
    }
    assert len(others | {one}) == 5


def test_an_end_card_is_the_same_everywhere() -> None:
    assert card_id(CardKind.END, ROSTER, KEY, 3) == END_ID == "ENDAAAAAAAAA"
    assert card_ids(CardKind.END, ROSTER, KEY, {END_ID}) == [END_ID]


def test_the_last_of_all_cards_counts_and_those_before_were_withdrawn() -> None:
    ids = [card_id(CardKind.CLASS, ROSTER, KEY, earlier) for earlier in range(4)]
    assert card_ids(CardKind.CLASS, ROSTER, KEY, set()) == ids[:1]
    assert card_ids(CardKind.CLASS, ROSTER, KEY, set(ids[:2])) == ids[:3]
    assert card_ids(CardKind.CLASS, ROSTER, KEY, {ids[1]}) == ids[:1]


def test_a_key_is_read_from_its_line() -> None:
    assert key_of(f" {KEY.hex()}\n") == KEY


@pytest.mark.parametrize("text", ["", "00", "x" * 64, KEY.hex() + "00", KEY.hex()[:-2]])
def test_a_damaged_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"hexadecimal|32 bytes"):
        key_of(text)
