# SPDX-License-Identifier: Apache-2.0
"""The doctor on broken set-ups: it names the fault and the remedy each time, and no name."""

import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent import bootstrap, office
from agent import site as layout
from agent.cli.common import as_owner
from agent.core.entries import started_entry
from agent.core.troubles import Trouble, Urgency
from agent.doctor import Finding, _writable, examine
from agent.seal.notes import Signer
from service.doctor_command import _exit_code
from tests.site.conftest import School, picture

ROOT = os.name == "posix" and os.geteuid() == 0
NOT_OF_THE_SITE = {"office.here", "service.absent", "service.stopped", "disk.low"}
"""What this test computer has in any case."""


def found(a_school: School) -> dict[str, Finding]:
    """Return what the doctor finds, by code."""
    with as_owner(a_school.folder):
        looked = examine(a_school.folder)
    return {f.trouble.code: f for f in looked if f.trouble.code not in NOT_OF_THE_SITE}


def told(a_school: School) -> tuple[int, dict[str, dict[str, str]]]:
    """Return what the command tells, and its exit code."""
    done = a_school.run("doctor", "--json")
    (line,) = done.lines
    return done.code, {told["code"]: told for told in line["troubles"]}


def change(a_school: School, before: str, after: str, file: str = "station.toml") -> None:
    path = a_school.folder / file
    text = path.read_text("utf-8")
    assert re.search(before, text)
    path.write_text(re.sub(before, after, text, count=1), "utf-8")


def no_site(a_school: School) -> None:
    (a_school.folder / "station.toml").unlink()


def refused_setting(a_school: School) -> None:
    change(a_school, r"spool_hours = 24", 'spool_hours = "Larkfield"')


def missing_key(a_school: School) -> None:
    (a_school.folder / layout.EVIDENCE_KEY).unlink()


def damaged_key(a_school: School) -> None:
    (a_school.folder / layout.STATION_SIGNER).write_text("PRIVATE+KEY+of+another+kind\n")


def anothers_key(a_school: School) -> None:
    """The signing key is not the one that the settings name and others know."""
    path = a_school.folder / layout.STATION_SIGNER
    name = Signer.parse(path.read_text().strip()).name
    path.write_text(f"{Signer.generate(name).text()}\n")


def damaged_setting_of_a_key(a_school: School) -> None:
    change(a_school, r'station_verifier = "photowarden.station/\w', 'station_verifier = "x')


def open_key(a_school: School) -> None:
    (a_school.folder / layout.STATION_IDENTITY).chmod(0o644)


def other_vault(a_school: School) -> None:
    change(a_school, r'id = "\w{26}"\n\n# Public', 'id = "' + "v" * 26 + '"\n\n# Public')


def vault_away(a_school: School) -> None:
    a_school.vault.rename(a_school.base / "elsewhere")


def empty_mount_point(a_school: School) -> None:
    a_school.vault.rename(a_school.base / "elsewhere")
    a_school.vault.mkdir()


def no_marker(a_school: School) -> None:
    (a_school.vault / "vault.json").unlink()


def synced_import(a_school: School) -> None:
    (a_school.base / "OneDrive - Larkfield").mkdir()
    change(a_school, r'path = "import"', f'path = "{a_school.base}/OneDrive - Larkfield"')


def missing_import(a_school: School) -> None:
    (a_school.folder / "import").rmdir()


def damaged_journal(a_school: School) -> None:
    for index in range(3):
        a_school.drop(f"camera-1/3B/{index}.JPG", picture(index + 1))
    a_school.process()
    spoil(a_school.folder / layout.JOURNAL)


def damaged_ledger(a_school: School) -> None:
    spoil(a_school.folder / layout.LEDGER)


def no_ledger(a_school: School) -> None:
    (a_school.folder / layout.LEDGER).unlink()


def rolled_back_ledger(a_school: School) -> None:
    """Somebody restored yesterday's disk: the vault has more of the ledger than this computer."""
    ledger = a_school.folder / layout.LEDGER
    flush(ledger)
    shutil.copy(ledger, a_school.base / "yesterday")
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.process()
    flush(ledger)
    shutil.copy(a_school.base / "yesterday", ledger)


def clock_behind(a_school: School) -> None:
    site = bootstrap.load_site(a_school.folder)
    with bootstrap.open_ledger(site) as ledger:
        ledger.append([started_entry(datetime.now(tz=UTC) + timedelta(days=9), "0.1.0")])


def stale_register(a_school: School) -> None:
    """The office published thirty days ago, for one day."""
    site = bootstrap.load_site(a_school.folder)
    newest = office.newest_register(site)
    assert newest is not None
    ended = datetime.now(tz=UTC).replace(microsecond=0) - timedelta(days=29)
    old = replace(newest, version=2, issued_at=ended - timedelta(days=1), valid_until=ended)
    office.publish(site, office.Publication(snapshot=old, changes={}))


def no_register(a_school: School) -> None:
    for path in (a_school.vault / "snapshots").rglob("*.age"):
        path.unlink()


def foreign_register(a_school: School) -> None:
    (snapshot,) = (a_school.vault / "snapshots").rglob("*.age")
    snapshot.write_bytes(snapshot.read_bytes()[:-1] + b"x")


def missing_detector(a_school: School) -> None:
    change(a_school, r"count_faces = \w+", "count_faces = true", "policy.toml")


BROKEN: list[tuple[Callable[[School], None], str, int]] = [
    (no_site, "settings.missing", 2),
    (refused_setting, "settings.refused", 2),
    (missing_key, "keys.missing", 2),
    (damaged_key, "keys.refused", 2),
    (anothers_key, "keys.refused", 2),
    (damaged_setting_of_a_key, "keys.refused", 2),
    (open_key, "keys.readable", 2),
    (other_vault, "vault.not_approved", 2),
    (vault_away, "vault.unavailable", 3),
    (empty_mount_point, "vault.no_marker", 2),
    (no_marker, "vault.no_marker", 2),
    (synced_import, "place.refused", 2),
    (missing_import, "inbox.missing", 2),
    (damaged_journal, "journal.damaged", 4),
    (damaged_ledger, "ledger.damaged", 4),
    (no_ledger, "ledger.damaged", 4),
    (rolled_back_ledger, "ledger.differs", 4),
    (clock_behind, "clock.untrusted", 2),
    (stale_register, "register.stale", 2),
    (no_register, "register.missing", 2),
    (foreign_register, "register.untrusted", 4),
]

EVERY_DAY = {
    *(no_site, missing_key, anothers_key, other_vault, vault_away, no_marker, synced_import),
    *(damaged_journal, damaged_ledger, clock_behind, stale_register),
}
"""What is tried with every change; the others are as good and wait for the slow suites."""


def flush(path: Path) -> None:
    """Bring everything into the one file, so that it can be copied or spoilt."""
    database = sqlite3.connect(path)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def spoil(path: Path) -> None:
    """Damage a database in its middle, as a failing disk does."""
    flush(path)
    size = path.stat().st_size
    with path.open("r+b") as file:
        file.seek(max(4096, size // 2 // 4096 * 4096))
        file.write(b"\xff" * 4096)


def test_a_sound_site_has_no_trouble(a_school: School) -> None:
    assert found(a_school) == {}


@pytest.mark.parametrize(
    ("broken", "code", "ends"),
    [
        pytest.param(*case, marks=() if case[0] in EVERY_DAY else pytest.mark.slow)
        for case in BROKEN
    ],
)
def test_the_doctor_names_the_fault(
    broken: Callable[[School], None], code: str, ends: int, a_school: School
) -> None:
    broken(a_school)
    looked = found(a_school)
    assert code in looked
    assert _exit_code(list(looked.values())) == ends
    # One fault does not draw others after it, except what it really takes away.
    drawn = {"register.missing", "keys.refused", "keys.missing", "clock.untrusted"}
    assert set(looked) - {code} <= drawn


@pytest.mark.parametrize(("broken", "code", "ends"), [BROKEN[0], BROKEN[13]])
def test_the_command_tells_the_fault_and_the_remedy(
    broken: Callable[[School], None], code: str, ends: int, a_school: School
) -> None:
    broken(a_school)
    exit_code, looked = told(a_school)
    assert exit_code == ends
    trouble = Trouble.of(code)
    assert (looked[code]["sentence"], looked[code]["remedy"]) == (trouble.sentence, trouble.remedy)


@contextmanager
def agent_of(a_school: School) -> Iterator["subprocess.Popen[bytes]"]:
    words = [sys.executable, "-m", "service", "run", "--site", str(a_school.folder)]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as daemon:
        while not (a_school.folder / layout.HEALTH).exists():
            time.sleep(0.05)
        yield daemon
        daemon.send_signal(signal.SIGTERM)


def test_a_second_agent_is_told(a_school: School) -> None:
    with agent_of(a_school):
        assert "site.locked" in told(a_school)[1]
    assert "site.locked" not in told(a_school)[1]


@pytest.mark.skipif(not ROOT, reason="only root can give a folder to another account")
@pytest.mark.parametrize(
    ("folder", "code"),
    [("import", "inbox.not_writable"), ("vault/ledgers", "vault.not_writable")],
)
def test_an_administrator_sees_what_the_service_may_not_do(
    folder: str, code: str, a_school: School
) -> None:
    """The site belongs to another account, and one of its folders does not."""
    for path in (a_school.folder, *a_school.folder.rglob("*")):
        os.chown(path, 65534, 65534)
    for parent in a_school.folder.parents:
        if parent.stat().st_mode & 0o077 == 0 and str(parent).startswith("/tmp"):  # noqa: S108 - the tests' own
            parent.chmod(0o711)
    here = {"child.broken"}  # this Python may lie where no other account may read
    assert set(found(a_school)) <= here
    os.chown(a_school.folder / folder, 0, 0)
    assert set(found(a_school)) - here == {code}


@pytest.mark.skipif(not ROOT, reason="only root can mount")
def test_a_disk_that_is_full_is_told(a_school: School, tmp_path: Path) -> None:
    state = a_school.folder / "state"
    shutil.move(state, tmp_path / "state")
    small, base = tmp_path / "small", a_school.folder
    small.mkdir()
    mounting = ["mount", "-t", "tmpfs", "-o", "size=60M", "tmpfs", str(small)]
    if subprocess.run(mounting, check=False).returncode != 0:
        pytest.skip("mounting is not allowed here")
    try:
        shutil.move(tmp_path / "state", state)
        shutil.copytree(base, small / "site")
        moved = School(small / "site", a_school.base)
        assert set(found(moved)) == {"disk.full"}
    finally:
        subprocess.run(["umount", "-l", str(small)], check=False)


def test_what_is_away_is_not_damaged(a_school: School) -> None:
    assert not _writable(a_school.folder / "nowhere")


def test_a_missing_detector_runtime_is_told(a_school: School, tmp_path: Path) -> None:
    """The child of an installation without the runtime says so, and so does the doctor."""
    missing_detector(a_school)
    hidden = tmp_path / "hidden"
    shutil.copytree(Path(sys.modules["agent"].__file__ or "").parent, hidden / "agent")
    shutil.copytree(Path(sys.modules["config"].__file__ or "").parent, hidden / "config")
    for weights in (hidden / "agent").rglob("*.onnx*"):
        weights.unlink()
    program = (
        "import sys; from pathlib import Path; from agent.doctor import examine;"
        "print(*[f.trouble.code for f in examine(Path(sys.argv[1]))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(a_school.folder)],
        cwd=hidden,
        env={**os.environ, "PYTHONPATH": str(hidden)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "detector.missing" in done.stdout


def test_a_service_that_is_not_installed_is_told(a_school: School) -> None:
    if shutil.which("systemctl") is None:
        pytest.skip("systemctl is absent")
    assert "service.absent" in told(a_school)[1]


@pytest.mark.slow
def test_the_doctor_leaves_nothing_behind(a_school: School) -> None:
    a_school.run("status")
    before = sorted(str(p) for p in a_school.folder.rglob("*") if "sqlite-" not in p.name)
    a_school.run("doctor")
    after = sorted(str(p) for p in a_school.folder.rglob("*") if "sqlite-" not in p.name)
    assert before == after


@pytest.mark.slow
def test_for_people_it_says_what_to_do(a_school: School) -> None:
    vault_away(a_school)
    said = a_school.run("doctor").out
    assert Trouble.VAULT_AWAY.sentence in said
    assert Trouble.VAULT_AWAY.remedy in said


CANARIES = ("Quillonia", "Zanzibarra", "CanarySchool", "camera-1", "office/", "pytest-of")


def test_the_bundle_holds_no_name_no_path_and_no_setting(a_school: School) -> None:
    change(a_school, r'school = ".*"', 'school = "CanarySchool"')
    a_school.drop("camera-1/Quillonia/Zanzibarra.JPG", picture(faces=("Quillonia Zanzibarra",)))
    a_school.drop("camera-1/3B/Quillonia.avi", b"RIFF\x10\0\0\0AVI LIST" + b"Zanzibarra" * 9)
    a_school.process()
    with agent_of(a_school):
        pass
    out = a_school.base / "bundle.json"
    done = a_school.run("doctor", "--bundle", str(out))
    assert done.code in (0, 2), done.err
    text = out.read_text()
    for canary in (*CANARIES, str(a_school.folder), os.uname().nodename):
        assert canary not in text, canary
    facts = json.loads(text)
    assert sum(facts["verdicts"].values()) == 2
    assert facts["ledger_entries"] > 4
    station = bootstrap.load_site(a_school.folder).station.station
    assert station not in text
    assert a_school.run("doctor", "--bundle", str(out)).code == 2


@pytest.mark.slow
def test_a_bundle_of_a_broken_site_can_be_made(a_school: School) -> None:
    refused_setting(a_school)
    out = a_school.base / "bundle.json"
    a_school.run("doctor", "--bundle", str(out))
    assert json.loads(out.read_text())["troubles"].count("settings.refused") == 1
    assert "Larkfield" not in out.read_text()


def test_notes_alone_end_with_0() -> None:
    notes = [t for t in Trouble if t.urgency is Urgency.NOTE]
    assert _exit_code([Finding(trouble) for trouble in notes]) == 0
    assert _exit_code([Finding(Trouble.DISK_LOW), *map(Finding, notes)]) == 2


def test_without_a_site_only_that_is_told(tmp_path: Path) -> None:
    assert [finding.trouble for finding in examine(tmp_path)] == [Trouble.SETTINGS_MISSING]
