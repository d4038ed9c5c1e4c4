# SPDX-License-Identifier: Apache-2.0
"""The import folders on a real disk: what arrives, what settles, what may be deleted."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.adapters.inbox import MAX_DEPTH, ImportFolder, Inbox
from agent.core.clues import ClueMaker
from agent.core.model import Moment
from agent.ports import Discarded
from tests.builders import MOMENT


class StandingClock:
    """A clock that only moves when it is told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Moment:
        return MOMENT

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
def inbox(tmp_path: Path, clock: StandingClock) -> Inbox:
    folder = ImportFolder(path=tmp_path, delete_originals=True)
    return Inbox([folder], 5.0, ClueMaker(bytes(32)), clock)


def put(folder: Path, name: str, content: bytes = b"x") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, ns=(2**62, 2**62))
    return path


def settled(inbox: Inbox, clock: StandingClock) -> list[str]:
    inbox.scan()
    clock.seconds += 6
    return [sighting.shown for sighting in inbox.scan().settled]


def test_a_file_settles_only_after_the_quiet_time(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    put(tmp_path, "a.jpg")
    assert inbox.scan().settling == 1
    clock.seconds += 4
    assert inbox.scan().settling == 1
    clock.seconds += 2
    assert [s.shown for s in inbox.scan().settled] == ["a.jpg"]


def test_a_file_that_grows_starts_its_quiet_time_again(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "a.jpg")
    inbox.scan()
    clock.seconds += 6
    path.write_bytes(b"xx")
    assert inbox.scan().settling == 1


def test_a_file_whose_time_was_set_back_is_still_changed(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "a.jpg", b"one")
    inbox.scan()
    clock.seconds += 6
    path.write_bytes(b"two")
    os.utime(path, ns=(2**62, 2**62))
    assert inbox.scan().settling == 1


def test_a_file_open_for_writing_does_not_settle(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "a.jpg")
    with path.open("ab"):
        assert settled(inbox, clock) == []
    assert settled(inbox, clock) == ["a.jpg"]


@pytest.mark.parametrize("name", ["Thumbs.db", "._a.jpg", ".DS_Store", "a.part", "x.ctg"])
def test_junk_is_ignored_and_stays(
    tmp_path: Path, inbox: Inbox, clock: StandingClock, name: str
) -> None:
    path = put(tmp_path, name)
    assert settled(inbox, clock) == []
    assert path.exists()


def test_folders_too_deep_are_not_walked_for_ever(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    put(tmp_path, "/".join(["d"] * (MAX_DEPTH + 2)) + "/a.jpg")
    assert settled(inbox, clock) == []


def one(inbox: Inbox, clock: StandingClock) -> object:
    settled(inbox, clock)
    return inbox.scan().settled[0]


def test_the_very_file_that_was_seen_is_opened(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "a.jpg")
    sighting = one(inbox, clock)
    with inbox.open(sighting) as source:
        assert source is not None
    path.unlink()
    put(tmp_path, "a.jpg", b"other")
    with inbox.open(sighting) as source:
        assert source is None


def test_a_link_put_in_the_place_of_a_file_is_not_followed(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "a.jpg")
    sighting = one(inbox, clock)
    path.rename(tmp_path / "b.jpg")
    path.symlink_to(tmp_path / "b.jpg")
    with inbox.open(sighting) as source:
        assert source is None


def test_only_the_very_file_is_deleted(tmp_path: Path, inbox: Inbox, clock: StandingClock) -> None:
    path = put(tmp_path, "a.jpg")
    identity = one(inbox, clock).identity
    path.write_bytes(b"other")
    assert inbox.discard(identity) is Discarded.CHANGED
    assert path.exists()


def test_a_deleted_file_is_gone_and_then_was_gone(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "a.jpg")
    identity = one(inbox, clock).identity
    assert inbox.discard(identity) is Discarded.DELETED
    assert not path.exists()
    assert inbox.discard(identity) is Discarded.GONE


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder that another person owns, and the test as that person."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(0)
        shutil.rmtree(folder)


def test_an_unreadable_folder_is_named_by_code_and_the_rest_goes_on(
    nobody: Path, clock: StandingClock
) -> None:
    folder = ImportFolder(path=nobody, delete_originals=True)
    inbox = Inbox([folder], 5.0, ClueMaker(bytes(32)), clock)
    put(nobody, "a.jpg")
    (nobody / "closed").mkdir(mode=0o000)
    assert settled(inbox, clock) == ["a.jpg"]
    assert inbox.scan().unreadable == ("inbox.folder_unreadable",)


def test_a_file_that_may_not_be_deleted_is_blocked_and_stays(
    nobody: Path, clock: StandingClock
) -> None:
    folder = ImportFolder(path=nobody, delete_originals=True)
    inbox = Inbox([folder], 5.0, ClueMaker(bytes(32)), clock)
    path = put(nobody, "card/a.jpg")
    identity = one(inbox, clock).identity
    path.parent.chmod(0o555)
    assert inbox.discard(identity) is Discarded.BLOCKED
    path.parent.chmod(0o755)
    assert path.exists()


def test_a_group_settles_with_its_last_member(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    put(tmp_path, "3B/IMG_1.HEIC")
    assert settled(inbox, clock) == ["3B/IMG_1.HEIC"]
    put(tmp_path, "3B/IMG_1.MOV")
    scan = inbox.scan()
    assert (scan.settled, scan.settling) == ((), 2)
    assert settled(inbox, clock) == ["3B/IMG_1.HEIC", "3B/IMG_1.MOV"]


def test_a_growing_sidecar_keeps_its_medium_waiting(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    put(tmp_path, "IMG_1.JPG")
    settled(inbox, clock)
    put(tmp_path, "IMG_1.AAE")
    assert inbox.scan().settled == ()


def test_sidecars_stand_with_the_first_member(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    for name in ("IMG_1.HEIC", "IMG_1.MOV", "IMG_E1.HEIC", "IMG_1.AAE", "._IMG_1.MOV"):
        put(tmp_path, name)
    for name in ("IMG_1234.JPG", "IMG_E1234.JPG", "IMG_1234.AAE"):
        put(tmp_path, name)
    settled(inbox, clock)
    sidecars = {s.shown: len(s.sidecars) for s in inbox.scan().settled}
    assert sidecars == {
        "IMG_1.HEIC": 2,
        "IMG_1.MOV": 0,
        "IMG_E1.HEIC": 0,
        "IMG_1234.JPG": 1,
        "IMG_E1234.JPG": 0,
    }


def test_notes_of_both_spellings_count_for_every_member(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    for name in ("1.jpg", "1.mov", "2.jpg"):
        put(tmp_path, name)
    put(tmp_path, "1.xmp", b"<one/>")
    put(tmp_path, "1.JPG.XMP", b"<two/>")
    put(tmp_path, "1.aae", b"<no/>")
    settled(inbox, clock)
    notes = {s.shown: sorted(inbox.notes(s) or ()) for s in inbox.scan().settled}
    assert notes == {
        "1.jpg": [b"<one/>", b"<two/>"],
        "1.mov": [b"<one/>", b"<two/>"],
        "2.jpg": [],
    }


def test_notes_that_have_changed_are_not_read(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    put(tmp_path, "1.jpg")
    path = put(tmp_path, "1.xmp", b"<one/>")
    settled(inbox, clock)
    (sighting,) = inbox.scan().settled
    path.write_bytes(b"<another/>")
    assert inbox.notes(sighting) is None
    path.unlink()
    assert inbox.notes(sighting) is None


def test_notes_without_end_are_cut(tmp_path: Path, inbox: Inbox, clock: StandingClock) -> None:
    put(tmp_path, "1.jpg")
    put(tmp_path, "1.xmp", b"x" * (2 << 20))
    settled(inbox, clock)
    (sighting,) = inbox.scan().settled
    assert [len(notes) for notes in inbox.notes(sighting) or ()] == [(1 << 20) + 1]


def test_notes_count_where_too_many_files_have_one_name(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    endings = ("jpg", "jpeg", "png", "heic", "heif", "avif", "webp", "gif", "bmp", "tif", "tiff")
    for ending in (*endings, "mov", "mp4", "m4v", "3gp", "avi", "mts"):
        put(tmp_path, f"1.{ending}")
    put(tmp_path, "1.xmp", b"<one/>")
    settled(inbox, clock)
    found = inbox.scan().settled
    assert len(found) == 17
    assert {inbox.notes(sighting) for sighting in found} == {(b"<one/>",)}


def test_a_sidecar_alone_is_ignored_and_stays(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    path = put(tmp_path, "IMG_1.AAE")
    assert settled(inbox, clock) == []
    assert inbox.scan().ignored == 1
    assert path.exists()


def test_equal_names_in_two_folders_are_no_group(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    put(tmp_path, "a/IMG_1.HEIC")
    put(tmp_path, "b/IMG_1.MOV")
    settled(inbox, clock)
    assert len({s.group for s in inbox.scan().settled}) == 2


def test_too_many_files_of_one_name_are_no_group(
    tmp_path: Path, inbox: Inbox, clock: StandingClock
) -> None:
    endings = ("jpg", "JPG", "Jpg", "jPg", "jpG", "JPg", "jPG", "JpG", "png", "PNG", "Png", "pNg")
    names = [f"IMG_1.{ending}" for ending in (*endings, "mov", "MOV", "Mov", "mOv", "moV")]
    for name in names:
        put(tmp_path, name)
    if len(list(tmp_path.iterdir())) < len(names):
        pytest.skip("this file system does not tell capitals from small letters")
    settled(inbox, clock)
    assert len({s.group for s in inbox.scan().settled}) == len(names)


def test_a_folder_of_one_device_says_so(tmp_path: Path, clock: StandingClock) -> None:
    folders = [
        ImportFolder(path=tmp_path / "shared", delete_originals=True),
        ImportFolder(path=tmp_path / "card", delete_originals=True, device="camera-1"),
    ]
    inbox = Inbox(folders, 5.0, ClueMaker(bytes(32)), clock)
    for folder in folders:
        put(folder.path, "1.jpg")
    settled(inbox, clock)
    assert [sighting.device for sighting in inbox.scan().settled] == ["", "camera-1"]
