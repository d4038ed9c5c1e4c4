# SPDX-License-Identifier: Apache-2.0
"""The geometry of covers: larger than the place, within the picture, and what they hide."""

import math
from dataclasses import astuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.core.covering import GROWTH, HIDDEN, Place, grown, is_hidden, is_left

FACE = Place(left=0.4, top=0.4, width=0.2, height=0.1)


@st.composite
def places(draw: st.DrawFn) -> Place:
    left, top = draw(st.floats(0, 0.98)), draw(st.floats(0, 0.98))
    width, height = draw(st.floats(0.001, 1 - left)), draw(st.floats(0.001, 1 - top))
    return Place(left=left, top=top, width=width, height=height)


@pytest.mark.parametrize(
    "parts",
    [
        (-0.1, 0, 0.1, 0.1),
        (0, 1.1, 0.1, 0.1),
        (0, 0, 0, 0.1),
        (0, 0, 0.1, 0),
        (0, 0, math.nan, 0.1),
        (0, 0, math.inf, 0.1),
    ],
)
def test_what_is_no_place_is_refused(parts: tuple[float, ...]) -> None:
    left, top, width, height = parts
    with pytest.raises(ValueError, match="place"):
        Place(left=left, top=top, width=width, height=height)


def test_a_cover_is_larger_by_its_growth_around_the_same_centre() -> None:
    cover = grown(FACE)
    assert astuple(cover) == pytest.approx((0.37, 0.385, 0.26, 0.13))
    assert pytest.approx(0.3) == GROWTH


def test_a_cover_ends_where_the_picture_ends() -> None:
    corner = grown(Place(left=0, top=0.9, width=0.2, height=0.1))
    assert astuple(corner) == pytest.approx((0, 0.885, 0.23, 0.115))
    whole = Place(left=0, top=0, width=1, height=1)
    assert grown(whole) == whole


@given(places())
def test_a_cover_hides_all_of_its_place_within_the_picture(place: Place) -> None:
    cover = grown(place)
    assert cover.left <= place.left
    assert cover.top <= place.top
    assert cover.left + cover.width >= min(1, place.left + place.width) - 1e-12
    assert cover.top + cover.height >= min(1, place.top + place.height) - 1e-12
    assert cover.left + cover.width <= 1 + 1e-12
    assert is_hidden(place, [cover])
    assert not is_left(place, [place])


def test_a_face_that_reaches_out_of_its_cover_is_left() -> None:
    eyes = Place(left=0.45, top=0.43, width=0.1, height=0.03)
    assert is_left(FACE, [eyes])
    assert not is_left(FACE, [eyes, FACE])


def test_a_neighbour_that_reaches_into_a_cover_is_not_left() -> None:
    neighbour = Place(left=0.61, top=0.4, width=0.2, height=0.1)
    assert not is_left(neighbour, [FACE])
    assert not is_hidden(neighbour, [grown(FACE)])


def test_two_covers_that_hide_half_each_hide_nothing() -> None:
    halves = [
        Place(left=0.4, top=0.4, width=0.1, height=0.1),
        Place(left=0.5, top=0.4, width=0.1, height=0.1),
    ]
    assert not is_hidden(FACE, halves)


@given(st.floats(0.5, 1))
def test_hidden_begins_at_three_quarters(share: float) -> None:
    assume(abs(share - HIDDEN) > 1e-6)
    cover = Place(left=0.4, top=0.4, width=0.2 * share, height=0.1)
    assert is_hidden(FACE, [cover]) is (share > HIDDEN)


@given(places(), places())
def test_a_place_far_away_hides_nothing(one: Place, other: Place) -> None:
    assume(one.left + one.width < other.left or one.top + one.height < other.top)
    assert not is_hidden(one, [other])
    assert not is_left(one, [other])


def test_a_place_holds_its_rim() -> None:
    assert FACE.holds(0.4, 0.4)
    assert FACE.holds(0.5, 0.45)
    assert not FACE.holds(0.39, 0.45)
    assert not FACE.holds(0.5, 0.51)
    assert not FACE.holds(0.61, 0.45)
    assert not FACE.holds(0.5, 0.39)
