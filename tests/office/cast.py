# SPDX-License-Identifier: Apache-2.0
"""The cast of every test of the console: one person a role, and who has none.

client = enter("olive")          a browser in which Olive of the office is signed in
response = client.get(reverse("register:children"))
"""

from datetime import UTC, date, datetime, timedelta

from django.test import Client

from agent.core.model import Moment
from service.office.accounts.models import RoleGrant, User
from service.office.middleware import SECOND
from service.office.roles import Role

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PASSWORD = "cedar-lantern-otter-92"  # noqa: S105 - of invented people
ROLES: dict[str, tuple[str, frozenset[Role]]] = {
    "olive": ("Olive Office", frozenset({Role.OFFICE})),
    "tariq": ("Tariq Teacher", frozenset({Role.TEACHER})),
    "hana": ("Hana Head", frozenset({Role.HEAD})),
    "dev": ("Dev Dataprotection", frozenset({Role.DATA_PROTECTION})),
    "gita": ("Gita Governor", frozenset({Role.GOVERNOR})),
    "tess": ("Tess Technician", frozenset({Role.TECHNICIAN})),
    "sam": ("Sam Safeguarding", frozenset({Role.SAFEGUARDING})),
    "cora": ("Cora Chair", frozenset({Role.CHAIR})),
    "otto": ("Otto Outsider", frozenset()),
}


class SetClock:
    """A clock that a test sets."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> Moment:
        return Moment(at=self.at.replace(microsecond=0), today=self.at.date())

    def monotonic(self) -> float:
        return self.at.timestamp()

    def wait(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def on(self, day: date) -> None:
        """Set the day."""
        self.at = datetime(day.year, day.month, day.day, 12, 0, tzinfo=UTC)


def make_cast() -> None:
    """Make everybody, with roles that have counted for long."""
    for username, (name, roles) in ROLES.items():
        user = User.objects.make(username, name)
        user.set_password(PASSWORD)
        user.save()
        for role in roles:
            RoleGrant.objects.create(user=user, role=role.code, since=date(2020, 9, 1))


def person(username: str) -> User:
    """Return the account of somebody of the cast."""
    return User.objects.get(username=username)


def enter(username: str | None) -> Client:
    """Return a browser in which somebody is signed in, with a second factor where one is needed."""
    client = Client(headers={"host": "localhost"})
    if username is not None:
        client.force_login(person(username))
        session = client.session
        session[SECOND] = True
        session.save()
    return client
