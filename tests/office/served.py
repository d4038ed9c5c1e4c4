# SPDX-License-Identifier: Apache-2.0
"""An invented school behind a real server, for browsers: `python tests/office/served.py FOLDER`.

Prints one line of JSON when it answers: its port, and an address for every route. Ends with its
standard input.
"""

import json
import sys
import threading
from pathlib import Path

from agent import bootstrap
from agent import site as layout
from agent.cli.site_commands import first_records
from agent.demo.pictures import camera_jpeg
from agent.demo.school import PHONE
from agent.ports import Outcome
from agent.rounds import drain
from service.office.configuration import write_default
from service.office.serving import serving

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # noqa: S105 - of invented people
MARKER = "Marigold"
FAMILY = "Featherstonehaugh"


def fill() -> dict[str, str]:
    """Make cast and register; return the arguments that routes need."""
    from allauth.mfa.totp.internal.auth import TOTP

    from service.office.accounts.models import RoleGrant
    from service.office.house import now
    from service.office.register.acts.arrangement import AddDevice
    from service.office.register.acts.people import Restrict
    from service.office.register.models import Answer, Device
    from service.office.roles import Role
    from tests.office import school
    from tests.office.cast import make_cast, person

    make_cast()
    hana = person("hana")
    for role in set(Role) - {Role.HEAD}:
        RoleGrant.objects.create(user=hana, role=role.code, since=now().today)
    for username in ("hana", "dev", "tess", "sam", "cora"):
        TOTP.activate(person(username), TOTP_SECRET)
    child = school.a_pupil(MARKER, FAMILY)
    mother = school.a_guardian(child, name="Ada Featherstonehaugh")
    father = school.a_guardian(child, name="Bola Featherstonehaugh")
    school.answer(child, mother, "yes", "photograph_and_store", "website", "display", "press")
    school.answer(child, father, "no", "press")
    others = [school.a_pupil(given, "Larkfield") for given in ("Ben", "Cleo", "Dara", "Eve")]
    school.answer(others[0], school.a_guardian(others[0]), "no", "website")
    Restrict(by=hana, person=others[1], reason="A court order.").do()
    group = school.a_group("3B", child, *others, teacher="tariq")
    AddDevice(by=hana, name="Camera 1", make="Canon", model="EOS 250D", serials="0123").do()
    return {
        "person": child.id,
        "guardian": mother.id,
        "group": group.id,
        "device": Device.objects.get().id,
        "purpose": school.purpose("website").id,
        "answer": Answer.objects.filter(person=child).first().id,  # type: ignore[union-attr]  # it is there
        "account": person("olive").id,
        "role": "office",
    }


def take_in_a_picture(folder: Path) -> str:
    """Let the agent seal and hold a picture of a telephone, and return its case."""
    place = folder / "import" / "3B" / "IMG_0001.JPG"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(camera_jpeg(1, PHONE, size=(400, 300)))
    with bootstrap.open_ports(bootstrap.load_site(folder)) as (ports, _):
        (done,) = (one for one in drain(ports, 0) if isinstance(one, Outcome))
    return str(done.record.case)


def main(folder: Path) -> None:
    """Serve until the standard input ends."""
    layout.create_site(
        layout.SitePlan(
            folder=folder,
            school="Larkfield",
            passphrase=b"four words at random",
            settle_seconds=0,
            work_factor=6,
        )
    )
    first_records(folder)
    case = take_in_a_picture(folder)
    write_default(folder)
    with serving(folder, 0) as (_, server):
        told = {"port": server.bind_addr[1], "arguments": {**fill(), "case": case}}
        threading.Thread(target=server.serve, daemon=True).start()
        print(json.dumps(told), flush=True)  # noqa: T201 - the test reads it
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
