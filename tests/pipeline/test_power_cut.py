# SPDX-License-Identifier: Apache-2.0
"""A power cut at every step: run again, and nothing is lost, nothing is stored twice."""

from datetime import timedelta

import pytest

from agent import pipeline, upkeep
from agent.core.case import Original, State
from agent.core.concerns import Concern, Verdict
from agent.core.errors import IntegrityError, UnavailableError
from agent.core.register import Says
from agent.ports import Outcome
from agent.rounds import drain
from tests.builders import AMARA, BEN, POLICY, a_person, a_register, an_answer
from tests.memory import Power, PowerCutError, World

GOOD = {
    "camera-1/3b/1.jpg": b"one",
    "camera-1/3b/2.jpg": b"two",
    "camera-1/3b/twin of 1.jpg": b"one",
    "elsewhere/3.jpg": b"three",
    "camera-1/3b/broken.jpg": b"broken",
    "camera-1/3b/broken too.jpg": b"broken",
}


def a_world(files: dict[str, bytes] | None = None) -> World:
    world = World(files=dict(GOOD if files is None else files))
    world.refusals[b"broken"] = Concern.MEDIA_UNREADABLE
    return world


def run(world: World, power: Power | None = None) -> list[Outcome]:
    steps = drain(world.ports(power or Power(), POLICY), 0)
    return [step for step in steps if isinstance(step, Outcome)]


def check_nothing_lost(world: World, files: dict[str, bytes]) -> None:
    """Every original is in the vault or still in its place; what is gone is stored and recorded."""
    for name, content in files.items():
        stored = content in world.vault.values()
        assert stored or world.files.get(name) == content, name
        if name not in world.files:
            recorded = [e for e in world.entries.values() if e.kind.code == "photo.stored"]
            assert any(world.vault[str(e.body["object"])] == content for e in recorded)


def steps_of_a_whole_run() -> int:
    power = Power()
    run(a_world(), power)
    return power.calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, steps_of_a_whole_run() + 1))
def test_a_cut_loses_nothing_and_a_second_run_completes(at: int, after: bool) -> None:
    world = a_world()
    with pytest.raises(PowerCutError):
        run(world, Power(at, after))
    check_nothing_lost(world, GOOD)
    run(world)
    check_nothing_lost(world, GOOD)
    assert sorted(world.vault.values()) == sorted(set(GOOD.values()))
    assert all(record.state is State.DONE for record in world.records.values())
    assert sorted(world.files) == ["camera-1/3b/broken too.jpg", "camera-1/3b/broken.jpg"]
    assert set(world.spool) == set(world.vault)


def test_two_cuts_in_a_row_lose_nothing() -> None:
    for first in range(1, 12):
        for second in range(1, 12):
            world = a_world()
            for at in (first, second):
                with pytest.raises(PowerCutError):
                    run(world, Power(at))
                check_nothing_lost(world, GOOD)
            run(world)
            assert sorted(world.vault.values()) == sorted(set(GOOD.values()))


def test_the_planted_fault_discard_before_record_is_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The suite above can fail: with the last stages exchanged it does."""
    stages = (
        (State.SEALED, pipeline._clear),
        *pipeline._STAGES,
    )
    monkeypatch.setattr(pipeline, "_STAGES", stages)
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    with pytest.raises(PowerCutError):
        run(world, Power(4))
    with pytest.raises(AssertionError):
        check_nothing_lost(world, {"camera-1/3b/1.jpg": b"one"})


def test_the_verdicts_are_what_the_rules_say() -> None:
    verdicts = {o.shown: o.record.ruling.verdict for o in run(a_world())}
    assert verdicts["camera-1/3b/1.jpg"] is Verdict.KEEP
    assert verdicts["elsewhere/3.jpg"] is Verdict.HOLD
    assert verdicts["camera-1/3b/broken.jpg"] is Verdict.QUARANTINE


def test_the_same_bytes_again_are_logged_and_not_stored_again() -> None:
    world = a_world()
    run(world)
    kinds = [entry.kind.code for entry in world.entries.values()]
    assert kinds.count("photo.duplicate") == 2
    assert len(world.vault) == 4


def test_twins_in_different_folders_share_the_stricter_evidence() -> None:
    refused = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
    refused = a_register(*refused.people.values(), members=frozenset({AMARA, BEN}))
    world = a_world({"camera-1/1.jpg": b"one", "camera-1/3b/1.jpg": b"one"})
    world.register = refused
    run(world)
    (record,) = world.records.values()
    assert record.ruling.concerns == (Concern.PERMISSION_REFUSED,)


def test_a_second_run_over_files_that_stay_does_nothing() -> None:
    world = a_world()
    run(world)
    before = dict(world.entries)
    assert all(outcome.known for outcome in run(world))
    assert world.entries == before


def test_an_absent_vault_seals_everything_and_deletes_nothing() -> None:
    world = a_world()
    world.vault_away = True
    with pytest.raises(UnavailableError):
        run(world)
    assert world.files == GOOD
    assert sorted(world.spool.values()) == sorted(set(GOOD.values()))
    world.vault_away = False
    run(world)
    assert sorted(world.vault.values()) == sorted(set(GOOD.values()))


def test_a_vault_that_returns_something_else_stops_and_deletes_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    ports = world.ports(Power(), POLICY)
    monkeypatch.setattr(ports.vault, "matches", lambda *_: False)
    with pytest.raises(IntegrityError):
        list(drain(ports, 0))
    assert world.files == {"camera-1/3b/1.jpg": b"one"}


def test_a_folder_whose_originals_stay_keeps_them() -> None:
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    world.keep_originals = True
    (outcome,) = run(world)
    assert outcome.record.original is Original.KEPT
    assert world.files


def test_a_file_that_changes_before_it_is_deleted_stays_and_arrives_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    ports = world.ports(Power(), POLICY)
    append = ports.ledger.append

    def changing(entries: object) -> None:
        if b"one" in world.files.values():
            world.files["camera-1/3b/1.jpg"] = b"other"
        append(entries)

    monkeypatch.setattr(ports.ledger, "append", changing)
    list(drain(ports, 0))
    assert sorted(world.vault.values()) == [b"one", b"other"]
    assert not world.files


def test_a_withdrawal_turns_a_kept_picture_into_a_held_one() -> None:
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    run(world)
    world.register = a_register(
        a_person(), a_person(BEN, an_answer(Says.WITHDRAWN), name="ben hart")
    )
    ((before, after),) = upkeep.reconsider(world.ports(Power(), POLICY))
    assert before.ruling.verdict is Verdict.KEEP
    assert after.ruling.concerns == (Concern.PERMISSION_WITHDRAWN,)
    assert len(world.vault) == world.sealed == 1


def test_a_new_answer_lets_a_held_picture_be_kept() -> None:
    refused = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    world.register = refused
    run(world)
    world.register = a_register()
    ((_, after),) = upkeep.reconsider(world.ports(Power(), POLICY))
    assert after.ruling.verdict is Verdict.KEEP
    assert not list(upkeep.reconsider(world.ports(Power(), POLICY)))


@pytest.mark.parametrize("at", range(1, 6))
def test_a_cut_while_reconsidering_is_mended_by_the_next_run(at: int) -> None:
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    run(world)
    world.register = a_register(a_person(), a_person(BEN, an_answer(Says.NO), name="ben hart"))
    try:
        list(upkeep.reconsider(world.ports(Power(at), POLICY)))
    except PowerCutError:
        run(world)
        list(upkeep.reconsider(world.ports(Power(), POLICY)))
    (record,) = world.records.values()
    assert record.ruling.verdict is Verdict.HOLD
    assert record.state is State.DONE
    decided = [e for e in world.entries.values() if e.kind.code == "photo.decided"]
    assert [e.body["verdict"] for e in decided] == ["KEEP", "HOLD"]


def test_a_spool_copy_goes_only_after_its_time_and_a_second_look() -> None:
    world = a_world({"camera-1/3b/1.jpg": b"one"})
    run(world)
    ports = world.ports(Power(), POLICY)
    assert upkeep.release_spool(ports, timedelta(hours=1)) == 0
    (object_id,) = world.vault
    sound, world.vault[object_id] = world.vault[object_id], b"rotten"
    assert upkeep.release_spool(ports, timedelta(0)) == 0
    assert world.spool
    world.vault[object_id] = sound
    assert upkeep.release_spool(ports, timedelta(0)) == 1
    assert not world.spool
