# SPDX-License-Identifier: Apache-2.0
"""Cards, absences and copies work across files, in whatever order and however often power fails."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations

import pytest

from agent import upkeep
from agent.core.cards import Card, CardKind, card_text
from agent.core.case import State
from agent.core.concerns import Concern, Verdict
from agent.core.model import CaseId, Clue, Evidence, Look, Shot
from agent.core.register import Says
from agent.core.statements import StatementKind
from agent.deciding import decide
from agent.ports import Outcome
from agent.rounds import drain
from tests.builders import (
    BEN,
    CARD_KEY,
    CLASS_3B,
    POLICY,
    a_card_id,
    a_person,
    a_register,
    a_statement,
    a_tag,
    an_answer,
    clue,
    evidence,
)
from tests.memory import Power, PowerCutError, World

CLASS_CARD = Card(kind=CardKind.CLASS, id=a_card_id(CardKind.CLASS, CLASS_3B), year="26")
CARD = card_text(CLASS_CARD, CARD_KEY)
START = datetime(2026, 11, 23, 10)  # noqa: DTZ001 - a camera has no zone


def says(number: int, *cards: str, outline: int | None = None) -> Evidence:
    """What picture number so-and-so of one camera says, in no class's folder."""
    return evidence(
        folders=frozenset({clue("camera-1")}),
        cards=cards,
        shot=Shot(body=Clue("body"), taken=START + timedelta(minutes=number), number=number),
        look=Look(faces=1, pixels=Clue(f"pixels {number}"), outline=outline),
    )


PICTURES = {b"card": says(1, CARD), b"two": says(2), b"three": says(3)}


def a_world(*contents: bytes) -> World:
    world = World(evidence=dict(PICTURES))
    add(world, *contents)
    return world


def add(world: World, *contents: bytes) -> None:
    for content in contents:
        world.files[f"camera-1/{content.decode()}.jpg"] = content


def run(world: World, power: Power | None = None) -> None:
    for step in drain(world.ports(power or Power(), POLICY), 0):
        del step


def verdicts(world: World) -> dict[str, tuple[Verdict, tuple[Concern, ...]]]:
    return {
        record.evidence.look.pixels: (record.ruling.verdict, record.ruling.concerns)
        for record in world.records.values()
        if record.evidence.look is not None
    }


AFTER_THE_CARD = {
    "pixels 1": (Verdict.HOLD, (Concern.CARD_PICTURE,)),
    "pixels 2": (Verdict.KEEP, ()),
    "pixels 3": (Verdict.KEEP, ()),
}


def test_a_card_names_the_class_of_what_follows() -> None:
    world = a_world(*PICTURES)
    run(world)
    assert verdicts(world) == AFTER_THE_CARD


@pytest.mark.parametrize("order", list(permutations(PICTURES)))
def test_files_may_come_in_any_order_on_any_day(order: tuple[bytes, ...]) -> None:
    world = a_world()
    for content in order:
        add(world, content)
        run(world)
    assert verdicts(world) == AFTER_THE_CARD
    assert all(record.state is State.DONE for record in world.records.values())


def test_a_late_card_is_recorded_for_every_picture_that_it_changes() -> None:
    world = a_world(b"two", b"three")
    run(world)
    add(world, b"card")
    run(world)
    decided = [e for e in world.entries.values() if e.kind.code == "photo.decided"]
    assert len(decided) == 5


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("at", range(1, 26))
def test_a_power_cut_while_a_sitting_opens_again_is_mended(at: int, after: bool) -> None:
    world = a_world(b"two", b"three")
    run(world)
    add(world, b"card")
    try:
        run(world, Power(at, after))
    except PowerCutError:
        run(world)
    assert verdicts(world) == AFTER_THE_CARD
    assert all(record.state is State.DONE for record in world.records.values())


def with_ben_refusing(world: World) -> World:
    ben = a_person(BEN, an_answer(Says.NO), name="ben hart")
    world.register = a_register(a_person(), ben)
    return world


def test_a_child_said_to_be_absent_frees_the_whole_sitting() -> None:
    world = with_ben_refusing(a_world(*PICTURES))
    run(world)
    assert verdicts(world)["pixels 3"][1] == (Concern.PERMISSION_REFUSED,)
    card = next(r for r in world.records.values() if r.evidence.cards)
    statement = a_statement(BEN, about=f"{card.case}.{CLASS_3B}")
    absent = replace(statement, kind=StatementKind.ABSENT)
    world.ports(Power(), POLICY).journal.say([absent])
    list(upkeep.reconsider(world.ports(Power(), POLICY)))
    assert verdicts(world) == AFTER_THE_CARD


def test_a_refusal_sticks_to_a_copy_of_the_scene() -> None:
    world = with_ben_refusing(a_world())
    tagged = replace(says(2, outline=0xFF), tags=(a_tag("ben hart"),))
    world.evidence = {
        b"original": tagged,
        b"smaller": evidence(look=Look(faces=1, pixels=Clue("other"), outline=0xFE)),
        b"another": evidence(look=Look(faces=1, pixels=Clue("third"), outline=0xFFFF0000)),
    }
    world.register = replace(
        world.register,
        rosters={CLASS_3B: replace(a_register().rosters[CLASS_3B], members=frozenset({"a" * 26}))},
    )
    for content in (b"original", b"smaller", b"another"):
        add(world, content)
        run(world)
    assert Concern.PERMISSION_REFUSED in verdicts(world)["other"][1]
    assert verdicts(world)["third"] == (Verdict.KEEP, ())


def test_the_order_of_a_copy_and_its_original_in_one_batch_does_not_matter() -> None:
    world = with_ben_refusing(a_world())
    world.evidence = {
        b"a": evidence(look=Look(faces=1, pixels=Clue("a"), outline=0xFE)),
        b"b": replace(says(2, outline=0xFF), tags=(a_tag("ben hart"),)),
    }
    add(world, b"a", b"b")
    told = [s for s in drain(world.ports(Power(), POLICY), 0) if isinstance(s, Outcome)]
    assert all(Concern.PERMISSION_REFUSED in o.record.ruling.concerns for o in told)


def test_a_copy_that_arrives_later_tightens_what_was_kept() -> None:
    world = with_ben_refusing(a_world())
    only_amara = replace(a_register().rosters[CLASS_3B], members=frozenset({"a" * 26}))
    world.register = replace(world.register, rosters={CLASS_3B: only_amara})
    world.evidence = {
        b"kept": evidence(look=Look(faces=1, pixels=Clue("kept"), outline=0xFE)),
        b"tagged": replace(says(2, outline=0xFF), tags=(a_tag("ben hart"),)),
    }
    add(world, b"kept")
    run(world)
    assert verdicts(world)["kept"] == (Verdict.KEEP, ())
    add(world, b"tagged")
    run(world)
    assert verdicts(world)["kept"] == (Verdict.HOLD, (Concern.PERMISSION_REFUSED,))
    (kept,) = (r for r in world.records.values() if r.ruling.copies)
    assert kept.ruling.copies == tuple(r.case for r in world.records.values() if r is not kept)
    entry = world.entries[f"{kept.case}.decided.2"]
    assert entry.body["copies"] == list(kept.ruling.copies)


def test_a_copy_without_a_device_does_not_touch_what_was_kept() -> None:
    world = a_world()
    world.evidence = {
        b"kept": evidence(look=Look(faces=1, pixels=Clue("kept"), outline=0xFE)),
        b"message": Evidence(look=Look(faces=1, pixels=Clue("message"), outline=0xFF)),
    }
    for content in (b"kept", b"message"):
        add(world, content)
        run(world)
    assert verdicts(world)["kept"] == (Verdict.KEEP, ())
    assert verdicts(world)["message"][0] is Verdict.HOLD


def test_a_redacted_copy_is_no_copy_of_its_parent() -> None:
    world = with_ben_refusing(a_world())
    parent = replace(says(2, outline=0xFF), tags=(a_tag("ben hart"),))
    world.evidence = {
        b"parent": parent,
        b"covered": evidence(
            look=Look(faces=1, pixels=Clue("covered"), outline=0xFF), parent=CaseId("p" * 26)
        ),
    }
    only_amara = replace(a_register().rosters[CLASS_3B], members=frozenset({"a" * 26}))
    world.register = replace(world.register, rosters={CLASS_3B: only_amara})
    for content in (b"parent", b"covered"):
        add(world, content)
        run(world)
    assert verdicts(world)["covered"] == (Verdict.KEEP, ())


def test_companions_of_a_picture_are_decided_again_with_it() -> None:
    """A Live Photo's moving part has no place of its own among the camera's pictures."""
    world = a_world()
    world.evidence[b"moving"] = evidence(folders=frozenset({clue("camera-1")}), look=None)
    world.files |= {"camera-1/two.jpg": b"two", "camera-1/two.mov": b"moving"}
    run(world)
    add(world, b"card")
    run(world)
    found = {record.evidence.shot is None: record for record in world.records.values()}
    assert Concern.PEOPLE_UNATTRIBUTED in found[True].ruling.concerns
    bad = says(1, "PW1:")
    later = a_world()
    later.evidence |= {b"card": bad, b"moving": evidence(look=Look(faces=1, pixels=Clue("m")))}
    later.files |= {"camera-1/two.jpg": b"two", "camera-1/two.mov": b"moving"}
    later.evidence[b"two"] = replace(says(2), folders=evidence().folders)
    run(later)
    assert {r.ruling.verdict for r in later.records.values()} == {Verdict.KEEP}
    add(later, b"card")
    run(later)
    held = {r.case: r.ruling.concerns for r in later.records.values() if not r.evidence.cards}
    assert set(held.values()) == {(Concern.CARD_FORGED,)}


def test_a_day_of_many_pictures_decides_only_what_a_card_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The work of a batch grows with what changes, not with all that the day has had before."""
    world = World(evidence={b"card": says(1, CARD), b"first": says(2)})
    add(world, b"card", b"first")
    for number in range(3, 40):
        world.evidence[str(number).encode()] = says(number)
    run(world)
    decisions = []
    monkeypatch.setattr(
        "agent.intake.decide",
        lambda ports, case, *rest: decisions.append(case) or decide(ports, case, *rest),
    )
    for number in range(3, 40):
        add(world, str(number).encode())
    run(world)
    assert len(decisions) == 37
    assert {v for v, _ in verdicts(world).values()} == {Verdict.KEEP, Verdict.HOLD}
    assert [v for v, _ in verdicts(world).values()].count(Verdict.HOLD) == 1
