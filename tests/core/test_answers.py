# SPDX-License-Identifier: Apache-2.0
"""One answerer, two answers: which one counts, in whatever order they are stored."""

from datetime import timedelta

import pytest

from agent.core.consent import Standing, standing
from agent.core.register import Answer, Capacity, Says
from tests.builders import AMARA, PURPOSE, TODAY, a_person, an_answer

YESTERDAY = TODAY - timedelta(days=1)
PAIRS = {
    "newer beats stricter": (
        an_answer(Says.NO, days_ago=9),
        an_answer(days_ago=8),
        Standing.GRANTED,
    ),
    "withdrawn beats yes": (an_answer(), an_answer(Says.WITHDRAWN), Standing.WITHDRAWN),
    "no beats withdrawn": (an_answer(Says.WITHDRAWN), an_answer(Says.NO), Standing.REFUSED),
    "undelegated beats responsible": (
        an_answer(),
        an_answer(capacity=Capacity.UNDELEGATED),
        Standing.UNDELEGATED,
    ),
    "undelegated beats self": (
        an_answer(capacity=Capacity.SELF),
        an_answer(capacity=Capacity.UNDELEGATED),
        Standing.UNDELEGATED,
    ),
    "a child's beats undelegated": (
        an_answer(capacity=Capacity.UNDELEGATED),
        an_answer(capacity=Capacity.CHILD),
        Standing.ABSENT,
    ),
    "ended beats endless": (an_answer(), an_answer(valid_until=YESTERDAY), Standing.EXPIRED),
    "ended beats current": (
        an_answer(valid_until=TODAY),
        an_answer(valid_until=YESTERDAY),
        Standing.EXPIRED,
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_of_two_answers_one_counts_in_either_order(what: str) -> None:
    one, other, expected = PAIRS[what]
    for answers in ((one, other), (other, one)):
        assert standing(a_person(AMARA, *answers), PURPOSE, TODAY) is expected


@pytest.mark.parametrize("capacity", [Capacity.RESPONSIBLE, Capacity.DELEGATED, Capacity.SELF])
def test_each_who_is_entitled_can_grant(capacity: Capacity) -> None:
    answer: Answer = an_answer(capacity=capacity)
    assert standing(a_person(AMARA, answer), PURPOSE, TODAY) is Standing.GRANTED
