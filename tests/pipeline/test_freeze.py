# SPDX-License-Identifier: Apache-2.0
"""A freeze beats everything: whenever it lands, nothing more is done to the picture by anyone."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from agent import pipeline, upkeep
from agent.core.attribution import NOBODY_ELSE
from agent.core.case import State
from agent.core.concerns import Concern, Verdict
from agent.core.desk import Act, Erase, Freeze, Release, SayPresent, Seen, Settled
from agent.core.errors import ConfigurationError, UnavailableError
from agent.core.freezing import frozen
from agent.core.model import CaseId
from agent.core.who import AccountId, Role, Who
from agent.ports import OpenedCase
from agent.redaction import Redaction, redact
from tests.builders import AMARA, CHAIR, HEAD, OFFICE, POLICY, TEACHER, an_item, evidence
from tests.memory import Power, PowerCutError, World
from tests.pipeline.people import ONE, case_of, hand_in, held, run, stored, work

REFERENCE = "WS-2026-004711"
PRESENT = SayPresent(case=ONE, people=(AMARA,), present=NOBODY_ELSE)
LEAD = Who(account=AccountId("lead" + "a" * 22), role=Role.SAFEGUARDING_LEAD)


def what_is_there(world: World) -> tuple[object, ...]:
    return dict(world.files), dict(world.spool), dict(world.vault)


@dataclass
class FreezesAt(Power):
    """Put a freeze on the desk at one step, while its write is under way."""

    world: World = field(default_factory=World)
    then: tuple[object, ...] = ()

    @contextmanager
    def step(self) -> Iterator[None]:
        self.calls += 1
        if self.calls == self.at:
            item = an_item(Freeze(case=ONE), TEACHER)
            self.world.desk[item.id] = item
        yield
        if self.calls == self.at:
            self.then = what_is_there(self.world)


def a_world() -> World:
    return World(files={"camera-1/3b/1.jpg": b"one", "camera-1/3b/1.aae": b"how"})


def steps_of_a_run() -> range:
    """Return the steps after which the picture is a case that can be frozen."""
    power = Power()
    run(a_world(), power)
    for at in range(1, power.calls + 1):
        world = a_world()
        with pytest.raises(PowerCutError):
            run(world, Power(at))
        if ONE in world.records:
            return range(at, power.calls + 1)
    raise AssertionError("it never became a case")


STEPS = steps_of_a_run()


@pytest.mark.parametrize("at", STEPS)
def test_a_freeze_at_any_step_stops_all_but_the_write_under_way(at: int) -> None:
    world = a_world()
    power = FreezesAt(at=at, world=world)
    run(world, power)
    assert what_is_there(world) == power.then
    run(world)
    assert what_is_there(world) == power.then


def test_the_planted_fault_a_stage_that_does_not_ask_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pipeline, "untouched", lambda _ports, records: list(records))
    moved = 0
    for at in STEPS:
        world = a_world()
        power = FreezesAt(at=at, world=world)
        run(world, power)
        moved += what_is_there(world) != power.then
    assert moved


@pytest.mark.parametrize("act", [PRESENT, Seen(case=ONE), Erase(case=ONE, proposed_by=HEAD)])
def test_nothing_about_a_frozen_case_is_taken_in(act: Act) -> None:
    world = stored()
    hand_in(world, Freeze(case=ONE), TEACHER)
    before, record = what_is_there(world), world.records[ONE]
    assert hand_in(world, act) is Settled.FROZEN
    assert (what_is_there(world), world.records[ONE]) == (before, record)


def test_chores_leave_a_frozen_case_as_it_is() -> None:
    world = stored()
    hand_in(world, Freeze(case=ONE), TEACHER)
    before, record = what_is_there(world), world.records[ONE]
    ports = held(world).ports(Power(), POLICY)
    assert list(upkeep.reconsider(ports)) == []
    assert list(upkeep.review(ports)) == []
    assert upkeep.release_spool(ports, timedelta(0)) == 0
    pipeline.recover(ports)
    assert (what_is_there(world), world.records[ONE]) == (before, record)


def test_a_frozen_case_is_not_covered() -> None:
    world = stored()
    hand_in(world, Freeze(case=ONE), TEACHER)
    record = world.records[ONE]
    opened = OpenedCase(case=ONE, content=b"one", evidence=record.evidence, details={})
    wanted = Redaction(id="w" * 26, by=OFFICE, places=(), left=(AMARA,))
    with pytest.raises(ConfigurationError) as refused:
        redact(world.ports(Power(), POLICY), record, opened, wanted)
    assert refused.value.code == "case.frozen"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 4))
def test_a_cut_while_a_freeze_is_taken_in_freezes_all_the_same(at: int, after: bool) -> None:
    world = stored()
    with pytest.raises(PowerCutError):
        hand_in(world, Freeze(case=ONE), TEACHER, Power(at, after))
    run(world)
    codes = [entry.kind.code for entry in world.entries.values()]
    assert codes.count("case.frozen") == 1
    assert list(world.settled.values()) == [Settled.DONE]
    assert hand_in(world, Seen(case=ONE)) is Settled.FROZEN


RELEASES = [
    (Freeze(case=ONE), OFFICE, REFERENCE, Settled.NOT_ENTITLED),
    (Freeze(case=ONE), HEAD, "the police were here", Settled.NO_REFERENCE),
    (Freeze(case=ONE), HEAD, REFERENCE, Settled.DONE),
    (Freeze(case=ONE), LEAD, REFERENCE, Settled.DONE),
    (Freeze(case=ONE), CHAIR, REFERENCE, Settled.NOT_ENTITLED),
    (Freeze(case=ONE, concerns_head=True), HEAD, REFERENCE, Settled.NOT_ENTITLED),
    (Freeze(case=ONE, concerns_head=True), LEAD, REFERENCE, Settled.NOT_ENTITLED),
    (Freeze(case=ONE, concerns_head=True), CHAIR, REFERENCE, Settled.DONE),
]


@pytest.mark.parametrize(("freeze", "who", "reference", "expected"), RELEASES)
def test_who_may_release(freeze: Freeze, who: Who, reference: str, expected: Settled) -> None:
    world = stored()
    hand_in(world, freeze, TEACHER)
    assert hand_in(world, Release(case=ONE, reference=reference), who) is expected
    again = Settled.DONE if expected is Settled.DONE else Settled.FROZEN
    assert hand_in(world, Seen(case=ONE)) is again
    assert REFERENCE not in repr([entry.body for entry in world.entries.values()])


def test_a_release_without_a_proper_reference_changes_nothing_wherever_it_comes_from() -> None:
    freeze = an_item(Freeze(case=ONE), TEACHER)
    for reference, is_still_frozen in (("nobody minds", True), (REFERENCE, False)):
        release = an_item(Release(case=ONE, reference=reference), HEAD)
        assert (ONE in frozen([freeze, release])) is is_still_frozen


def test_what_is_not_frozen_is_not_released() -> None:
    act = Release(case=ONE, reference=REFERENCE)
    assert hand_in(stored(), act, HEAD) is Settled.NOT_FROZEN


# --- an erasure that a freeze stopped -------------------------------------------------------------


def an_interrupted_erasure(at: int) -> World:
    """Two people have it erased; a cut comes at step `at`, and then somebody freezes it."""
    world = held(stored())
    list(upkeep.reconsider(world.ports(Power(), POLICY)))
    with pytest.raises(PowerCutError):
        hand_in(world, Erase(case=ONE, proposed_by=HEAD), OFFICE, Power(at))
    item = an_item(Freeze(case=ONE), TEACHER)
    world.desk[item.id] = item
    run(world)
    assert world.records[ONE].state is State.ERASING
    assert hand_in(world, Seen(case=ONE)) is Settled.FROZEN
    return world


def test_a_release_does_not_go_on_with_an_erasure_that_the_freeze_stopped() -> None:
    world = an_interrupted_erasure(at=2)
    assert hand_in(world, Release(case=ONE, reference=REFERENCE), HEAD) is Settled.DONE
    run(world)
    record = world.records[ONE]
    assert (record.state, record.erasure) == (State.DONE, None)
    assert b"one" in world.vault.values()
    assert "photo.erased" not in {entry.kind.code for entry in world.entries.values()}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 5))
def test_a_cut_while_it_is_released_destroys_nothing(at: int, after: bool) -> None:
    world = an_interrupted_erasure(at=2)
    with pytest.raises(PowerCutError):
        hand_in(world, Release(case=ONE, reference=REFERENCE), HEAD, Power(at, after))
    run(world)
    assert world.records[ONE].state is State.DONE
    assert b"one" in world.vault.values()


def test_a_release_says_when_part_of_it_was_destroyed_before() -> None:
    world = an_interrupted_erasure(at=3)
    assert b"one" not in world.vault.values()
    act = Release(case=ONE, reference=REFERENCE)
    assert hand_in(world, act, HEAD) is Settled.ERASURE_BEGUN
    run(world)
    assert world.records[ONE].state is State.ERASED


def test_a_release_waits_for_the_storage_where_an_erasure_was_stopped() -> None:
    world = an_interrupted_erasure(at=2)
    world.vault_away = True
    with pytest.raises(UnavailableError):
        hand_in(world, Release(case=ONE, reference=REFERENCE), HEAD)
    assert world.records[ONE].state is State.ERASING
    world.vault_away = False
    run(world)
    assert world.records[ONE].state is State.DONE


# --- the same picture again -----------------------------------------------------------------------


def test_frozen_bytes_under_another_name_are_examined_once_and_stay() -> None:
    world = stored()
    hand_in(world, Freeze(case=ONE), TEACHER)
    world.files["camera-1/3b/again.jpg"] = b"one"
    for _ in range(3):
        run(world)
    assert world.examined.count("camera-1/3b/again.jpg") == 1
    assert world.files["camera-1/3b/again.jpg"] == b"one"
    hand_in(world, Release(case=ONE, reference=REFERENCE), HEAD)
    run(world)
    assert "camera-1/3b/again.jpg" not in world.files


def a_near_copy(world: World) -> CaseId:
    """Let the same scene arrive in other bytes."""
    world.evidence[b"smaller"] = evidence(look=world.records[ONE].evidence.look)
    world.files["camera-1/3b/smaller.jpg"] = b"smaller"
    return case_of(b"smaller")


def test_a_near_copy_of_a_frozen_picture_is_held_and_its_original_stays() -> None:
    world = stored()
    hand_in(world, Freeze(case=ONE), TEACHER)
    copy = a_near_copy(world)
    run(world)
    ruling = world.records[copy].ruling
    assert (ruling.verdict, ruling.concerns) == (Verdict.HOLD, (Concern.FREEZE_COPY,))
    assert ruling.copies == (ONE,)
    assert "camera-1/3b/smaller.jpg" in world.files
    hand_in(world, Release(case=ONE, reference=REFERENCE), HEAD)
    assert world.records[copy].ruling.verdict is Verdict.KEEP


def test_a_freeze_holds_the_copies_that_are_there_already() -> None:
    world = stored()
    copy = a_near_copy(world)
    run(world)
    assert world.records[copy].ruling.verdict is Verdict.KEEP
    hand_in(world, Freeze(case=ONE), TEACHER)
    assert world.records[copy].ruling.concerns == (Concern.FREEZE_COPY,)


def test_what_was_covered_in_a_frozen_picture_is_held_at_the_next_review() -> None:
    world = stored()
    covered = evidence(parent=ONE)
    world.evidence[b"covered"] = covered
    world.files["camera-1/3b/covered.jpg"] = b"covered"
    run(world)
    work(world)
    assert world.records[case_of(b"covered")].ruling.verdict is Verdict.KEEP
    hand_in(world, Freeze(case=ONE), TEACHER)
    work(world)
    assert world.records[case_of(b"covered")].ruling.concerns == (Concern.FREEZE_COPY,)
