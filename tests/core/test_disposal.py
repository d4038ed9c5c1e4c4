# SPDX-License-Identifier: Apache-2.0
"""What is proposed for erasing: what was held long enough, on a sure day, and is not frozen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.core.case import Record, State
from agent.core.concerns import Verdict
from agent.core.disposal import Disposal, disposal
from agent.core.model import Moment
from tests.builders import CASE, MOMENT, NOW, a_record

DAYS = 90
THEN = NOW - timedelta(days=DAYS)


def a_held_record(**changes: object) -> Record:
    record = a_record(State.DONE, arrived_at=THEN)
    record = replace(record, ruling=replace(record.ruling, decided_at=THEN))
    return replace(record, **changes)


def proposed(record: Record, moment: Moment = MOMENT, days: int = DAYS) -> bool:
    found = disposal([record], lambda _: False, moment, days)
    assert found.frozen == ()
    return found.proposed == (CASE,)


def test_what_was_held_for_the_period_is_proposed() -> None:
    assert proposed(a_held_record())


def test_what_is_frozen_is_passed_over_and_said_to_be() -> None:
    found = disposal([a_held_record()], lambda _: True, MOMENT, DAYS)
    assert found == Disposal(frozen=(CASE,))


RULING = a_held_record().ruling
SPOILT = {
    "it arrived a second too late": a_held_record(arrived_at=THEN + timedelta(seconds=1)),
    "it was decided otherwise since": a_held_record(ruling=replace(RULING, decided_at=NOW)),
    "it is kept": a_held_record(ruling=replace(RULING, verdict=Verdict.KEEP)),
    "it is on its way": a_held_record(state=State.STORED),
    "it is being erased": a_held_record(state=State.ERASING),
    "it is erased": a_held_record(state=State.ERASED),
}


@pytest.mark.parametrize("record", SPOILT.values(), ids=SPOILT)
def test_one_spoilt_thing_and_it_is_not_proposed(record: Record) -> None:
    assert not proposed(record)


def test_nothing_is_proposed_on_a_clock_that_is_not_to_be_trusted() -> None:
    assert not proposed(a_held_record(), replace(MOMENT, trusted=False))


def test_a_school_that_sets_no_period_is_proposed_nothing() -> None:
    assert not proposed(a_held_record(), days=0)
