# SPDX-License-Identifier: Apache-2.0
"""Acts on what the school has beside people: classes and groups, devices, purposes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from agent.core.canonical import JsonValue
from agent.core.clues import normal_form
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from service.office.accounts.models import User
from service.office.acts import Act, Refused
from service.office.register.models import Device, Group, Membership, Person, Purpose
from service.office.roles import Role

KEEPS: Final = frozenset({Role.OFFICE, Role.HEAD})
MACHINES: Final = KEEPS | {Role.TECHNICIAN}
HEAD: Final = frozenset({Role.HEAD})


@dataclass(frozen=True, kw_only=True)
class AddGroup(Act):
    """Add a class or group."""

    kind: ClassVar = EntryKind.GROUP_ADDED
    roles: ClassVar = KEEPS
    name: str
    sort: str = "class"
    folders: str = ""
    teachers: Sequence[User] = ()

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the row."""
        del moment
        name = " ".join(self.name.split())
        check_group_name(name, None)
        group = Group.objects.create(
            name=name, sort=self.sort, folders=lines(self.folders), key=normal_form(name)
        )
        group.teachers.set(self.teachers)
        return {"group": group.id}


@dataclass(frozen=True, kw_only=True)
class ChangeGroup(Act):
    """Change a group's name, folders and teachers, or close it."""

    kind: ClassVar = EntryKind.GROUP_CHANGED
    roles: ClassVar = KEEPS
    group: Group
    name: str
    folders: str = ""
    teachers: Sequence[User] = ()
    closed: bool = False

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Save what differs."""
        name = " ".join(self.name.split())
        check_group_name(name, self.group)
        before = set(self.group.teachers.values_list("id", flat=True))
        closed_on = moment.today if self.closed else None
        differs = {
            "name": self.group.name != name,
            "folders": self.group.folders != lines(self.folders),
            "teachers": before != {teacher.id for teacher in self.teachers},
            "closed": (self.group.closed_on is None) == self.closed,
        }
        if not any(differs.values()):
            return None
        self.group.name, self.group.folders = name, lines(self.folders)
        self.group.key = normal_form(name)
        self.group.closed_on = closed_on
        self.group.save()
        self.group.teachers.set(self.teachers)
        return {
            "group": self.group.id,
            "fields": [name for name in differs if differs[name]],
        }


@dataclass(frozen=True, kw_only=True)
class JoinGroup(Act):
    """Put people into a group from today on."""

    kind: ClassVar = EntryKind.GROUP_JOINED
    roles: ClassVar = KEEPS
    group: Group
    people: Sequence[Person]

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Add a row for each who is not in it."""
        current = Membership.objects.filter(group=self.group, until__isnull=True)
        there = set(current.values_list("person_id", flat=True))
        joining = [person for person in self.people if person.id not in there]
        Membership.objects.bulk_create(
            Membership(group=self.group, person=person, since=moment.today) for person in joining
        )
        return _people(self.group, joining)


@dataclass(frozen=True, kw_only=True)
class LeaveGroup(Act):
    """Take people out of a group; that they were in it stays known."""

    kind: ClassVar = EntryKind.GROUP_LEFT
    roles: ClassVar = KEEPS
    group: Group
    people: Sequence[Person]

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """End the rows."""
        current = Membership.objects.filter(
            group=self.group, person__in=self.people, until__isnull=True
        )
        leaving = set(current.values_list("person_id", flat=True))
        current.update(until=moment.today)
        return _people(self.group, [person for person in self.people if person.id in leaving])


@dataclass(frozen=True, kw_only=True)
class AddDevice(Act):
    """Put a camera or tablet on the register."""

    kind: ClassVar = EntryKind.DEVICE_ADDED
    roles: ClassVar = MACHINES
    name: str
    make: str = ""
    model: str = ""
    serials: str = ""
    folders: str = ""

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the row."""
        del moment
        check_device(self.name, self.model, self.serials, None)
        device = Device.objects.create(
            name=self.name.strip(),
            make=self.make.strip(),
            model=self.model.strip(),
            serials=lines(self.serials),
            folders=lines(self.folders),
        )
        return {"device": device.id}


@dataclass(frozen=True, kw_only=True)
class ChangeDevice(Act):
    """Change what is said of a device."""

    kind: ClassVar = EntryKind.DEVICE_CHANGED
    roles: ClassVar = MACHINES
    device: Device
    name: str
    make: str = ""
    model: str = ""
    serials: str = ""
    folders: str = ""

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Save what differs."""
        del moment
        check_device(self.name, self.model, self.serials, self.device)
        wanted = {
            "name": self.name.strip(),
            "make": self.make.strip(),
            "model": self.model.strip(),
            "serials": lines(self.serials),
            "folders": lines(self.folders),
        }
        differs = [name for name, value in wanted.items() if getattr(self.device, name) != value]
        if not differs:
            return None
        for name in differs:
            setattr(self.device, name, wanted[name])
        self.device.save()
        return {"device": self.device.id, "fields": list[JsonValue](differs)}


@dataclass(frozen=True, kw_only=True)
class RetireDevice(Act):
    """Say that a device is the school's no more: pictures taken after the day are held."""

    kind: ClassVar = EntryKind.DEVICE_RETIRED
    roles: ClassVar = MACHINES
    device: Device
    on: date

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Set the day."""
        del moment
        self.device.retired_on = self.on
        self.device.save(update_fields=["retired_on"])
        return {"device": self.device.id, "on": self.on.isoformat()}


@dataclass(frozen=True, kw_only=True)
class AddPurpose(Act):
    """Add a purpose; nobody has answered for it, so nobody is cleared for it."""

    kind: ClassVar = EntryKind.PURPOSE_ADDED
    roles: ClassVar = HEAD
    program_may: ClassVar = True
    code: str
    label: str
    lawful_basis: str
    scope: str
    renewal: str
    place: int = 100

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the row."""
        del moment
        if Purpose.objects.filter(code=self.code).exists():
            raise Refused("There is a purpose with this code already.")
        purpose = Purpose.objects.create(
            code=self.code,
            label=self.label,
            lawful_basis=self.lawful_basis,
            scope=self.scope,
            renewal=self.renewal,
            place=self.place,
        )
        return {"purpose": purpose.id}


@dataclass(frozen=True, kw_only=True)
class ChangePurpose(Act):
    """Change a purpose's words, basis, scope and renewal, or stop using it; its code stays."""

    kind: ClassVar = EntryKind.PURPOSE_CHANGED
    roles: ClassVar = HEAD
    purpose: Purpose
    label: str
    lawful_basis: str
    scope: str
    renewal: str
    used: bool

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Save what differs."""
        del moment
        words = {"lawful_basis": "basis"}
        wanted = {
            name: getattr(self, name)
            for name in ("label", "lawful_basis", "scope", "renewal", "used")
        }
        differs = [name for name, value in wanted.items() if getattr(self.purpose, name) != value]
        if not differs:
            return None
        for name in differs:
            setattr(self.purpose, name, wanted[name])
        self.purpose.save()
        return {"purpose": self.purpose.id, "fields": [words.get(name, name) for name in differs]}


def lines(text: str) -> str:
    """Return the lines of a text without stray spaces and without empty ones."""
    kept = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(dict.fromkeys(line for line in kept if line))


def check_group_name(name: str, own: Group | None) -> None:
    """Make sure that an open group's name is there and is its own.

    Raises:
        Refused: it is not.
    """
    if not name:
        raise Refused("A class or group needs a name.")
    others = Group.objects.filter(closed_on__isnull=True, key=normal_form(name))
    if others.exclude(pk=own.pk if own else "").exists():
        raise Refused("There is a class or group of this name already.")


def check_device(name: str, model: str, serials: str, own: Device | None) -> None:
    """Make sure that a device has a name of its own, and a model or serial to be known by.

    Raises:
        Refused: it has not, or another device in use has one of the serial numbers.
    """
    others = Device.objects.exclude(pk=own.pk if own else "")
    if not name.strip() or others.filter(name=name.strip()).exists():
        raise Refused("A device needs a name that no other has.")
    if not (model.strip() or serials.strip()):
        raise Refused("Give the model or a serial number: pictures are recognised by them.")
    wanted = {normal_form(serial) for serial in lines(serials).split("\n") if serial}
    for other in others.filter(retired_on__isnull=True):
        if wanted & {normal_form(serial) for serial in other.serials.split("\n") if serial}:
            raise Refused("Another device has one of these serial numbers.")


def _people(group: Group, people: Sequence[Person]) -> Mapping[str, JsonValue] | None:
    if not people:
        return None
    return {"group": group.id, "people": [person.id for person in people]}
