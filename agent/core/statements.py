# SPDX-License-Identifier: Apache-2.0
"""What people say of a picture after it arrived: who is in it, that nobody is, who was absent.

A statement is a fact like any other: it is added, never edited, and the newest one on a matter
counts. It names people by their tokens and releases nothing by itself; the same rules decide again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from agent.core.attribution import Said, rosters_of
from agent.core.model import CaseId, Evidence, RosterId, Token
from agent.core.register import Register
from agent.core.sittings import Sitting


class StatementKind(Enum):
    """What is said."""

    PRESENT = "present"
    """Exactly these people are in the picture; none of them: nobody is."""
    ABSENT = "absent"
    """These people of the class or group were not at the sitting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement: what it is about, what it says, of whom, when it was made.

    `about` is a case, or for absence one class or group at one sitting (`sitting_names`).
    """

    about: str
    kind: StatementKind
    people: tuple[Token, ...]
    at: datetime


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
    return Said(present=None if present is None else frozenset(present.people), absent=absent)
