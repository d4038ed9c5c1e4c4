# SPDX-License-Identifier: Apache-2.0
"""Small, defaulted rows of the register, made by the acts that the office does."""

from datetime import date, timedelta
from itertools import count

from agent.core.consent import Standing
from service.office.house import now
from service.office.register import images
from service.office.register.acts.answers import RecordAnswers
from service.office.register.acts.arrangement import AddGroup, JoinGroup
from service.office.register.acts.people import AddPerson, PersonFields, SetGuardian
from service.office.register.models import Group, Guardian, Guardianship, Person, Purpose
from tests.office.cast import person as account

_NUMBERS = count(1)
BASE = "photograph_and_store"


def a_pupil(given: str = "Amara", family: str = "Okafor", sort: str = "pupil") -> Person:
    reference = f"P{next(_NUMBERS):04d}"
    fields = PersonFields(reference=reference, given_name=given, family_name=family)
    AddPerson(by=account("olive"), sort=sort, fields=fields).do()
    return Person.objects.get(reference=reference)


def a_guardian(of: Person, capacity: str = "responsible", name: str = "Ada Okafor") -> Guardian:
    seen = now().today if capacity == "delegated" else None
    SetGuardian(
        by=account("olive"),
        person=of,
        name=name,
        relationship="Mother",
        capacity=capacity,
        delegation_seen_on=seen,
    ).do()
    return Guardianship.objects.filter(person=of).latest("number").guardian


def answer(
    of: Person,
    by: Guardian | None,
    says: str = "yes",
    *purposes: str,
    on: date | None = None,
    until: date | None = None,
) -> None:
    RecordAnswers(
        by=account("olive"),
        person=of,
        guardian=by,
        says={purpose(code): says for code in purposes or (BASE,)},
        given_on=on or now().today - timedelta(days=30),
        valid_until=until,
        how="form",
    ).do()


def purpose(code: str = BASE) -> Purpose:
    return Purpose.objects.get(code=code)


def a_group(name: str, *people: Person, teacher: str | None = None) -> Group:
    teachers = [account(teacher)] if teacher else []
    AddGroup(by=account("olive"), name=name, teachers=teachers).do()
    group = Group.objects.get(name=name)
    JoinGroup(by=account("olive"), group=group, people=people).do()
    return group


def standing(of: Person, code: str = BASE, day: date | None = None) -> Standing:
    of.refresh_from_db()
    table = images.standings([of], images.gather([of.id]), day or now().today)
    return table[of.id][purpose(code).id]
