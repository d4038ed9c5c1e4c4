# SPDX-License-Identifier: Apache-2.0
"""Faces, cards and copies on a real site: what is counted holds, what cannot be counted holds."""

import io
import json
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from PIL import Image

from agent import site as layout
from agent.adapters.sanitiser import Sanitiser
from agent.core.case import FileIdentity
from agent.core.clues import ClueMaker
from agent.core.concerns import Concern
from agent.core.model import Clue, Evidence
from agent.demo import school
from agent.demo.pictures import camera_jpeg, draw_people
from agent.eyesight import Eyesight
from agent.media.child import Child
from agent.media.seen import Sensitivity
from agent.ports import Examined, Sighting
from tests.shared import REPOSITORY
from tests.site.conftest import SMALL, School

SIZE = (800, 600)
CLUES = ClueMaker(bytes(32))
BLIND = (
    "import sys; sys.path.insert(0, {root!r}); sys.modules['onnxruntime'] = None; "
    "from agent.media.worker import main; main()"
)


WARM: list[Child] = []


@pytest.fixture(scope="module", autouse=True)
def warm() -> Iterator[None]:
    """One child for all that is examined here; it starts with its first job."""
    with Child() as one:
        WARM.append(one)
        yield
    WARM.clear()


def people(count: int, scene: int = 1, size: tuple[int, int] = SIZE) -> bytes:
    return camera_jpeg(scene, school.CANON, drawn=draw_people(count, scene, size))


def examined(
    content: bytes, name: str = "1.jpg", child: Child | None = None, sight: Eyesight | None = None
) -> Examined:
    sighting = Sighting(
        identity=FileIdentity(
            place=Clue("x"), size=len(content), modified_ns=0, changed_ns=0, number=0
        ),
        shown=f"camera-1/3B/{name}",
        folder=0,
        group="1",
    )
    found = Sanitiser(child or WARM[0], CLUES, sight).examine(sighting, io.BytesIO(content))
    assert found is not None
    return found


def evidence_of(content: bytes, **more: object) -> Evidence:
    return examined(content, **more).evidence  # type: ignore[arg-type]  # names of examined


def test_what_was_seen_becomes_evidence_in_counts_and_clues() -> None:
    found = examined(people(3))
    look = found.evidence.look
    assert look is not None
    assert (look.faces, look.small_faces) == (3, 0)
    assert len(look.pixels) == 26
    assert look.outline is not None
    lefts = [float(face[0]) for face in json.loads(json.dumps(found.details["faces"]))]
    assert len(lefts) == 3
    assert lefts == sorted(lefts)


def test_small_faces_are_those_below_the_school_s_share() -> None:
    look = evidence_of(people(3), sight=Eyesight(small_share=0.2)).look
    assert look is not None
    assert (look.faces, look.small_faces) == (3, 3)


def test_a_school_that_does_not_count_has_no_count() -> None:
    look = evidence_of(people(3), sight=Eyesight(sensitivity=None)).look
    assert look is not None
    assert look.faces is None


def test_of_an_animation_only_the_first_frame_is_seen_and_nothing_counted() -> None:
    frames = [draw_people(n, n, SIZE).convert("P") for n in (1, 2)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    found = examined(out.getvalue(), "1.gif")
    assert found.evidence.refusal is None
    assert found.evidence.look is not None
    assert found.evidence.look.faces is None
    assert len(found.details["faces"]) == 1  # type: ignore[arg-type]  # JSON


def test_pixels_that_do_not_decode_are_a_damaged_file_and_stay() -> None:
    out = io.BytesIO()
    draw_people(2, 1, SIZE).save(out, "WEBP", quality=80)
    broken = out.getvalue()[:60] + bytes(len(out.getvalue()) - 60)
    found = examined(broken, "1.webp")
    assert found.evidence.refusal is Concern.MEDIA_UNREADABLE
    assert found.evidence.look is None
    assert b"".join(found.medium.chunks()) == broken


def test_without_the_runtime_the_rest_is_evidence() -> None:
    with Child(program=BLIND) as blind:
        look = evidence_of(people(3), child=blind).look
    assert look is not None
    assert look.faces is None
    assert look.outline == evidence_of(people(3)).look.outline  # type: ignore[union-attr]  # seen


def test_a_code_of_others_leaves_no_trace() -> None:
    code = io.BytesIO()
    segno.make("BEGIN:VCARD N:Quillonia").save(code, kind="png", scale=8, border=4)
    picture = draw_people(1, 1, SIZE)
    picture.paste(Image.open(code).convert("RGB"), (20, 20))
    found = examined(camera_jpeg(1, school.CANON, drawn=picture))
    assert found.evidence.cards == ()
    assert "Quillonia" not in str(found)


@pytest.mark.parametrize("sensitivity", Sensitivity)
def test_every_sensitivity_of_the_settings_is_one_of_the_child(sensitivity: Sensitivity) -> None:
    from agent.settings import PolicySettings  # noqa: PLC0415 - one use

    words = PolicySettings.model_fields["face_sensitivity"].annotation
    assert sensitivity.name.lower() in words.__args__  # type: ignore[union-attr]  # a Literal


# --- the whole path -------------------------------------------------------------------------------


def test_more_faces_than_people_hold_and_only_sealed_facts_say_where(a_school: School) -> None:
    a_school.drop("ipad-1/Chess Club/1.JPG", camera_jpeg(1, school.IPAD, drawn=draw_people(4, 1)))
    a_school.drop("camera-1/3B/2.JPG", people(4, 2))
    told = a_school.process()
    assert told["ipad-1/Chess Club/1.JPG"]["concerns"] == ["people.uncounted"]
    assert told["camera-1/3B/2.JPG"]["verdict"] == "KEEP"
    case = told["camera-1/3B/2.JPG"]["case"]
    shown = a_school.run(
        *("show", case, "--identity", str(a_school.folder / layout.OFFICE_IDENTITY), "--json"),
        *("--passphrase-file", str(a_school.base / "passphrase")),
    )
    faces = json.loads(shown.out)["details"]["faces"]
    assert len(faces) == 4
    written = a_school.written()
    assert not [part for face in faces for part in face[:4] if part.encode() in written]
    database = sqlite3.connect(a_school.folder / "state" / "journal.sqlite")
    records = "".join(row[0] for row in database.execute("SELECT record FROM cases"))
    database.close()
    assert '"look":[4,0,' in records


@pytest.mark.slow
def test_a_refusal_sticks_to_a_smaller_copy_whatever_it_is_called(a_school: School) -> None:
    picture = draw_people(2, 3)
    a_school.drop("camera-1/5A/1.JPG", camera_jpeg(1, school.CANON, drawn=picture))
    original = a_school.process()["camera-1/5A/1.JPG"]
    assert original["concerns"] == ["permission.refused"]
    smaller = camera_jpeg(2, school.CANON, drawn=picture.resize((640, 480)))
    a_school.drop("camera-1/3B/holiday.JPG", smaller)
    a_school.drop("camera-1/3B/other.JPG", people(2, 5))
    told = a_school.process()
    assert told["camera-1/3B/holiday.JPG"]["concerns"] == ["permission.refused"]
    assert told["camera-1/3B/other.JPG"]["verdict"] == "KEEP"
    shown = a_school.run("show", told["camera-1/3B/holiday.JPG"]["case"], "--json").lines[0]
    assert shown["copies_that_object"] == [original["case"]]
    assert a_school.run("show", original["case"], "--json").lines[0]["faces"] == 2


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The program in a place of its own, in which something can be broken."""
    for package in ("agent", "service", "config"):
        shutil.copytree(
            REPOSITORY / package,
            tmp_path / "program" / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return tmp_path / "program"


def test_with_a_damaged_model_pictures_are_held_and_status_says_so(
    a_school: School, copied: Path
) -> None:
    import subprocess  # noqa: PLC0415 - a program in another place

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "agent.cli", *words, "--site", str(a_school.folder)],
            cwd=copied,
            capture_output=True,
            text=True,
            check=False,
        )

    model = copied / "agent/media/data/centerface.onnx"
    model.write_bytes(model.read_bytes()[:-1] + b"?")
    a_school.drop("camera-1/3B/1.JPG", people(2, size=SMALL))
    line = json.loads(run("process", "--json").stdout)
    assert line["concerns"] == ["people.not_counted"]
    assert json.loads(run("status", "--json").stdout)["faces"] == "faces.model_damaged"
    checked = run("check").stdout
    assert checked.count("faces.model_damaged") == 1
    assert "lock file" in checked
    assert run("say", line["case"], "--person", "P01", "--person", "P02").returncode == 0
    (case,) = map(json.loads, run("cases", "--json").stdout.splitlines())
    assert case["verdict"] == "KEEP"


@pytest.mark.slow
def test_status_and_check_say_that_faces_are_counted(a_school: School) -> None:
    assert a_school.run("status", "--json").lines[0]["faces"] == "ready"
    assert "Faces are counted" in a_school.run("check").out
    policy = a_school.folder / "policy.toml"
    policy.write_text(policy.read_text().replace("count_faces = true", "count_faces = false"))
    assert a_school.run("status", "--json").lines[0]["faces"] == "off"
    assert "policy.toml says so" in a_school.run("check").out
