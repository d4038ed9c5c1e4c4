# SPDX-License-Identifier: Apache-2.0
"""The same tests on PostgreSQL, started from this computer's own binaries."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shared import REPOSITORY

pytestmark = pytest.mark.slow

PLACES = [None, *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True))]


def program(name: str) -> str | None:
    return next((p for place in PLACES if (p := shutil.which(name, path=place))), None)


def unprivileged() -> list[str]:
    """Return what starts a program as nobody: PostgreSQL refuses the administrator."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.fixture
def server() -> Iterator[Path]:
    """A PostgreSQL of one's own, reachable by a socket only."""
    initdb, control = program("initdb"), program("pg_ctl")
    if initdb is None or control is None:
        pytest.skip("postgresql is not installed")
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder, data = Path(name), Path(name) / "data"
        folder.chmod(0o777)
        other = unprivileged()
        made = subprocess.run(
            [
                *other,
                initdb,
                "-D",
                str(data),
                "-U",
                "office",
                "-A",
                "trust",
                "--no-sync",
                "-E",
                "UTF8",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            pytest.skip(f"initdb does not work here: {made.stderr.strip()[:200]}")
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        log = str(folder / "log")
        subprocess.run(
            [*other, control, "-D", str(data), "-l", log, "-w", "-o", options, "start"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        yield folder
        subprocess.run(
            [*other, control, "-D", str(data), "-m", "immediate", "-w", "stop"],
            check=True,
            stdout=subprocess.DEVNULL,
        )


def test_the_console_keeps_its_promises_on_postgresql(server: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests/office"],
        cwd=REPOSITORY,
        env={**os.environ, "OFFICE_TESTS_POSTGRESQL": str(server)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
