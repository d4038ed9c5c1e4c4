# SPDX-License-Identifier: Apache-2.0
"""A Live Photo, a RAW and its JPEG, an edited picture: taken in together, decided together."""

from dataclasses import replace

import pytest

from agent import upkeep
from agent.core.case import Original, State
from agent.core.concerns import Concern, Verdict
from agent.core.register import Says
from agent.ports import Outcome
from agent.rounds import drain
from tests.builders import BEN, POLICY, a_person, a_register, a_tag, an_answer
from tests.memory import Power, PowerCutError, World

FILES = {
    "camera-1/3b/1.jpg": b"still",
    "camera-1/3b/1.mov": b"moving",
    "camera-1/3b/1.aae": b"adjustment",
    "camera-1/3b/2.jpg": b"alone",
}


def a_world(files: dict[str, bytes] | None = None) -> World:
    return World(files=dict(FILES if files is None else files))


def run(world: World, power: Power | None = None) -> dict[str, Outcome]:
    steps = drain(world.ports(power or Power(), POLICY), 0)
    return {step.shown: step for step in steps if isinstance(step, Outcome)}


def refused_by_ben() -> World:
    world = a_world()
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    world.register = a_register(a_person(), ben)
    return world


def test_both_members_are_kept_and_the_sidecar_goes_with_them() -> None:
    world = a_world()
    told = run(world)
    assert {o.record.ruling.verdict for o in told.values()} == {Verdict.KEEP}
    assert world.files == {}
    assert b"adjustment" not in world.vault.values()


def test_members_name_one_another() -> None:
    told = run(a_world())
    still, moving = told["camera-1/3b/1.jpg"].record, told["camera-1/3b/1.mov"].record
    assert (still.group, moving.group) == ((moving.case,), (still.case,))
    assert told["camera-1/3b/2.jpg"].record.group == ()


def test_the_ledger_says_how_many_sidecars_went() -> None:
    world = a_world()
    run(world)
    cleared = [e for e in world.entries.values() if e.kind.code == "photo.cleared"]
    assert sorted(int(str(e.body["sidecars"])) for e in cleared) == [0, 0, 1]


def test_a_sidecar_stays_with_an_original_that_stays() -> None:
    world = a_world()
    world.refusals[b"still"] = Concern.MEDIA_UNREADABLE
    told = run(world)
    assert told["camera-1/3b/1.jpg"].record.original is Original.KEPT
    assert sorted(world.files) == ["camera-1/3b/1.aae", "camera-1/3b/1.jpg"]


def test_a_member_that_cannot_be_read_keeps_the_others_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = a_world()
    ports = world.ports(Power(), POLICY)
    examine = ports.sanitiser.examine
    monkeypatch.setattr(
        ports.sanitiser,
        "examine",
        lambda sighting, source, notes: (
            None if sighting.shown.endswith("mov") else examine(sighting, source, notes)
        ),
    )
    told = [step.shown for step in drain(ports, 0) if isinstance(step, Outcome)]
    assert told == ["camera-1/3b/2.jpg"]
    assert sorted(world.files) == sorted(set(FILES) - {"camera-1/3b/2.jpg"})


def test_twins_inside_a_group_do_not_wait_for_each_other_for_ever() -> None:
    world = a_world({"camera-1/3b/1.jpg": b"same", "camera-1/3b/1.jpeg": b"same"})
    run(world)
    assert world.files == {}
    assert list(world.vault.values()) == [b"same"]


def test_reconsidering_asks_the_companions_too() -> None:
    world = a_world()
    run(world)
    moving = next(r for r in world.records.values() if r.group and not r.sidecars)
    (still,) = moving.group
    tagged = replace(moving.evidence, tags=(a_tag("a visitor"),))
    world.records[moving.case] = replace(moving, evidence=tagged)
    changed = [after for _, after in upkeep.reconsider(world.ports(Power(), POLICY))]
    assert still in {after.case for after in changed}
    assert {after.ruling.concerns for after in changed} == {(Concern.PEOPLE_UNKNOWN_NAME,)}


def test_what_is_refused_for_one_is_refused_for_all() -> None:
    told = run(refused_by_ben())
    assert {o.record.ruling.verdict for o in told.values()} == {Verdict.HOLD}


def steps_of_a_whole_run() -> int:
    power = Power()
    run(a_world(), power)
    return power.calls


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, steps_of_a_whole_run() + 1))
def test_a_power_cut_parts_no_group_and_loses_nothing(at: int, after: bool) -> None:
    world = a_world()
    with pytest.raises(PowerCutError):
        run(world, Power(at, after))
    for name, content in FILES.items():
        if not name.endswith(".aae"):
            assert world.files.get(name) == content or content in world.vault.values()
    if "camera-1/3b/1.jpg" in world.files:
        assert "camera-1/3b/1.aae" in world.files
    run(world)
    assert world.files == {}
    assert sorted(world.vault.values()) == [b"alone", b"moving", b"still"]
    assert all(record.state is State.DONE for record in world.records.values())
    assert {len(r.group) for r in world.records.values()} == {0, 1}


def test_whom_a_sidecar_names_is_in_the_picture() -> None:
    world = refused_by_ben()
    world.register = replace(
        world.register,
        rosters={
            key: replace(roster, members=roster.members - {BEN})
            for key, roster in world.register.rosters.items()
        },
    )
    world.files["camera-1/3b/2.jpg.xmp"] = b"ben hart"
    told = run(world)
    assert told["camera-1/3b/1.jpg"].record.ruling.verdict is Verdict.KEEP
    assert told["camera-1/3b/2.jpg"].record.ruling.concerns == (Concern.PERMISSION_REFUSED,)


def test_a_picture_waits_while_its_notes_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    world = a_world()
    ports = world.ports(Power(), POLICY)
    monkeypatch.setattr(
        ports.inbox, "notes", lambda sighting: None if "2.jpg" in sighting.shown else ()
    )
    told = [step.shown for step in drain(ports, 0) if isinstance(step, Outcome)]
    assert "camera-1/3b/2.jpg" not in told
    assert "camera-1/3b/2.jpg" in world.files
