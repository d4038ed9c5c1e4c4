# SPDX-License-Identifier: Apache-2.0
"""Erasing takes two people and a sure day, and is finished whenever the power fails."""

from dataclasses import replace

import pytest

from agent import upkeep
from agent.core.case import State
from agent.core.desk import Erase, Settled
from agent.core.who import Who
from tests.builders import CHAIR, HEAD, OFFICE, POLICY, TEACHER
from tests.memory import Power, PowerCutError, World
from tests.pipeline.people import ONE, hand_in, held, run, stored


def a_held_picture() -> World:
    world = held(stored())
    list(upkeep.reconsider(world.ports(Power(), POLICY)))
    return world


ERASE = Erase(case=ONE, proposed_by=HEAD)


def steps() -> int:
    power = Power()
    hand_in(a_held_picture(), ERASE, OFFICE, power)
    return power.calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, steps() + 1))
def test_a_cut_at_any_step_ends_in_one_erasure(at: int, after: bool) -> None:
    world = a_held_picture()
    with pytest.raises(PowerCutError):
        hand_in(world, ERASE, OFFICE, Power(at, after))
    run(world)
    record = world.records[ONE]
    assert (record.state, record.spooled) == (State.ERASED, False)
    assert (world.vault, world.spool) == ({}, {})
    codes = [entry.kind.code for entry in world.entries.values()]
    assert codes.count("photo.erased") == 1
    assert list(world.settled.values()) == [Settled.DONE]


@pytest.mark.parametrize(
    ("proposed_by", "confirmed_by"),
    [
        (HEAD, HEAD),
        (HEAD, replace(OFFICE, account=HEAD.account)),
        (TEACHER, HEAD),
        (HEAD, TEACHER),
        (CHAIR, HEAD),
    ],
    ids=["one person", "one person in two roles", "a teacher", "to a teacher", "the chair"],
)
def test_two_different_people_of_office_and_head_are_needed(
    proposed_by: Who, confirmed_by: Who
) -> None:
    world = a_held_picture()
    act = Erase(case=ONE, proposed_by=proposed_by)
    assert hand_in(world, act, confirmed_by) is Settled.NOT_ERASED
    assert b"one" in world.vault.values()


def test_nothing_is_erased_on_a_clock_that_is_not_to_be_trusted() -> None:
    world = a_held_picture()
    world.moment = replace(world.moment, trusted=False)
    assert hand_in(world, ERASE) is Settled.NOT_ERASED
    assert b"one" in world.vault.values()


def test_what_is_kept_is_not_erased() -> None:
    world = stored()
    assert hand_in(world, ERASE) is Settled.NOT_ERASED
    assert b"one" in world.vault.values()


def test_the_same_bytes_arriving_later_are_a_new_object() -> None:
    world = a_held_picture()
    before = world.records[ONE].object
    hand_in(world, ERASE)
    world.files["camera-1/3b/again.jpg"] = b"one"
    run(world)
    record = world.records[ONE]
    assert (record.state, record.erasure) == (State.DONE, None)
    assert record.object != before
    assert world.vault[record.object] == b"one"
