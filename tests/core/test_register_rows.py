# SPDX-License-Identifier: Apache-2.0
"""The register file: the whole file or nothing, and the same file twice changes nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest

from agent.core.clues import ClueMaker
from agent.core.model import PurposeId
from agent.core.register_rows import (
    RegisterFileFaults,
    Terms,
    build_snapshot,
    count_changes,
    last_day_of,
    school_year_of,
)
from agent.core.snapshot import Snapshot, decode_snapshot

TERMS = Terms(
    school="Larkfield",
    school_year="2026-27",
    purposes=frozenset({PurposeId("photograph_and_store")}),
    now=datetime(2026, 11, 23, tzinfo=UTC),
    valid_days=30,
)
PUPIL = {
    "kind": "pupil",
    "reference": "P1",
    "given_name": "Zoë",
    "family_name": "Hart",
    "class": "3B",
}
GUARDIAN = {"kind": "guardian", "reference": "G1", "person": "P1", "capacity": "responsible"}
ANSWER = {
    "kind": "answer",
    "person": "P1",
    "by": "G1",
    "purpose": "photograph_and_store",
    "says": "yes",
    "given_on": "01/09/2026",
}
DEVICE = {"kind": "device", "reference": "cam", "model": "Canon", "serials": "1; 2"}
ROWS = [PUPIL, GUARDIAN, ANSWER, DEVICE]


def ids() -> object:
    numbers = count()
    alphabet = "abcdefghijklmnopqrstuvwxyz"

    def new_id() -> str:
        number = next(numbers)
        return "a" * 24 + alphabet[number // 26] + alphabet[number % 26]

    return new_id


def built(
    rows: list[dict[str, str]], previous: Snapshot | None = None, **terms: object
) -> Snapshot:
    numbered = list(enumerate(rows, start=2))
    return build_snapshot(numbered, replace(TERMS, **terms), previous, ids())


def test_a_day_is_read_day_first() -> None:
    assert built(ROWS).people[0].answers[0].given_on == date(2026, 9, 1)


def test_rows_may_stand_in_any_order() -> None:
    assert built(ROWS[::-1]).people[0].answers == built(ROWS).people[0].answers


def test_the_same_file_twice_changes_nothing() -> None:
    first = built(ROWS)
    again = built(ROWS, first)
    assert not any(count_changes(first, again).values())
    assert (again.people, again.rosters, again.devices) == (
        first.people,
        first.rosters,
        first.devices,
    )
    assert again.version == first.version + 1


def test_people_get_new_tokens_in_a_new_school_year() -> None:
    first = built(ROWS)
    later = build_snapshot(
        list(enumerate(ROWS)), replace(TERMS, school_year="2027-28"), first, lambda: "z" * 26
    )
    assert later.people[0].token != first.people[0].token
    assert later.devices[0].id == first.devices[0].id


SPOILT = {
    "an unknown kind": ({"kind": "dog"}, "kind"),
    "a name missing": ({**PUPIL, "reference": "P2", "family_name": ""}, "family_name"),
    "a reference twice": (PUPIL, "twice"),
    "a day that is none": ({**ANSWER, "given_on": "31/02/2026"}, "no day"),
    "a month first": ({**ANSWER, "given_on": "09-2026"}, "expected"),
    "an unknown purpose": ({**ANSWER, "purpose": "fun"}, "policy.toml"),
    "an unknown answer": ({**ANSWER, "says": "maybe"}, "allowed"),
    "a stranger's answer": ({**ANSWER, "by": "G9"}, "guardian"),
    "a pupil for themselves": ({**ANSWER, "by": "self"}, "guardian"),
    "an unknown pupil": ({**ANSWER, "person": "P9"}, "not in the file"),
    "an end before the start": ({**ANSWER, "valid_until": "2026-08-01"}, "before"),
    "a device of nothing": ({"kind": "device", "reference": "x"}, "model"),
    "an unclear restriction": ({**PUPIL, "reference": "P3", "restricted": "perhaps"}, "allowed"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_one_faulty_row_stops_the_whole_file_and_is_named(what: str) -> None:
    row, words = SPOILT[what]
    with pytest.raises(RegisterFileFaults) as caught:
        built([*ROWS, row])
    assert [number for number, _ in caught.value.faults] == [len(ROWS) + 2]
    assert words in caught.value.faults[0][1]


def test_an_empty_file_is_refused() -> None:
    with pytest.raises(RegisterFileFaults):
        built([])


def test_a_snapshot_reads_back_as_it_was_written() -> None:
    snapshot = built(ROWS)
    assert decode_snapshot(snapshot.encoded()) == snapshot


def test_a_snapshot_with_more_in_it_is_refused() -> None:
    text = built(ROWS).encoded().replace(b'"format":', b'"extra":1,"format":')
    with pytest.raises(ValueError, match="snapshot"):
        decode_snapshot(text)


def test_a_register_holds_clues_and_no_name() -> None:
    register = built(ROWS).register(ClueMaker(bytes(32)))
    assert "Hart" not in repr(register)


def test_two_stations_have_different_clues_of_one_name() -> None:
    assert ClueMaker(bytes(32)).name("Zoë Hart") != ClueMaker(b"1" * 32).name("Zoë Hart")


@pytest.mark.parametrize("spelt", ["ZOË  HART", " zoe\N{COMBINING DIAERESIS} hart"])
def test_a_name_is_the_same_however_it_is_spelt(spelt: str) -> None:
    clues = ClueMaker(bytes(32))
    assert clues.name(spelt) == clues.name("Zoë Hart")


def test_a_key_is_never_shown() -> None:
    assert "1111" not in repr(ClueMaker(b"1" * 32))


@pytest.mark.parametrize(
    ("day", "year"),
    [(date(2026, 8, 31), "2025-26"), (date(2026, 9, 1), "2026-27"), (date(2099, 9, 1), "2099-00")],
)
def test_a_school_year_starts_on_its_day(day: date, year: str) -> None:
    assert school_year_of(day, (9, 1)) == year


def test_a_register_never_counts_in_the_next_school_year() -> None:
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    assert built(ROWS, year_ends=ends).valid_until == ends
    later = datetime(2027, 9, 1, tzinfo=UTC)
    assert built(ROWS, year_ends=later).valid_until == TERMS.now + timedelta(days=30)
    assert built(ROWS).valid_until == TERMS.now + timedelta(days=30)


def test_the_last_day_of_a_school_year_is_the_day_before_the_next() -> None:
    assert last_day_of("2026-27", (9, 1)) == date(2027, 8, 31)
    assert last_day_of("2026-27", (1, 1)) == date(2026, 12, 31)


def test_withdrawn_cards_stay_withdrawn_for_their_school_year() -> None:
    cards = {"A" * 12: date(2026, 11, 20)}
    first = replace(built(ROWS, card_key=b"k" * 32), withdrawn_cards=cards)
    assert built(ROWS, first).withdrawn_cards == cards
    assert built(ROWS, first, school_year="2027-28").withdrawn_cards == {}


def test_a_publication_carries_the_key_of_cards_and_never_shows_it() -> None:
    key = b"k" * 32
    assert built(ROWS, card_key=key).card_key == key
    assert repr(key) not in repr(replace(TERMS, card_key=key))
