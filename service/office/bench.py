# SPDX-License-Identifier: Apache-2.0
"""Measure the console on this computer: a large school, eight people at once, real requests.

2,000 pupils, every purpose that a register starts with, two guardians who answered each. Each of
the clients has a session of its own and keeps its connection, in another process than the console.
Measured is what a browser waits for; beside it, how long one person waits alone, and the same
question asked of a sheet (`bench_sheet`). A part that adds pages adds to `_pages`.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from agent import site as layout
from agent.cli.site_commands import first_records
from service.office import bench_sheet
from service.office.configuration import write_default

CLASS: Final = "one class"
SHEET: Final = "one class, from a sheet with openpyxl"
PUPILS = 2000
CLASS_SIZE = 30
CLIENTS = 8
_PATIENCE = 120.0
_GIVEN = ("Amara", "Ben", "Cleo", "Dara", "Eve", "Femi", "Gus", "Hope", "Ivo", "Jun")
_FAMILY = (
    "Okafor", "Ito", "Marsh", "Larkfield", "Newhouse", "Quill", "Rook", "Sand", "Tarn", "Vale",
)  # fmt: skip


class Measured(NamedTuple):
    """One kind of page: its word, and the addresses that every client asks for in turn."""

    page: str
    addresses: Sequence[str]


class Row(NamedTuple):
    """One kind of page: requests, median and 95th percentile in milliseconds, pages a second."""

    page: str
    people: int
    """How many asked at once."""
    requests: int
    median_ms: float
    p95_ms: float
    a_second: float


def measure(pupils: int, clients: int, seconds: float) -> list[Row]:
    """Serve an invented school from a temporary folder and return what its pages cost.

    Each page by all clients at once and by one alone; last, one class read from a sheet.
    """
    from service.office.serving import serving  # noqa: PLC0415 - needs the office's packages

    with tempfile.TemporaryDirectory(prefix="photowarden-bench-") as name:
        folder = Path(name) / "site"
        plan = layout.SitePlan(
            folder=folder, school="Bench", passphrase=b"of a measurement", work_factor=6
        )
        layout.create_site(plan)
        first_records(folder)
        write_default(folder)
        with serving(folder, 0) as (_, server):
            port: int = server.bind_addr[1]
            groups = _fill(pupils)
            _publish()
            cookies = [_session(number) for number in range(clients)]
            thread = threading.Thread(target=server.serve, daemon=True)
            thread.start()
            rows = [
                _row(page.page, some, _all(port, some, page.addresses, seconds))
                for page in _pages(groups)
                for some in (cookies, cookies[:1])
            ]
            server.stop()
            thread.join()
        _close()
        sheet = bench_sheet.seconds_a_class(Path(name), pupils, CLASS_SIZE)
        return [*rows, _row(SHEET, [""], sheet)]


def _pages(groups: Sequence[str]) -> list[Measured]:
    """Return what is measured."""
    return [
        Measured("search", ["/children"]),
        Measured(CLASS, [f"/classes/{group}" for group in groups]),
    ]


def _all(
    port: int, cookies: Sequence[str], addresses: Sequence[str], seconds: float
) -> list[float]:
    """Let clients in a process of their own ask again and again; return every answer's time."""
    wanted = {"port": port, "cookies": cookies, "addresses": addresses, "seconds": seconds}
    command = [sys.executable, "-m", "service.office.bench_clients"]
    done = subprocess.run(  # noqa: S603 - our own module
        command, input=json.dumps(wanted), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    times: list[float] = json.loads(done.stdout)
    return times


def _row(page: str, people: Sequence[str], times: list[float]) -> Row:
    """Return one row: of each person's waits, one after another, follow the pages a second."""
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    median = statistics.median(times)
    rate = len(people) * len(times) / sum(times)
    return Row(page, len(people), len(times), median * 1e3, cuts[-1] * 1e3, rate)


def _fill(pupils: int) -> list[str]:
    """Write a school without acts: what is measured is reading it; return its classes."""
    from service.office.register.models import Group, Membership, Person  # noqa: PLC0415 - as above

    people = [
        Person(
            sort="pupil",
            reference=f"P{number:05d}",
            given_name=_GIVEN[number % 10],
            family_name=f"{_FAMILY[number // 10 % 10]}{number // 100}",
        )
        for number in range(pupils)
    ]
    for person in people:
        person.prepare_search()
    Person.objects.bulk_create(people, batch_size=500)
    count = -(-pupils // CLASS_SIZE)
    groups = Group.objects.bulk_create(
        Group(name=f"Class {n}", sort="class", key=f"class {n}") for n in range(count)
    )
    today = datetime.now(tz=UTC).date()  # noqa: TID251 - a measurement's own day
    Membership.objects.bulk_create(
        [
            Membership(person=person, group=groups[number // CLASS_SIZE], since=today)
            for number, person in enumerate(people)
        ],
        batch_size=500,
    )
    for person in people:
        _answers(person.id, today)
    return [group.id for group in groups]


def _publish() -> None:
    """Publish the register now, so that the caretaker does not do it while pages are measured."""
    from service.office.house import DUE  # noqa: PLC0415 - as above
    from service.office.register.models import Publication  # noqa: PLC0415 - as above

    DUE.set()
    stop = time.monotonic() + _PATIENCE
    while not Publication.objects.exists() and time.monotonic() < stop:
        time.sleep(0.1)


def _answers(person: str, today: date) -> None:
    from service.office.register import models  # noqa: PLC0415 - as above

    at = datetime.now(tz=UTC)  # noqa: TID251 - as above
    guardians = models.Guardian.objects.bulk_create(
        models.Guardian(name=name) for name in ("Ada", "Bola")
    )
    models.Guardianship.objects.bulk_create(
        models.Guardianship(
            person_id=person, guardian=one, relationship="Parent", capacity="responsible", at=at
        )
        for one in guardians
    )
    models.Answer.objects.bulk_create(
        models.Answer(
            person_id=person,
            purpose=purpose,
            guardian=one,
            says="no" if hash((person, purpose.id)) % 9 == 0 else "yes",
            given_on=today,
            how="form",
            at=at,
        )
        for one in guardians
        for purpose in models.Purpose.objects.all()
    )


def _session(number: int) -> str:
    """Make an account with a session that searches for something of its own; return its cookie."""
    from django.contrib.auth import (  # noqa: PLC0415 - as above
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        SESSION_KEY,
    )
    from django.contrib.sessions.backends.db import SessionStore  # noqa: PLC0415 - as above

    from service.office import middleware  # noqa: PLC0415 - as above
    from service.office.accounts.models import RoleGrant, User  # noqa: PLC0415 - as above

    user = User.objects.make(f"client{number}", f"Client {number}")
    RoleGrant.objects.create(user=user, role="office", since=date(2020, 1, 1))
    at = datetime.now(tz=UTC).isoformat()  # noqa: TID251 - as above
    store = SessionStore()
    store[SESSION_KEY] = user.id
    store[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    store[middleware.STAMP] = user.session_stamp
    store[middleware.STARTED] = store[middleware.SEEN] = at
    store["register_search"] = [_FAMILY[number % 10], ""]
    store.save()
    return f"photowarden_session={store.session_key}"


def _close() -> None:
    from django.db import connections  # noqa: PLC0415 - as above

    connections.close_all()
