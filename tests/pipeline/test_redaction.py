# SPDX-License-Identifier: Apache-2.0
"""A redacted copy takes the one path: decided by the same rules, whenever the power fails."""

from dataclasses import replace

import pytest

from agent import pipeline
from agent.core.case import Original, Record, State
from agent.core.concerns import Concern, Verdict
from agent.core.covering import Place
from agent.core.errors import ConfigurationError, UnavailableError
from agent.core.model import Look
from agent.core.register import Says
from agent.ports import OpenedCase
from agent.redaction import Redaction, places_of, redact
from agent.rounds import drain
from tests.builders import (
    AMARA,
    BEN,
    OFFICE,
    POLICY,
    a_person,
    a_register,
    a_tag,
    an_answer,
    clue,
    evidence,
)
from tests.memory import Power, PowerCutError, World

FACE = Place(left=0.1, top=0.1, width=0.1, height=0.1)


def a_redaction(**wanted: object) -> Redaction:
    return Redaction(id="w" * 26, by=OFFICE, **wanted)


WITHOUT_BEN = a_redaction(places=(FACE,), covered=(BEN,), left=(AMARA,))
OF_BOTH = evidence(
    tags=(a_tag("ben hart"), a_tag("amara okafor")),
    look=Look(faces=2, pixels=clue("both"), outline=0xFF),
)


def a_world() -> World:
    """A picture of two children is held, for one of them has no permission."""
    world = World(evidence={b"both": OF_BOTH})
    world.register = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
    world.files["camera-1/3B/both.jpg"] = b"both"
    for _ in drain(world.ports(Power(), POLICY), 0):
        pass
    return world


def parent_of(world: World) -> Record:
    (record,) = (r for r in world.records.values() if r.evidence.parent is None)
    return record


def copies(world: World) -> list[Record]:
    return [r for r in world.records.values() if r.evidence.parent is not None]


def make(world: World, wanted: Redaction = WITHOUT_BEN, power: Power | None = None) -> Record:
    record = parent_of(world)
    opened = OpenedCase(
        case=record.case, evidence=record.evidence, details={"name": "3B/both.jpg"}, content=b"both"
    )
    return redact(world.ports(power or Power(), POLICY), record, opened, wanted)


def test_a_copy_without_the_refused_child_is_kept_and_its_parent_stays_held() -> None:
    world = a_world()
    before = parent_of(world)
    assert before.ruling.concerns == (Concern.PERMISSION_REFUSED,)
    copy = make(world)
    assert (copy.ruling.verdict, copy.state) == (Verdict.KEEP, State.DONE)
    assert copy.evidence.parent == before.case
    assert copy.original is Original.KEPT
    assert parent_of(world) == before
    entry = world.entries[f"{copy.case}.decided.1"]
    assert entry.body["parent"] == before.case
    assert entry.body["stated"] == "yes"
    assert copy.object in world.vault


def test_the_same_rules_judge_a_copy() -> None:
    world = a_world()
    left = make(world, a_redaction(places=(FACE,), left=(AMARA, BEN)))
    assert left.ruling.concerns == (Concern.PERMISSION_REFUSED,)


def test_a_face_more_than_people_are_left_holds_the_copy() -> None:
    world = a_world()
    world.faces_left = 2
    assert make(world).ruling.concerns == (Concern.PEOPLE_UNCOUNTED,)


def test_a_withdrawal_holds_the_copy_too() -> None:
    world = a_world()
    copy = make(world)
    withdrawn = a_person(AMARA, an_answer(Says.WITHDRAWN))
    world.register = a_register(withdrawn, a_person(BEN, an_answer(Says.NO), name="ben hart"))
    again = make(world)
    assert again.case == copy.case
    assert again.ruling.concerns == (Concern.PERMISSION_WITHDRAWN,)
    assert again.rulings == 2


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (a_redaction(places=(FACE,), left=(AMARA,)), "cover.forgotten"),
        (a_redaction(places=(FACE,), covered=(BEN,)), "cover.forgotten"),
        (a_redaction(places=(FACE,), covered=(BEN,), left=(AMARA, BEN)), "cover.both"),
        (a_redaction(places=(), covered=(BEN,), left=(AMARA,)), "cover.not_one_colour"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(wanted: Redaction, code: str) -> None:
    world = a_world()
    before = (dict(world.records), dict(world.entries), dict(world.spool), dict(world.statements))
    with pytest.raises(ConfigurationError) as told:
        make(world, wanted)
    assert told.value.code == code
    assert before == (world.records, world.entries, world.spool, world.statements)


def test_what_could_not_be_cleaned_is_not_covered() -> None:
    world = a_world()
    record = parent_of(world)
    unclean = replace(record.evidence, refusal=Concern.MEDIA_UNVERIFIED)
    world.records[record.case] = replace(record, evidence=unclean)
    with pytest.raises(ConfigurationError) as told:
        make(world)
    assert told.value.code == "cover.unclean"


def test_while_the_vault_is_away_a_copy_waits_sealed() -> None:
    world = a_world()
    world.vault_away = True
    with pytest.raises(UnavailableError):
        make(world)
    (copy,) = copies(world)
    assert copy.state is State.SEALED
    world.vault_away = False
    pipeline.recover(world.ports(Power(), POLICY))
    (copy,) = copies(world)
    assert (copy.state, copy.ruling.verdict) == (State.DONE, Verdict.KEEP)


def steps() -> int:
    power = Power()
    make(a_world(), power=power)
    return power.calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, steps() + 1))
def test_a_power_cut_costs_a_repetition_and_nothing_else(at: int, *, after: bool) -> None:
    world = a_world()
    with pytest.raises(PowerCutError):
        make(world, power=Power(at=at, after=after))
    pipeline.recover(world.ports(Power(), POLICY))
    assert all(copy.ruling.verdict is Verdict.KEEP for copy in copies(world))
    copy = make(world)
    assert (copy.state, copy.ruling.verdict) == (State.DONE, Verdict.KEEP)
    assert [one.case for one in copies(world)] == [copy.case]
    kept = {record.object for record in world.records.values()}
    assert set(world.vault) == kept
    assert set(world.spool) <= kept


FACES = [["0.1000", "0.2000", "0.3000", "0.4000", "0.9"], ["0.5000", "0.6000", "0.1", "0.2", "1"]]


def test_faces_are_chosen_by_their_numbers() -> None:
    assert places_of(FACES, [2, 1]) == (
        Place(left=0.5, top=0.6, width=0.1, height=0.2),
        Place(left=0.1, top=0.2, width=0.3, height=0.4),
    )
    assert places_of(FACES, []) == ()


@pytest.mark.parametrize("number", [0, -1, 3])
def test_a_number_that_no_face_has_is_refused(number: int) -> None:
    with pytest.raises(ConfigurationError) as told:
        places_of(FACES, [1, number])
    assert told.value.code == "cover.no_face"
