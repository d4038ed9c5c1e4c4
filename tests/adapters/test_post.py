# SPDX-License-Identifier: Apache-2.0
"""The post on a share that nobody trusts: only what the office signed for this station comes in."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from agent.adapters import post
from agent.adapters.desk import Desk
from agent.adapters.post import InPost, OutPost, seal_posted
from agent.core.desk import Act, Freeze, Item, Outgoing, Release, Seen, Settled
from agent.core.errors import UnavailableError
from agent.core.model import CaseId
from agent.core.posted import LONGEST, Posted
from agent.receiving import DeskWithPost
from agent.seal.hybrid import HybridIdentity
from agent.seal.notes import Signer, sign
from agent.seal.sealing import seal_bytes
from tests.builders import CASE, HEAD, NOW, TEACHER, an_item
from tests.memory import MemoryClock, World

REFERENCE = "WS-2026-004711"
VAULT, STATION, OTHER = "v" * 26, "s" * 26, "t" * 26
IDENTITY, STRANGERS_IDENTITY = HybridIdentity.generate(), HybridIdentity.generate()
OFFICE, STRANGER = Signer.generate("photowarden.office"), Signer.generate("photowarden.office")
FREEZE = an_item(Freeze(case=CASE), TEACHER)


def sealed(
    item: Item = FREEZE,
    vault: str = VAULT,
    station: str = STATION,
    signer: Signer = OFFICE,
    identity: HybridIdentity = IDENTITY,
) -> bytes:
    posted = Posted(vault=vault, station=station, item=item)
    return seal_posted(posted, signer, identity.recipient())


def numbered(act: Act, number: int) -> Item:
    digits = "".join(chr(ord("a") + int(d)) for d in f"{number:09d}")
    return replace(an_item(act), id="i" * 17 + digits, at=NOW + timedelta(seconds=number))


@dataclass
class Station:
    """A station's desk and post on a share."""

    base: Path

    def __post_init__(self) -> None:
        self.share = self.base / "share"
        self.folder.mkdir(parents=True)
        self.world = World()
        self.clock = MemoryClock(self.world)
        self.local = Desk(self.base / "desk.sqlite")
        keys = IDENTITY, OFFICE.verifier()
        self.post = InPost(self.share, (VAULT, STATION), keys)
        self.desk = DeskWithPost(self.local, self.post, self.clock)

    @property
    def folder(self) -> Path:
        return self.share / "inbox" / STATION

    def lay(self, content: bytes, name: str = FREEZE.id) -> Path:
        path = self.folder / f"{name}.age"
        path.write_bytes(content)
        return path

    def waiting(self) -> list[Item]:
        self.clock.seconds += 2
        return list(self.desk.waiting())


@pytest.fixture
def station(tmp_path: Path) -> Station:
    return Station(tmp_path)


def test_what_the_office_posted_comes_once_and_its_file_goes_when_it_is_settled(
    station: Station,
) -> None:
    path = station.lay(sealed())
    assert station.waiting() == [FREEZE]
    assert station.desk.was_received(FREEZE.id)
    assert station.waiting() == [FREEZE]
    assert path.exists()
    station.desk.settle(FREEZE.id, Settled.DONE)
    assert station.waiting() == []
    assert not path.exists()


def test_what_was_taken_in_once_is_not_taken_in_again(station: Station) -> None:
    station.lay(sealed())
    station.waiting()
    station.desk.settle(FREEZE.id, Settled.DONE)
    for content in (sealed(), sealed(replace(FREEZE, by=HEAD)), b""):
        path = station.lay(content)
        assert station.waiting() == []
        assert not path.exists()
    assert station.local.settled(FREEZE.id) is Settled.DONE


def test_asking_for_freezes_before_a_write_looks_into_the_post(station: Station) -> None:
    assert list(station.desk.freezes()) == []
    station.lay(sealed())
    station.clock.seconds += 1.9
    assert list(station.desk.freezes()) == []
    station.clock.seconds += 0.1
    assert list(station.desk.freezes()) == [FREEZE]


def test_what_comes_together_lies_in_the_order_in_which_it_was_said(station: Station) -> None:
    items = [numbered(Seen(case=CASE), number) for number in (3, 1, 4, 2, 0)]
    for item in items:
        station.lay(sealed(item), item.id)
    assert station.waiting() == sorted(items, key=lambda item: item.at)


FORGERIES: dict[str, Callable[[], bytes]] = {
    "signed by a stranger": lambda: sealed(signer=STRANGER),
    "for another station": lambda: sealed(station=OTHER),
    "for another school": lambda: sealed(vault="w" * 26),
    "another item's name": lambda: sealed(replace(FREEZE, id="j" * 26)),
    "sealed to somebody else": lambda: sealed(identity=STRANGERS_IDENTITY),
    "truncated": lambda: sealed()[:-1],
    "half": lambda: sealed()[: len(sealed()) // 2],
    "empty": lambda: b"",
    "noise": lambda: bytes(range(256)) * 8,
    "too long": lambda: sealed() + bytes(LONGEST),
    "not sealed": lambda: sign(Posted(vault=VAULT, station=STATION, item=FREEZE).text(), OFFICE),
    "no signature": lambda: seal_bytes(
        [IDENTITY.recipient()], Posted(vault=VAULT, station=STATION, item=FREEZE).text().encode()
    ),
    "another text that the office signed": lambda: seal_bytes(
        [IDENTITY.recipient()], sign("photowarden/office\n5\nAAAA\n", OFFICE)
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forgery_is_left_lying_and_counted(station: Station, forgery: str) -> None:
    path = station.lay(FORGERIES[forgery]())
    assert station.waiting() == []
    assert station.desk.strangers() == 1
    assert path.exists()
    assert not station.local.is_known(FREEZE.id)
    station.lay(sealed())
    assert station.waiting() == [FREEZE]
    assert station.desk.strangers() == 0


def test_a_forgery_that_was_taken_away_is_not_counted_any_more(station: Station) -> None:
    station.lay(b"noise").unlink()
    station.lay(b"noise")
    station.waiting()
    station.lay(b"noise").unlink()
    station.waiting()
    assert station.desk.strangers() == 0


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_pipes_links_and_folders_are_not_followed(station: Station, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.age"
    secret.write_bytes(sealed())
    os.mkfifo(station.folder / f"{'a' * 26}.age")
    (station.folder / f"{FREEZE.id}.age").symlink_to(secret)
    (station.folder / f"{'b' * 26}.age").mkdir()
    assert station.waiting() == []
    assert station.desk.strangers() == 3


def test_other_names_are_nobodys_business(station: Station) -> None:
    for name in ("readme.txt", "x.age", f"{'A' * 26}.age", f"{FREEZE.id}.age.1234.part"):
        (station.folder / name).write_bytes(sealed())
    assert station.waiting() == []
    assert station.desk.strangers() == 0


@pytest.mark.parametrize(
    ("files", "most"), [(500, 50), pytest.param(10_000, post.MOST_READ, marks=pytest.mark.slow)]
)
def test_among_many_files_a_freeze_is_found_and_a_look_opens_a_bounded_number(
    station: Station, monkeypatch: pytest.MonkeyPatch, files: int, most: int
) -> None:
    monkeypatch.setattr(post, "MOST_READ", most)
    for number in range(files):
        station.lay(b"noise", numbered(FREEZE.act, number).id)
    station.lay(sealed())
    opened: list[Path] = []
    content = post._content

    def counted(path: Path) -> bytes | None:
        opened.append(path)
        return content(path)

    monkeypatch.setattr(post, "_content", counted)
    looks = 0
    while station.waiting() != [FREEZE]:
        looks += 1
        assert len(opened) == looks * most
    for _ in range(11):
        station.waiting()
    assert len(opened) == files + 1
    assert station.desk.strangers() == files


def test_without_a_vault_the_desk_still_answers(station: Station) -> None:
    here = an_item(Seen(case=CASE))
    station.local.put(here)
    station.folder.rmdir()
    station.folder.parent.rmdir()
    (station.share / "inbox").write_text("in the way")
    assert station.waiting() == [here]


def test_a_freeze_from_a_clock_that_is_far_ahead_counts_from_now(station: Station) -> None:
    freeze = replace(FREEZE, at=NOW + timedelta(days=400))
    seen = replace(an_item(Seen(case=CASE)), at=NOW + timedelta(days=400))
    station.lay(sealed(freeze))
    station.lay(sealed(seen), seen.id)
    there = {item.id: item for item in station.waiting()}
    now = station.world.moment.at
    assert there == {freeze.id: replace(freeze, at=now), seen.id: seen}


# --- the office's side ----------------------------------------------------------------------------


def outgoing(act: Act = FREEZE.act, number: int = 0) -> Outgoing:
    item = numbered(act, number)
    return Outgoing(item=item, station=STATION, sealed=sealed(item))


def test_what_was_damaged_or_taken_away_is_delivered_again(station: Station) -> None:
    out, one = OutPost(station.share), outgoing()
    path = station.folder / f"{one.item.id}.age"
    for spoil in (lambda: None, path.unlink, lambda: path.write_bytes(b"noise")):
        out.deliver(STATION, one.item.id, one.sealed)
        spoil()
        out.deliver(STATION, one.item.id, one.sealed)
        assert path.read_bytes() == one.sealed
    assert station.waiting() == [one.item]
    out.remove(STATION, one.item.id)
    out.remove(STATION, one.item.id)
    assert list(station.folder.iterdir()) == []


def test_an_absent_vault_is_said(tmp_path: Path) -> None:
    (tmp_path / "inbox").write_text("in the way")
    with pytest.raises(UnavailableError):
        OutPost(tmp_path).deliver(STATION, FREEZE.id, sealed())


def test_what_was_posted_is_kept_until_it_is_answered(tmp_path: Path) -> None:
    first, second = outgoing(), outgoing(Seen(case=CASE), 1)
    with Desk(tmp_path / "desk.sqlite") as desk:
        assert desk.last_posted() is None
        desk.post(first)
        desk.post(second)
    with Desk(tmp_path / "desk.sqlite") as desk:
        assert list(desk.outgoing()) == [first, second]
        assert desk.last_posted() == second.item.at
        assert list(desk.waiting()) == []
        desk.answer(STATION, second.item.id, Settled.FROZEN)
        desk.answer(STATION, second.item.id, Settled.DONE)
        assert desk.answered(second.item.id) is Settled.FROZEN
        assert desk.answered(first.item.id) is None
        assert list(desk.outgoing()) == [first]


def test_another_station_answers_for_nobody_else(tmp_path: Path) -> None:
    one = outgoing()
    with Desk(tmp_path / "desk.sqlite") as desk:
        desk.post(one)
        desk.answer(OTHER, one.item.id, Settled.DONE)
        assert desk.answered(one.item.id) is None


def test_a_freeze_counts_here_until_its_station_has_released_it(tmp_path: Path) -> None:
    freeze = outgoing()
    with Desk(tmp_path / "desk.sqlite") as desk, Desk(tmp_path / "desk.sqlite") as console:
        console.post(freeze)
        assert list(desk.freezes()) == [freeze.item]
        console.lift(STATION, CASE)
        assert list(desk.freezes()) == [freeze.item]
        console.answer(STATION, freeze.item.id, Settled.DONE)
        console.lift(OTHER, CASE)
        console.lift(STATION, CaseId("z" * 26))
        assert list(desk.freezes()) == [freeze.item]
        console.lift(STATION, CASE)
        assert list(desk.freezes()) == []


def test_a_retired_stations_freeze_ends_with_the_release_that_is_handed_in(tmp_path: Path) -> None:
    items = [numbered(FREEZE.act, 1), numbered(Release(case=CASE, reference=REFERENCE), 2)]
    with Desk(tmp_path / "desk.sqlite") as desk:
        for item in items:
            desk.post(Outgoing(item=item, station=STATION, sealed=b""))
        assert list(desk.freezes()) == items


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM posted",
        "UPDATE posted SET station = 'other'",
        "UPDATE posted SET item = '{}'",
        "UPDATE posted SET sealed = x'00'",
        "UPDATE posted SET settled = 'case.frozen'",
        "UPDATE posted SET settled = NULL",
        "UPDATE posted SET lifted = 0",
    ],
)
def test_what_was_posted_never_changes_and_never_goes(tmp_path: Path, change: str) -> None:
    path, one = tmp_path / "desk.sqlite", outgoing()
    with Desk(path) as desk:
        desk.post(one)
        desk.answer(STATION, one.item.id, Settled.DONE)
        desk.lift(STATION, CASE)
    with sqlite3.connect(path) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(change)
