# SPDX-License-Identifier: Apache-2.0
"""Real sealed pictures of an invented class, held and kept, in a site of one's own.

Class 3B: Amara and Ben may be photographed, Cleo's mother said no; Dara may, and not on the
website. Of pictures in the folder of 3B nobody has said who is in them: Cleo may be, so all are
held.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from agent import bootstrap
from agent.core.case import Record
from agent.core.model import CaseId
from agent.demo import school as demo
from agent.demo.exif_block import CameraSays
from agent.demo.pictures import camera_jpeg, draw_people
from agent.ports import Outcome
from agent.rounds import drain
from service.office.house import House
from service.office.register.acts.arrangement import AddDevice
from service.office.register.models import Group, Person
from service.office.register.publishing import publish
from tests.office import school
from tests.office.cast import SetClock, person

SIZE = (400, 300)
PASSPHRASE = b"four words at random"


@dataclass(frozen=True)
class Class3B:
    """The class and its children."""

    group: Group
    amara: Person
    ben: Person
    cleo: Person
    dara: Person


def make_class(house: House, publishing: Callable[[], object] = publish) -> Class3B:
    """Make the class and the camera, and have the register published for this computer's day."""
    if isinstance(house.clock, SetClock):  # the agent of the site goes by the real one
        house.clock.at = datetime.now(UTC)
    toml = house.folder / "station.toml"
    text = re.sub(r"settle_seconds = .*", "settle_seconds = 0.0", toml.read_text("utf-8"))
    toml.write_text(text, "utf-8")
    amara, ben = school.a_pupil("Amara", "Okafor"), school.a_pupil("Ben", "Hart")
    cleo, dara = school.a_pupil("Cleo", "Moss"), school.a_pupil("Dara", "Vale")
    for child in (amara, ben, dara):
        says = ("photograph_and_store",) if child is dara else ("photograph_and_store", "website")
        school.answer(
            child, school.a_guardian(child, name=f"Parent of {child.given_name}"), "yes", *says
        )
    school.answer(dara, dara.guardianships.get().guardian, "no", "website")
    school.answer(cleo, school.a_guardian(cleo, name="Parent of Cleo"), "no")
    group = school.a_group("3B", amara, ben, cleo, dara, teacher="tariq")
    camera = demo.CANON
    AddDevice(
        by=person("hana"),
        name="Camera 1",
        make=camera.make,
        model=camera.model,
        serials=camera.serial,
        folders="camera-1",
    ).do()
    publishing()
    return Class3B(group=group, amara=amara, ben=ben, cleo=cleo, dara=dara)


def taken(people: int, scene: int, camera: CameraSays = demo.CANON, minute: int = 0) -> bytes:
    """Return a small picture of some people, taken at a minute of one morning."""
    says = replace(camera, taken=f"2026:09:14 10:{minute:02d}:{scene % 60:02d}")
    return camera_jpeg(scene, says, drawn=draw_people(people, scene, SIZE))


def process(house: House, pictures: Mapping[str, bytes]) -> dict[str, Record]:
    """Drop pictures into the import folder and let the agent work; return their cases by place."""
    folder = house.folder / "import"
    for place, content in pictures.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with bootstrap.open_ports(house.site()) as (ports, _):
        done = [o for o in drain(ports, 0) if isinstance(o, Outcome)]
    assert len(done) == len(pictures)
    return {str(Path(outcome.shown).as_posix()): outcome.record for outcome in done}


def record(house: House, case: str) -> Record:
    """Return a case as the journal has it now."""
    with bootstrap.open_journal(house.site()) as journal:
        found = journal.find(CaseId(case))
    assert found is not None
    return found
