# SPDX-License-Identifier: Apache-2.0
"""The import contracts hold, and each of them breaks when somebody plants the import it forbids."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PLANTED = {
    "imports point down only": ("agent/settings.py", "import agent.cli.common"),
    "the rules, the seals and the media know nothing of one another": (
        "agent/core/merkle.py",
        "import agent.seal.errors",
    ),
    "adapters do not know one another": (
        "agent/adapters/clock.py",
        "import agent.adapters.vault",
    ),
    "the pipeline reaches the world through ports only": (
        "agent/pipeline.py",
        "import agent.seal.errors",
    ),
    "the core is pure": ("agent/core/merkle.py", "import os"),
    "the seals know bytes and keys": ("agent/seal/stream.py", "import pathlib"),
    "hostile bytes are decoded in the child only": (
        "agent/adapters/sanitiser.py",
        "import PIL.Image",
    ),
    "tables are parsed in the child only": (
        "service/office/imports/queries.py",
        "import agent.table_parsing",
    ),
    "the second reader shares no code with the walkers": (
        "agent/media/verify_png.py",
        "import agent.media.walk.png",
    ),
    "typesetting knows templates and no school": (
        "service/typesetting/coverage.py",
        "import agent.settings",
    ),
    "the console reaches the world through bootstrap only": (
        "service/office/house.py",
        "import agent.adapters.vault",
    ),
    "the agent does not know its hosts": ("agent/office.py", "import django"),
    "an installation is planned before anything is installed": (
        "service/windows/planning.py",
        "import agent.core.errors",
    ),
    "a report is drawn from its model alone": (
        "service/report/chart.py",
        "import agent.office",
    ),
    "the checker for other computers needs nothing of ours": (
        "service/ledger/check_ledger.py",
        "import agent.core.merkle",
    ),
    "no cycles": ("agent/core/concerns.py", "import agent.core.decide"),
}


def contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    for package in ("agent", "service", "config"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_every_contract_is_kept() -> None:
    result = contracts(ROOT)
    assert result.returncode == 0, result.stdout
    assert f"Contracts: {len(PLANTED)} kept, 0 broken." in result.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_import_breaks_its_contract(contract: str, copy: Path) -> None:
    place, line = PLANTED[contract]
    path = copy / place
    before = path.read_text("utf-8")
    path.write_text(f"{before}\n{line}\n", "utf-8")
    try:
        result = contracts(copy)
    finally:
        path.write_text(before, "utf-8")
    assert result.returncode == 1
    assert f"{contract} BROKEN" in result.stdout
