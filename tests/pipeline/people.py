# SPDX-License-Identifier: Apache-2.0
"""One picture of class 3B in storage, and people who hand in what they know or want of it."""

from agent import upkeep
from agent.absorbing import absorb
from agent.core.case import Record
from agent.core.desk import Act, Settled
from agent.core.model import CaseId
from agent.core.register import Says
from agent.core.who import Who
from agent.ports import Outcome
from agent.rounds import drain
from tests.builders import BEN, OFFICE, POLICY, a_person, a_register, an_answer, an_item
from tests.memory import Power, World, identifier


def case_of(content: bytes) -> CaseId:
    return CaseId(identifier(content.hex()))


ONE = case_of(b"one")


def run(world: World, power: Power | None = None) -> list[Outcome]:
    """Work off the folders and the desk, as every round begins."""
    return [o for o in drain(world.ports(power or Power(), POLICY), 0) if isinstance(o, Outcome)]


def work(world: World, power: Power | None = None) -> list[Record]:
    """Review everything where that is due, as every round ends; return what changed."""
    return [after for _, after in upkeep.review(world.ports(power or Power(), POLICY))]


def hand_in(world: World, act: Act, by: Who = OFFICE, power: Power | None = None) -> Settled:
    """Put an act on the desk, and let the agent take in all that lies there."""
    item = an_item(act, by, id=f"item{len(world.desk)}".ljust(26, "x"))
    world.desk[item.id] = item
    for _ in absorb(world.ports(power or Power(), POLICY)):
        pass
    return world.settled[item.id]


def stored() -> World:
    """Return a world with one picture that is kept."""
    world = World(files={"camera-1/3b/1.jpg": b"one"})
    run(world)
    return world


def held(world: World) -> World:
    """Let a parent of the class say no: the one picture is to be held."""
    world.register = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
    return world
