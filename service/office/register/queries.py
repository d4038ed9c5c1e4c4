# SPDX-License-Identifier: Apache-2.0
"""What the register's pages show: plain values, a bounded number of statements a page.

A teacher sees the children of their own classes, by the name they are known by, and no guardian.
The reason of a restriction is read by `restriction_reasons` and by nothing else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch, QuerySet

from agent.core.clues import normal_form
from agent.core.consent import Standing
from service.office.accounts.models import User
from service.office.policy import READS_REGISTER
from service.office.register import images, models, words
from service.office.roles import Role

PAGE: Final = 50
GONE: Final = "No longer answers"
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
    current = models.Membership.objects.filter(until__isnull=True).select_related("group")
    page = Paginator(
        people.prefetch_related(Prefetch("memberships", current, to_attr="now_in")), PAGE
    ).get_page(number)
    shown = list(page.object_list)
    gathered = images.gather([person.id for person in shown], SHOWN)
    table = images.standings(shown, gathered, day)
    columns = [p for p in gathered.purposes.values() if p.used]
    rows = [_listed(person, columns, table[person.id], gathered) for person in shown]
    return Listing(columns=[p.label for p in columns], rows=rows, page=page)


def class_table(group: models.Group, day: date) -> Listing:
    """Return everybody of a class with how they stand for every purpose in use."""
    people = models.Person.objects.filter(memberships__group=group, memberships__until__isnull=True)
    page = Paginator(people, 500).get_page(1)
    shown = list(page.object_list)
    gathered = images.gather([person.id for person in shown])
    table = images.standings(shown, gathered, day)
    columns = [p for p in gathered.purposes.values() if p.used]
    rows = [_listed(person, columns, table[person.id], gathered) for person in shown]
    return Listing(columns=[p.label for p in columns], rows=rows, page=page)


def _listed(
    person: models.Person,
    columns: Sequence[models.Purpose],
    standings: dict[str, Standing],
    gathered: images.Gathered,
) -> Listed:
    current: list[models.Membership] = getattr(person, "now_in", [])
    return Listed(
        id=person.id,
        name=person.name,
        groups=", ".join(one.group.name for one in current),
        left_on=person.left_on,
        restricted=person.id in gathered.restricted,
        cells=[words.STANDINGS[standings[purpose.id]] for purpose in columns],
    )


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
