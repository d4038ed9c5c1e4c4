# SPDX-License-Identifier: Apache-2.0
"""How people stand, remembered by this process for its lists until the register says anything new.

Never truth: what is remembered came from `images`, is kept in memory alone, and is what lists show.
Acts, publishing and imports compute for themselves.

What decides is only ever added to (answers, corrections, rights of guardians, restrictions;
triggers refuse the rest), and writers take turns (`service.office.record.turn`). So the newest row
of each of these tables tells whether anything is new; whatever it is, all is forgotten. The day and
the purposes are asked as well, and of each person what those tables do not hold: the sort and the
last day. The newest rows are read before the facts: a fact that comes between the two reads makes
what is remembered newer than its mark, never older.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, NamedTuple

from django.db import connection

from agent.core.consent import Standing
from service.office.register import images
from service.office.register.models import (
    Answer,
    Correction,
    Guardianship,
    Person,
    Purpose,
    Restriction,
)

TABLES: Final = tuple(
    model._meta.db_table  # noqa: SLF001 - Django's documented interface to a model
    for model in (Answer, Correction, Guardianship, Restriction)
)
_ONE: Final = "(SELECT id FROM {} ORDER BY number DESC LIMIT 1)"
_NEWEST: Final = f"SELECT {', '.join(map(_ONE.format, TABLES))}"


class Known(NamedTuple):
    """How one person stands; `sort` and `left_on` are what the person was then."""

    sort: str
    left_on: date | None
    restricted: bool
    standings: Mapping[str, Standing]
    """By purpose."""


class Standings(NamedTuple):
    """How some people stand for some purposes in use, in the purposes' order."""

    purposes: Sequence[Purpose]
    people: Mapping[str, Known]


class Mark(NamedTuple):
    """The state of the register in which something is true."""

    day: date
    newest: tuple[str | None, ...]
    """The random id of the newest row of each table: a number would come back after a rollback."""


@dataclass(slots=True)
class Memory:
    """What is known in one state of the register, by the purposes that were asked for."""

    mark: Mark
    known: dict[tuple[Any, ...], dict[str, Known]] = field(default_factory=dict)

    def about(self, purposes: Iterable[Purpose]) -> dict[str, Known]:
        """Return what is known of people for exactly these purposes as they are now."""
        key = tuple((one.id, one.code, one.scope) for one in purposes)
        return self.known.setdefault(key, {})


_memory: Memory | None = None


def standings(people: Sequence[Person], day: date, codes: Collection[str] = ()) -> Standings:
    """Return how people stand on a day: no codes for every purpose in use.

    Two statements; three more where somebody is not remembered.
    """
    memory = _memory_at(Mark(day, _newest()))
    purposes = {one.id: one for one in images.purposes(codes).values() if one.used}
    known = memory.about(purposes.values())
    found = {one.id: known[one.id] for one in people if _still(known.get(one.id), one)}
    unknown = [one for one in people if one.id not in found]
    if unknown:
        made = _compute(unknown, purposes, day)
        known.update(made)
        found.update(made)
    return Standings(list(purposes.values()), found)


def forget() -> None:
    """Forget everything."""
    global _memory  # noqa: PLW0603 - one memory a process
    _memory = None


def _memory_at(mark: Mark) -> Memory:
    """Return the memory of this state of the register, an empty one where it is a new state.

    A thread that is late goes on with the memory of the state that it found, which nobody else
    finds any more.
    """
    global _memory  # noqa: PLW0603 - one memory a process
    memory = _memory
    if memory is None or memory.mark != mark:
        memory = _memory = Memory(mark)
    return memory


def _newest() -> tuple[str | None, ...]:
    with connection.cursor() as cursor:
        cursor.execute(_NEWEST)
        row: tuple[str | None, ...] = cursor.fetchone()
    return row


def _still(known: Known | None, person: Person) -> bool:
    return known is not None and (known.sort, known.left_on) == (person.sort, person.left_on)


def _compute(
    people: Sequence[Person], purposes: Mapping[str, Purpose], day: date
) -> dict[str, Known]:
    gathered = images.gather([one.id for one in people], purposes)
    table = images.standings(people, gathered, day)
    return {
        one.id: Known(one.sort, one.left_on, one.id in gathered.restricted, table[one.id])
        for one in people
    }
