# SPDX-License-Identifier: Apache-2.0
"""Take over the register that was published from a file, once, before the console has one.

Everybody keeps their token, classes and devices keep their ids, so pictures that were decided stay
linked, and whoever is in them is decided on the same answers. Guardians are known by the file's
reference only, and only those who answered: the office gives them their names. A family name is
taken to be the last word; the names by which pictures are tagged stay as they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Final

from agent.core.canonical import JsonValue
from agent.core.clues import normal_form
from agent.core.consent import standing
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.core.model import Token as CoreToken
from agent.core.register import Answer as CoreAnswer
from agent.core.register import Capacity
from agent.core.register import Person as CorePerson
from agent.core.snapshot import NamedPerson, Snapshot
from agent.site import new_id
from service.office.acts import Act, Refused
from service.office.house import house
from service.office.register import images
from service.office.register.models import (
    Answer,
    Device,
    Group,
    Guardian,
    Guardianship,
    Membership,
    Person,
    Publication,
    Purpose,
    Restriction,
    Token,
)
from service.office.roles import Role

_OWN: Final = (Capacity.CHILD, Capacity.SELF)
_WHY: Final = "The register that was published from a file says so; its note says why."


@dataclass(frozen=True, kw_only=True)
class TakeOver(Act):
    """Fill the empty register of the console with what stations decide on today."""

    kind: ClassVar = EntryKind.REGISTER_IMPORTED
    roles: ClassVar = frozenset({Role.HEAD})
    program_may: ClassVar = True
    snapshot: Snapshot
    _guardians: dict[str, Guardian] = field(default_factory=dict, init=False, repr=False)

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Add every row; nothing where it was taken over before."""
        if self._is_done():
            return None
        if Person.objects.exists() or Publication.objects.exists():
            raise Refused("The console has a register of its own already; nothing was taken over.")
        purposes = self._purposes()
        people = {one.token: self._person(one, purposes, moment) for one in self.snapshot.people}
        self._groups(people)
        self._devices()
        self._check(people, moment.today)
        yes = sum(a.says.value == "yes" for one in self.snapshot.people for a in one.answers)
        counts = dict.fromkeys(("changed", "left", "tightened"), 0)
        return {
            **counts,
            "confirmed_by": None,
            "file_sha256": self.snapshot.digest(),
            "plan": new_id(),
            "joined": len(people),
            "loosened": yes,
        }

    def _is_done(self) -> bool:
        tokens = {person.token for person in self.snapshot.people}
        known = set(Token.objects.values_list("token", flat=True))
        return bool(tokens) and tokens <= known

    def _purposes(self) -> dict[str, Purpose]:
        """Return the purposes by their codes; those of policy.toml that are not here are added."""
        known = {one.code: one for one in Purpose.objects.all()}
        needed = {answer.purpose for one in self.snapshot.people for answer in one.answers}
        policy = house().site().policy.purposes
        for code in sorted(needed - known.keys()):
            if code not in policy:
                raise Refused(f"The purpose {code} is not in policy.toml; put it back there.")
            known[code] = Purpose.objects.create(
                code=code,
                label=policy[code].label,
                lawful_basis=policy[code].lawful_basis,
                scope="world",  # what ends soonest, until the head says otherwise
                renewal="school_year",
                place=100,
            )
        return known

    def _person(self, one: NamedPerson, purposes: Mapping[str, Purpose], moment: Moment) -> Person:
        given, _, family = one.names[0].rpartition(" ")
        adult = any(answer.capacity is Capacity.SELF for answer in one.answers)
        person = Person(
            sort="staff" if adult else "pupil",
            reference=one.reference,
            given_name=given or family,
            family_name=family,
            also_tagged="\n".join(one.names[1:]),
        )
        person.prepare_search()
        person.save(force_insert=True)
        Token.objects.create(token=one.token, person=person, school_year=self.snapshot.school_year)
        if one.restricted:
            Restriction.objects.create(
                person=person, restricted=True, reason=_WHY, at=moment.at, by=self.by
            )
        self._answering(one, person, moment)
        Answer.objects.bulk_create(
            self._answer(answer, person, purposes[answer.purpose], moment) for answer in one.answers
        )
        return person

    def _answering(self, one: NamedPerson, person: Person, moment: Moment) -> None:
        """Say in what right each guardian answers; of two rights the lesser one."""
        rights: dict[str, Capacity] = {}
        for answer in one.answers:
            if answer.capacity not in _OWN:
                undelegated = rights.get(answer.answerer) is Capacity.UNDELEGATED
                rights[answer.answerer] = Capacity.UNDELEGATED if undelegated else answer.capacity
        issued = self.snapshot.issued_at.date()
        for reference, capacity in rights.items():
            Guardianship.objects.create(
                person=person,
                guardian=self._guardian(reference),
                relationship="not known",
                capacity=capacity.value,
                delegation_seen_on=issued if capacity is Capacity.DELEGATED else None,
                at=moment.at,
                by=self.by,
            )

    def _guardian(self, reference: str) -> Guardian:
        if reference not in self._guardians:
            self._guardians[reference] = Guardian.objects.create(
                name=f"Guardian {reference}"[:120], reference=reference[:40]
            )
        return self._guardians[reference]

    def _answer(
        self, answer: CoreAnswer, person: Person, purpose: Purpose, moment: Moment
    ) -> Answer:
        own = answer.capacity in _OWN
        return Answer(
            person=person,
            purpose=purpose,
            guardian=None if own else self._guardian(answer.answerer),
            says=answer.says.value,
            given_on=answer.given_on,
            valid_until=answer.valid_until,
            how="import",
            note=f"From the register file, version {self.snapshot.version}",
            at=moment.at,
            by=self.by,
        )

    def _groups(self, people: Mapping[CoreToken, Person]) -> None:
        since = self.snapshot.issued_at.date()
        for roster in self.snapshot.rosters:
            group = Group.objects.create(
                id=roster.id,
                name=roster.names[0],
                sort="class",
                folders="\n".join(roster.names[1:]),
                key=normal_form(roster.names[0]),
            )
            Membership.objects.bulk_create(
                Membership(group=group, person=people[token], since=since)
                for token in roster.members
            )

    def _devices(self) -> None:
        Device.objects.bulk_create(
            Device(
                id=one.id,
                name=one.reference,
                make=one.make,
                model=one.model,
                serials="\n".join(one.serials),
                folders="\n".join(one.folders),
                retired_on=one.retired_on,
            )
            for one in self.snapshot.devices
        )

    def _check(self, people: Mapping[CoreToken, Person], day: date) -> None:
        """Make sure that everybody stands as before; otherwise nothing is taken over."""
        gathered = images.gather(None)
        codes = {answer.purpose for one in self.snapshot.people for answer in one.answers}
        for one in self.snapshot.people:
            before = CorePerson(
                token=one.token,
                names=frozenset(),
                answers=one.answers,
                restricted=one.restricted,
            )
            after = images.image(people[one.token], gathered)
            if any(standing(before, code, day) is not standing(after, code, day) for code in codes):
                raise Refused("Somebody would stand otherwise than before; nothing was taken over.")
