# SPDX-License-Identifier: Apache-2.0
"""Larkfield Primary, an invented school: its register, its devices, and the story of its pictures.

Data only. The days are relative to today, so the demonstration means the same in any year.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from agent.demo.exif_block import CameraSays
from agent.demo.pictures import bare_jpeg, camera_jpeg, camera_png, draw_people

SCHOOL: Final = "Larkfield Primary School"
PURPOSE: Final = "photograph_and_store"
CANON: Final = CameraSays(
    make="Canon",
    model="Canon EOS 2000D",
    serial="043052001234",
    owner="Larkfield Primary",
    place=(50.8198, -0.1367),
)
IPAD: Final = CameraSays(make="Apple", model="iPad (9th generation)", place=(50.8199, -0.1365))
RETIRED: Final = CameraSays(make="Nikon", model="COOLPIX S33", serial="30009876")
PHONE: Final = CameraSays(make="Apple", model="iPhone 15", place=(50.8301, -0.1402))

Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One file: where it lies, what it holds, and what must become of it."""

    place: str
    content: bytes
    verdict: str
    concern: str | None = None


def register_rows(today: date) -> list[Row]:
    """Return the rows of the school's register file (docs/register-file.md)."""
    given = (today - timedelta(days=60)).isoformat()
    last_year = (today - timedelta(days=400)).isoformat()
    ended = (today - timedelta(days=35)).isoformat()
    rows = [_device(*device) for device in _DEVICES]
    rows[-1]["retired_on"] = ended
    for reference, first, last, group, groups, restricted in _PUPILS:
        rows.append(
            {
                "kind": "pupil",
                "reference": reference,
                "given_name": first,
                "family_name": last,
                "class": group,
                "groups": groups,
                "restricted": restricted,
            }
        )
        guardian = f"G-{reference}"
        rows.append(
            {
                "kind": "guardian",
                "reference": guardian,
                "person": reference,
                "capacity": "responsible",
            }
        )
        if reference in _ANSWERS:
            says, by = _ANSWERS[reference]
            rows.append(_answer(reference, by or guardian, says, given))
    expired = _answer("P12", "G-P12", "yes", last_year)
    child = _answer("P03", "G-P03", "yes", given)
    return [*rows, {**expired, "valid_until": ended}, child]


_PUPILS: Final = (
    # reference, given name, family name, class, groups, restricted
    ("P01", "Amara", "Okafor", "3B", "Chess Club", ""),
    ("P02", "Ben", "Hart", "3B", "Chess Club", ""),
    ("P03", "Zoë", "Lindqvist", "4A", "", ""),
    ("P04", "Yusuf", "Demir", "3B", "", ""),
    ("P05", "Ella", "Marsh", "5A", "", ""),
    ("P06", "Oliver", "Pike", "5A", "", ""),
    ("P07", "Sam", "Taylor", "3B", "", ""),
    ("P08", "Sam", "Taylor", "5A", "", ""),
    ("P09", "Ivy", "Novak", "6C", "", ""),
    ("P10", "Leo", "Brandt", "2D", "", "yes"),
    ("P11", "Mia", "Fenn", "1E", "", ""),
    ("P12", "Noah", "Quill", "Choir", "", ""),
)
_ANSWERS: Final = {
    "P01": ("yes", ""),
    "P02": ("yes", ""),
    "P03": ("no", "child"),
    "P04": ("yes", ""),
    "P05": ("yes", ""),
    "P06": ("no", ""),
    "P07": ("yes", ""),
    "P08": ("yes", ""),
    "P09": ("withdrawn", ""),
    "P10": ("yes", ""),
}
_DEVICES: Final = (
    # reference, what it says of itself, import folder
    ("camera-1", CANON, "camera-1"),
    ("ipad-1", IPAD, "ipad-1"),
    ("camera-old", RETIRED, "camera-old"),
)


def _device(reference: str, says: CameraSays, folder: str) -> Row:
    return {
        "kind": "device",
        "reference": reference,
        "make": says.make,
        "model": says.model,
        "serials": says.serial,
        "folders": folder,
    }


def _answer(person: str, by: str, says: str, given_on: str) -> Row:
    return {
        "kind": "answer",
        "person": person,
        "by": by,
        "purpose": PURPOSE,
        "says": says,
        "given_on": given_on,
    }


def stories() -> list[Story]:
    """Return every file of the demonstration."""
    sideways = CameraSays(
        make=CANON.make, model=CANON.model, serial=CANON.serial, orientation=6, place=CANON.place
    )
    good = camera_jpeg(9, CANON)
    return [
        _kept("camera-1/3B/IMG_0001.JPG", camera_jpeg(1, CANON)),
        _kept("camera-1/3B/IMG_0002.JPG", camera_jpeg(2, sideways)),
        _kept("camera-1/3B/IMG_0003.JPG", camera_jpeg(3, CANON, ("Amara Okafor", "Ben Hart"))),
        _kept("ipad-1/Chess Club/IMG_1001.JPG", camera_jpeg(4, IPAD)),
        _kept("camera-1/3B/drawing.png", camera_png(5, CANON)),
        _held("camera-1/5A/IMG_0004.JPG", camera_jpeg(6, CANON), "permission.refused"),
        _held("camera-1/4A/IMG_0005.JPG", camera_jpeg(7, CANON), "permission.child_refused"),
        _held("camera-1/6C/IMG_0006.JPG", camera_jpeg(8, CANON), "permission.withdrawn"),
        _held("camera-1/Choir/IMG_0007.JPG", camera_jpeg(10, CANON), "permission.expired"),
        _held("camera-1/1E/IMG_0008.JPG", camera_jpeg(11, CANON), "permission.absent"),
        _held("camera-1/2D/IMG_0009.JPG", camera_jpeg(12, CANON), "permission.restricted"),
        _held("camera-1/IMG_0010.JPG", camera_jpeg(13, CANON), "people.unattributed"),
        _held(
            "camera-1/IMG_0011.JPG",
            camera_jpeg(14, CANON, ("Amara Okafor", None)),
            "people.unnamed_face",
        ),
        _held(
            "camera-1/3B/IMG_0012.JPG",
            camera_jpeg(15, CANON, ("A Visitor",)),
            "people.unknown_name",
        ),
        _held(
            "camera-1/3B/IMG_0013.JPG",
            camera_jpeg(16, CANON, ("Sam Taylor",)),
            "people.ambiguous_name",
        ),
        _held("camera-1/3B/IMG_2044.JPG", camera_jpeg(17, PHONE), "device.unregistered"),
        _held("camera-1/3B/IMG-20260914-WA0001.jpg", bare_jpeg(18), "device.no_evidence"),
        _held("camera-1/3B/IMG_1002.JPG", camera_jpeg(19, IPAD), "device.contradictory"),
        _held("3B/IMG_1003.JPG", camera_jpeg(20, IPAD), "device.unrouted"),
        _held("camera-old/3B/DSCN0042.JPG", camera_jpeg(21, RETIRED), "device.retired"),
        _held("ipad-1/3B/IMG_1004.AVI", b"RIFF\x10\0\0\0AVI LIST" + bytes(8), "media.unverifiable"),
        _locked("camera-1/3B/IMG_0014.JPG", good[: len(good) // 2], "media.unreadable"),
        _locked("camera-1/3B/IMG_0015.JPG", b"", "media.empty"),
        *_stories_of_faces(),
    ]


def _stories_of_faces() -> list[Story]:
    """Return pictures in which faces are seen, and a smaller copy of one that is held."""
    group = draw_people(2, 3)
    smaller = group.resize((1000, 750))
    return [
        _kept("camera-1/3B/IMG_0016.JPG", camera_jpeg(22, CANON, drawn=draw_people(3, 1))),
        _held(
            "ipad-1/Chess Club/IMG_1005.JPG",
            camera_jpeg(23, IPAD, drawn=draw_people(4, 2)),
            "people.uncounted",
        ),
        _held(
            "camera-1/5A/IMG_0017.JPG", camera_jpeg(24, CANON, drawn=group), "permission.refused"
        ),
        _held(
            "camera-1/Chess Club/IMG_0018.JPG",
            camera_jpeg(25, CANON, drawn=smaller),
            "permission.refused",
        ),
    ]


def _kept(place: str, content: bytes) -> Story:
    return Story(place=place, content=content, verdict="KEEP")


def _held(place: str, content: bytes, concern: str) -> Story:
    return Story(place=place, content=content, verdict="HOLD", concern=concern)


def _locked(place: str, content: bytes, concern: str) -> Story:
    return Story(place=place, content=content, verdict="QUARANTINE", concern=concern)
