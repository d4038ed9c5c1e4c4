# SPDX-License-Identifier: Apache-2.0
"""What another program writes of a device and of people is read, where that program is there."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from agent.media.device_facts import read_facts
from agent.media.facts import MediaFacts
from agent.media.walk import jpeg, png
from tests.media.stills import jpeg_file, png_file

EXIFTOOL: Final = shutil.which("exiftool")
AREA_FIELDS: Final = "Area={X=0.5,Y=0.4,W=0.2,H=0.2,Unit=normalized}"
WANTED: Final = MediaFacts(make="Inventa", model="Alpha 1", serials=("SN-0042",))


def by_exiftool(file: bytes, path: Path) -> bytes:
    if EXIFTOOL is None:
        pytest.skip("exiftool is not installed")
    path.write_bytes(file)
    words = [
        "-Make=Inventa",
        "-Model=Alpha 1",
        "-ExifIFD:SerialNumber=SN-0042",
        "-DateTimeOriginal=2031:05:04 10:20:30",
        "-OffsetTimeOriginal=+02:00",
        "-XMP-iptcExt:PersonInImage=Tia Invent",
        "-XMP-dc:Subject=Class 4b",
        f"-XMP-mwg-rs:RegionInfo={{RegionList=[{{{AREA_FIELDS},Name=Bo Madeup,Type=Face}}]}}",
        "-EXIF:XPKeywords=Kim Unreal",
    ]
    subprocess.run([EXIFTOOL, "-q", "-overwrite_original", *words, path], check=True)
    return path.read_bytes()


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_what_exiftool_writes_is_read(name: str, tmp_path: Path) -> None:
    is_jpeg = name.endswith("jpg")
    file = by_exiftool(jpeg_file() if is_jpeg else png_file(), tmp_path / name)
    walked = (jpeg.walk if is_jpeg else png.walk)(BytesIO(file))
    facts = read_facts(walked.metadata)
    assert (facts.make, facts.model, facts.serials) == (WANTED.make, WANTED.model, WANTED.serials)
    assert facts.captured_at == "2031-05-04T10:20:30+02:00"
    assert {tag.name for tag in facts.people} == {
        "Tia Invent",
        "Bo Madeup",
        "Kim Unreal",
        "Class 4b",
    }


def test_keywords_of_iptc_that_exiftool_writes_are_read(tmp_path: Path) -> None:
    if EXIFTOOL is None:
        pytest.skip("exiftool is not installed")
    path = tmp_path / "a.jpg"
    path.write_bytes(jpeg_file())
    words = ["-IPTC:Keywords=Åsa Invent", "-IPTC:CodedCharacterSet=UTF8"]
    subprocess.run([EXIFTOOL, "-q", "-overwrite_original", *words, path], check=True)
    walked = jpeg.walk(BytesIO(path.read_bytes()))
    assert [tag.name for tag in read_facts(walked.metadata).people] == ["Åsa Invent"]
