# SPDX-License-Identifier: Apache-2.0
"""Which pupil of the register a line means: by UPN, by admission number, or as a person says.

A name with a date of birth only suggests; a person confirms. Numbers that point to two pupils, or
to one who was born on another day, are left to a person as well. Twins have two numbers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.core.clues import normal_form
from agent.core.mis.book import Book, Pupil
from agent.core.mis.lines import Line, normal_admission
from agent.core.mis.upn import is_temporary

NEW: Final = "new"
"""What a person chooses for a line that means nobody of the register."""
Choices = Mapping[int, str]
"""By the first row number of a line: the key of the pupil that it means, or `NEW`."""


class Doubt(Enum):
    """Why a line is left to a person."""

    TWO_PUPILS = "two_pupils"
    OTHER_PERSON = "other_person"
    NAME_ONLY = "name_only"
    TWO_LINES = "two_lines"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A line with its pupil, or with those that it may mean and why that is in doubt."""

    line: Line
    pupil: Pupil | None = None
    doubt: Doubt | None = None
    candidates: tuple[Pupil, ...] = ()


class Index:
    """The pupils of a book, found by their numbers and names."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._upn = {pupil.upn: pupil for pupil in book.values() if pupil.upn}
        self._admission: dict[str, list[Pupil]] = defaultdict(list)
        self._name: dict[tuple[str, str], list[Pupil]] = defaultdict(list)
        for pupil in sorted(book.values(), key=lambda one: one.key):
            self._admission[normal_admission(pupil.reference)].append(pupil)
            for given in {normal_form(pupil.given), normal_form(pupil.known_as)} - {""}:
                self._name[given, normal_form(pupil.family)].append(pupil)

    def numbered(self, line: Line) -> tuple[Pupil, ...]:
        """Return the pupils that have one of the line's numbers."""
        found = [self._upn[line.upn]] if line.upn in self._upn else []
        if line.admission:
            found += self._admission.get(normal_admission(line.admission), [])
        return tuple({pupil.key: pupil for pupil in found}.values())

    def named(self, line: Line) -> tuple[Pupil, ...]:
        """Return the pupils of the line's name who may have been born on its day."""
        names = [(normal_form(given), normal_form(line.family)) for given in _given(line)]
        found = {pupil.key: pupil for name in names for pupil in self._name.get(name, ())}
        return tuple(pupil for pupil in found.values() if not _born_apart(line, pupil))

    def chosen(self, key: str) -> Pupil | None:
        """Return the pupil that a person chose."""
        return self._book.get(key)


def match(lines: Sequence[Line], book: Book, choices: Choices) -> tuple[Match, ...]:
    """Return each line with the pupil that it means, in the order of the lines."""
    index = Index(book)
    found = [_matched(line, index, choices) for line in lines]
    pupils = Counter(one.pupil.key for one in found if one.pupil)
    numbers = Counter(normal_admission(line.admission) for line in lines if line.admission)
    return tuple(
        Match(line=one.line, doubt=Doubt.TWO_LINES, candidates=(one.pupil,) if one.pupil else ())
        if (one.pupil and pupils[one.pupil.key] > 1)
        or numbers[normal_admission(one.line.admission)] > 1
        else one
        for one in found
    )


def may_mean(lines: Iterable[Line], book: Book) -> frozenset[str]:
    """Return the keys of all pupils that lines may mean, however loosely."""
    index = Index(book)
    return frozenset(
        pupil.key for line in lines for pupil in (*index.numbered(line), *index.named(line))
    )


def _matched(line: Line, index: Index, choices: Choices) -> Match:
    numbered, choice = index.numbered(line), choices.get(line.numbers[0])
    candidates = {pupil.key: pupil for pupil in (*numbered, *index.named(line))}
    if choice == NEW and not numbered:
        return Match(line=line)
    if choice in candidates:
        return Match(line=line, pupil=candidates[choice])
    if len(numbered) == 1 and _is_same(line, numbered[0]):
        return Match(line=line, pupil=numbered[0])
    doubt = _doubt(numbered) if candidates else None
    return Match(line=line, doubt=doubt, candidates=tuple(candidates.values()))


def _doubt(numbered: Sequence[Pupil]) -> Doubt:
    if not numbered:
        return Doubt.NAME_ONLY
    return Doubt.OTHER_PERSON if len(numbered) == 1 else Doubt.TWO_PUPILS


def _is_same(line: Line, pupil: Pupil) -> bool:
    """Tell whether a line with a pupil's number is about that pupil.

    The same UPN may come with a corrected name or a corrected day of birth, never with both. An
    admission number needs the same day of birth, or the same name where one has no day; and two
    UPNs are two pupils, unless the one here is temporary.
    """
    names = any(
        (normal_form(given), normal_form(line.family))
        == (normal_form(known), normal_form(pupil.family))
        for given in _given(line)
        for known in (pupil.given, pupil.known_as)
    )
    if line.upn and line.upn == pupil.upn:
        return names or not _born_apart(line, pupil)
    if line.upn and pupil.upn and not is_temporary(pupil.upn):
        return False
    if line.born and pupil.born:
        return line.born == pupil.born
    return names


def _born_apart(line: Line, pupil: Pupil) -> bool:
    return bool(line.born and pupil.born and line.born != pupil.born)


def _given(line: Line) -> tuple[str, ...]:
    return tuple(filter(None, (line.given, line.known_as)))
