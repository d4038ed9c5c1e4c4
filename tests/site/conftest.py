# SPDX-License-Identifier: Apache-2.0
"""A real site on a real disk, and the program as a person runs it."""

import csv
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from agent import bootstrap
from agent import site as layout
from agent.cli.site_commands import first_records
from agent.demo import school
from agent.demo.exif_block import CameraSays
from agent.demo.pictures import camera_jpeg
from tests.shared import REPOSITORY

PASSPHRASE = "four words at random"  # noqa: S105 - of invented sites
SMALL = (400, 300)


@dataclass
class Done:
    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class School:
    """A site with the demonstration's register."""

    folder: Path
    base: Path

    @property
    def vault(self) -> Path:
        return self.folder / "vault"

    def run(self, *words: str, environment: dict[str, str] | None = None) -> Done:
        """Run the program in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "service", *words],
            capture_output=True,
            check=False,
            cwd=REPOSITORY,
            env={**os.environ, "PHOTOWARDEN_SITE": str(self.folder), **(environment or {})},
            timeout=120,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    def drop(self, place: str, content: bytes) -> Path:
        path = self.folder / "import" / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def process(self, code: int = 0) -> dict[str, dict[str, Any]]:
        done = self.run("process", "--json")
        assert done.code == code, done.err
        return {line["file"]: line for line in done.lines}

    def publish(self, rows: list[dict[str, str]] | None = None) -> Done:
        path = self.base / "register.csv"
        listed = school.register_rows(date.today()) if rows is None else rows
        columns = list(dict.fromkeys(name for row in listed for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(listed)
        return self.run("register", "publish", "--from", str(path), "--json")

    def opened(self, case: str, identity: str = layout.OFFICE_IDENTITY) -> bytes:
        out = self.base / f"{case}.opened"
        done = self.run(
            *("open", case, "--out", str(out), "--identity", str(self.folder / identity)),
            *("--passphrase-file", str(self.base / "passphrase")),
        )
        assert done.code == 0, done.err
        return out.read_bytes()

    def written(self) -> bytes:
        """Return everything that the agent wrote, names and contents, outside the import folder."""
        parts = []
        for path in sorted(self.folder.rglob("*")):
            if "import" in path.relative_to(self.folder).parts:
                continue
            parts.append(str(path.relative_to(self.folder)).encode())
            if path.is_file():
                parts.append(path.read_bytes())
        return b"\n".join(parts)


def picture(
    scene: int = 1, camera: CameraSays = school.CANON, faces: tuple[str | None, ...] = ()
) -> bytes:
    """Return a small picture as the school's camera takes it."""
    return camera_jpeg(scene, camera, faces, size=SMALL)


def make_site(base: Path) -> Path:
    """Make a site of the demonstration school in a folder, and return its own."""
    folder = base / "site"
    (base / "passphrase").write_text(PASSPHRASE + "\n")
    layout.create_site(
        layout.SitePlan(
            folder=folder,
            school="Larkfield",
            passphrase=PASSPHRASE.encode(),
            settle_seconds=0.1,
            work_factor=6,
        )
    )
    first_records(folder)
    return folder


@pytest.fixture
def new_school(tmp_path: Path) -> Callable[[], School]:
    return lambda: School(make_site(tmp_path), tmp_path)


@pytest.fixture(scope="session")
def ready_school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site whose register is published, made once and copied for every test that wants one."""
    base = tmp_path_factory.mktemp("ready")
    assert School(make_site(base), base).publish().code == 0
    return base


@pytest.fixture
def a_school(ready_school: Path, tmp_path: Path) -> School:
    """A site whose register is published."""
    shutil.copytree(ready_school, tmp_path, dirs_exist_ok=True)
    return School(tmp_path / "site", tmp_path)


@pytest.fixture
def loaded(a_school: School) -> bootstrap.Site:
    return bootstrap.load_site(a_school.folder)
