# SPDX-License-Identifier: Apache-2.0
"""A day of a camera with cards on a real site: printed, photographed, imported, decided."""

import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import segno
from PIL import Image

from agent import bootstrap, office
from agent.core.snapshot import Snapshot
from agent.demo import school
from agent.demo.exif_block import exif_block
from agent.demo.pictures import draw
from service.cards.printing import (
    END_CARD,
    Edition,
    PrintedCard,
    Wording,
    card_of_child,
    card_of_roster,
    pictures_of,
)
from tests.site.conftest import School

DAY = "2026:09:14"


def on_paper(snapshot: Snapshot, card: PrintedCard) -> Image.Image:
    now = datetime(2026, 9, 14, 9, tzinfo=ZoneInfo("Europe/London"))
    edition = Edition(snapshot=snapshot, printed_on=now.date(), counts_until=now.date(), at=now)
    (page,) = pictures_of([card], edition, 90)
    return Image.open(io.BytesIO(page)).convert("RGB")


def poster() -> Image.Image:
    out = io.BytesIO()
    segno.make("https://lunch.example/menu", micro=False).save(out, kind="png", scale=9, border=4)
    return Image.open(out).convert("RGB")


def shot(at: str, *papers: Image.Image, orientation: int = 1, scene: int = 1) -> bytes:
    """Return a picture of papers before a wall, or of a lesson where there are none."""
    picture = Image.new("RGB", (1400, 1000), "#8a9a7a") if papers else draw(scene, (400, 300))
    for number, paper in enumerate(papers):
        picture.paste(paper, (60 + 680 * number, 80))
    says = replace(school.CANON, taken=f"{DAY} {at}:00", orientation=orientation)
    if orientation == 6:
        picture = picture.transpose(Image.Transpose.ROTATE_90)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88, exif=b"Exif\0\0" + exif_block(says))
    return out.getvalue()


def drop(a_school: School, shots: Iterable[bytes]) -> None:
    """Put pictures into the camera's own folder, in no class's, in the order they were taken."""
    for number, content in enumerate(shots, 1):
        a_school.drop(f"camera-1/IMG_{number:04}.JPG", content)


@pytest.fixture(autouse=True)
def nobody_counts_faces(a_school: School) -> None:
    """Say in the policy that faces are not counted: that has its own tests, and takes its time."""
    policy = a_school.folder / "policy.toml"
    text = policy.read_text("utf-8")
    assert "count_faces = true" in text
    policy.write_text(text.replace("count_faces = true", "count_faces = false"), "utf-8")


def told(a_school: School) -> list[list[str]]:
    """Return what objects to each picture, in the order of their numbers."""
    return [line["concerns"] for _, line in sorted(a_school.process().items())]


@pytest.fixture
def register(a_school: School) -> Snapshot:
    snapshot = office.newest_register(bootstrap.load_site(a_school.folder))
    assert snapshot is not None
    return snapshot


def test_a_card_opens_a_sitting_and_an_end_card_ends_it(
    a_school: School, register: Snapshot
) -> None:
    card = on_paper(register, card_of_roster(register, "3B", Wording.CLASS))
    drop(
        a_school,
        [
            shot("08:59", scene=1),
            shot("09:00", card, orientation=6),
            shot("09:01", scene=2),
            shot("09:02", scene=3),
            shot("09:03", on_paper(register, END_CARD)),
            shot("09:04", scene=4),
        ],
    )
    assert told(a_school) == [
        ["people.unattributed"],
        ["card.picture"],
        [],
        [],
        ["card.picture", "people.unattributed"],
        ["people.unattributed"],
    ]


def test_cards_that_may_not_count_hold_what_follows_and_posters_are_nothing(
    a_school: School, register: Snapshot
) -> None:
    ours = card_of_roster(register, "3B", Wording.CLASS)
    choir = card_of_roster(register, "Chess Club", Wording.GROUP)
    forged = on_paper(replace(register, card_key=bytes(32)), ours)
    expired = on_paper(replace(register, school_year="2020-21"), ours)
    unknown = on_paper(register, replace(ours, id="A" * 12))
    child = on_paper(register, card_of_child(register, "P01", with_name=True))
    papers = [
        (forged,),
        (expired,),
        (unknown,),
        (on_paper(register, ours), on_paper(register, choir)),
        (poster(),),
        (child,),
    ]
    shots = []
    for hour, shown in enumerate(papers, 9):
        shots += [shot(f"{hour:02}:00", *shown), shot(f"{hour:02}:01", scene=hour)]
    drop(a_school, shots)
    assert told(a_school)[1::2] == [
        ["card.forged", "people.unattributed"],
        ["card.expired", "people.unattributed"],
        ["card.unknown", "people.unattributed"],
        ["card.conflicting", "people.unattributed"],
        ["people.unattributed"],
        ["people.incomplete"],
    ]


@pytest.mark.slow
def test_a_withdrawn_card_holds_what_follows_and_its_successor_does_not(
    a_school: School, register: Snapshot
) -> None:
    site = bootstrap.load_site(a_school.folder)
    old = card_of_roster(register, "3B", Wording.CLASS)
    office.publish(site, office.plan_withdrawal(site, [old.id]))
    later = office.newest_register(site)
    assert later is not None
    new = card_of_roster(later, "3B", Wording.CLASS)
    drop(
        a_school,
        [
            shot("09:00", on_paper(register, old)),
            shot("09:01", scene=1),
            shot("09:02", on_paper(later, new)),
            shot("09:03", scene=2),
        ],
    )
    assert told(a_school) == [
        ["card.picture", "card.withdrawn", "people.unattributed"],
        ["card.withdrawn", "people.unattributed"],
        ["card.picture"],
        [],
    ]


@pytest.mark.slow
def test_a_card_in_a_picture_of_a_class_folder_is_still_no_picture_of_children(
    a_school: School, register: Snapshot
) -> None:
    card = on_paper(register, card_of_roster(register, "3B", Wording.CLASS))
    a_school.drop("camera-1/3B/IMG_0001.JPG", shot("09:00", card))
    (line,) = a_school.process().values()
    assert (line["verdict"], line["concerns"]) == ("HOLD", ["card.picture"])
    said = a_school.run("say", line["case"], "--nobody", "--json")
    assert said.code == 0, said.err
    listed = a_school.run("cases", "--json").lines
    assert [(one["verdict"], one["concerns"]) for one in listed] == [("HOLD", ["card.picture"])]


@pytest.mark.slow
def test_a_late_card_frees_pictures_that_wait(a_school: School, register: Snapshot) -> None:
    a_school.drop("camera-1/IMG_0002.JPG", shot("09:01", scene=1))
    assert told(a_school) == [["people.unattributed"]]
    card = on_paper(register, card_of_roster(register, "3B", Wording.CLASS))
    a_school.drop("camera-1/IMG_0001.JPG", shot("09:00", card))
    a_school.process()
    listed = a_school.run("cases", "--json").lines
    assert sorted((one["verdict"], one["concerns"]) for one in listed) == [
        ("HOLD", ["card.picture"]),
        ("KEEP", []),
    ]
    assert a_school.run("verify").code == 0
