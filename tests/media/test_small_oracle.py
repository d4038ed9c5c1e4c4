# SPDX-License-Identifier: Apache-2.0
"""WebP, GIF, BMP and TIFF before the shared oracle: planted canaries and real files leave clean."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from agent.media.child import Child
from agent.media.cleaning import WALKERS, Inspected, clean
from agent.media.errors import MediaError
from agent.media.model import Kind
from agent.media.sniff import HEAD_BYTES, sniff
from tests.media.small_stills import leaks, planted, shown
from tests.shared import shared_folder

KINDS = (Kind.WEBP, Kind.GIF, Kind.BMP, Kind.TIFF)
PLANTED = {
    "lossy.webp": Kind.WEBP,
    "lossless.webp": Kind.WEBP,
    "anim.webp": Kind.WEBP,
    "anim.gif": Kind.GIF,
    "plain.bmp": Kind.BMP,
    "pages.tif": Kind.TIFF,
}


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as started:
        yield started


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(tmp_path_factory.mktemp("planted"), "webp,gif,bmp,tiff")


def written(kind: Kind, data: bytes, child: Child, to: Path) -> bytes:
    """Clean a file of a known kind, as the front door does, and write it for the oracle."""
    walked = WALKERS[kind](BytesIO(data))
    inspected = Inspected(kind=kind, walked=walked, facts=child.facts(walked.metadata))
    content = clean(inspected, BytesIO(data), child).open().read()
    to.write_bytes(content)
    return content


@pytest.mark.shared
@pytest.mark.parametrize("name", PLANTED)
def test_no_canary_survives(name: str, folder: Path, child: Child, tmp_path: Path) -> None:
    assert leaks(folder / name, folder / "manifest.json")
    written(PLANTED[name], (folder / name).read_bytes(), child, tmp_path / name)
    assert leaks(tmp_path / name, folder / "manifest.json") == ""


@pytest.mark.shared
@pytest.mark.parametrize("name", ["anim.webp", "anim.gif", "plain.bmp", "pages.tif"])
def test_a_planted_file_keeps_its_pixels(
    name: str, folder: Path, child: Child, tmp_path: Path
) -> None:
    data = (folder / name).read_bytes()
    assert shown(written(PLANTED[name], data, child, tmp_path / name)) == shown(data)


def corpus() -> Iterator[tuple[Kind, Path]]:
    for path in sorted(shared_folder("corpus").rglob("*")):
        if path.is_file():
            with path.open("rb") as source:
                kind = sniff(source.read(HEAD_BYTES))
            if kind in KINDS:
                yield kind, path


@pytest.mark.shared
def test_every_real_file_is_clean_with_its_pixels_or_refused(child: Child, tmp_path: Path) -> None:
    answers = []
    for number, (kind, path) in enumerate(corpus()):
        data, to = path.read_bytes(), tmp_path / f"{number}.{kind.extension}"
        try:
            content = written(kind, data, child, to)
        except MediaError as error:
            answers.append(f"{path.name}: {error}")
            continue
        assert shown(content) == shown(data), path.name
        assert leaks(to) == "", path.name
    assert answers == []
