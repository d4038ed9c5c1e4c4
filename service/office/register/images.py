# SPDX-License-Identifier: Apache-2.0
"""From rows to the core's values: the one way by which anybody's standing is computed.

Four statements whatever the number of people. An answer that was corrected does not count. The
right in which a guardian answers is today's: a delegation that is seen later lets the carer's yes
count. Somebody who left keeps what is internal; whatever reaches families or the world ends then.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from agent.core.consent import Standing, standing
from agent.core.model import PurposeId, Token
from agent.core.register import Answer, AnswererId, Capacity, Says
from agent.core.register import Person as CorePerson
from service.office.register import models

CHILD: Final = "child"
SELF: Final = "self"


class Fact(NamedTuple):
    """One answer as it is read from the table."""

    person: str
    purpose: str
    guardian: str | None
    says: str
    given_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class Gathered:
    """What was read about some people, by their ids."""

    facts: Mapping[str, Sequence[Fact]]
    capacities: Mapping[tuple[str, str], Capacity]
    restricted: frozenset[str]
    purposes: Mapping[str, models.Purpose]


def purposes(codes: Collection[str] = ()) -> dict[str, models.Purpose]:
    """Return purposes by their ids, in their order: no codes for every one."""
    every = models.Purpose.objects.all()
    return {one.id: one for one in every if not codes or one.code in codes}


def gather(
    people: Sequence[str] | None, chosen: Mapping[str, models.Purpose] | None = None
) -> Gathered:
    """Read what decides how people stand: None for everybody, none chosen for every purpose."""
    answers = models.Answer.objects.filter(correction__isnull=True)
    if chosen is None:
        chosen = purposes()
    else:
        answers = answers.filter(purpose__in=list(chosen))
    ships = models.Guardianship.objects.order_by("number")
    restrictions = models.Restriction.objects.order_by("number")
    if people is not None:
        answers = answers.filter(person__in=people)
        ships = ships.filter(person__in=people)
        restrictions = restrictions.filter(person__in=people)
    facts: dict[str, list[Fact]] = defaultdict(list)
    names = ("person_id", "purpose_id", "guardian_id", "says", "given_on", "valid_until")
    for row in answers.values_list(*names).order_by():
        facts[row[0]].append(Fact(*row))
    capacities = {(ship.person_id, ship.guardian_id): ship.counts_as for ship in ships}
    latest = dict(restrictions.values_list("person_id", "restricted"))
    return Gathered(
        facts=facts,
        capacities=capacities,
        restricted=frozenset(person for person, is_restricted in latest.items() if is_restricted),
        purposes=chosen,
    )


def image(person: models.Person, gathered: Gathered, token: str = "") -> CorePerson:
    """Return the core's value of one person."""
    return CorePerson(
        token=Token(token or person.id),
        names=frozenset(),
        answers=tuple(
            answer_of(fact, person, gathered) for fact in gathered.facts.get(person.id, ())
        ),
        restricted=person.id in gathered.restricted,
    )


def answer_of(fact: Fact, person: models.Person, gathered: Gathered) -> Answer:
    """Return the core's value of one answer."""
    purpose = gathered.purposes[fact.purpose]
    until = fact.valid_until
    if person.left_on is not None and purpose.scope != "internal":
        until = min(until or person.left_on, person.left_on)
    answerer, capacity = _answerer(fact, person, gathered)
    return Answer(
        purpose=PurposeId(purpose.code),
        answerer=AnswererId(answerer),
        capacity=capacity,
        says=Says(fact.says),
        given_on=fact.given_on,
        valid_until=until,
    )


def standings(
    people: Iterable[models.Person], gathered: Gathered, day: date
) -> dict[str, dict[str, Standing]]:
    """Return how each person stands for each purpose in use, by their ids."""
    used = [purpose for purpose in gathered.purposes.values() if purpose.used]
    table: dict[str, dict[str, Standing]] = {}
    for person in people:
        value = image(person, gathered)
        table[person.id] = {
            purpose.id: standing(value, PurposeId(purpose.code), day) for purpose in used
        }
    return table


def _answerer(fact: Fact, person: models.Person, gathered: Gathered) -> tuple[str, Capacity]:
    if fact.guardian is not None:
        known = gathered.capacities.get((person.id, fact.guardian), Capacity.UNDELEGATED)
        return fact.guardian, known
    return (CHILD, Capacity.CHILD) if person.sort == "pupil" else (SELF, Capacity.SELF)
