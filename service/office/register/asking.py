# SPDX-License-Identifier: Apache-2.0
"""Which answers somebody must ask for: ending soon, missing, disputed, withdrawn.

The core says how everybody stands, today and at the end of the coming weeks; nothing is guessed
from rows. Five statements whatever the size of the school.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.db.models import Prefetch, QuerySet

from agent.core.consent import Standing, standing
from agent.core.model import PurposeId
from agent.core.register import Person as CorePerson
from service.office.register import images
from service.office.register.attention import SOON
from service.office.register.models import Membership, Person, Purpose

TABS: Final = (
    ("ending", "Ending soon"),
    ("missing", "Missing"),
    ("disputed", "Disputed"),
    ("withdrawn", "Withdrawn"),
)
_TAB_OF: Final = {
    Standing.ABSENT: "missing",
    Standing.EXPIRED: "missing",
    Standing.UNDELEGATED: "missing",
    Standing.NOT_YET_VALID: "missing",
    Standing.CONFLICTING: "disputed",
    Standing.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """One person of a tab: for which purposes, and the first day that a permission ends on."""

    id: str
    name: str
    groups: str
    purposes: tuple[str, ...]
    ends: date | None = None


def asked(people: QuerySet[Person], group: str, day: date) -> Mapping[str, list[Asked]]:
    """Return the people of every tab, in the order of names; who left is in none."""
    current = Membership.objects.filter(until__isnull=True).select_related("group")
    here = people.filter(left_on__isnull=True)
    if group:
        here = here.filter(memberships__group=group, memberships__until__isnull=True)
    shown = list(here.prefetch_related(Prefetch("memberships", current, to_attr="now_in")))
    narrow = [person.id for person in shown] if group else None
    gathered = images.gather(narrow)
    tabs: dict[str, list[Asked]] = {word: [] for word, _ in TABS}
    used = [purpose for purpose in gathered.purposes.values() if purpose.used]
    for person in shown:
        for tab, found in _tabs_of(person, used, gathered, day).items():
            purposes = tuple(purpose.label for purpose, _ in found)
            ends = min((end for _, end in found if end is not None), default=None)
            tabs[tab].append(Asked(person.id, person.name, _groups(person), purposes, ends))
    return tabs


def _tabs_of(
    person: Person, used: Iterable[Purpose], gathered: images.Gathered, day: date
) -> dict[str, list[tuple[Purpose, date | None]]]:
    value, found = images.image(person, gathered), dict[str, list[tuple[Purpose, date | None]]]()
    for purpose in used:
        code = PurposeId(purpose.code)
        now = standing(value, code, day)
        tab, ends = _TAB_OF.get(now), None
        if now is Standing.GRANTED and standing(value, code, day + SOON) is not Standing.GRANTED:
            ends = _last_day(value, code, day)
            tab = "ending"
        if tab is not None:
            found.setdefault(tab, []).append((purpose, ends))
    return found


def _last_day(value: CorePerson, code: PurposeId, day: date) -> date:
    """Return the last day of a permission that ends within the coming weeks."""
    days = sorted(
        {a.valid_until for a in value.answers if a.purpose == code and a.valid_until is not None}
    )
    after = timedelta(days=1)
    return next(
        (d for d in days if d >= day and standing(value, code, d + after) is not Standing.GRANTED),
        day + SOON,
    )


def _groups(person: Person) -> str:
    current: list[Membership] = getattr(person, "now_in", [])
    return ", ".join(one.group.name for one in current)


def not_to_be_photographed(people: Iterable[Person], base: str, day: date) -> list[Person]:
    """Return those without permission to be photographed; why is nobody's business here."""
    listed = list(people)
    gathered = images.gather([person.id for person in listed], images.purposes([base]))
    code = PurposeId(base)
    return [
        person
        for person in listed
        if standing(images.image(person, gathered), code, day) is not Standing.GRANTED
    ]
