# SPDX-License-Identifier: Apache-2.0
"""What stands around a picture at this moment: clearances, its sittings, what was said, by whom.

Asked of the agent's own functions, for looking only; an agent may be running beside. Nothing of it
is stored in the console.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from agent.core.case import Record
from agent.core.clearance import Clearance
from agent.core.model import CaseId, RosterId, Token
from agent.core.statements import Statement, StatementKind
from agent.core.who import Who
from agent.deciding import Round, begin_round, cleared_for, frames_of_day, sittings_of
from agent.freezing import is_frozen
from agent.ports import Known
from service.office.library.looking import open_looking
from service.office.register.models import Group
from service.office.review.candidates import Candidates
from service.office.review.saying import is_newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What is known around one case."""

    sittings: Mapping[RosterId, str]
    """The name of the sitting that it is in, for each class or group that it may show."""
    statements: Sequence[Statement]
    """About it and its sittings, oldest first."""
    cleared: Sequence[Clearance] = ()
    """For each purpose of the policy, at this moment; nothing where it is frozen or erased."""
    is_frozen: bool = False

    @property
    def basis(self) -> str:
        """What somebody saw when they answered: the newest statement's id, or nothing."""
        return self.statements[-1].id if self.statements else ""

    @property
    def is_said(self) -> bool:
        """Whether somebody has said of the picture who is in it, and has not taken it back."""
        said = [one for one in self.statements if one.kind is StatementKind.PRESENT]
        return bool(said) and (said[-1].present.is_everyone or bool(said[-1].people))

    @property
    def absent(self) -> frozenset[Token]:
        """The tokens of everybody who was said to be absent from one of the sittings."""
        newest = {
            one.about: one.people for one in self.statements if one.kind is StatementKind.ABSENT
        }
        return frozenset(token for people in newest.values() for token in people)


def surroundings(record: Record, *, with_clearance: bool = True) -> Surroundings:
    """Return what stands around a case.

    Raises:
        AgentError: the site's records cannot be read.
    """
    with open_looking() as known:
        this = begin_round(known)
        sittings = sittings_of(known, record.case, record.evidence, this)
        return Surroundings(
            sittings=sittings,
            statements=known.journal.said([record.case, *sittings.values()]),
            cleared=cleared_for(known, record) if with_clearance else (),
            is_frozen=is_frozen(known, record.case, record.group),
        )


def pictures_of_sittings(record: Record) -> int:
    """Return how many pictures are in the same sittings as this one, itself counted."""
    with open_looking() as known:
        this = begin_round(known)
        names = set(sittings_of(known, record.case, record.evidence, this).values())
        frames = frames_of_day(known, record.evidence, this)
        cases = {record.case, *(frame.case for frame in frames)}
        return sum(bool(names & _names(known, case, this)) for case in cases)


def _names(known: Known, case: CaseId, this: Round) -> set[str]:
    other = known.journal.find(case)
    if other is None:
        return set()
    return set(sittings_of(known, case, other.evidence, this).values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a picture's history: when, who, what; whether it may be taken back."""

    id: str
    at: datetime
    by: Who
    what: str
    details: Sequence[str] = ()
    may_be_taken_back: bool = False


def history(around: Surroundings, people: Candidates) -> list[Line]:
    """Return what people said of a picture and its sittings, newest first, in words."""
    names = dict(Group.objects.filter(pk__in=around.sittings).values_list("pk", "name"))
    of_sitting = {name: names.get(roster, "") for roster, name in around.sittings.items()}
    return [
        Line(
            id=one.id,
            at=one.at,
            by=one.by,
            what=_what(one, of_sitting),
            details=_details(one, people),
            may_be_taken_back=is_newest(one, around.statements) and not _says_nothing(one),
        )
        for one in reversed(around.statements)
    ]


def _what(statement: Statement, of_sitting: Mapping[str, str]) -> str:
    if statement.kind is StatementKind.ABSENT:
        group = of_sitting.get(statement.about, "")
        if not statement.people:
            return f"Nobody of {group} was absent from this sitting."
        return f"Absent from this sitting of {group}:"
    if _says_nothing(statement):
        return "Took back what was said before."
    if not statement.present.is_everyone:
        return "In the picture, perhaps with others:"
    return "In the picture, and nobody else:" if _anybody(statement) else "Nobody is in it."


def _says_nothing(statement: Statement) -> bool:
    if statement.kind is StatementKind.ABSENT:
        return not statement.people
    return not (statement.present.is_everyone or _anybody(statement))


def _anybody(statement: Statement) -> bool:
    said = statement.present
    return bool(statement.people or said.visitors or said.not_known or said.too_small)


def _details(statement: Statement, people: Candidates) -> list[str]:
    said = statement.present
    counts = (
        (said.visitors, "adult or visitor on no register", "adults or visitors on no register"),
        (said.not_known, "person who was not known", "people who were not known"),
        (len(said.too_small), "face too small to recognise", "faces too small to recognise"),
        (said.added_faces, "face that the computer missed", "faces that the computer missed"),
    )
    named = [people.label(token) for token in statement.people]
    if statement.kind is StatementKind.ABSENT:
        return named
    return [*named, *(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)]
