# SPDX-License-Identifier: Apache-2.0
"""When an import stops until a second person has confirmed it by name.

A filter that was left on, a file of last term or a moved column look like a plan in which too much
happens at once. A brake refuses the import; it never changes the plan.
"""

from datetime import date
from enum import Enum
from typing import Final

from agent.core.clues import normal_form
from agent.core.mis.book import Book, Pupil, apply
from agent.core.mis.lines import FaultCode
from agent.core.mis.matching import Doubt
from agent.core.mis.planning import Kind, Plan

MOST_LEAVERS: Final = 20
LEAVERS_PER_CENT: Final = 10
NAMES_PER_CENT: Final = 5


class Brake(Enum):
    """Why an import needs a second person."""

    LOOSENS = "loosens"
    LEAVERS = "leavers"
    NAMES = "names"
    CLASS_VANISHES = "class_vanishes"
    OLDER_FILE = "older_file"
    SAME_NUMBER = "same_number"


def brakes(plan: Plan, book: Book, made_on: date, newest_applied: date | None) -> tuple[Brake, ...]:
    """Return the brakes that a plan trips.

    `LOOSENS` only holds back what waits; each other one holds back the whole import.
    """
    here = [pupil for pupil in book.values() if pupil.is_here(made_on)]
    gone = len(plan.of(Kind.LEFT)) + len(plan.of(Kind.MISSING))
    renamed = sum(_is_renamed(row.before, row.after) for row in plan.rows)
    doubles = any(
        fault.code is FaultCode.SAME_NUMBER
        for row in plan.of(Kind.REJECTED)
        for fault in (row.rejected.faults if row.rejected else ())
    )
    tripped = {
        Brake.LOOSENS: any(row.waits for row in plan.rows),
        Brake.LEAVERS: gone > MOST_LEAVERS or gone * 100 > len(here) * LEAVERS_PER_CENT,
        Brake.NAMES: renamed * 100 > len(here) * NAMES_PER_CENT,
        Brake.CLASS_VANISHES: bool(vanishing(plan, book)),
        Brake.OLDER_FILE: newest_applied is not None and made_on < newest_applied,
        Brake.SAME_NUMBER: doubles
        or any(row.doubt is Doubt.TWO_LINES for row in plan.of(Kind.UNSURE)),
    }
    return tuple(brake for brake, trips in tripped.items() if trips)


def vanishing(plan: Plan, book: Book) -> tuple[str, ...]:
    """Return the classes in which nobody would be any more."""
    before = _classes(book)
    after = _classes(apply(book, plan.changes(confirmed=True)))
    return tuple(sorted(name for key, name in before.items() if key not in after))


def _classes(book: Book) -> dict[str, str]:
    return {
        normal_form(name): name
        for pupil in book.values()
        if pupil.left_on is None
        for name in pupil.classes
    }


def _is_renamed(before: Pupil | None, after: Pupil | None) -> bool:
    if before is None or after is None:
        return False
    return (before.given, before.family) != (after.given, after.family)
