# SPDX-License-Identifier: Apache-2.0
"""What is found out about a computer and its site before anything is decided; nothing changes."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path, PureWindowsPath

import pytest

from agent import site as layout
from agent.cli.site_commands import first_records
from service.windows import __main__ as command
from service.windows import machine
from service.windows.bundle import bundle, finish
from service.windows.layout import Layout
from tests.shared import REPOSITORY


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    plan = layout.SitePlan(folder=folder, school="Larkfield", passphrase=b"four", work_factor=6)
    layout.create_site(plan)
    first_records(folder)
    return folder


def put_case(site: Path, state: str, spooled: int) -> None:
    with closing(sqlite3.connect(site / layout.JOURNAL)) as database, database:
        row = (state + str(spooled), state, spooled, "{}")
        database.execute("INSERT INTO cases (id, state, spooled, record) VALUES (?, ?, ?, ?)", row)


def names_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


def test_a_new_site_has_nothing_unfinished(site: Path) -> None:
    facts = machine.look_at_site(site)
    assert (facts.present, facts.unfinished, facts.office_keys) == (True, 0, True)
    assert facts.vault == PureWindowsPath(site / "vault")
    assert facts.imports == (PureWindowsPath(site / "import"),)


@pytest.mark.parametrize(
    ("state", "spooled", "count"), [("done", 0, 0), ("done", 1, 1), ("stored", 0, 1)]
)
def test_cases_that_are_not_done_or_still_spooled_count(
    site: Path, state: str, spooled: int, count: int
) -> None:
    put_case(site, state, spooled)
    assert machine.look_at_site(site).unfinished == count


def test_a_file_in_the_import_folder_counts(site: Path) -> None:
    (site / "import" / "1.JPG").write_bytes(b"")
    assert machine.look_at_site(site).unfinished == 1


def test_a_spool_without_a_journal_counts(site: Path) -> None:
    (site / layout.JOURNAL).unlink()
    (site / layout.SPOOL / "body").write_bytes(b"")
    assert machine.look_at_site(site).unfinished == 1


def test_a_journal_that_cannot_be_read_is_no_nought(site: Path) -> None:
    (site / layout.JOURNAL).write_bytes(b"garbage" * 1000)
    assert machine.look_at_site(site).unfinished is None


def test_looking_makes_and_changes_no_file(site: Path) -> None:
    before = names_below(site)
    machine.look_at_site(site)
    assert names_below(site) == before


def test_settings_that_say_something_else_are_no_fault(site: Path) -> None:
    (site / "station.toml").write_text('import = "x"\nvault = 3\n')
    facts = machine.look_at_site(site)
    assert (facts.present, facts.imports, facts.vault) == (True, (), None)


def test_a_folder_that_is_no_site_is_not_present(tmp_path: Path) -> None:
    assert not machine.look_at_site(tmp_path / "gone").present
    assert not machine.look_at_site(tmp_path).present


def test_version_folders_and_the_switch_are_read(tmp_path: Path) -> None:
    whole, half = tmp_path / "versions" / "0.1.0-1", tmp_path / "versions" / "0.1.0-2"
    whole.mkdir(parents=True)
    half.mkdir()
    (whole / "installed.txt").write_text("0.1.0\r\nC:\\Python311\\python.exe\r\n")
    (tmp_path / "current.txt").write_text("0.1.0-1\r\n")
    found = machine.look(seen_from(tmp_path))
    assert found.folders == {"0.1.0-1": True, "0.1.0-2": False}
    assert found.current == "0.1.0-1"
    assert found.current_python == PureWindowsPath(r"C:\Python311\python.exe")


def seen_from(program: Path) -> Layout:
    return Layout(program=PureWindowsPath(program), site=PureWindowsPath(program / "site"))


@pytest.mark.parametrize(("hours", "locked", "stale"), [(0, True, False), (2, False, True)])
def test_a_lock_counts_for_an_hour(
    tmp_path: Path, hours: int, *, locked: bool, stale: bool
) -> None:
    lock = tmp_path / "installing.txt"
    lock.touch()
    then = lock.stat().st_mtime - 3600 * hours
    os.utime(lock, (then, then))
    found = machine.look(seen_from(tmp_path))
    assert (found.locked, found.stale_lock) == (locked, stale)


def a_release(folder: Path) -> Path:
    (folder / "program").mkdir(parents=True)
    (folder / "program" / "photowarden-0.1.0-py3-none-any.whl").write_bytes(b"wheel")
    finish(REPOSITORY, folder)
    return folder


def test_a_release_folder_is_understood(tmp_path: Path) -> None:
    release = a_release(tmp_path / "release")
    wheels = release / "wheels"
    wheels.mkdir()
    (wheels / "numpy-2.4.6-cp311-cp311-win_amd64.whl").touch()
    (wheels / "click-8.5.1-py3-none-any.whl").touch()
    found = command.look_at_package(release, wheels)
    assert (found.version, found.absent, found.tags) == ("0.1.0", "", {"cp311"})
    digest = "97b8587f9da94b6a4ec2f2f8f1d85c2d9b4a9fa36d1e34dce98ebd1d8d2b1c8a"
    line = (release / "release.lock").read_text()
    assert line.startswith("photowarden==0.1.0 --hash=sha256:")
    assert len(line.strip()) == len(f"photowarden==0.1.0 --hash=sha256:{digest}")


@pytest.mark.parametrize("name", ["release.lock", "requirements.lock"])
def test_what_a_release_lacks_is_named(tmp_path: Path, name: str) -> None:
    release = a_release(tmp_path / "release")
    (release / name).unlink()
    assert command.look_at_package(release, None).absent == name


def test_a_folder_without_our_wheel_is_no_release(tmp_path: Path) -> None:
    found = command.look_at_package(tmp_path, None)
    assert (found.version, found.absent) == ("", "photowarden-*.whl")


def test_a_release_is_never_made_over_another(tmp_path: Path) -> None:
    assert bundle(REPOSITORY, tmp_path, online=True) == 2


def test_the_plan_is_one_line_of_ascii(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["plan", "--json", "--verb", "install", "--package", str(tmp_path)]
    places = ["--program", str(tmp_path), "--site", str(tmp_path / "Zoë")]
    assert command.main([*words, *places]) == 0
    told = capsys.readouterr().out
    assert told.isascii()
    assert told.count("\n") == 1
    assert json.loads(told)["code"] in {"rights.missing", "package.missing"}


def test_the_plan_for_people_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command.main(["plan", "--verb", "detect", "--package", str(tmp_path)])
    assert capsys.readouterr().out.startswith("detect: ")
