# SPDX-License-Identifier: Apache-2.0
"""What is stored is decided again by itself when the register, the day or a freeze changes."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent import upkeep
from agent.core.case import State
from agent.core.concerns import Concern, Verdict
from tests.builders import AMARA, BEN, MOMENT, POLICY, a_person, a_register, an_answer
from tests.memory import Power, PowerCutError, World
from tests.pipeline.people import ONE, held, run, stored, work


def expiring(count: int = 1) -> World:
    """Pictures of a class whose one child has a permission that ends today."""
    contents = [b"one", b"two", b"three", b"four", b"five"][:count]
    world = World(files={f"camera-1/3b/{n}.jpg": c for n, c in enumerate(contents)})
    world.register = a_register(
        a_person(AMARA, an_answer(valid_until=MOMENT.today)),
        a_person(BEN, name="ben hart"),
        members=frozenset({AMARA}),
    )
    run(world)
    return world


def next_day(world: World) -> World:
    day = timedelta(days=1)
    world.moment = replace(MOMENT, at=MOMENT.at + day, today=MOMENT.today + day)
    return world


def test_scenario_16_and_66_a_permission_that_runs_out_holds_the_day_after() -> None:
    world = expiring()
    assert work(world) == []
    assert world.records[ONE].ruling.verdict is Verdict.KEEP
    (after,) = work(next_day(world))
    assert after.ruling.concerns == (Concern.PERMISSION_EXPIRED,)
    assert work(world) == []


def test_a_review_that_has_ended_costs_nothing_more() -> None:
    world = stored()
    work(world)
    power = Power()
    assert work(world, power) == []
    assert power.calls == 0


def test_a_new_register_is_a_reason_to_decide_again() -> None:
    world = stored()
    work(world)
    held(world)
    assert work(world) == []
    world.register = replace(world.register, digest="9" * 64)
    assert [after.ruling.verdict for after in work(world)] == [Verdict.HOLD]


@pytest.mark.parametrize("spoilt", ["clock", "register"])
def test_without_a_sure_day_or_a_fresh_register_nothing_is_decided_again(spoilt: str) -> None:
    world = next_day(expiring())
    if spoilt == "clock":
        world.moment = replace(world.moment, trusted=False)
    else:
        world.register = replace(world.register, valid_until=MOMENT.at)
    assert work(world) == []
    assert world.review is None
    assert world.records[ONE].ruling.verdict is Verdict.KEEP


def test_a_review_is_bounded_and_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "_PAGE", 2)
    world = next_day(expiring(5))
    changed = [len(list(upkeep.review(world.ports(Power(), POLICY), 0))) for _ in range(4)]
    assert changed == [2, 2, 1, 0]


@pytest.mark.parametrize("at", range(1, 6))
def test_a_cut_during_a_review_costs_a_repetition(at: int) -> None:
    world = next_day(expiring())
    with pytest.raises(PowerCutError):
        work(world, Power(at))
    run(world)
    work(world)
    record = world.records[ONE]
    assert (record.ruling.verdict, record.state) == (Verdict.HOLD, State.DONE)
    assert world.review is not None
    assert world.review.ended
