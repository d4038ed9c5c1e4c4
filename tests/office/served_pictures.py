# SPDX-License-Identifier: Apache-2.0
"""An invented class with held pictures behind a real server, for browsers.

`python tests/office/served_pictures.py FOLDER` prints one line of JSON when it answers: its port,
and the cases of each set of pictures. Ends with its standard input.
"""

import json
import sys
import threading
import time
from pathlib import Path

from agent import site as layout
from agent.cli.site_commands import first_records
from service.office.configuration import write_default
from service.office.serving import serving
from tests.office.served import TOTP_SECRET

CLEARED = 50
"""How many held pictures of one class a person clears."""


def fill() -> dict[str, str]:
    """Make cast, class and pictures; return the cases of each set, separated by spaces."""
    from allauth.mfa.totp.internal.auth import TOTP

    from service.office.house import DUE, house, now
    from service.office.library.index import catch_up
    from service.office.register import publishing
    from tests.office import held_pictures
    from tests.office.cast import make_cast, person
    from tests.office.keys import give_access

    def by_the_caretaker() -> None:
        DUE.set()
        while publishing.why_due(now()):
            time.sleep(0.1)

    make_cast()
    for username in ("hana", "dev", "tess", "sam"):
        TOTP.activate(person(username), TOTP_SECRET)
    give_access("olive", "hana")
    held_pictures.make_class(house(), by_the_caretaker)
    sets = {"one": (4, 0), "same": (4, 20), "undo": (2, 40), "many": (CLEARED, 100)}
    pictures = {}
    for name, (count, first) in sets.items():
        for number in range(count):
            scene = first + number
            people = 2 if name != "many" else 1 + number % 3
            place = f"camera-1/3B/{name}/{number:03d}.JPG"
            pictures[place] = held_pictures.taken(people, scene, minute=scene % 50)
    made = held_pictures.process(house(), pictures)
    catch_up()
    return {
        name: " ".join(one.case for place, one in sorted(made.items()) if f"/{name}/" in place)
        for name in sets
    }


def main(folder: Path) -> None:
    """Serve until the standard input ends."""
    layout.create_site(
        layout.SitePlan(
            folder=folder, school="Larkfield", passphrase=b"four words at random", work_factor=6
        )
    )
    first_records(folder)
    write_default(folder)
    with serving(folder, 0) as (_, server):
        told = {"port": server.bind_addr[1], "arguments": fill()}
        threading.Thread(target=server.serve, daemon=True).start()
        print(json.dumps(told), flush=True)  # noqa: T201 - the test reads it
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
