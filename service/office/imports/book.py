# SPDX-License-Identifier: Apache-2.0
"""Between the register's tables and the book of an import: read it, write changes, keep them."""

import copy
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
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
OTHER_REFERENCE: Final = "mis_other"
OTHER_NAME: Final = "School information system: its other row"
AT_ONCE: Final = 100
"""How many pupils are written together."""
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
    systems = Guardian.objects.filter(reference__in=[MIS_REFERENCE, OTHER_REFERENCE])
    mis = dict(systems.values_list("id", "reference"))
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
    person: Person, gathered: images.Gathered, mis: Mapping[str, str], classes: tuple[str, ...]
) -> Pupil:
    staying = copy.copy(person)
    staying.left_on = None
    facts = gathered.facts.get(person.id, ())
    return Pupil(
        key=person.id,
        **{name: getattr(person, column) for name, column in _FIELDS.items()},
        classes=classes,
        left_on=person.left_on,
        restricted=person.id in gathered.restricted,
        others=tuple(
            images.answer_of(fact, staying, gathered) for fact in facts if fact.guardian not in mis
        ),
        mis=_said(facts, gathered, {one for one, name in mis.items() if name == MIS_REFERENCE}),
        beside=_said(
            facts, gathered, {one for one, name in mis.items() if name == OTHER_REFERENCE}
        ),
    )


def _said(
    facts: Iterable[images.Fact], gathered: images.Gathered, guardians: set[str]
) -> Mapping[PurposeId, MisAnswer]:
    said = [fact for fact in facts if fact.guardian in guardians]
    return {
        PurposeId(gathered.purposes[fact.purpose].code): MisAnswer(
            says=Says(fact.says), given_on=fact.given_on, valid_until=fact.valid_until
        )
        for fact in sorted(said, key=lambda one: one.given_on)
    }


class Writer:
    """Writes changes into the tables, within the transaction of an act.

    Pupils are written together, `AT_ONCE` at a time, so that the number of statements hardly grows
    with theirs.
    """

    def __init__(self, moment: Moment, by: User | None) -> None:
        self._moment, self._by = moment, by
        self._purposes = {one.code: one for one in Purpose.objects.all()}
        self._groups = {
            one.key: one for one in Group.objects.filter(sort="class", closed_on__isnull=True)
        }

    def write(self, changes: Iterable[Change]) -> None:
        """Bring pupils from before to after; who is not to be there leaves today."""
        pairs = [(change.before, self._after(change)) for change in changes]
        moved = [(before, after) for before, after in pairs if after is not None]
        for start in range(0, len(moved), AT_ONCE):
            some = moved[start : start + AT_ONCE]
            self._join([after for before, after in some if before is None])
            self._describe([(before, after) for before, after in some if before is not None])
            self._regroup(some)
            self._say(some, MIS_REFERENCE, MIS_NAME, lambda pupil: pupil.mis)
            self._say(some, OTHER_REFERENCE, OTHER_NAME, lambda pupil: pupil.beside)

    def _after(self, change: Change) -> Pupil | None:
        if change.after is not None or change.before is None:
            return change.after
        day = self._moment.today
        return replace(change.before, left_on=day, classes=(), mis={}, beside={})

    def _join(self, pupils: Sequence[Pupil]) -> None:
        joined = [
            Person(id=one.key, sort="pupil", left_on=one.left_on, **vars_of(_person_fields(one)))
            for one in pupils
        ]
        for person in joined:
            person.prepare_search()
        Person.objects.bulk_create(joined)

    def _describe(self, pairs: Sequence[tuple[Pupil, Pupil]]) -> None:
        """Write the fields of those who are in the register, and what was changed of them."""
        pairs = [pair for pair in pairs if _described(pair[0]) != _described(pair[1])]
        people = Person.objects.in_bulk([after.key for _, after in pairs])
        changed = []
        for before, after in pairs:
            person = people[after.key]
            for name, column in _FIELDS.items():
                old, new = getattr(before, name), getattr(after, name)
                if old != new:
                    changed.append(self._changed(person, column, old, new))
                    setattr(person, column, new)
            person.left_on = after.left_on
            person.prepare_search()
        PersonChange.objects.bulk_create(changed)
        Person.objects.bulk_update(people.values(), [*_FIELDS.values(), "left_on", "search"])

    def _changed(self, person: Person, column: str, old: Any, new: Any) -> PersonChange:  # noqa: ANN401 - a text or a day
        return PersonChange(
            person=person,
            field=column,
            before="" if old is None else str(old),
            after="" if new is None else str(new),
            at=self._moment.at,
            by=self._by,
        )

    def _regroup(self, pairs: Sequence[tuple[Pupil | None, Pupil]]) -> None:
        """End what was the class of pupils, and let them join what is."""
        leaving, joining = set(), []
        for before, after in pairs:
            earlier = {normal_form(name) for name in before.classes} if before else set()
            wanted = {normal_form(name): name for name in after.classes}
            leaving |= {(after.key, key) for key in earlier - wanted.keys()}
            joining += [
                Membership(
                    person_id=after.key,
                    group=self._group(key, wanted[key]),
                    since=self._moment.today,
                )
                for key in sorted(wanted.keys() - earlier)
            ]
        if leaving:
            current = Membership.objects.filter(
                person__in={person for person, _ in leaving}, until__isnull=True
            )
            ending = [
                one
                for one, person, key in current.filter(group__sort="class").values_list(
                    "id", "person_id", "group__key"
                )
                if (person, key) in leaving
            ]
            Membership.objects.filter(id__in=ending).update(until=self._moment.today)
        Membership.objects.bulk_create(joining)

    def _group(self, key: str, name: str) -> Group:
        if key not in self._groups:
            self._groups[key] = Group.objects.create(name=name, sort="class", key=key)
        return self._groups[key]

    def _say(
        self,
        pairs: Sequence[tuple[Pupil | None, Pupil]],
        reference: str,
        name: str,
        said: Callable[[Pupil], Mapping[PurposeId, MisAnswer]],
    ) -> None:
        """Take back each answer that is replaced, and add what stands in its place."""
        moved: dict[tuple[str, str], MisAnswer | None] = {}
        for before, after in pairs:
            old, new = said(before) if before else {}, said(after)
            for code in sorted({*old, *new}):
                if old.get(code) != new.get(code):
                    moved[after.key, code] = new.get(code)
        if not moved:
            return
        guardian = Guardian.objects.filter(reference=reference).first()
        guardian = guardian or Guardian.objects.create(reference=reference, name=name)
        people = {person for person, _ in moved}
        self._may_answer(people, guardian)
        stands = Answer.objects.filter(
            person__in=people, guardian=guardian, correction__isnull=True
        ).select_related("purpose")
        replaced = [one for one in stands if (one.person_id, one.purpose.code) in moved]
        added = {
            place: self._answer(*place, guardian, answer)
            for place, answer in moved.items()
            if answer is not None
        }
        Answer.objects.bulk_create(added.values())
        Correction.objects.bulk_create(
            Correction(
                answer=answer,
                replaced_by=added.get((answer.person_id, answer.purpose.code)),
                why="The information system said otherwise in a later import, or it was undone.",
                at=self._moment.at,
                by=self._by,
            )
            for answer in replaced
        )

    def _answer(self, person: str, code: str, guardian: Guardian, said: MisAnswer) -> Answer:
        return Answer(
            person_id=person,
            purpose=self._purposes[code],
            guardian=guardian,
            says=said.says.value,
            given_on=said.given_on,
            valid_until=said.valid_until,
            how="import",
            note=f"Given by: {said.given_by}" if said.given_by else "",
            at=self._moment.at,
            by=self._by,
        )

    def _may_answer(self, people: set[str], guardian: Guardian) -> None:
        """Let the system answer for pupils, unless somebody has ended that."""
        known = Guardianship.objects.filter(person__in=people, guardian=guardian)
        Guardianship.objects.bulk_create(
            Guardianship(
                person_id=person,
                guardian=guardian,
                relationship="Keeps what families told the school",
                capacity="responsible",
                at=self._moment.at,
                by=self._by,
            )
            for person in sorted(people - set(known.values_list("person_id", flat=True)))
        )


def _person_fields(pupil: Pupil) -> PersonFields:
    return PersonFields(
        reference=pupil.reference,
        given_name=pupil.given,
        family_name=pupil.family,
        known_as=pupil.known_as,
        upn=pupil.upn,
        born_on=pupil.born,
        year_group=pupil.year,
    )


def _described(pupil: Pupil) -> tuple[object, ...]:
    return (pupil.left_on, *(getattr(pupil, name) for name in _FIELDS))


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
        if _plain(now) != {"beside": {}, **one["after"]}:
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
        "mis": _plain_answers(pupil.mis),
        "beside": _plain_answers(pupil.beside),
    }


def _plain_answers(answers: Mapping[PurposeId, MisAnswer]) -> dict[str, list[str]]:
    return {
        code: [one.says.value, one.given_on.isoformat(), _text(one.valid_until)]
        for code, one in sorted(answers.items())
    }


def _restored(now: Pupil, plain: Mapping[str, Any]) -> Pupil:
    texts = {name: plain[name] for name in _FIELDS if name != "born"}
    return replace(
        now,
        **texts,
        born=_day(plain["born"]),
        left_on=_day(plain["left_on"]),
        classes=tuple(plain["classes"]),
        mis=_restored_answers(plain["mis"]),
        beside=_restored_answers(plain.get("beside", {})),
    )


def _restored_answers(plain: Mapping[str, Sequence[str]]) -> Mapping[PurposeId, MisAnswer]:
    return {
        PurposeId(code): MisAnswer(
            says=Says(says), given_on=date.fromisoformat(since), valid_until=_day(until)
        )
        for code, (says, since, until) in plain.items()
    }


def _text(day: date | None) -> str:
    return day.isoformat() if day else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
