# SPDX-License-Identifier: Apache-2.0
"""The desk: handed in once however often, in order, by processes that may die at any moment."""

import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from agent.adapters.desk import HINT_SUFFIX, Desk
from agent.core.attribution import NOTHING_SAID, Present
from agent.core.desk import (
    Act,
    Erase,
    Freeze,
    Reconsider,
    Release,
    SayAbsent,
    SayPresent,
    Seen,
    Settled,
)
from agent.core.errors import IntegrityError
from tests.builders import AMARA, BEN, CASE, HEAD, an_item
from tests.shared import REPOSITORY

ACTS: list[Act] = [
    Freeze(case=CASE, concerns_head=True),
    Release(case=CASE, reference="WS-2026-004711"),
    SayPresent(case=CASE, people=(), present=NOTHING_SAID),
    SayPresent(
        case=CASE,
        people=(AMARA, BEN),
        present=Present(visitors=1, not_known=2, added_faces=3, too_small=(4, 5)),
    ),
    SayAbsent(case=CASE, people=(BEN,)),
    Reconsider(),
    Seen(case=CASE),
    Erase(case=CASE, proposed_by=HEAD),
]
HANDING_IN = """
import sys
from pathlib import Path
from agent.adapters.desk import Desk
from agent.core.desk import Freeze
from tests.builders import CASE, an_item
path, letter, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with Desk(path) as desk:
    for number in range(count):
        digits = "".join(chr(ord("a") + int(d)) for d in f"{number:09d}")
        desk.put(an_item(Freeze(case=CASE), id=letter * 17 + digits))
        print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "desk.sqlite"


def handing_in(path: Path, letter: str, count: int) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", HANDING_IN, str(path), letter, str(count)]
    return subprocess.Popen(words, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True)


def test_every_act_is_read_as_it_was_handed_in_and_in_its_order(path: Path) -> None:
    items = [an_item(act) for act in ACTS]
    with Desk(path) as desk:
        for item in items:
            desk.put(item)
    with Desk(path) as again:
        assert list(again.waiting()) == items
        assert list(again.freezes()) == items[:1]


def test_handing_in_twice_is_handing_in_once(path: Path) -> None:
    item = an_item(ACTS[0])
    with Desk(path) as desk:
        desk.put(item)
        desk.put(item)
        assert list(desk.waiting()) == [item]
        desk.settle(item.id, Settled.DONE)
        desk.put(item)
        assert list(desk.waiting()) == []


def test_another_item_under_the_same_id_is_refused(path: Path) -> None:
    item = an_item(ACTS[0])
    with Desk(path) as desk:
        desk.put(item)
        with pytest.raises(IntegrityError) as refused:
            desk.put(replace(item, by=HEAD))
        assert refused.value.code == "desk.damaged"
        assert list(desk.waiting()) == [item]


def test_what_an_item_came_to_is_said_once(path: Path) -> None:
    item = an_item(ACTS[0])
    with Desk(path) as desk:
        desk.put(item)
        assert desk.settled(item.id) is None
        desk.settle(item.id, Settled.FROZEN)
        desk.settle(item.id, Settled.DONE)
        assert desk.settled(item.id) is Settled.FROZEN


def test_what_one_process_hands_in_the_other_sees_at_once(path: Path) -> None:
    with Desk(path) as agent, Desk(path) as console:
        assert list(agent.freezes()) == []
        console.put(an_item(ACTS[0]))
        assert list(agent.freezes()) == [an_item(ACTS[0])]
        assert path.with_suffix(HINT_SUFFIX).read_bytes() == b""


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM items",
        "UPDATE items SET item = '{}'",
        "UPDATE items SET act = 'seen'",
        "UPDATE items SET id = 'other'",
    ],
)
def test_an_item_never_changes_and_never_goes(path: Path, change: str) -> None:
    with Desk(path) as desk:
        desk.put(an_item(ACTS[0]))
    with sqlite3.connect(path) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(change)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"act": "release_all"}'])
def test_what_nobody_can_have_handed_in_stops_the_agent(path: Path, text: str) -> None:
    with Desk(path):
        pass
    with sqlite3.connect(path) as database:
        row = ("i" * 26, "freeze", text)
        database.execute("INSERT INTO items (id, act, item) VALUES (?, ?, ?)", row)
    with Desk(path) as desk, pytest.raises(IntegrityError):
        desk.waiting()


def test_two_processes_hand_in_while_a_third_takes_in(path: Path) -> None:
    count, taken = 40, list[str]()
    with Desk(path) as desk:
        hands = [handing_in(path, letter, count) for letter in "xy"]
        until = time.monotonic() + 60
        while len(taken) < 2 * count and time.monotonic() < until:
            for item in desk.waiting():
                taken.append(item.id)
                desk.settle(item.id, Settled.DONE)
        assert [hand.wait(60) for hand in hands] == [0, 0]
        assert list(desk.waiting()) == []
    assert len(taken) == len(set(taken)) == 2 * count
    for letter in "xy":
        mine = [one for one in taken if one.startswith(letter)]
        assert mine == sorted(mine)
    for hand in hands:
        assert hand.stdout is not None
        hand.stdout.close()


def test_what_a_killed_process_had_handed_in_is_there(path: Path) -> None:
    hand = handing_in(path, "x", 100_000)
    assert hand.stdout is not None
    with hand.stdout as told:
        for _ in range(10):
            last = int(told.readline())
        hand.kill()
        rest = [int(line) for line in told.read().split("\n") if line.isdigit()]
    hand.wait(60)
    with Desk(path) as desk:
        there = len(desk.waiting())
    assert there >= max([last, *rest[:-1]]) + 1
