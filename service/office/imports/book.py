# SPDX-License-Identifier: Apache-2.0
"""Between the register's tables and the book of an import: read it, write changes, keep them."""

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from agent.core.clues import normal_form
from agent.core.mis.book import Book, Change, MisAnswer, Pupil
from agent.core.model import Moment, PurposeId
from agent.core.register import Says
from service.office.accounts.models import User
from service.office.register import images
from service.office.register.acts.people import PersonFields, vars_of
from service.office.register.models import (
    Answer,
    Correction,
    Group,
    Guardian,
    Guardianship,
    Membership,
    Person,
    PersonChange,
    Purpose,
)

MIS_REFERENCE: Final = "mis"
MIS_NAME: Final = "School information system (MIS)"
_FIELDS: Final = {"reference": "reference", "upn": "upn", "given": "given_name"} | {
    "family": "family_name",
    "known_as": "known_as",
    "born": "born_on",
    "year": "year_group",
}
"""A field of the book's pupil, and its column."""


def read_book() -> Book:
    """Return every pupil as an import sees them; five statements whatever their number."""
    people = list(Person.objects.filter(sort="pupil"))
    gathered = images.gather(None)
    mis = set(Guardian.objects.filter(reference=MIS_REFERENCE).values_list("id", flat=True))
    classes: dict[str, list[str]] = defaultdict(list)
    current = Membership.objects.filter(
        until__isnull=True, group__sort="class", group__closed_on__isnull=True
    )
    for person, name in current.values_list("person_id", "group__name"):
        classes[person].append(name)
    return {
        person.id: _pupil(person, gathered, mis, tuple(sorted(classes[person.id])))
        for person in people
    }


def _pupil(
    person: Person, gathered: images.Gathered, mis: set[str], classes: tuple[str, ...]
) -> Pupil:
    staying = copy.copy(person)
    staying.left_on = None
    facts = gathered.facts.get(person.id, ())
    said = sorted((fact for fact in facts if fact.guardian in mis), key=lambda one: one.given_on)
    return Pupil(
        key=person.id,
        **{name: getattr(person, column) for name, column in _FIELDS.items()},
        classes=classes,
        left_on=person.left_on,
        restricted=person.id in gathered.restricted,
        others=tuple(
            images.answer_of(fact, staying, gathered) for fact in facts if fact.guardian not in mis
        ),
        mis={
            PurposeId(gathered.purposes[fact.purpose].code): MisAnswer(
                says=Says(fact.says), given_on=fact.given_on, valid_until=fact.valid_until
            )
            for fact in said
        },
    )


class Writer:
    """Writes changes into the tables, within the transaction of an act."""

    def __init__(self, moment: Moment, by: User | None) -> None:
        self._moment, self._by = moment, by
        self._purposes = {one.code: one for one in Purpose.objects.all()}
        self._mis = Guardian.objects.filter(
            reference=MIS_REFERENCE
        ).first() or Guardian.objects.create(reference=MIS_REFERENCE, name=MIS_NAME)
        self._groups = {
            one.key: one for one in Group.objects.filter(sort="class", closed_on__isnull=True)
        }

    def write(self, change: Change) -> None:
        """Bring one pupil from before to after; who is not to be there leaves today."""
        before, after = change.before, change.after
        if after is None:
            if before is None:
                return
            after = replace(before, left_on=self._moment.today, classes=(), mis={})
        person = self._person(before, after)
        self._classes(person, before, after)
        self._answers(person, before, after)

    def _person(self, before: Pupil | None, after: Pupil) -> Person:
        fields = PersonFields(
            reference=after.reference,
            given_name=after.given,
            family_name=after.family,
            known_as=after.known_as,
            upn=after.upn,
            born_on=after.born,
            year_group=after.year,
        )
        if before is None:
            person = Person(id=after.key, sort="pupil", left_on=after.left_on, **vars_of(fields))
            person.prepare_search()
            person.save(force_insert=True)
            return person
        person = Person.objects.get(pk=after.key)
        for name, column in _FIELDS.items():
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                self._changed(person, column, old, new)
                setattr(person, column, new)
        person.left_on = after.left_on
        person.prepare_search()
        person.save()
        return person

    def _changed(self, person: Person, column: str, old: Any, new: Any) -> None:  # noqa: ANN401 - a text or a day
        PersonChange.objects.create(
            person=person,
            field=column,
            before="" if old is None else str(old),
            after="" if new is None else str(new),
            at=self._moment.at,
            by=self._by,
        )

    def _classes(self, person: Person, before: Pupil | None, after: Pupil) -> None:
        earlier = {normal_form(name) for name in before.classes} if before else set()
        wanted = {normal_form(name): name for name in after.classes}
        leaving = Membership.objects.filter(
            person=person, until__isnull=True, group__key__in=earlier - wanted.keys()
        )
        leaving.filter(group__sort="class").update(until=self._moment.today)
        for key in sorted(wanted.keys() - earlier):
            Membership.objects.create(
                person=person, group=self._group(key, wanted[key]), since=self._moment.today
            )

    def _group(self, key: str, name: str) -> Group:
        if key not in self._groups:
            self._groups[key] = Group.objects.create(name=name, sort="class", key=key)
        return self._groups[key]

    def _answers(self, person: Person, before: Pupil | None, after: Pupil) -> None:
        """Take back each answer that is replaced, and add what stands in its place."""
        earlier = before.mis if before else {}
        moved = {
            code for code in {*earlier, *after.mis} if earlier.get(code) != after.mis.get(code)
        }
        if not moved:
            return
        self._may_answer(person)
        stands = Answer.objects.filter(
            person=person, guardian=self._mis, correction__isnull=True, purpose__code__in=moved
        )
        old = list(stands.select_related("purpose"))
        added = [
            self._answer(person, code, after.mis[code]) for code in sorted(moved & {*after.mis})
        ]
        new = {answer.purpose.code: answer for answer in Answer.objects.bulk_create(added)}
        Correction.objects.bulk_create(
            Correction(
                answer=answer,
                replaced_by=new.get(answer.purpose.code),
                why="The information system said otherwise in a later import, or it was undone.",
                at=self._moment.at,
                by=self._by,
            )
            for answer in old
        )

    def _answer(self, person: Person, code: str, said: MisAnswer) -> Answer:
        return Answer(
            person=person,
            purpose=self._purposes[code],
            guardian=self._mis,
            says=said.says.value,
            given_on=said.given_on,
            valid_until=said.valid_until,
            how="import",
            at=self._moment.at,
            by=self._by,
        )

    def _may_answer(self, person: Person) -> None:
        """Let the system answer for a pupil, unless somebody has ended that."""
        if not Guardianship.objects.filter(person=person, guardian=self._mis).exists():
            Guardianship.objects.create(
                person=person,
                guardian=self._mis,
                relationship="Keeps what families told the school",
                capacity="responsible",
                at=self._moment.at,
                by=self._by,
            )


def to_plain(changes: Iterable[Change]) -> list[dict[str, Any]]:
    """Return changes as plain JSON values, without what an import never touches."""
    return [{"before": _plain(one.before), "after": _plain(one.after)} for one in changes]


def undoing(plain: Iterable[Mapping[str, Any]], book: Book) -> tuple[Change, ...]:
    """Return the changes that undo kept ones, on the book as it is now.

    Raises:
        KeyError, ValueError: a pupil is not there any more as the import left them.
    """
    changes = []
    for one in plain:
        now = book[one["after"]["key"]]
        if _plain(now) != one["after"]:
            raise ValueError("the pupil has changed since")
        before = one["before"]
        changes.append(Change(before=now, after=_restored(now, before) if before else None))
    return tuple(changes)


def _plain(pupil: Pupil | None) -> dict[str, Any] | None:
    if pupil is None:
        return None
    return {
        "key": pupil.key,
        **{name: getattr(pupil, name) for name in _FIELDS if name != "born"},
        "born": _text(pupil.born),
        "left_on": _text(pupil.left_on),
        "classes": list(pupil.classes),
        "mis": {
            code: [one.says.value, one.given_on.isoformat(), _text(one.valid_until)]
            for code, one in sorted(pupil.mis.items())
        },
    }


def _restored(now: Pupil, plain: Mapping[str, Any]) -> Pupil:
    texts = {name: plain[name] for name in _FIELDS if name != "born"}
    return replace(
        now,
        **texts,
        born=_day(plain["born"]),
        left_on=_day(plain["left_on"]),
        classes=tuple(plain["classes"]),
        mis={
            PurposeId(code): MisAnswer(
                says=Says(says), given_on=date.fromisoformat(since), valid_until=_day(until)
            )
            for code, (says, since, until) in plain["mis"].items()
        },
    )


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
