# SPDX-License-Identifier: Apache-2.0
"""Names beside and inside real files on a real site: found by every way, and nowhere in clear."""

from datetime import date

import pytest

from agent.demo import school
from tests.site.conftest import School, picture

NOTES = (
    "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF"
    " xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
    " xmlns:lr='http://ns.adobe.com/lightroom/1.0/'><rdf:Description><lr:hierarchicalSubject>"
    "<rdf:Bag><rdf:li>People|{name}</rdf:li></rdf:Bag></lr:hierarchicalSubject></rdf:Description>"
    "</rdf:RDF></x:xmpmeta>"
)


@pytest.fixture(autouse=True)
def nobody_counts_faces(a_school: School) -> None:
    """Say in the policy that faces are not counted: that has its own tests, and takes its time."""
    policy = a_school.folder / "policy.toml"
    text = policy.read_text("utf-8")
    assert "count_faces = true" in text
    policy.write_text(text.replace("count_faces = true", "count_faces = false"), "utf-8")


def test_a_sidecar_is_evidence_in_both_spellings_and_is_never_stored(a_school: School) -> None:
    for number, beside in enumerate(("1.xmp", "2.JPG.xmp", "3.xmp", "4.xmp"), 1):
        a_school.drop(f"camera-1/3B/{number}.JPG", picture(scene=number))
        name = {1: "Oliver Pike", 2: "A Visitor", 3: "Amara Okafor"}.get(number)
        content = b"<broken" if name is None else NOTES.format(name=name).encode()
        a_school.drop(f"camera-1/3B/{beside}", content)
    told = {place[-5]: line["concerns"] for place, line in a_school.process().items()}
    assert told == {
        "1": ["permission.refused"],
        "2": ["people.unknown_name"],
        "3": [],
        "4": ["people.notes_unreadable"],
    }
    assert list((a_school.folder / "import").rglob("*.xmp")) == []
    written = a_school.written()
    assert b"Oliver" not in written
    assert b"Visitor" not in written


def test_an_alias_of_the_register_is_a_name(a_school: School) -> None:
    rows = school.register_rows(date.today())
    for row in rows:
        if row.get("reference") == "P01":
            row["aliases"] = "Amara O. ; Mara"
    assert a_school.publish(rows).code == 0
    a_school.drop("camera-1/3B/1.JPG", picture(faces=("mara",)))
    a_school.drop("camera-1/3B/2.JPG", picture(scene=2, faces=("AMARA  o.",)))
    a_school.drop("camera-1/3B/3.JPG", picture(scene=3, faces=("Amara",)))
    told = {place[-5]: line["concerns"] for place, line in a_school.process().items()}
    assert told == {"1": [], "2": [], "3": ["people.unknown_name"]}


@pytest.mark.slow
def test_a_device_passes_by_the_place_where_its_own_card_is_read(a_school: School) -> None:
    card = a_school.folder / "card"
    card.mkdir()
    settings = a_school.folder / "station.toml"
    with settings.open("a", encoding="utf-8") as file:
        file.write('\n[[import]]\npath = "card"\noriginals = "keep"\ndevice = "ipad-1"\n')
    a_school.drop("../card/3B/IMG_0001.JPG", picture(scene=1, camera=school.IPAD))
    a_school.drop("3B/IMG_0002.JPG", picture(scene=2, camera=school.IPAD))
    a_school.drop("../card/3B/IMG_0003.JPG", picture(scene=3, camera=school.CANON))
    told = {place[-5]: line["concerns"] for place, line in a_school.process().items()}
    assert told == {"1": [], "2": ["device.unrouted"], "3": ["device.contradictory"]}
