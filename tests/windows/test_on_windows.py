# SPDX-License-Identifier: Apache-2.0
"""On a real Windows Python under Wine: installed, serving, stopped, removed; and the agent's tests.

What Wine cannot show (rights, recovery, the network, sleep, plugging in) is the release's
checklist in docs/deployment.md.
"""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent.demo import school
from service.windows.bundle import finish
from tests.shared import REPOSITORY
from tests.site.conftest import picture
from tests.windows.wine_python import Done, WinePython, missing_tools, wine_python

SECONDS = 600
"""How long Windows may take for all it is asked at once; alone on two cores it takes 90."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3 * SECONDS),
    pytest.mark.skipif(
        bool(missing_tools()), reason=f"not to be had here: {', '.join(missing_tools())}"
    ),
]

# Suites that need no program beside Python, and say most of paths, locks, handles and durable
# writes; each knows by itself what Windows has not.
SUITES = (
    "tests/adapters/test_file_names.py",
    "tests/adapters/test_inbox.py",
    "tests/adapters/test_ports.py",
    "tests/adapters/test_register_file.py",
    "tests/pipeline",
    "tests/windows/test_windows_files.py",
)


def on_windows(path: Path) -> str:
    return "Z:" + str(path).replace("/", "\\")


def release_into(folder: Path) -> None:
    """Make the release folder as `python -m service.windows bundle` does."""
    (folder / "program").mkdir(parents=True)
    words = ("-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder / "program"))
    subprocess.run([sys.executable, *words, str(REPOSITORY)], check=True)
    finish(REPOSITORY, folder)


def write_register(path: Path) -> None:
    rows = school.register_rows(date.today())
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one test process at a time in: the cores are few and Wine is slow."""
    import fcntl  # noqa: PLC0415 - this module runs where Wine does

    with (folder / "windows.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this run share."""
    here = tmp_path_factory.getbasetemp()
    return here.parent if "PYTEST_XDIST_WORKER" in os.environ else here


@pytest.fixture(scope="module")
def seen(common: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What was seen while an installation lived; made once for all test processes."""
    told = common / "seen-on-windows.json"
    with alone(common):
        if not told.exists():
            with wine_python(tmp_path_factory.mktemp("story") / "prefix") as machine:
                told.write_text(json.dumps(lived(machine)))
    found: dict[str, Any] = json.loads(told.read_text())
    assert "failed" not in found, found
    return found


def lived(machine: WinePython) -> dict[str, Any]:
    """Let an installation live on drive C:, with its import folder on E:; return what was seen."""
    drive = machine.drive
    release_into(drive / "release")
    (machine.prefix / "e" / "import").mkdir(parents=True)
    (machine.prefix / "dosdevices" / "e:").symlink_to(machine.prefix / "e")
    (drive / "picture.jpg").write_bytes(picture())
    write_register(drive / "register.csv")
    for name in ("executor.py", "story.py"):
        shutil.copy(Path(__file__).parent / name, drive)
    wheels = on_windows(machine.python.parent / "wheels")
    places = (r"E:\import", r"C:\picture.jpg", r"C:\register.csv")
    done = machine.run(r"C:\story.py", r"C:\release", wheels, *places, seconds=SECONDS)
    assert done.out.startswith("{"), (done.code, done.out[-2000:], done.err[-2000:])
    told: dict[str, Any] = json.loads(done.out)
    return told


def test_a_fresh_machine_gets_the_program_from_the_wheel_folder(seen: dict[str, Any]) -> None:
    state, code, steps = seen["installed"]
    assert (state, code) == ("fresh", 0)
    assert steps.count("run") >= 2
    assert seen["version"][1].startswith("photowarden, version")


def test_the_service_starts_once_the_site_is_there(seen: dict[str, Any]) -> None:
    state, code, steps = seen["serving"]
    assert (state, code) == ("unregistered", 0)
    assert steps[-2:] == ["set_registry", "remove_file"]
    assert seen["detected"]["message"] == seen["again"]["message"].split()[1]


def test_the_service_takes_a_picture_from_a_drive(seen: dict[str, Any]) -> None:
    worked = seen["worked"]
    assert (worked["gone"], worked["state"]) == (True, "RUNNING")
    (case,) = map(json.loads, worked["cases"][1].splitlines())
    assert (case["verdict"], case["stored"], case["original"]) == ("KEEP", True, "deleted")


def test_installing_again_changes_nothing(seen: dict[str, Any]) -> None:
    assert (seen["again"]["code"], seen["again"]["steps"]) == ("version.same", [])


def test_a_site_with_a_spooled_copy_is_not_deleted(seen: dict[str, Any]) -> None:
    assert seen["purge"] == ["data.unfinished", 1604, 0]


def test_the_service_stops_cleanly(seen: dict[str, Any]) -> None:
    words = seen["stopped"][1].split()
    assert "STOPPED" in words
    assert words[words.index("WIN32_EXIT_CODE") + 2] == "0"


def test_the_service_can_be_looked_at_and_taken_away_by_command(seen: dict[str, Any]) -> None:
    status = json.loads(seen["status"][1])
    assert (status["standing"], status["at_boot"]) == ("running", True)
    assert "Photowarden" in status["account"]
    assert json.loads(seen["gone"][1])["standing"] == "absent"
    assert "Nothing was done" in seen["explained"][1]


def test_the_service_and_the_program_are_removed_and_the_site_stays(seen: dict[str, Any]) -> None:
    assert seen["removed"][:2] == ["unregistered", 0]
    code, query = seen["after"]
    assert (code, query[0] != 0) == ("detect.absent", True)
    kept = seen["kept"]
    assert (kept["program"], kept["site"], kept["bodies"]) == (False, True, 1)


def test_the_service_logs_codes_and_no_names(seen: dict[str, Any]) -> None:
    events = [json.loads(line)["event"] for line in seen["kept"]["log"].splitlines()]
    assert events == ["agent.started", "photo.processed", "agent.stopped"]
    assert "IMG_0001" not in seen["kept"]["log"]


def test_the_agents_own_tests_hold_on_windows(common: Path, tmp_path: Path) -> None:
    words = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--basetemp", r"C:\w", *SUITES)
    with alone(common), wine_python(tmp_path / "prefix") as machine:
        done: Done = machine.run(*words, seconds=SECONDS, folder=REPOSITORY)
    assert done.code == 0, done.out[-4000:]
    assert " passed" in done.out
