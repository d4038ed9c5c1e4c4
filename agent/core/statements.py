# SPDX-License-Identifier: Apache-2.0
"""What people say of a picture after it arrived: who is in it, that nobody is, who was absent.

A statement is a fact like any other: it is added, never edited, and the newest one on a matter
counts. It names people by their tokens and releases nothing by itself; the same rules decide again.
Undoing one is saying again what was said before it, or that nothing is said (`NOTHING_SAID`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from agent.core.attribution import NOBODY_ELSE, Present, Said, rosters_of
from agent.core.model import CaseId, Evidence, RosterId, Token
from agent.core.register import Register
from agent.core.sittings import Sitting
from agent.core.who import Who


class StatementKind(Enum):
    """What is said."""

    PRESENT = "present"
    """Who is in the picture, as far as `Present` says."""
    ABSENT = "absent"
    """These people of the class or group were not at the sitting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: what it is about, what it says, of whom, when it was made and by whom.

    `about` is a case, or for absence one class or group at one sitting (`sitting_names`). `id` is
    that of what was handed in; it may bring one statement for each class that it is about.
    """

    id: str
    about: str
    kind: StatementKind
    people: tuple[Token, ...]
    present: Present = NOBODY_ELSE
    """What else a statement says of who is in the picture; means nothing for absence."""
    at: datetime
    by: Who


def sitting_names(
    case: CaseId, evidence: Evidence, sitting: Sitting | None, register: Register
) -> Mapping[RosterId, str]:
    """Return the name of the sitting that a picture is in, for each class or group it may show.

    A card's sitting is named after the picture of the card; a folder's is one camera's day.
    """
    names: dict[RosterId, str] = {}
    for roster in rosters_of(evidence, register, sitting):
        if sitting is not None and sitting.roster == roster:
            start: str = sitting.opened_by
        elif evidence.shot is not None:
            start = f"{evidence.shot.body}.{evidence.shot.taken.date().isoformat()}"
        else:
            start = case
        names[roster] = f"{start}.{roster}"
    return names


def said_of(
    case: CaseId, sittings: Mapping[RosterId, str], statements: Iterable[Statement]
) -> Said:
    """Return what statements, oldest first, say of a picture: the newest on each matter."""
    newest = {(statement.about, statement.kind): statement for statement in statements}
    present = newest.get((case, StatementKind.PRESENT))
    absent = {
        roster: frozenset(statement.people)
        for roster, name in sittings.items()
        if (statement := newest.get((name, StatementKind.ABSENT))) is not None
    }
    if present is None:
        return Said(absent=absent)
    return Said(people=frozenset(present.people), present=present.present, absent=absent)
