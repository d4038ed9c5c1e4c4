# SPDX-License-Identifier: Apache-2.0
"""The check letter catches a mistyped number, and the right one is shown."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agent.core.mis.upn import UpnFault, check_letter, fault_of, is_temporary, normal_upn

LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
REST = st.builds(
    "".join,
    st.tuples(
        st.text("0123456789", min_size=11, max_size=11),
        st.sampled_from("0123456789" + LETTERS),
    ),
)


@pytest.mark.parametrize(
    "number",
    [
        "N938000026001",
        "L938000026017",
        "C938000026002",
        "Z93800002600A",
        "P93800002601K",
        "B801200005001",
    ],
)
def test_a_right_number_has_no_fault(number: str) -> None:
    assert fault_of(number) is None


def test_a_wrong_check_letter_is_a_fault_and_the_right_one_is_said() -> None:
    assert fault_of("A938000026001") == UpnFault("A938000026001", "N")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "N93800002600",
        "N9380000260011",
        "I938000026001",
        "N93800002600O",
        "N9380O0026001",
        "n938000026001",
    ],
)
def test_what_has_not_the_shape_is_a_fault_without_a_letter(number: str) -> None:
    assert fault_of(number) == UpnFault(number)


def test_spaces_and_small_letters_mean_the_same_number() -> None:
    assert normal_upn(" n938 0000\N{NO-BREAK SPACE}26001 ") == "N938000026001"


def test_a_number_that_ends_in_a_letter_is_temporary() -> None:
    assert is_temporary("Z93800002600A")
    assert not is_temporary("N938000026001")
    assert not is_temporary("")


@given(REST, st.integers(0, 11), st.sampled_from("0123456789"))
def test_every_single_wrong_digit_is_caught(rest: str, place: int, digit: str) -> None:
    assume(rest[place].isdigit() and rest[place] != digit)
    number = check_letter(rest) + rest[:place] + digit + rest[place + 1 :]
    assert fault_of(number) is not None


@given(REST, st.integers(0, 9))
def test_every_two_neighbours_that_swapped_are_caught(rest: str, place: int) -> None:
    assume(rest[place] != rest[place + 1])
    swapped = rest[:place] + rest[place + 1] + rest[place] + rest[place + 2 :]
    assert fault_of(check_letter(rest) + swapped) is not None
