# SPDX-License-Identifier: Apache-2.0
"""HEIF and AVIF files of real devices, and planted ones, before the oracle.

The oracle (`../shared/tools`) shares no code with the project. It names one thing that is no leak:
the crop of a picture, which draws it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from agent.media.errors import MediaError
from agent.media.model import Kind
from agent.media.recipe import RecipeReader
from agent.media.sniff import HEAD_BYTES, sniff
from agent.media.verify import verify
from agent.media.walk import heif
from tests.media.heif_files import pixels
from tests.shared import shared_folder

KINDS = (Kind.HEIF, Kind.AVIF)
CROP = "CleanAperture"
SMALL = 1_000_000
"""Pixels up to which a picture is decoded fast enough for every day."""


def real_files() -> Iterator[tuple[Path, bytes]]:
    for path in sorted(shared_folder("corpus").rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if sniff(data[:HEAD_BYTES]) in KINDS:
                yield path, data


def cleaned(data: bytes) -> bytes | None:
    """Return the confirmed clean file, or nothing where it is refused."""
    try:
        recipe = heif.walk(BytesIO(data)).recipe
    except MediaError:
        return None
    clean = RecipeReader(recipe, BytesIO(data)).read()
    verify(sniff(clean[:HEAD_BYTES]), BytesIO(clean))
    return clean


def leaks(paths: list[Path], *options: str) -> list[str]:
    """Return what the oracle finds in files, each of which it must be able to judge."""
    oracle = shared_folder("tools") / "leakcheck.py"
    command = [sys.executable, str(oracle), "--json", *options, *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode in (0, 1), answer.stdout + answer.stderr
    reports = json.loads(answer.stdout)
    assert len(reports) == len(paths)
    assert not any(report["problems"] for report in reports)
    return [
        f"{report['file']}: {leak}"
        for report in reports
        for kind in report["leaks"].values()
        for leak in kind
        if CROP not in leak
    ]


@pytest.mark.shared
def test_every_real_file_is_confirmed_or_refused_and_cleaning_again_changes_nothing() -> None:
    files = [(path, cleaned(data)) for path, data in real_files()]
    done = [(path, clean) for path, clean in files if clean is not None]
    refused = {path.name for path, clean in files if clean is None}
    assert all(cleaned(clean) == clean for _, clean in done)
    assert len(done) >= 36
    assert all(
        any(word in name for word in ("corrupted", "truncated", "invalid_id", "QuickTime"))
        for name in refused
    )


@pytest.mark.shared
@pytest.mark.parametrize("small", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_every_real_picture_looks_the_same(small: bool) -> None:
    compared = 0
    for path, data in real_files():
        found = cleaned(data)
        walked = heif.walk(BytesIO(data)) if found else None
        if found and walked and (walked.width * walked.height < SMALL) is small:
            assert pixels(found) == pixels(data), path.name
            compared += 1
    assert compared >= (25 if small else 8)


@pytest.mark.shared
@pytest.mark.slow
def test_the_oracle_finds_nothing_in_any_real_file(tmp_path: Path) -> None:
    paths = []
    for number, (path, data) in enumerate(real_files()):
        clean = cleaned(data)
        if clean is not None:
            paths.append(tmp_path / f"{number}{path.suffix}")
            paths[-1].write_bytes(clean)
    assert leaks(paths) == []


@pytest.mark.shared
def test_the_oracle_finds_nothing_in_planted_files_and_much_before(tmp_path: Path) -> None:
    plant = [sys.executable, str(shared_folder("tools") / "plant.py"), str(tmp_path)]
    subprocess.run([*plant, "--only", "heic,avif"], check=True, capture_output=True)
    options = ("--manifest", str(tmp_path / "manifest.json"))
    for name in ("plain.heic", "plain.avif"):
        path = tmp_path / name
        assert len(leaks_before(path, options)) > 30
        clean = cleaned(path.read_bytes())
        assert clean is not None
        path.write_bytes(clean)
        assert leaks([path], *options) == []


def leaks_before(path: Path, options: tuple[str, ...]) -> list[str]:
    oracle = shared_folder("tools") / "leakcheck.py"
    command = [sys.executable, str(oracle), str(path), "--json", *options]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    (report,) = json.loads(answer.stdout)
    return [leak for kind in report["leaks"].values() for leak in kind]
