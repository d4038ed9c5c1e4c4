# SPDX-License-Identifier: Apache-2.0
"""A card counts for the pictures after it, of its own camera, until something ends the sitting."""

import random
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.cards import Card, CardKind, card_text
from agent.core.concerns import Concern
from agent.core.model import CaseId, Clue, Evidence, RosterId, Shot
from agent.core.sittings import GAP, Frame, Sitting, frame_of, shows_a_card, sitting_of
from tests.builders import AMARA, CARD_KEY, CLASS_3B, TODAY, a_card_id, a_register

START = datetime(2026, 11, 23, 10, 0)  # noqa: DTZ001 - a camera has no zone
OTHER_CLASS = RosterId("q" * 26)
REGISTER = replace(
    a_register(),
    rosters={
        **a_register().rosters,
        OTHER_CLASS: replace(a_register().rosters[CLASS_3B], id=OTHER_CLASS),
    },
    class_cards={
        a_card_id(CardKind.CLASS, CLASS_3B): CLASS_3B,
        a_card_id(CardKind.CLASS, OTHER_CLASS): OTHER_CLASS,
    },
)


def card(kind: CardKind = CardKind.CLASS, of: str = CLASS_3B, year: str = "26") -> str:
    return card_text(Card(kind=kind, id=a_card_id(kind, of), year=year), CARD_KEY)


CARD_3B, CARD_OTHER = card(), card(of=OTHER_CLASS)
END = card(CardKind.END)


def frame(number: int, minute: float, *cards: str, offset: str = "+00:00") -> Frame:
    taken = START + timedelta(minutes=minute)
    shot = Shot(body=Clue("camera"), taken=taken, offset=offset, number=number)
    return Frame(case=CaseId(f"case {number}"), shot=shot, cards=cards)


def sitting(number: int, frames: list[Frame]) -> Sitting | None:
    return sitting_of(CaseId(f"case {number}"), frames, REGISTER)


def roster(number: int, frames: list[Frame]) -> RosterId | None:
    found = sitting(number, frames)
    return None if found is None else found.roster


def concerns(number: int, frames: list[Frame]) -> set[Concern]:
    found = sitting(number, frames)
    return set() if found is None else set(found.concerns)


def test_pictures_after_a_card_are_of_its_class() -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1), frame(3, 2)]
    assert [roster(n, frames) for n in (1, 2, 3)] == [CLASS_3B] * 3


def test_pictures_before_a_card_are_not() -> None:
    assert sitting(1, [frame(1, 0), frame(2, 1, CARD_3B)]) is None


def test_the_next_card_opens_the_next_sitting() -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1), frame(3, 2, CARD_OTHER), frame(4, 3)]
    assert (roster(2, frames), roster(4, frames)) == (CLASS_3B, OTHER_CLASS)


def test_an_end_card_ends_it() -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1), frame(3, 2, END), frame(4, 3)]
    assert (roster(2, frames), sitting(4, frames)) == (CLASS_3B, None)


def test_half_an_hour_without_a_picture_ends_it() -> None:
    minutes = GAP.total_seconds() / 60
    assert roster(2, [frame(1, 0, CARD_3B), frame(2, minutes)]) == CLASS_3B
    assert sitting(2, [frame(1, 0, CARD_3B), frame(2, minutes + 0.1)]) is None


def test_midnight_ends_it() -> None:
    late = (24 - START.hour) * 60
    assert sitting(2, [frame(1, late - 5, CARD_3B), frame(2, late + 5)]) is None


def test_a_child_card_names_the_child() -> None:
    child = card(CardKind.CHILD, AMARA)
    found = sitting(2, [frame(1, 0, child), frame(2, 1)])
    assert found is not None
    assert (found.child, found.roster) == (AMARA, None)


def test_a_code_of_others_is_nothing() -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1, "https://lunch.example/menu"), frame(3, 2)]
    assert roster(3, frames) == CLASS_3B
    assert not shows_a_card(("https://lunch.example/menu",), REGISTER)


@pytest.mark.parametrize(
    ("text", "concern"),
    [
        (CARD_3B[:-1] + ("A" if CARD_3B[-1] != "A" else "B"), Concern.CARD_FORGED),
        ("PW1:nonsense", Concern.CARD_FORGED),
        (card(year="25"), Concern.CARD_EXPIRED),
        (card(CardKind.END, year="25"), Concern.CARD_EXPIRED),
        (card(of="z" * 26), Concern.CARD_UNKNOWN),
        (card(CardKind.CHILD, "z" * 26), Concern.CARD_UNKNOWN),
    ],
)
def test_a_card_that_may_not_count_holds_what_follows(text: str, concern: Concern) -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1, text), frame(3, 2)]
    assert concerns(3, frames) == {concern}
    assert roster(3, frames) is None
    assert shows_a_card((text,), REGISTER)


def withdrawn(day: date, arrived_on: date | None = TODAY) -> set[Concern]:
    """Return what objects after a card that was withdrawn on a day and photographed today."""
    three = a_card_id(CardKind.CLASS, CLASS_3B)
    register = replace(REGISTER, withdrawn_cards={three: day})
    frames = [replace(f, arrived_on=arrived_on) for f in (frame(1, 0, CARD_3B), frame(2, 1))]
    found = sitting_of(CaseId("case 2"), frames, register)
    assert found is not None
    return set(found.concerns)


def test_a_withdrawn_card_holds_what_follows() -> None:
    assert withdrawn(TODAY) == {Concern.CARD_WITHDRAWN}
    assert withdrawn(TODAY - timedelta(days=1)) == {Concern.CARD_WITHDRAWN}


def test_a_card_that_was_withdrawn_later_counted_then() -> None:
    assert withdrawn(TODAY + timedelta(days=1)) == set()


def test_a_card_that_comes_after_its_withdrawal_does_not_count_whatever_the_camera_says() -> None:
    tomorrow = TODAY + timedelta(days=1)
    assert withdrawn(tomorrow, arrived_on=tomorrow) == {Concern.CARD_WITHDRAWN}
    assert withdrawn(tomorrow, arrived_on=None) == {Concern.CARD_WITHDRAWN}


def test_a_register_without_a_key_knows_no_card() -> None:
    found = sitting_of(CaseId("case 1"), [frame(1, 0, CARD_3B)], replace(REGISTER, card_key=b""))
    assert found is not None
    assert found.concerns == {Concern.CARD_FORGED}


def test_two_cards_in_one_picture_hold_what_follows() -> None:
    frames = [frame(1, 0, CARD_3B, CARD_OTHER), frame(2, 1)]
    assert concerns(2, frames) == {Concern.CARD_CONFLICTING}


def test_the_same_card_twice_in_one_picture_is_one() -> None:
    assert roster(2, [frame(1, 0, CARD_3B, CARD_3B), frame(2, 1)]) == CLASS_3B


def test_numbers_that_run_backwards_hold_the_whole_sitting() -> None:
    frames = [frame(7, 0, CARD_3B), frame(8, 1), frame(3, 2)]
    assert all(concerns(n, frames) == {Concern.SITTING_DISORDERED} for n in (7, 8, 3))


def test_a_counter_that_starts_again_is_no_disorder() -> None:
    assert concerns(1, [frame(9999, 0, CARD_3B), frame(1, 1)]) == set()


def disordered(*numbers: int) -> list[bool]:
    """Tell which pictures with these numbers are doubted; the first of them shows a card."""
    frames = [frame(n, at, *([CARD_3B] if at == 0 else [])) for at, n in enumerate(numbers)]
    named = [replace(f, case=CaseId(f"at {at}")) for at, f in enumerate(frames)]
    found = [sitting_of(f.case, named, REGISTER) for f in named]
    return [one is not None and Concern.SITTING_DISORDERED in one.concerns for one in found]


@pytest.mark.parametrize(
    ("numbers", "doubted"),
    [
        ((9001, 999), False),
        ((9000, 999), True),
        ((9001, 1000), True),
        ((2, 1), True),
        ((2, 2), False),
        ((2, 0), False),
        ((0, 1), False),
        ((7, 3, 4), True),
    ],
)
def test_only_numbers_that_run_backwards_are_doubted(
    numbers: tuple[int, ...], doubted: bool
) -> None:
    assert set(disordered(*numbers)) == {doubted}


def test_half_an_hour_is_the_gap() -> None:
    assert timedelta(minutes=30) == GAP


def test_at_one_time_the_number_decides_then_the_card_then_the_case() -> None:
    assert roster(2, [frame(1, 0, CARD_3B), frame(2, 0)]) == CLASS_3B
    assert roster(1, [frame(2, 0, CARD_3B), frame(1, 0)]) is None
    same = [replace(frame(1, 0), case=CaseId("a")), replace(frame(1, 0, CARD_3B), case=CaseId("b"))]
    assert sitting_of(CaseId("a"), same, REGISTER) is not None
    both = [
        replace(frame(1, 0, CARD_OTHER), case=CaseId("a")),
        replace(frame(1, 0, CARD_3B), case=CaseId("b")),
        frame(2, 1),
    ]
    assert roster(2, both) == roster(2, both[::-1]) == CLASS_3B


def test_a_picture_has_a_place_if_its_camera_gave_it_one() -> None:
    one = frame(1, 0, CARD_3B)
    what = Evidence(shot=one.shot, cards=one.cards, arrived_on=TODAY)
    assert frame_of(one.case, what) == replace(one, arrived_on=TODAY)
    assert frame_of(one.case, replace(what, shot=None)) is None


def test_a_change_of_time_zone_holds_the_whole_sitting() -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1, offset="+01:00")]
    assert concerns(1, frames) == {Concern.SITTING_DISORDERED}


def test_files_without_numbers_are_ordered_by_time() -> None:
    frames = [frame(1, 0, CARD_3B), frame(2, 1)]
    bare = [replace(f, shot=replace(f.shot, number=0)) for f in frames]
    assert roster(2, bare) == CLASS_3B


FRAMES = st.lists(
    st.builds(
        frame,
        st.integers(1, 9),
        st.integers(0, 90),
        st.sampled_from([CARD_3B, CARD_OTHER, END, "PW1:bad", "https://x.example"]),
    )
    | st.builds(frame, st.integers(1, 9), st.integers(0, 90)),
    max_size=8,
    unique_by=lambda one: one.case,
)


@given(FRAMES, st.integers())
def test_the_order_of_arrival_changes_nothing(frames: list[Frame], seed: int) -> None:
    shuffled = list(frames)
    random.Random(seed).shuffle(shuffled)
    for one in frames:
        assert sitting_of(one.case, frames, REGISTER) == sitting_of(one.case, shuffled, REGISTER)


@given(FRAMES)
def test_arriving_twice_changes_nothing(frames: list[Frame]) -> None:
    for one in frames:
        assert sitting_of(one.case, frames, REGISTER) == sitting_of(
            one.case, [*frames, *frames], REGISTER
        )


def test_a_late_card_opens_the_sitting_of_pictures_that_are_here_already() -> None:
    early = [frame(2, 1), frame(3, 2)]
    assert sitting(3, early) is None
    assert roster(3, [*early, frame(1, 0, CARD_3B)]) == CLASS_3B
