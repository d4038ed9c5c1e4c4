# SPDX-License-Identifier: Apache-2.0
"""Every planted JPEG and PNG of the shared oracle comes out clean, upright, with its pixels."""

import json
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from agent.media.child import Child
from agent.media.cleaning import CleanMedium, clean, inspect
from agent.media.errors import Unsupported
from agent.media.walk import jpeg, png
from tests.media.stills import chunk, clean_bytes, decibels, exif_block, pixels
from tests.shared import shared_folder

pytestmark = pytest.mark.shared

STILLS: Final = (
    "plain.jpg",
    "exiftool_plain.jpg",
    "oddsize.jpg",
    "progressive.jpg",
    "gray.jpg",
    "cmyk.jpg",
    "plain.png",
    "anim.png",
)
TURNED: Final = tuple(name for name in STILLS if name != "anim.png")
LEAST_DECIBELS: Final = 40.0


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    program = shared_folder("tools") / "plant.py"
    size = ["--width", "160", "--height", "120"]
    subprocess.run(
        [sys.executable, program, folder, "--only", "jpeg,png", *size],
        check=True,
        capture_output=True,
    )
    return folder


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def file_of(planted: Path, name: str) -> bytes:
    path = planted / name
    if not path.exists():
        pytest.skip("exiftool is not installed")
    return path.read_bytes()


def cleaned(file: bytes, child: Child) -> CleanMedium:
    source = BytesIO(file)
    return clean(inspect(source, child), source, child)


def oracle(file: bytes, name: str, planted: Path, tmp_path: Path) -> tuple[int, str]:
    """Return the oracle's exit status and words on a file that was cleaned."""
    path = tmp_path / name
    path.write_bytes(file)
    program = shared_folder("tools") / "leakcheck.py"
    manifest = planted / "manifest.json"
    said = subprocess.run(
        [sys.executable, program, path, "--manifest", manifest, "--name", name],
        check=False,
        capture_output=True,
        text=True,
    )
    return said.returncode, said.stdout + said.stderr


@pytest.mark.parametrize("name", STILLS)
def test_the_oracle_sees_the_planted_file_as_dirty(
    name: str, planted: Path, tmp_path: Path
) -> None:
    assert oracle(file_of(planted, name), name, planted, tmp_path)[0] == 1


@pytest.mark.parametrize("name", TURNED)
def test_a_cleaned_file_passes_the_oracle(
    name: str, planted: Path, tmp_path: Path, child: Child
) -> None:
    medium = cleaned(file_of(planted, name), child)
    status, words = oracle(medium.open().read(), name, planted, tmp_path)
    assert status == 0, words


@pytest.mark.parametrize("name", TURNED)
def test_a_cleaned_file_shows_the_source_upright(name: str, planted: Path, child: Child) -> None:
    file = file_of(planted, name)
    with Image.open(BytesIO(file)) as picture:
        wanted = picture.transpose(Image.Transpose.ROTATE_270)
    with Image.open(BytesIO(cleaned(file, child).open().read())) as shown:
        assert decibels(wanted.convert("L"), shown.convert("L")) > LEAST_DECIBELS


def walked_bytes(name: str, file: bytes) -> bytes:
    walk = jpeg.walk if name.endswith("jpg") else png.walk
    return clean_bytes(walk(BytesIO(file)), file)


@pytest.mark.parametrize("name", STILLS)
def test_a_file_that_is_only_walked_keeps_every_pixel(name: str, planted: Path) -> None:
    file = file_of(planted, name)
    assert pixels(walked_bytes(name, file)) == pixels(file)


@pytest.mark.parametrize("name", STILLS)
def test_a_file_that_is_only_walked_passes_the_oracle(
    name: str, planted: Path, tmp_path: Path
) -> None:
    file = walked_bytes(name, file_of(planted, name))
    status, words = oracle(file, name, planted, tmp_path)
    assert status == 0, words


def test_an_animation_that_lies_on_its_side_is_refused(planted: Path, child: Child) -> None:
    with pytest.raises(Unsupported):
        cleaned(file_of(planted, "anim.png"), child)


def test_an_upright_animation_is_cleaned(planted: Path, tmp_path: Path, child: Child) -> None:
    file = file_of(planted, "anim.png")
    at = file.index(b"eXIf") - 4
    end = at + 12 + int.from_bytes(file[at : at + 4], "big")
    medium = cleaned(file[:at] + chunk(b"eXIf", exif_block(1)) + file[end:], child)
    assert oracle(medium.open().read(), "anim.png", planted, tmp_path)[0] == 0


def test_every_planted_still_is_in_the_list(planted: Path) -> None:
    made = set(json.loads((planted / "manifest.json").read_text())["files"])
    assert made <= set(STILLS)
