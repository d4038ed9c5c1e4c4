# SPDX-License-Identifier: Apache-2.0
"""Bad input, one thing each: a clear sentence, the right exit code, and nothing lost."""

import os
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path

import pytest

from agent import bootstrap, office
from agent.demo import school
from agent.seal.notes import Signer, sign
from tests.site.conftest import School, picture


def test_a_corrupt_file_is_quarantined_and_stays(a_school: School) -> None:
    path = a_school.drop("camera-1/3B/1.JPG", picture()[:900])
    (line,) = a_school.process().values()
    assert (line["verdict"], line["original"]) == ("QUARANTINE", "kept")
    assert path.exists()


def test_zeros_under_the_name_of_a_picture_stay(a_school: School) -> None:
    """What a failing card leaves: the name and the length of a picture, and nothing in it."""
    a_school.drop("camera-1/3B/1.JPG", bytes(5000))
    (line,) = a_school.process().values()
    assert (line["concerns"], line["original"]) == (["media.unreadable"], "kept")


def test_two_empty_files_are_told_apart_by_name_and_both_stay(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", b"")
    a_school.drop("DCIM/100CANON/IMG_0002.JPG", b"")
    told = a_school.process()
    assert [line["concerns"] for line in told.values()] == [["media.empty"]] * 2
    assert len(a_school.process()) == 2
    assert len(a_school.run("cases", "--json").lines) == 1


def test_a_folder_named_like_a_picture_is_walked_into(a_school: School) -> None:
    a_school.drop("camera-1/3B/x.jpg/1.JPG", picture())
    assert list(a_school.process()) == ["camera-1/3B/x.jpg/1.JPG"]


def test_links_are_never_followed(a_school: School, tmp_path: Path) -> None:
    secret = tmp_path / "elsewhere.jpg"
    secret.write_bytes(picture())
    inside = a_school.folder / "import" / "camera-1"
    inside.mkdir()
    (inside / "link.jpg").symlink_to(secret)
    (inside / "round").symlink_to(inside)
    os.mkfifo(inside / "pipe.jpg")
    assert a_school.process() == {}
    assert secret.exists()


def test_a_file_still_being_written_waits_until_it_is_whole(a_school: School) -> None:
    path = a_school.folder / "import" / "camera-1" / "3B" / "1.JPG"
    path.parent.mkdir(parents=True)
    content = picture()
    script = (
        "import sys, time\n"
        "with open(sys.argv[1], 'wb', buffering=0) as f:\n"
        "    for i in range(20):\n"
        "        f.write(open(sys.argv[2], 'rb').read()[i * 1000 : (i + 1) * 1000])\n"
        "        time.sleep(0.08)\n"
        "    f.write(open(sys.argv[2], 'rb').read()[20000:])\n"
    )
    source = a_school.base / "source.jpg"
    source.write_bytes(content.ljust(21000, b"\0"))
    writer = subprocess.Popen([sys.executable, "-c", script, str(path), str(source)])
    while not path.exists():
        time.sleep(0.01)
    told = a_school.process()
    writer.wait()
    told = told or a_school.process()
    assert told["camera-1/3B/1.JPG"]["verdict"] == "KEEP"


@pytest.mark.parametrize(
    "name",
    [
        "Zoë Lindqvist.JPG",
        "line\nbreak.JPG",
        "\N{CAMERA}\N{VARIATION SELECTOR-16}.JPG",
        "a" * 240 + ".JPG",
        "--help.JPG",
        "[bold]x[/bold].JPG",
        "\N{RIGHT-TO-LEFT OVERRIDE}GPJ.exe.JPG",
    ],
)
def test_any_name_is_processed_and_written_nowhere(a_school: School, name: str) -> None:
    a_school.drop(f"camera-1/3B/{name}", picture())
    told = a_school.process()
    assert told[f"camera-1/3B/{name}"]["verdict"] == "KEEP"
    assert name.encode() not in a_school.written()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_a_name_that_is_no_text_is_processed(a_school: School) -> None:
    folder = os.fsencode(a_school.folder / "import" / "camera-1" / "3B")
    os.makedirs(folder)  # noqa: PTH103 - a name in bytes
    with open(folder + b"/\xff\xfe.JPG", "wb") as file:  # noqa: PTH123 - a name in bytes
        file.write(picture())
    (line,) = a_school.process().values()
    assert (line["verdict"], line["original"]) == ("KEEP", "deleted")


def test_a_missing_vault_waits_and_loses_nothing(a_school: School) -> None:
    path = a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.vault.rename(a_school.base / "away")
    told = a_school.process(code=3)
    assert told["camera-1/3B/1.JPG"]["stored"] is False
    assert path.exists()
    assert a_school.run("status", "--json").lines[0]["waiting"] == 1
    (a_school.base / "away").rename(a_school.vault)
    a_school.process()
    assert not path.exists()
    assert a_school.run("verify").code == 0


def test_a_vault_with_another_marker_is_refused(a_school: School) -> None:
    path = a_school.drop("camera-1/3B/1.JPG", picture())
    stranger = Signer.generate("photowarden.office")
    marker = a_school.vault / "vault.json"
    text = marker.read_text().split("\n\n")[0] + "\n"
    marker.write_bytes(sign(text, stranger))
    done = a_school.run("process", "--json")
    assert done.code == 2
    assert "not the approved storage" in done.err
    assert path.exists()


def test_a_marker_of_another_vault_is_refused(a_school: School, loaded: bootstrap.Site) -> None:
    signer = bootstrap.signer_at(loaded, "office/office-signing.key")
    text = '{"format":"photowarden-vault/1","id":"' + "a" * 26 + '"}\n'
    (a_school.vault / "vault.json").write_bytes(sign(text, signer))
    assert a_school.run("check").code == 2


def snapshots(a_school: School) -> list[Path]:
    return sorted((a_school.vault / "snapshots").rglob("*.age"))


def test_a_tampered_snapshot_holds_everything(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (path,) = snapshots(a_school)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    (line,) = a_school.process().values()
    assert (line["verdict"], line["concerns"]) == ("HOLD", ["register.untrusted"])


def test_a_rolled_back_snapshot_holds_everything(a_school: School) -> None:
    a_school.publish()
    a_school.drop("camera-1/3B/1.JPG", picture(1))
    a_school.process()
    snapshots(a_school)[-1].unlink()
    a_school.drop("camera-1/3B/2.JPG", picture(2))
    told = a_school.process()
    assert told["camera-1/3B/2.JPG"]["concerns"] == ["register.rolled_back"]


def test_a_missing_snapshot_holds_everything(a_school: School) -> None:
    shutil.rmtree(snapshots(a_school)[0].parent)
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    assert line["concerns"] == ["register.missing"]


def test_an_expired_snapshot_holds_everything(a_school: School, loaded: bootstrap.Site) -> None:
    plan = office.plan_publication

    def in_the_past(site: bootstrap.Site, rows: object) -> office.Publication:
        made = plan(site, rows)
        from dataclasses import replace  # noqa: PLC0415 - one use

        old = replace(made.snapshot, valid_until=made.snapshot.issued_at - timedelta(seconds=1))
        return office.Publication(snapshot=old, changes=made.changes)

    rows = list(enumerate(school.register_rows(date.today()), start=2))
    office.publish(loaded, in_the_past(loaded, rows))
    time.sleep(1.1)
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    assert line["concerns"] == ["register.stale"]


def test_a_register_file_in_windows_1252_means_the_same(a_school: School) -> None:
    path = a_school.base / "register.csv"
    text = path.read_text("utf-8")
    assert "Zoë" in text
    path.write_bytes(text.encode("cp1252"))
    done = a_school.run("register", "publish", "--from", str(path), "--json")
    assert done.code == 0, done.err
    assert not any(done.lines[0]["changes"].values())


def test_a_register_file_with_a_mark_and_semicolons_means_the_same(a_school: School) -> None:
    path = a_school.base / "register.csv"
    rows = path.read_text("utf-8").replace(",", ";")
    path.write_text(rows, "utf-8-sig")
    done = a_school.run("register", "publish", "--from", str(path), "--json")
    assert not any(done.lines[0]["changes"].values())


def test_a_faulty_row_publishes_nothing_and_is_named(a_school: School) -> None:
    rows = [*school.register_rows(date.today()), {"kind": "answer", "person": "P99"}]
    done = a_school.publish(rows)
    assert done.code == 2
    assert f"row {len(rows) + 1}" in done.err
    assert len(snapshots(a_school)) == 1


def test_a_missing_register_file_says_so(a_school: School) -> None:
    done = a_school.run("register", "publish", "--from", str(a_school.base / "none.csv"))
    assert done.code == 3
    assert "Excel" in done.err


@pytest.mark.parametrize(
    ("find", "put", "words"),
    [
        ('originals = "delete"', 'originals = "shred"', "import.0.originals"),
        ("spool_hours = 24", "spool_hours = -1", "spool_hours"),
        ("[vault]", "[vault]\ncolour = 1", "vault.colour"),
        ("rehearsal = false", "", "rehearsal"),
        ("Europe/London", "Europe/Larkfield", "timezone"),
    ],
)
def test_a_setting_that_is_not_allowed_stops_the_start(
    a_school: School, find: str, put: str, words: str
) -> None:
    path = a_school.folder / "station.toml"
    path.write_text(path.read_text("utf-8").replace(find, put), "utf-8")
    done = a_school.run("process")
    assert done.code == 2
    assert f"station.toml: {words}" in done.err


def test_an_import_folder_in_a_cloud_folder_is_refused(a_school: School) -> None:
    cloud = a_school.base / "OneDrive - Larkfield" / "import"
    cloud.mkdir(parents=True)
    path = a_school.folder / "station.toml"
    text = path.read_text("utf-8").replace('path = "import"', f'path = "{cloud}"')
    path.write_text(text, "utf-8")
    done = a_school.run("process")
    assert done.code == 2
    assert "cloud" in done.err


def test_a_vault_in_a_cloud_folder_is_refused(a_school: School) -> None:
    cloud = a_school.base / "Dropbox" / "vault"
    cloud.parent.mkdir()
    a_school.vault.rename(cloud)
    path = a_school.folder / "station.toml"
    text = path.read_text("utf-8").replace('path = "vault"', f'path = "{cloud}"')
    path.write_text(text, "utf-8")
    assert a_school.run("process").code == 2


def test_a_second_agent_on_one_site_waits(a_school: School, loaded: bootstrap.Site) -> None:
    with bootstrap.open_ports(loaded):
        done = a_school.run("process")
    assert done.code == 3
    assert "another Photowarden" in done.err


def test_a_journal_of_garbage_stops_with_integrity(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (a_school.folder / "state" / "journal.sqlite").write_bytes(b"garbage" * 1000)
    for name in ("journal.sqlite-wal", "journal.sqlite-shm"):
        (a_school.folder / "state" / name).unlink(missing_ok=True)
    assert a_school.run("process").code == 4


def test_a_full_disk_loses_nothing(a_school: School) -> None:
    """A file may not grow: every write of a body fails as it does on a full disk."""
    path = a_school.drop("camera-1/3B/1.JPG", picture())
    script = 'ulimit -f 8; exec "$@"'
    done = subprocess.run(
        [
            *("bash", "-c", f"trap '' XFSZ; {script}", "bash"),
            *(sys.executable, "-m", "agent.cli", "process", "--site", str(a_school.folder)),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    assert done.returncode == 3, done.stderr
    assert path.exists()
    assert not list((a_school.folder / "state" / "spool").glob("*.part"))
    assert a_school.process()["camera-1/3B/1.JPG"]["verdict"] == "KEEP"
