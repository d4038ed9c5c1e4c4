# SPDX-License-Identifier: Apache-2.0
"""A person covers a child in a held picture, on a real site, and the copy is kept."""

import io
from typing import Any

import pytest
from PIL import Image

from agent import site as layout
from agent.demo import school
from agent.demo.pictures import camera_jpeg, draw_people
from tests.site.conftest import School


def people(count: int, scene: int, size: tuple[int, int] = (800, 600)) -> bytes:
    return camera_jpeg(scene, school.CANON, drawn=draw_people(count, scene, size))


def covered(school_: School, case: str, *words: str, code: int = 0) -> dict[str, Any]:
    done = school_.run(
        *("cover", case, "--identity", str(school_.folder / layout.OFFICE_IDENTITY)),
        *("--passphrase-file", str(school_.base / "passphrase"), "--json", *words),
    )
    assert done.code == code, done.err
    return done.lines[0] if code == 0 else {"err": done.err}


@pytest.fixture
def held(a_school: School) -> str:
    """A picture of two children of 5A, of whom P06 has said no."""
    a_school.drop("camera-1/5A/1.JPG", people(2, 1))
    (line,) = a_school.process().values()
    assert line["concerns"] == ["permission.refused"]
    return str(line["case"])


def test_a_redacted_copy_is_kept_and_the_original_stays_held(a_school: School, held: str) -> None:
    told = covered(a_school, held, "--face", "1", "--covered", "P06", "--person", "P05")
    assert (told["verdict"], told["parent"], told["stored"]) == ("KEEP", held, True)
    verdicts = {line["case"]: line["verdict"] for line in a_school.run("cases", "--json").lines}
    assert verdicts == {held: "HOLD", told["case"]: "KEEP"}
    with Image.open(io.BytesIO(a_school.opened(told["case"]))) as copy:
        assert copy.getpixel((200, 300)) == (128, 128, 128)
        assert copy.getpixel((600, 300)) != (128, 128, 128)
    assert a_school.run("verify").code == 0


@pytest.mark.slow
def test_a_box_that_somebody_drew_covers_too(a_school: School, held: str) -> None:
    told = covered(a_school, held, "--box", "0.2,0.4,0.1,0.2", "--person", "P05")
    assert told["verdict"] == "KEEP"


@pytest.mark.slow
def test_a_face_that_nobody_names_holds_the_copy(a_school: School, held: str) -> None:
    told = covered(a_school, held, "--box", "0,0,0.05,0.05", "--person", "P05")
    assert told["concerns"] == ["people.uncounted"]


REFUSED = (
    (("--face", "9", "--nobody"), "cover.no_face"),
    (("--face", "1"), "--person"),
    (("--person", "P05"), "--box"),
    (("--box", "1,2,3", "--nobody"), "four numbers"),
    (("--face", "1", "--person", "P99"), "say.unknown"),
)


@pytest.mark.slow
def test_what_cannot_be_done_is_said(a_school: School, held: str) -> None:
    for words, said in REFUSED:
        assert said in covered(a_school, held, *words, code=2)["err"]


def test_nothing_of_a_covered_picture_is_written_in_clear(a_school: School, held: str) -> None:
    temporary = a_school.base / "temporary"
    temporary.mkdir()
    done = a_school.run(
        *("cover", held, "--identity", str(a_school.folder / layout.OFFICE_IDENTITY)),
        *("--passphrase-file", str(a_school.base / "passphrase")),
        *("--face", "1", "--person", "P05"),
        environment={"TMPDIR": str(temporary), "TEMP": str(temporary), "HOME": "/nowhere"},
    )
    assert done.code == 0, done.err
    assert list(temporary.iterdir()) == []
    assert b"JFIF" not in a_school.written()
