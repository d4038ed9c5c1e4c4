# SPDX-License-Identifier: Apache-2.0
"""A picture that somebody changed is known by the marks that programs leave on it."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from agent.media.child import Child
from agent.media.cleaning import inspect
from agent.media.edit_marks import says_it_was_edited, tools_in
from agent.media.facts import MediaFacts
from tests.media.stills import jpeg_file
from tests.shared import shared_folder

EXIFTOOL: Final = shutil.which("exiftool")
HISTORY: Final = "-XMP-xmpMM:History={Action=saved,SoftwareAgent=Adobe Photoshop 25.0}"


CHILD: Final = Child()


@pytest.fixture(autouse=True, scope="module")
def one_child() -> Iterator[None]:
    """Let all tests of this file share a child."""
    with CHILD:
        yield


def facts_after(folder: Path, *words: str) -> MediaFacts:
    if EXIFTOOL is None:
        pytest.skip("exiftool is not installed")
    path = folder / "a.jpg"
    path.write_bytes(jpeg_file())
    subprocess.run([EXIFTOOL, "-q", "-overwrite_original", *words, path], check=True)
    with path.open("rb") as source:
        return inspect(source, CHILD).facts


@pytest.mark.parametrize(
    "word",
    [
        HISTORY,
        "-XMP-crs:HasSettings=True",
        "-XMP-crs:HasCrop=True",
        "-XMP-xmpMM:DerivedFromDocumentID=xmp.did:1",
        "-XMP-photoshop:DocumentAncestors=1",
    ],
)
def test_marks_of_an_editor_are_seen(word: str, tmp_path: Path) -> None:
    assert facts_after(tmp_path, word).edited


def test_marks_are_seen_in_the_compact_form_too(tmp_path: Path) -> None:
    words = ["-api", "Compact=Shorthand", HISTORY, "-XMP-crs:HasSettings=True"]
    facts = facts_after(tmp_path, *words)
    assert facts.edited
    assert facts.tools == ("Adobe Photoshop 25.0",)


def test_the_tools_are_named_each_once(tmp_path: Path) -> None:
    facts = facts_after(
        tmp_path,
        "-XMP-xmp:CreatorTool=Snapseed 2.0",
        HISTORY,
        "-ProcessingSoftware=Canva",
        "-Software=Ver.1.01",
    )
    assert facts.software == "Ver.1.01"
    assert facts.tools == ("Canva", "Snapseed 2.0", "Adobe Photoshop 25.0")


def test_a_picture_as_taken_has_no_marks(tmp_path: Path) -> None:
    words = ["-XMP-crs:HasSettings=False", "-XMP-xmp:Rating=3", "-XMP-xmpMM:DocumentID=xmp.did:1"]
    facts = facts_after(tmp_path, *words, "-XMP-xmpMM:History={Action=created}")
    assert (facts.edited, facts.screen, facts.tools) == (False, False, ())


def test_a_picture_of_a_screen_says_so(tmp_path: Path) -> None:
    assert facts_after(tmp_path, "-UserComment=Screenshot").screen


@pytest.mark.parametrize(
    ("claims", "edited"),
    [
        (b"\x67c2pa.created", False),
        (b"\x68c2pa.edited", True),
        (b"c2pa.cropped", True),
        (b"http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia", True),
        (b"digitalsourcetype/computationalCapture", False),
        (b"c2pa.actions", False),
    ],
)
def test_actions_that_a_manifest_claims_are_seen(claims: bytes, edited: bool) -> None:
    assert says_it_was_edited(b"", claims) is edited


def test_a_thousand_tools_are_cut() -> None:
    assert (
        len(tools_in(b"".join(b"<xmp:CreatorTool>%d</xmp:CreatorTool>" % n for n in range(99))))
        == 16
    )


@pytest.mark.shared
def test_manifests_that_real_programs_wrote_are_read() -> None:
    folder = shared_folder("corpus", "c2pa")
    edited = {
        "tests__fixtures__C.jpg": False,
        "tests__fixtures__files-for-reading-tests__CA.jpg": True,
    }
    for name, expected in edited.items():
        facts = inspect(BytesIO((folder / name).read_bytes()), CHILD).facts
        assert facts.edited is expected, name
