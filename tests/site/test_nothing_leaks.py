# SPDX-License-Identifier: Apache-2.0
"""Nothing readable stays behind: names and pixels are planted, everything written is searched."""

import base64
import io
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from agent.demo import school
from agent.demo.exif_block import CameraSays, exif_block
from tests.site.conftest import School, picture

CANARIES = (
    "Quillonia",
    "Zanzibarra",
    "XK77CANARY42",
    "canaryowner",
    "CanaryModel",
    "3B",
    "camera-1",
)


def planted(scene: int = 1, faces: tuple[str | None, ...] = ()) -> bytes:
    camera = CameraSays(
        make=school.CANON.make, model="CanaryModel", serial="XK77CANARY42", owner="canaryowner"
    )
    return picture(scene, camera, faces=faces)


def raw_pixels() -> bytes:
    """Return a picture whose pixels are a text, uncompressed enough to be found again."""
    pixels = b"PIXELCANARY-of-a-child-0123456789" * 40
    image = Image.frombytes("L", (33, 40), pixels)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=0, exif=b"Exif\0\0" + exif_block(school.CANON))
    return out.getvalue()


def test_nothing_that_the_agent_wrote_can_be_read(a_school: School) -> None:
    a_school.drop("camera-1/3B/Quillonia Zanzibarra.JPG", planted(1, ("Quillonia Zanzibarra",)))
    a_school.drop("Quillonia/Zanzibarra.JPG", planted(2)[:700])
    a_school.drop("camera-1/3B/Quillonia.avi", b"RIFF\x10\0\0\0AVI LIST" + b"Zanzibarra" * 9)
    a_school.drop("camera-1/3B/Zanzibarra.png", raw_pixels())
    a_school.process()
    written = a_school.written()
    for canary in (*CANARIES[:5], "PIXELCANARY"):
        for spelling in (
            canary.encode(),
            canary.encode("utf-16-le"),
            canary.lower().encode(),
            base64.b64encode(canary.encode()).rstrip(b"="),
        ):
            assert spelling not in written, canary


def test_the_search_can_find_what_is_there(a_school: School) -> None:
    """The check above can fail: a name that is written is found."""
    (a_school.folder / "state" / "careless.log").write_text("stored Quillonia Zanzibarra")
    assert b"Quillonia" in a_school.written()


def test_no_clue_is_a_plain_digest_of_a_name(a_school: School) -> None:
    import hashlib  # noqa: PLC0415 - one use

    a_school.drop("camera-1/3B/1.JPG", planted(1, ("Amara Okafor",)))
    a_school.process()
    written = a_school.written()
    for text in ("Amara Okafor", "amara okafor", "3B", "3b"):
        digest = hashlib.sha256(text.encode())
        assert digest.hexdigest().encode() not in written
        assert base64.b32encode(digest.digest()).lower()[:20] not in written


def test_the_daemon_logs_codes_and_no_names(a_school: School) -> None:
    a_school.drop("camera-1/3B/Quillonia.JPG", planted())
    with subprocess.Popen(
        [sys.executable, "-m", "agent.cli", "run", "--site", str(a_school.folder)],
        stderr=subprocess.PIPE,
    ) as daemon:
        assert daemon.stderr is not None
        lines = []
        for line in daemon.stderr:
            lines.append(line)
            if b"photo.processed" in line:
                daemon.terminate()
        assert daemon.wait(timeout=30) == 0
    text = b"".join(lines)
    assert b"agent.started" in text
    assert b"agent.stopped" in text
    assert b"Quillonia" not in text
    assert b"3B" not in text


def test_nothing_is_written_outside_the_site(a_school: School, tmp_path: Path) -> None:
    """A folder for temporary files that must stay empty."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    a_school.drop("camera-1/3B/1.JPG", school.stories()[1].content)
    done = a_school.run(
        "process",
        environment={"TMPDIR": str(temporary), "TEMP": str(temporary), "HOME": "/nowhere"},
    )
    assert done.code == 0
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["keys/evidence.key", "keys/station-identity.txt", "office/office-signing.key"]
)
def test_secret_files_are_readable_by_their_owner_only(a_school: School, name: str) -> None:
    if os.name == "posix":
        assert (a_school.folder / name).stat().st_mode & 0o077 == 0


def test_the_station_holds_no_key_that_opens_a_picture(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    (line,) = a_school.process().values()
    done = a_school.run(
        *("open", line["case"], "--out", str(a_school.base / "out.jpg")),
        *("--identity", str(a_school.folder / "keys" / "station-identity.txt")),
    )
    assert done.code == 2
    assert not (a_school.base / "out.jpg").exists()


def test_the_journal_holds_no_path(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.process()
    database = sqlite3.connect(a_school.folder / "state" / "journal.sqlite")
    text = "".join(
        str(row)
        for table in ("cases", "left_in_place")
        for row in database.execute(f"SELECT * FROM {table}")  # noqa: S608 - two constants
    )
    database.close()
    assert "JPG" not in text
    assert "camera-1" not in text
