# SPDX-License-Identifier: Apache-2.0
"""From what somebody says on a page to facts for the agent: pure, and strict.

A page answers for each numbered face, adds faces that the computer missed and people of whom no
face is to be seen, and confirms that nobody else is there, or does not. What is unclear is refused
with a sentence; nothing is ever filled in. Where a face is, and which face is whose, is not kept:
a statement counts people and faces.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from agent.core.attribution import NOTHING_SAID, Present
from agent.core.covering import Place
from agent.core.desk import SayAbsent, SayPresent
from agent.core.model import CaseId, RosterId, Token
from agent.core.statements import Statement, StatementKind


class Unclear(ValueError):  # noqa: N818 - an answer to a person, shown above the form
    """Say why what was said cannot be taken as a fact, in a sentence for the person."""


class Whose(Enum):
    """Whose a face is."""

    PERSON = "person"
    VISITOR = "visitor"
    """An adult or visitor who is on no register."""
    TOO_SMALL = "too_small"
    """Too small for anybody to be recognised."""
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """What is said of one face; `person` where it is somebody's on the register."""

    whose: Whose
    person: Token | None = None

    def __post_init__(self) -> None:
        """Refuse a person without a name, and a name for nobody."""
        if (self.whose is Whose.PERSON) is (self.person is None):
            raise ValueError("a person and nobody else has a token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a page says of one picture."""

    faces: Mapping[int, Face] = field(default_factory=dict)
    """Of counted faces, by their numbers from 1; one of which nothing is said is absent."""
    missed: tuple[Face, ...] = ()
    """Of faces that the computer did not count."""
    beside: tuple[Token, ...] = ()
    """People who are in it without a face: turned away, masked."""
    is_everyone: bool = False
    """Whether somebody confirmed that nobody else is in it."""

    @property
    def everybody_said(self) -> list[Face]:
        """Every face of which something is said."""
        return [*self.faces.values(), *self.missed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What two pictures must have in common for one answer to fit both."""

    faces: int | None
    kind: str
    rosters: frozenset[RosterId]
    is_said: bool = False
    """Whether somebody has said already who is in it."""


def say_present(case: CaseId, said: Said, faces: int) -> SayPresent:
    """Return what a page says of a picture with so many counted faces, as a fact.

    Raises:
        Unclear: something is missing or said twice.
    """
    _check(said, faces)
    people = {face.person for face in said.everybody_said if face.person} | {*said.beside}
    return SayPresent(
        case=case,
        people=tuple(sorted(people)),
        present=Present(
            is_everyone=said.is_everyone,
            visitors=_count(said, Whose.VISITOR),
            not_known=_count(said, Whose.NOT_KNOWN),
            added_faces=len(said.missed),
            too_small=tuple(n for n, f in sorted(said.faces.items()) if f.whose is Whose.TOO_SMALL),
        ),
    )


def _count(said: Said, whose: Whose) -> int:
    return sum(face.whose is whose for face in said.everybody_said)


def _check(said: Said, faces: int) -> None:
    if any(not 1 <= number <= faces for number in said.faces):
        raise Unclear("The picture has no face with that number. Load the page again.")
    unanswered = [number for number in range(1, faces + 1) if number not in said.faces]
    if said.is_everyone and unanswered:
        raise Unclear(
            f"Nothing is said of {_numbered(unanswered)} yet. "
            "Say who it is, or that you do not know."
        )
    if any(face.whose is Whose.TOO_SMALL for face in said.missed):
        raise Unclear("A face that you add yourself needs a name, or “I do not know”.")
    named = Counter([*(f.person for f in said.everybody_said if f.person), *said.beside])
    if any(times > 1 for times in named.values()):
        raise Unclear("Somebody is named twice in this picture. Look again whose face it is.")
    if not (said.everybody_said or said.beside or said.is_everyone):
        raise Unclear("Nothing is said yet. Say who is in the picture, or that nobody is.")


def _numbered(numbers: Sequence[int]) -> str:
    word = "face" if len(numbers) == 1 else "faces"
    return f"{word} {', '.join(map(str, numbers))}"


def differences(first: Looks, others: Mapping[CaseId, Looks]) -> Mapping[CaseId, str]:
    """Return which pictures the answer for the first one would be a guess for, and why."""
    found = {case: _difference(first, other) for case, other in others.items()}
    return {case: why for case, why in found.items() if why}


def _difference(first: Looks, other: Looks) -> str:
    if first.faces is None or other.faces is None:
        return "Nobody has counted the faces in it."
    if first.faces != other.faces:
        return f"It shows {other.faces} faces, the first one {first.faces}."
    if first.kind != other.kind:
        return "It is another kind of file."
    if first.rosters != other.rosters:
        return "It is of another class or group."
    return "Somebody has said already who is in it." if other.is_said else ""


def check_for_many(said: Said) -> None:
    """Refuse what can be said of one picture only.

    Raises:
        Unclear: a face of one picture is meant, which is another one in the next.
    """
    if said.missed or _count(said, Whose.TOO_SMALL):
        raise Unclear(
            "A missed face and a face that is too small are of one picture only. "
            "Answer these pictures one by one."
        )
    if not said.is_everyone:
        raise Unclear("The same answer for several pictures must say that nobody else is there.")


def take_back(
    statement: Statement, earlier: Iterable[Statement], case: CaseId
) -> Sequence[SayPresent | SayAbsent]:
    """Return what says again what was said before a statement, or that nothing was.

    `earlier` are the statements before it, oldest first, about the same picture or sitting.
    Absence is first taken back for the whole sitting, then said again of whom it was said before.
    """
    before = [one for one in earlier if one.kind is statement.kind]
    if statement.kind is StatementKind.PRESENT:
        last = before[-1] if before else None
        people = () if last is None else last.people
        present = NOTHING_SAID if last is None else last.present
        return [SayPresent(case=case, people=people, present=present)]
    newest = {one.about: one.people for one in before}
    people = tuple(sorted({token for tokens in newest.values() for token in tokens}))
    nobody = SayAbsent(case=case, people=())
    return [nobody, SayAbsent(case=case, people=people)] if people else [nobody]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be covered in a copy, and whom that leaves to be seen."""

    places: tuple[Place, ...]
    covered: tuple[Token, ...] = ()
    left: tuple[Token, ...] = ()


def wish(
    places: Iterable[Place],
    named: Mapping[Token, bool | None],
    left: Iterable[Token],
    *,
    nobody_left: bool,
) -> Wish:
    """Return a wish for a redacted copy.

    `named` says of everybody who is named in the picture whether they are covered.

    Raises:
        Unclear: no place is given, or of somebody nothing is said.
    """
    wanted = tuple(places)
    if not wanted:
        raise Unclear("Choose a face to cover, or draw a box around what must not be seen.")
    if any(covered is None for covered in named.values()):
        raise Unclear("Say of everybody who is named whether they are covered or still to be seen.")
    gone = {token for token, covered in named.items() if covered}
    seen = {token for token, covered in named.items() if not covered} | {*left}
    if gone & seen:
        raise Unclear("Somebody is said to be covered and to be still there.")
    if bool(seen) is nobody_left:
        raise Unclear("Say who is still to be seen in the copy, or that nobody is; not both.")
    return Wish(places=wanted, covered=tuple(sorted(gone)), left=tuple(sorted(seen)))


def is_newest(statement: Statement, all_of_it: Collection[Statement]) -> bool:
    """Tell whether nothing newer was said on the same matter by a later item."""
    same = [one for one in all_of_it if one.kind is statement.kind and one.about == statement.about]
    return bool(same) and same[-1].id == statement.id
