# SPDX-License-Identifier: Apache-2.0
"""The register as an import sees it, and what an import does to it: pupils before and after.

A book is a value. What an import changes are `Change`s; applying them checks that every pupil is
still as the plan saw them, and turning them round is the undo. The MIS is an answerer of its own,
beside guardians and the child, with at most one answer in force for each purpose.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from agent.core.model import PurposeId
from agent.core.register import Answer, AnswererId, Capacity, Says

MIS: Final = AnswererId("mis")
OTHER: Final = AnswererId("mis_other")
"""Who else the system names where its own rows disagree: both are kept, and the no wins."""
Book = Mapping[str, "Pupil"]
"""Every pupil by their key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MisAnswer:
    """What the MIS says for a purpose since a day, and until which last day."""

    says: Says
    given_on: date
    valid_until: date | None = None
    given_by: str = field(default="", compare=False)
    """A name for whoever reads the entry; nothing is decided by it."""

    def answer(self, purpose: PurposeId, answerer: AnswererId = MIS) -> Answer:
        """Return it as an answer: a school's system keeps what somebody responsible has said."""
        return Answer(
            purpose=purpose,
            answerer=answerer,
            capacity=Capacity.RESPONSIBLE,
            says=self.says,
            given_on=self.given_on,
            valid_until=self.valid_until,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pupil:
    """One pupil; `others` are the answers that were recorded here, which no import touches."""

    key: str
    reference: str
    given: str
    family: str
    upn: str = ""
    known_as: str = ""
    born: date | None = None
    year: str = ""
    classes: tuple[str, ...] = ()
    left_on: date | None = None
    restricted: bool = False
    others: tuple[Answer, ...] = ()
    mis: Mapping[PurposeId, MisAnswer] = field(default_factory=dict)
    beside: Mapping[PurposeId, MisAnswer] = field(default_factory=dict)
    """The yes of other rows beside a refusal in `mis`."""

    def is_here(self, day: date) -> bool:
        """Tell whether the pupil is at the school on a day; the day of leaving is the last."""
        return self.left_on is None or day <= self.left_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One pupil before and after; None where there is none."""

    before: Pupil | None
    after: Pupil | None

    @property
    def key(self) -> str:
        """The key of the pupil."""
        pupil = self.after or self.before
        return pupil.key if pupil else ""


class MovedError(Exception):
    """Say that a pupil is no longer as the plan saw them: it must be made again."""


def apply(book: Book, changes: Iterable[Change]) -> Book:
    """Return the book after the changes.

    Raises:
        MovedError: a pupil is not as a change saw them; nothing may be applied.
    """
    pages = dict(book)
    for change in changes:
        if pages.pop(change.key, None) != change.before:
            raise MovedError("the register has changed since the plan was made")
        if change.after is not None:
            pages[change.key] = change.after
    return pages


def inverse(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that undo others."""
    return tuple(Change(before=change.after, after=change.before) for change in changes)
