# SPDX-License-Identifier: Apache-2.0
"""What the register's pages show: plain values, a bounded number of statements a page.

A teacher sees the children of their own classes, by the name they are known by, and no guardian.
The reason of a restriction is read by `restriction_reasons` and by nothing else.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from agent.core.clues import normal_form
from service.office.accounts.models import User
from service.office.policy import READS_REGISTER
from service.office.register import images, models, remembered, words
from service.office.roles import Role

PAGE: Final = 50
GONE: Final = "No longer answers"
_LISTED: Final = ("sort", "given_name", "family_name", "known_as", "left_on")
SHOWN: Final = ("photograph_and_store", "display", "newsletter", "website", "press")


@dataclass(frozen=True, slots=True)
class Listed:
    """One row of a list: who, in which classes, how they stand."""

    id: str
    name: str
    groups: str
    left_on: date | None
    restricted: bool
    cells: Sequence[words.Word]


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a list, its columns, and how to go on."""

    columns: Sequence[str]
    rows: Sequence[Listed]
    page: Page[Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """What one answerer's newest answer says for one purpose."""

    word: str
    day: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class GridRow:
    """One purpose: every answerer's word and the standing that follows."""

    purpose: models.Purpose
    cells: Sequence[Cell]
    result: words.Word


@dataclass(frozen=True, slots=True)
class Answerer:
    """Somebody who answers for a person; `ship` is None for the person."""

    name: str
    right: str
    ship: models.Guardianship | None


@dataclass(frozen=True, slots=True)
class Grid:
    """Purpose by answerer."""

    answerers: Sequence[Answerer]
    rows: Sequence[GridRow]


def sees_everybody(roles: frozenset[Role]) -> bool:
    """Tell whether somebody sees the whole register."""
    return READS_REGISTER.admits(roles)


def visible(user: User, roles: frozenset[Role]) -> QuerySet[models.Person]:
    """Return whom somebody may see at all."""
    people = models.Person.objects.all()
    if sees_everybody(roles):
        return people
    if Role.TEACHER not in roles:
        return people.none()
    taught = models.Membership.objects.filter(group__teachers=user, until__isnull=True)
    return people.filter(pk__in=taught.values("person_id"))


def listing(
    people: QuerySet[models.Person], text: str, group: str, number: int, day: date
) -> Listing:
    """Return one page of the people that match a search, with how they stand."""
    for part in normal_form(text).split():
        people = people.filter(search__contains=part)
    if group:
        people = people.filter(memberships__group=group, memberships__until__isnull=True)
    page = Paginator(people.only(*_LISTED), PAGE).get_page(number)
    current = models.Membership.objects.filter(until__isnull=True)
    named = current.values_list("person_id", "group__name").order_by("group__name")
    shown = list(page.object_list)
    groups: dict[str, list[str]] = defaultdict(list)
    for person, name in named.filter(person__in=[one.id for one in shown]):
        groups[person].append(name)
    table = remembered.standings(shown, day, SHOWN)
    return Listing(page=page, columns=_labels(table), rows=_rows(shown, table, groups))


def class_table(group: models.Group, day: date) -> Listing:
    """Return everybody of a class with how they stand for every purpose in use."""
    people = models.Person.objects.filter(memberships__group=group, memberships__until__isnull=True)
    page = Paginator(people.only(*_LISTED), 500).get_page(1)
    shown = list(page.object_list)
    table = remembered.standings(shown, day)
    return Listing(page=page, columns=_labels(table), rows=_rows(shown, table, {}))


def _labels(table: remembered.Standings) -> list[str]:
    return [purpose.label for purpose in table.purposes]


def _rows(
    people: Sequence[models.Person],
    table: remembered.Standings,
    groups: Mapping[str, Sequence[str]],
) -> list[Listed]:
    return [
        Listed(
            id=person.id,
            name=person.name,
            groups=", ".join(groups.get(person.id, ())),
            left_on=person.left_on,
            restricted=table.people[person.id].restricted,
            cells=[
                words.STANDINGS[table.people[person.id].standings[purpose.id]]
                for purpose in table.purposes
            ],
        )
        for person in people
    ]


def grid(person: models.Person, day: date) -> Grid:
    """Return purpose by answerer, with the standing that follows in words."""
    gathered = images.gather([person.id])
    table = images.standings([person], gathered, day)[person.id]
    ships: dict[str, models.Guardianship] = {}
    for ship in person.guardianships.select_related("guardian").order_by("number"):
        ships[ship.guardian_id] = ship
    right = dict(words.CAPACITIES)
    answerers = [
        Answerer(ship.guardian.name, GONE if ship.ended else right[ship.capacity], ship)
        for ship in ships.values()
    ]
    pupil = person.sort == "pupil"
    answerers.append(
        Answerer("The child", "A no always counts", None)
        if pupil
        else Answerer("This person", "Answers for themselves", None)
    )
    newest = _newest(gathered.facts.get(person.id, ()), day)
    keys = [*ships, None]
    rows = [
        GridRow(
            purpose=purpose,
            cells=[newest.get((purpose.id, key), Cell("")) for key in keys],
            result=words.STANDINGS[table[purpose.id]],
        )
        for purpose in gathered.purposes.values()
        if purpose.used
    ]
    return Grid(answerers=answerers, rows=rows)


def _newest(facts: Sequence[images.Fact], day: date) -> dict[tuple[str, str | None], Cell]:
    """Return each answerer's newest answer for each purpose, for the eye only."""
    word = dict(words.SAYS)
    found: dict[tuple[str, str | None], Cell] = {}
    for fact in sorted(facts, key=lambda one: one.given_on):
        if fact.given_on <= day:
            cell = Cell(word[fact.says], fact.given_on, fact.valid_until)
            found[fact.purpose, fact.guardian] = cell
    return found


def history(person: models.Person) -> QuerySet[models.Answer]:
    """Return every answer, corrected ones too, newest first."""
    return person.answers.select_related(
        "purpose", "guardian", "by", "correction", "correction__by"
    ).order_by("-number")


def restriction_reasons(person: models.Person) -> QuerySet[models.Restriction]:
    """Return why somebody must not be photographed; only after `ReadRestriction` was done."""
    return person.restrictions.select_related("by")


def is_restricted(person: models.Person) -> bool:
    """Tell whether somebody must not be photographed."""
    return bool(person.restrictions.values_list("restricted", flat=True).first())


def open_groups(user: User, roles: frozenset[Role]) -> QuerySet[models.Group]:
    """Return the classes and groups that somebody may see."""
    groups = models.Group.objects.filter(closed_on__isnull=True)
    return groups if sees_everybody(roles) else groups.filter(teachers=user)
