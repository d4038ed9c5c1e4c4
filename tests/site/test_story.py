# SPDX-License-Identifier: Apache-2.0
"""The whole path as a person meets it: init, register, process, look, open, verify, reconsider."""

import io
import json
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from PIL import Image

from agent.demo import school
from agent.seal import identity_file
from tests.site.conftest import PASSPHRASE, School, picture


def test_every_story_of_the_demonstration_ends_as_it_says(a_school: School) -> None:
    stories = {story.place: story for story in school.stories()}
    for story in stories.values():
        a_school.drop(story.place, story.content)
    told = a_school.process()
    assert told.keys() == stories.keys()
    for place, story in stories.items():
        assert told[place]["verdict"] == story.verdict, place
        if story.concern is not None:
            assert story.concern in told[place]["concerns"], place
        kept = story.verdict == "QUARANTINE"
        assert told[place]["original"] == ("kept" if kept else "deleted"), place
        assert (a_school.folder / "import" / place).exists() is kept
        assert told[place]["stored"] is True


def test_the_keys_of_a_json_line_are_the_contract(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    assert set(line) == {
        "case",
        "file",
        "verdict",
        "concerns",
        "sentence",
        "stored",
        "original",
    }


def test_an_opened_picture_is_upright_and_without_metadata(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", school.stories()[1].content)
    (line,) = a_school.process().values()
    opened = a_school.opened(line["case"])
    for leak in (b"Exif", b"GPS", b"Canon", b"043052001234", b"Larkfield"):
        assert leak not in opened
    assert Image.open(io.BytesIO(opened)).size == (1200, 1600)


def test_show_tells_sealed_details_only_with_the_identity(a_school: School) -> None:
    a_school.drop("camera-1/3B/Amara at the fair.JPG", picture())
    (line,) = a_school.process().values()
    closed = a_school.run("show", line["case"])
    assert "cleared now for photograph_and_store" in closed.out
    assert "Amara" not in closed.out
    opened = a_school.run(
        *("show", line["case"], "--identity", str(a_school.folder / "office/office-identity.age")),
        *("--passphrase-file", str(a_school.base / "passphrase"), "--json"),
    )
    details = json.loads(opened.out)["details"]
    assert details["name"] == "camera-1/3B/Amara at the fair.JPG"
    assert details["serials"] == [school.CANON.serial]


def test_a_stranger_opens_a_picture_with_cat_age_and_tar(a_school: School) -> None:
    """No part of ours is needed to open what was sealed: the header and body are an age file."""
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.process()
    slip = next((a_school.vault / "slips" / "a").glob("*/*")).read_bytes()
    body = next((a_school.vault / "bodies").glob("*/*")).read_bytes()
    identity = identity_file.read(
        (a_school.folder / "office/office-identity.age").read_bytes(), PASSPHRASE.encode()
    )
    from agent.seal.sealing import open_bytes  # noqa: PLC0415 - the reader of the same format

    tar = open_bytes(slip + body, [identity])
    listing = subprocess.run(["tar", "t"], input=tar, capture_output=True, check=True)
    assert listing.stdout.split() == [b"facts.json", b"media.jpg"]


def test_the_recovery_identity_opens_too(tmp_path: Path) -> None:
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    made = School(tmp_path / "site", tmp_path)
    done = made.run(
        *("init", str(made.folder), "--school", "Larkfield"),
        *("--passphrase-file", str(tmp_path / "passphrase")),
        *("--recovery-out", str(tmp_path / "recovery.txt")),
    )
    assert done.code == 0, done.err
    made.publish()
    made.drop("camera-1/3B/1.JPG", picture())
    (line,) = made.process().values()
    done = made.run(
        *("open", line["case"], "--out", str(tmp_path / "out.jpg")),
        *("--identity", str(tmp_path / "recovery.txt")),
    )
    assert done.code == 0, done.err
    assert "AGE-SECRET-KEY-PQ-" not in done.out + done.err


def test_init_refuses_a_folder_with_something_in_it(a_school: School) -> None:
    words = ("init", str(a_school.folder), "--school", "X")
    done = a_school.run(*words, "--passphrase-file", str(a_school.base / "passphrase"))
    assert done.code == 2
    assert "not empty" in done.err


def test_reconsider_follows_the_register_both_ways(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.process()
    rows = school.register_rows(date.today())
    for row in rows:
        if row.get("person") == "P02" and row.get("says") == "yes":
            row["says"] = "withdrawn"
    a_school.publish(rows)
    (change,) = a_school.run("reconsider", "--json").lines
    assert (change["before"], change["verdict"]) == ("KEEP", "HOLD")
    a_school.publish()
    (change,) = a_school.run("reconsider", "--json").lines
    assert (change["before"], change["verdict"]) == ("HOLD", "KEEP")
    assert a_school.run("verify").code == 0


def test_a_new_device_frees_what_it_took(a_school: School) -> None:
    """Evidence outlives the register: an unknown camera's pictures need no second reading."""
    a_school.drop("camera-2/3B/1.JPG", picture(1, school.PHONE))
    (line,) = a_school.process().values()
    assert line["concerns"] == ["device.unregistered"]
    rows = school.register_rows(date.today())
    rows.append(
        {"kind": "device", "reference": "n", "model": school.PHONE.model, "folders": "camera-2"}
    )
    a_school.publish(rows)
    (change,) = a_school.run("reconsider", "--json").lines
    assert change["verdict"] == "KEEP"


def test_dry_run_publishes_nothing(a_school: School) -> None:
    before = sorted((a_school.vault / "snapshots").rglob("*.age"))
    done = a_school.run(
        "register", "publish", "--from", str(a_school.base / "register.csv"), "--dry-run"
    )
    assert done.code == 0
    assert "dry run" in done.out
    assert sorted((a_school.vault / "snapshots").rglob("*.age")) == before


def test_status_and_check_answer(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.process()
    (told,) = a_school.run("status", "--json").lines
    assert (told["keep"], told["waiting"], told["register"], told["vault"]) == (
        1,
        0,
        "valid",
        "ready",
    )
    assert a_school.run("check").code == 0
    assert len(a_school.run("cases", "--json").lines) == 1


def test_without_a_site_the_program_says_how_to_name_one(tmp_path: Path) -> None:
    done = School(tmp_path / "nowhere", tmp_path).run("status")
    assert done.code == 2
    assert "--site" in done.err


@pytest.mark.parametrize("command", ["", "init", "process", "run", "verify", "register publish"])
def test_help_teaches(a_school: School, command: str) -> None:
    done = a_school.run(*command.split(), "--help")
    assert done.code == 0
    assert len(done.out) > 150


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is absent")
def test_an_independent_reader_finds_nothing_in_an_opened_picture(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture(faces=("Amara Okafor",)))
    (line,) = a_school.process().values()
    a_school.opened(line["case"])
    path = a_school.base / f"{line['case']}.opened"
    listed = subprocess.run(
        ["exiftool", "-G1", "-a", "-s", str(path)], capture_output=True, check=True, text=True
    ).stdout
    groups = {row.split("]")[0].strip("[ ") for row in listed.splitlines()}
    assert groups <= {"ExifTool", "System", "File", "JFIF", "Composite"}
