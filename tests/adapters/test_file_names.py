# SPDX-License-Identifier: Apache-2.0
"""What names give away, and that ordinary camera names give nothing away."""

from datetime import datetime

import pytest

from agent.core.clues import ClueMaker
from agent.file_names import (
    camera_time,
    is_an_editor,
    number_in,
    suggests_a_messenger,
    suggests_a_phone,
    suggests_a_screen,
    suggests_an_edit,
)

CAMERA_NAMES = [
    *(
        "IMG_0001.JPG",
        "_MG_0001.JPG",
        "DSC_0012.NEF",
        "DSCN0042.JPG",
        "MVI_1234.MOV",
        "P1000123.JPG",
    ),
    *(
        "DSC00123.ARW",
        "00000.MTS",
        "GOPR0001.MP4",
        "IMG_E1234.HEIC",
        "STA_0001.JPG",
        "100_0001.JPG",
    ),
]
"""Of Canon, Nikon, Panasonic, Sony, GoPro, Apple and Kodak."""


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("IMG_0001.JPG", 1),
        ("DSCN9999.JPG", 9999),
        ("P1000123.JPG", 1000123),
        ("IMG_1234 (2).JPG", 1234),
        ("IMG_E1234.JPG", 1234),
        ("holiday.jpg", 0),
        ("3B.jpg", 0),
    ],
)
def test_the_number_of_a_file(name: str, number: int) -> None:
    assert number_in(name) == number


@pytest.mark.parametrize(
    "name",
    [
        "IMG-20261122-WA0001.jpg",
        "WhatsApp Image 2026-11-22 at 10.00.00.jpeg",
        "FB_IMG_1700000000000.jpg",
        "signal-2026-11-22-100000.jpg",
        "messenger_creation_1.jpeg",
        "photo_2026-11-22_10-00-00.jpg",
        "mmexport1700000000000.jpg",
        "Snapchat-123.jpg",
        "image0.jpeg",
        "received_12345.jpeg",
    ],
)
def test_names_of_messengers_are_known(name: str) -> None:
    assert suggests_a_messenger(name)


@pytest.mark.parametrize(
    "name",
    [
        "PXL_20261122_093015123.jpg",
        "PXL_20261122_093015123.MP.jpg",
        "20261122_093015.jpg",
        "20261122_093015(0).jpg",
        "IMG_20261122_093015.jpg",
        "IMG20261122_093015.jpg",
        "VID_20261122_093015.mp4",
        "MVIMG_20261122_093015.jpg",
    ],
)
def test_names_of_telephones_are_known(name: str) -> None:
    assert suggests_a_phone(name)


@pytest.mark.parametrize(
    "name",
    [
        "Screenshot_20261122-093015.png",
        "Screenshot 2026-11-22 at 09.30.15.png",
        "Screen Shot 2026-11-22 at 09.30.15.png",
        "Screen Recording 2026-11-22.mov",
        "ScreenRecording_11-22-2026.mp4",
    ],
)
def test_names_of_screens_are_known(name: str) -> None:
    assert suggests_a_screen(name)


@pytest.mark.parametrize(
    "name",
    [
        "IMG_1234-edited.jpg",
        "IMG_1234_edited (1).JPG",
        "IMG_1234 cropped.jpg",
        "20261122_093015~2.jpg",
        "IMG_1234-COLLAGE.jpg",
    ],
)
def test_names_of_edited_copies_are_known(name: str) -> None:
    assert suggests_an_edit(name)


@pytest.mark.parametrize(
    "name", [*CAMERA_NAMES, "IMG_1234 (2).JPG", "DSCF12~1.JPG", "3B edition.jpg"]
)
def test_names_of_cameras_suggest_nothing(name: str) -> None:
    for suggests in (suggests_a_messenger, suggests_a_phone, suggests_a_screen, suggests_an_edit):
        assert not suggests(name)


@pytest.mark.parametrize(
    "software", ["Adobe Photoshop 25.0", "GIMP 2.10", "Snapseed 2.0", "Adobe Premiere Rush"]
)
def test_editors_are_known(software: str) -> None:
    assert is_an_editor(software)


@pytest.mark.parametrize("software", ["17.5.1", "Firmware Version 1.0.2", "Ver.1.01", "iPadOS"])
def test_firmware_is_no_editor(software: str) -> None:
    assert not is_an_editor(software)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-09-14T10:15:30", (datetime(2026, 9, 14, 10, 15, 30), "")),  # noqa: DTZ001 - a camera has no zone
        ("2026-09-14T10:15:30+01:00", (datetime(2026, 9, 14, 10, 15, 30), "+0100")),  # noqa: DTZ001 - the same
        ("2026-13-14T10:15:30", None),
        ("", None),
        (None, None),
    ],
)
def test_a_camera_time_keeps_its_own_clock(
    text: str | None, time: tuple[datetime, str] | None
) -> None:
    assert camera_time(text) == time


@pytest.mark.parametrize("flips", [0, 1, 4, 17, 64])
def test_a_keyed_outline_keeps_distances_and_hides_the_bits(flips: int) -> None:
    clues, bits = ClueMaker(bytes(range(32))), 0x0123456789ABCDEF
    other = bits ^ ((1 << flips) - 1)
    assert (clues.outline(bits) ^ clues.outline(other)).bit_count() == flips
    assert clues.outline(bits) != bits
    assert clues.outline(bits) != ClueMaker(bytes(32)).outline(bits)
