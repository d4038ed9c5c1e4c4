# SPDX-License-Identifier: Apache-2.0
"""What the office posts to a station: taken in like what is said there, answered, never turned."""

from dataclasses import replace
from datetime import timedelta

import pytest

from agent.absorbing import absorb, note_strangers
from agent.core.attribution import NOBODY_ELSE
from agent.core.concerns import Verdict
from agent.core.desk import Act, Erase, Freeze, Release, SayAbsent, SayPresent, Seen, Settled
from agent.core.model import CaseId, Moment
from agent.core.who import Who
from tests.builders import AMARA, BEN, HEAD, NOW, OFFICE, POLICY, TEACHER, an_item
from tests.memory import Power, PowerCutError, World
from tests.pipeline.people import ONE, held, run, stored, work

REFERENCE = "WS-2026-004711"
WITHOUT_BEN = SayPresent(case=ONE, people=(AMARA,), present=NOBODY_ELSE)
WITH_BEN = SayPresent(case=ONE, people=(AMARA, BEN), present=NOBODY_ELSE)
STRANGE = CaseId("q" * 26)


def lay_down(world: World, act: Act, minutes: int = 0, by: Who = OFFICE) -> str:
    """Put what the office said so many minutes from now on the station's desk."""
    item = an_item(act, by, id=f"post{chr(97 + len(world.desk))}".ljust(26, "x"))
    world.desk[item.id] = replace(item, at=NOW + timedelta(minutes=minutes))
    world.received.add(item.id)
    return item.id


def take_in(world: World, power: Power | None = None) -> None:
    for _ in absorb(world.ports(power or Power(), POLICY)):
        pass


def posted(world: World, act: Act, minutes: int = 0, by: Who = OFFICE) -> Settled:
    item = lay_down(world, act, minutes, by)
    take_in(world)
    return world.settled[item]


def answers(world: World) -> list[tuple[object, object]]:
    """Return what the station told the office, as (item, word)."""
    bodies = [e.body for e in world.entries.values() if e.kind.code == "act.settled"]
    return [(body["item"], body["settled"]) for body in bodies]


def a_held_picture() -> World:
    world = held(stored())
    work(world)
    assert world.records[ONE].ruling.verdict is Verdict.HOLD
    return world


def test_what_the_office_says_counts_and_is_answered() -> None:
    world = a_held_picture()
    item = lay_down(world, WITHOUT_BEN)
    take_in(world)
    assert world.records[ONE].ruling.verdict is Verdict.KEEP
    assert answers(world) == [(item, "done")]


def test_what_is_said_here_is_not_answered() -> None:
    world = a_held_picture()
    item = lay_down(world, WITHOUT_BEN)
    world.received.clear()
    take_in(world)
    assert world.settled[item] is Settled.DONE
    assert answers(world) == []


@pytest.mark.parametrize("act", [WITHOUT_BEN, Seen(case=ONE), Erase(case=ONE, proposed_by=HEAD)])
def test_of_a_case_that_is_not_here_the_office_hears(act: Act) -> None:
    world = a_held_picture()
    assert posted(world, replace(act, case=STRANGE)) is Settled.UNKNOWN_CASE
    assert [word for _, word in answers(world)] == ["case.unknown"]


def test_a_freeze_of_a_case_that_is_not_here_counts_and_the_office_hears() -> None:
    world = stored()
    assert posted(world, Freeze(case=STRANGE)) is Settled.UNKNOWN_CASE
    assert [item.act for item in world.freezes.values()] == [Freeze(case=STRANGE)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("act", [WITHOUT_BEN, Freeze(case=ONE), Erase(case=ONE, proposed_by=HEAD)])
def test_a_cut_at_any_step_changes_nothing_of_what_comes_of_it(act: Act, after: bool) -> None:
    whole = a_held_picture()
    posted(whole, act)
    at = 0
    while True:
        at += 1
        world = a_held_picture()
        item = lay_down(world, act)
        try:
            take_in(world, Power(at, after))
        except PowerCutError:
            run(world)
            assert world.records == whole.records
            assert set(answers(world)) == {(item, "done")}
            assert world.settled == whole.settled
            continue
        break
    assert at > 3


# --- whoever controls the file server holds something back, and brings it later -------------------


def test_an_older_word_does_not_count_after_a_newer_one() -> None:
    world = a_held_picture()
    assert posted(world, WITH_BEN, minutes=-1) is Settled.DONE
    assert posted(world, WITHOUT_BEN, minutes=-2) is Settled.OVERTAKEN
    assert world.records[ONE].ruling.verdict is Verdict.HOLD
    assert posted(world, WITHOUT_BEN) is Settled.DONE
    assert world.records[ONE].ruling.verdict is Verdict.KEEP


def test_an_older_absence_does_not_count_after_a_newer_one() -> None:
    world = a_held_picture()
    assert posted(world, SayAbsent(case=ONE, people=()), minutes=-1) is Settled.DONE
    assert posted(world, SayAbsent(case=ONE, people=(BEN,)), minutes=-2) is Settled.OVERTAKEN
    assert world.records[ONE].ruling.verdict is Verdict.HOLD
    assert posted(world, SayAbsent(case=ONE, people=(BEN,))) is Settled.DONE
    assert world.records[ONE].ruling.verdict is Verdict.KEEP


def test_a_release_that_was_held_back_does_not_end_a_later_freeze() -> None:
    world = stored()
    release = Release(case=ONE, reference=REFERENCE)
    posted(world, Freeze(case=ONE), minutes=-3, by=TEACHER)
    posted(world, Freeze(case=ONE), minutes=-1, by=TEACHER)
    assert posted(world, release, minutes=-2, by=HEAD) is Settled.OVERTAKEN
    assert posted(world, Seen(case=ONE)) is Settled.FROZEN
    assert posted(world, release, by=HEAD) is Settled.DONE
    assert posted(world, Seen(case=ONE)) is Settled.DONE


def test_who_may_release_is_asked_of_the_post_too() -> None:
    world = stored()
    posted(world, Freeze(case=ONE), minutes=-1, by=TEACHER)
    assert posted(world, Release(case=ONE, reference=REFERENCE)) is Settled.NOT_ENTITLED


# --- clocks ---------------------------------------------------------------------------------------


def test_a_word_from_a_clock_that_is_ahead_is_refused_and_proves_no_time() -> None:
    world = a_held_picture()
    assert posted(world, WITHOUT_BEN, minutes=6) is Settled.AHEAD
    assert world.records[ONE].ruling.verdict is Verdict.HOLD
    assert max(entry.at for entry in world.entries.values()) <= NOW
    assert posted(world, WITHOUT_BEN, minutes=5) is Settled.DONE


def test_while_the_clock_is_in_doubt_only_a_freeze_counts() -> None:
    world = a_held_picture()
    world.moment = Moment(at=world.moment.at, today=world.moment.today, trusted=False)
    said, freeze = lay_down(world, WITHOUT_BEN), lay_down(world, Freeze(case=ONE), by=TEACHER)
    take_in(world)
    assert (said in world.settled, world.settled[freeze]) == (False, Settled.DONE)
    world.moment = Moment(at=world.moment.at, today=world.moment.today)
    take_in(world)
    assert world.settled[said] is Settled.FROZEN


# --- strangers ------------------------------------------------------------------------------------


def test_strangers_in_the_post_are_one_entry_a_day() -> None:
    world = stored()
    ports = world.ports(Power(), POLICY)
    assert note_strangers(ports) == 0
    world.strangers = 10_000
    assert [note_strangers(ports), note_strangers(ports)] == [10_000, 10_000]
    bodies = [e.body for e in world.entries.values() if e.kind.code == "act.untrusted"]
    assert bodies == [{"day": world.moment.today.isoformat()}]


def test_a_clock_in_doubt_names_no_day() -> None:
    world = stored()
    world.strangers = 1
    world.moment = Moment(at=world.moment.at, today=world.moment.today, trusted=False)
    assert note_strangers(world.ports(Power(), POLICY)) == 1
    assert "act.untrusted" not in {entry.kind.code for entry in world.entries.values()}
