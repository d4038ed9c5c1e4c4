# SPDX-License-Identifier: Apache-2.0
"""Acts on people: add, change, leave, return, restrict, and who may answer for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from service.office.acts import Act, Refused
from service.office.register.models import (
    Guardian,
    Guardianship,
    Person,
    PersonChange,
    Restriction,
)
from service.office.roles import Role

KEEPS: Final = frozenset({Role.OFFICE, Role.HEAD})
CARES: Final = frozenset({Role.OFFICE, Role.HEAD, Role.SAFEGUARDING})
GUARDS: Final = frozenset({Role.HEAD, Role.SAFEGUARDING})

_CODES: Final = {
    "given_name": "names",
    "family_name": "names",
    "known_as": "known_as",
    "also_tagged": "names",
    "reference": "reference",
    "upn": "upn",
    "born_on": "birth",
    "year_group": "year_group",
}
"""A field of a person, and its word in the ledger."""


@dataclass(frozen=True, kw_only=True)
class PersonFields:
    """What is said of a person, as a form or an import gives it."""

    reference: str
    given_name: str
    family_name: str
    known_as: str = ""
    also_tagged: str = ""
    upn: str = ""
    born_on: date | None = None
    year_group: str = ""


@dataclass(frozen=True, kw_only=True)
class AddPerson(Act):
    """Add a pupil, a member of staff or a visitor; nothing is permitted by that."""

    kind: ClassVar = EntryKind.PERSON_ADDED
    roles: ClassVar = KEEPS
    sort: str
    fields: PersonFields

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the row."""
        del moment
        check_free(self.fields, None)
        person = Person(sort=self.sort, **vars_of(self.fields))
        person.prepare_search()
        person.save(force_insert=True)
        return {"person": person.id, "sort": self.sort}


@dataclass(frozen=True, kw_only=True)
class ChangePerson(Act):
    """Change what is said of a person; before and after are kept."""

    kind: ClassVar = EntryKind.PERSON_CHANGED
    roles: ClassVar = KEEPS
    person: Person
    fields: PersonFields

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Save the fields that differ."""
        check_free(self.fields, self.person)
        wanted = vars_of(self.fields)
        differs = [name for name, value in wanted.items() if getattr(self.person, name) != value]
        if not differs:
            return None
        PersonChange.objects.bulk_create(
            PersonChange(
                person=self.person,
                field=name,
                before=_text(getattr(self.person, name)),
                after=_text(wanted[name]),
                at=moment.at,
                by=self.by,
            )
            for name in differs
        )
        for name in differs:
            setattr(self.person, name, wanted[name])
        self.person.prepare_search()
        self.person.save()
        return {"person": self.person.id, "fields": sorted({_CODES[name] for name in differs})}


@dataclass(frozen=True, kw_only=True)
class LetPersonLeave(Act):
    """Say that a person leaves; whatever reaches families or the world ends with the day."""

    kind: ClassVar = EntryKind.PERSON_LEFT
    roles: ClassVar = KEEPS
    person: Person
    on: date

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Set the day."""
        del moment
        if self.person.left_on == self.on:
            return None
        self.person.left_on = self.on
        self.person.save(update_fields=["left_on"])
        return {"person": self.person.id, "on": self.on.isoformat()}


@dataclass(frozen=True, kw_only=True)
class LetPersonReturn(Act):
    """Take back that a person left."""

    kind: ClassVar = EntryKind.PERSON_RETURNED
    roles: ClassVar = KEEPS
    person: Person

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Clear the day."""
        del moment
        if self.person.left_on is None:
            return None
        self.person.left_on = None
        self.person.save(update_fields=["left_on"])
        return {"person": self.person.id}


@dataclass(frozen=True, kw_only=True)
class Restrict(Act):
    """Say that a person must not be photographed, with a reason that few may read."""

    kind: ClassVar = EntryKind.PERSON_RESTRICTED
    roles: ClassVar = CARES
    restricted: ClassVar = True
    person: Person
    reason: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the row."""
        if not self.reason.strip():
            raise Refused("Give the reason. Only the head and the safeguarding lead can read it.")
        Restriction.objects.create(
            person=self.person,
            restricted=self.restricted,
            reason=self.reason.strip(),
            at=moment.at,
            by=self.by,
        )
        return {"person": self.person.id}


@dataclass(frozen=True, kw_only=True)
class LiftRestriction(Restrict):
    """Say that a person may be photographed again, as far as the answers allow."""

    kind: ClassVar = EntryKind.PERSON_UNRESTRICTED
    roles: ClassVar = GUARDS
    restricted: ClassVar = False


@dataclass(frozen=True, kw_only=True)
class ReadRestriction(Act):
    """Read why a person must not be photographed; that it was read is recorded."""

    kind: ClassVar = EntryKind.RESTRICTION_READ
    roles: ClassVar = GUARDS
    person: Person

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Change nothing."""
        del moment
        return {"person": self.person.id}


@dataclass(frozen=True, kw_only=True)
class SetGuardian(Act):
    """Say in what right somebody answers for a child from now on, or that they no longer do."""

    kind: ClassVar = EntryKind.GUARDIAN_SET
    roles: ClassVar = KEEPS
    person: Person
    guardian: Guardian | None = None
    """None for somebody new, named by `name`."""
    name: str = ""
    contact: str = ""
    relationship: str
    capacity: str
    delegation_seen_on: date | None = None
    ended: bool = False

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the row, and the guardian where there is none yet."""
        if self.person.sort != "pupil":
            raise Refused("Adults answer for themselves.")
        if self.capacity == "delegated" and self.delegation_seen_on is None:
            raise Refused("Give the day on which you saw the delegation in the placement plan.")
        guardian = self.guardian or Guardian.objects.create(name=self.name, contact=self.contact)
        ship = Guardianship.objects.create(
            person=self.person,
            guardian=guardian,
            relationship=self.relationship,
            capacity=self.capacity,
            delegation_seen_on=self.delegation_seen_on,
            ended=self.ended,
            at=moment.at,
            by=self.by,
        )
        return {
            "person": self.person.id,
            "guardian": guardian.id,
            "capacity": ship.counts_as.value,
            "on": moment.today.isoformat(),
        }


def vars_of(fields: PersonFields) -> dict[str, str | date | None]:
    """Return the fields by name, texts without stray spaces."""
    return {
        name: _lines(value) if isinstance(value, str) else value
        for name, value in vars(fields).items()
    }


def check_free(fields: PersonFields, own: Person | None) -> None:
    """Make sure that nobody else has the reference or the UPN.

    Raises:
        Refused: somebody else has.
    """
    others = Person.objects.exclude(pk=own.pk) if own else Person.objects.all()
    if not (fields.given_name.strip() and fields.family_name.strip() and fields.reference.strip()):
        raise Refused("A person needs a reference, a first name and a family name.")
    if others.filter(reference=fields.reference.strip()).exists():
        raise Refused("Somebody else has this reference already.")
    if fields.upn and others.filter(upn=fields.upn).exists():
        raise Refused("Somebody else has this UPN already.")


def _lines(text: str) -> str:
    kept = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in kept if line)


def _text(value: str | date | None) -> str:
    return "" if value is None else str(value)
