# SPDX-License-Identifier: Apache-2.0
"""From the rows of a table to lines, one a pupil, and to rows that are rejected with a reason.

A faulty row is rejected alone; the others still import. Rows that carry the same number are one
pupil (an export may write a row a parent or a consent); where they disagree about who that is, all
of them are rejected. The order of the rows never matters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from typing import Any, Final

from agent.core.clues import normal_form
from agent.core.mis.cells import (
    MAX_NAME,
    Word,
    clean,
    is_damaged,
    is_leaver,
    read_day,
    read_word,
    read_year,
    split_name,
    strictest,
)
from agent.core.mis.headings import Field
from agent.core.mis.layout import Layout, consent_cells
from agent.core.mis.upn import fault_of, normal_upn
from agent.core.model import PurposeId

OLDEST_PUPIL_YEARS: Final = 25
MAX_REFERENCE: Final = 40
MAX_YEAR: Final = 20
MAX_CLASS: Final = 60
REFUSALS: Final = frozenset({Word.NO, Word.WITHDRAWN})
_TEXTS: Final = ("upn", "admission", "given", "family", "known_as", "year")
NumberedCells = tuple[int, Sequence[str]]


class FaultCode(Enum):
    """Why a row is rejected."""

    NO_NAME = "no_name"
    DAMAGED_NAME = "damaged_name"
    UNSPLIT_NAME = "unsplit_name"
    NO_KEY = "no_key"
    UPN_SHAPE = "upn_shape"
    UPN_LETTER = "upn_letter"
    NO_SUCH_DAY = "no_such_day"
    BIRTH_OUT_OF_RANGE = "birth_out_of_range"
    DECIDED_LATER = "decided_later"
    TOO_MANY_CELLS = "too_many_cells"
    TOO_LONG = "too_long"
    SAME_NUMBER = "same_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: its code, what was found where, and the right check letter for a UPN."""

    code: FaultCode
    column: str = ""
    found: str = ""
    correct: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one row says for a purpose, since when and by whom, where the file tells."""

    word: Word
    decided_on: date | None = None
    given_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a file says of one pupil; an empty text says nothing."""

    numbers: tuple[int, ...]
    upn: str = ""
    admission: str = ""
    given: str = ""
    family: str = ""
    known_as: str = ""
    born: date | None = None
    year: str = ""
    classes: tuple[str, ...] = ()
    leaver: bool = False
    left_on: date | None = None
    voices: Mapping[PurposeId, tuple[Voice, ...]] = field(default_factory=dict)
    unclear: tuple[tuple[PurposeId, str], ...] = ()
    """The own text of each cell that says neither yes nor no."""

    @property
    def says(self) -> Mapping[PurposeId, Word]:
        """What counts for each purpose: the strictest of what the rows say."""
        return {
            purpose: strictest(*(voice.word for voice in voices))
            for purpose, voices in self.voices.items()
        }

    def voice(self, purpose: PurposeId, word: Word) -> Voice | None:
        """Return who says a word for a purpose, and the first day on which; None for nobody."""
        found = [voice for voice in self.voices.get(purpose, ()) if voice.word is word]
        if not found:
            return None
        days = [voice.decided_on for voice in found if voice.decided_on]
        names = sorted({voice.given_by for voice in found} - {""})
        return Voice(word=word, decided_on=min(days, default=None), given_by=", ".join(names))

    def refusals(self) -> "Line":
        """Return the line with nothing but its refusals."""
        kept = {
            purpose: tuple(voice for voice in voices if voice.word in REFUSALS)
            for purpose, voices in self.voices.items()
        }
        kept = {purpose: voices for purpose, voices in kept.items() if voices}
        return replace(self, voices=kept, unclear=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejected:
    """A row that is not imported, why, and what could be read of it: it is nobody's leaving."""

    line: Line
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A whole file as lines and rejected rows."""

    lines: tuple[Line, ...]
    rejected: tuple[Rejected, ...]

    def only_refuses(self) -> bool:
        """Tell whether the file holds answers and all of them say no: it is a list of refusals."""
        words = {
            voice.word for line in self.lines for voices in line.voices.values() for voice in voices
        }
        spoken = words - {Word.BLANK}
        return bool(spoken) and spoken <= REFUSALS


def read_sheet(rows: Iterable[NumberedCells], layout: Layout, made_on: date) -> Sheet:
    """Return what the rows below the heading say; `made_on` is the day the file was made."""
    headings = [normal_form(column.heading) for column in layout.columns]
    lines, rejected = [], []
    for number, cells in rows:
        texts = [clean(cell) for cell in cells]
        if not any(texts) or [normal_form(text) for text in texts[: len(headings)]] == headings:
            continue
        line, faults = _Reader(layout, made_on, texts).line(number)
        if faults:
            rejected.append(Rejected(line=line, faults=faults))
        else:
            lines.append(line)
    return _merged(lines, rejected)


class _Reader:
    """Reads one row; every fault is collected, so the office sees all of them at once."""

    def __init__(self, layout: Layout, made_on: date, texts: Sequence[str]) -> None:
        self._layout, self._made_on, self._texts = layout, made_on, texts
        self._faults: list[Fault] = []

    def line(self, number: int) -> tuple[Line, tuple[Fault, ...]]:
        """Return what the row says, as far as it can be read, and its faults."""
        if any(self._texts[len(self._layout.columns) :]):
            self._fault(FaultCode.TOO_MANY_CELLS)
        given, family = self._name()
        line = Line(
            numbers=(number,),
            upn=self._upn(),
            admission=self._text(Field.ADMISSION),
            given=given,
            family=family,
            known_as=self._sound(Field.KNOWN_AS),
            born=self._birth(),
            year=read_year(self._text(Field.YEAR)),
            classes=self._classes(),
            leaver=is_leaver(self._text(Field.STATUS)),
            left_on=self._day(Field.LEFT_ON),
            voices=self._voices(),
            unclear=self._unclear(),
        )
        if self._is_too_long(line):
            self._fault(FaultCode.TOO_LONG)
        if not (self._faults or line.upn or line.admission or line.born):
            self._fault(FaultCode.NO_KEY)
        return line, tuple(self._faults)

    @staticmethod
    def _is_too_long(line: Line) -> bool:
        classes = max(map(len, line.classes), default=0)
        longest = (MAX_REFERENCE, MAX_YEAR, MAX_CLASS)
        found = (len(line.admission), len(line.year), classes)
        return any(length > most for length, most in zip(found, longest, strict=True))

    def _text(self, wanted: Field) -> str:
        place = self._layout.place(wanted)
        return self._texts[place] if place is not None and place < len(self._texts) else ""

    def _fault(self, code: FaultCode, where: Field | None = None, correct: str = "") -> None:
        place = None if where is None else self._layout.place(where)
        column = "" if place is None else self._layout.columns[place].heading
        found = "" if where is None else self._text(where)
        fault = Fault(code=code, column=column, found=found, correct=correct)
        if fault not in self._faults:
            self._faults.append(fault)

    def _name(self) -> tuple[str, str]:
        given, family = self._sound(Field.GIVEN), self._sound(Field.FAMILY)
        whole = self._sound(Field.FULL_NAME)
        if whole and not (given and family):
            parts = split_name(whole)
            if parts is None:
                self._fault(FaultCode.UNSPLIT_NAME, Field.FULL_NAME)
            given, family = parts or ("", "")
        elif not (given and family):
            self._fault(FaultCode.NO_NAME)
        return given, family

    def _sound(self, wanted: Field) -> str:
        text = self._text(wanted)
        if is_damaged(text):
            self._fault(FaultCode.DAMAGED_NAME, wanted)
        return text

    def _upn(self) -> str:
        number = normal_upn(self._text(Field.UPN))
        wrong = fault_of(number) if number else None
        if wrong is None:
            return number
        code = FaultCode.UPN_LETTER if wrong.correct else FaultCode.UPN_SHAPE
        self._fault(code, Field.UPN, wrong.correct)
        return ""

    def _day(self, wanted: Field) -> date | None:
        text = self._text(wanted)
        found = read_day(text, self._made_on) if text else None
        if text and found is None:
            self._fault(FaultCode.NO_SUCH_DAY, wanted)
        return found

    def _birth(self) -> date | None:
        born = self._day(Field.BORN)
        if born is None:
            return None
        if born > self._made_on or born.year < self._made_on.year - OLDEST_PUPIL_YEARS:
            self._fault(FaultCode.BIRTH_OUT_OF_RANGE, Field.BORN)
        return born

    def _decided(self) -> date | None:
        decided = self._day(Field.DECIDED_ON)
        if decided is not None and decided > self._made_on:
            self._fault(FaultCode.DECIDED_LATER, Field.DECIDED_ON)
        return decided

    def _classes(self) -> tuple[str, ...]:
        parts = map(clean, self._text(Field.CLASS).split(";"))
        return tuple(sorted({normal_form(part): part for part in parts if part}.values()))

    def _voices(self) -> dict[PurposeId, tuple[Voice, ...]]:
        """Return one voice for each purpose: of two columns for one, the stricter."""
        decided, given_by = self._decided(), self._text(Field.GIVEN_BY)[:MAX_NAME]
        found: dict[PurposeId, Word] = {}
        for purpose, text, heading in self._cells():
            word = read_word(text, heading, self._layout.words)
            found[purpose] = strictest(word, found.get(purpose, word))
        return {
            purpose: (Voice(word=word, decided_on=decided, given_by=given_by),)
            for purpose, word in found.items()
        }

    def _unclear(self) -> tuple[tuple[PurposeId, str], ...]:
        return tuple(
            (purpose, text)
            for purpose, text, heading in self._cells()
            if read_word(text, heading, self._layout.words) is Word.UNCLEAR
        )

    def _cells(self) -> list[tuple[PurposeId, str, str]]:
        """Return each purpose that a cell answers, with the cell and its heading."""
        return [
            (purpose, text, heading)
            for text, heading, purposes in consent_cells(self._texts, self._layout)
            for purpose in purposes
        ]


def _merged(lines: Sequence[Line], rejected: Sequence[Rejected]) -> Sheet:
    """Join the rows of one pupil; reject those that carry one number and are two pupils."""
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        groups.setdefault(_identity(line), []).append(line)
    whole, refused = [], list(rejected)
    for group in groups.values():
        admissions = {normal_admission(line.admission) for line in group} - {""}
        if len({_who(line) for line in group}) == 1 and len(admissions) <= 1:
            whole.append(_joined(group))
        else:
            found = min(line.upn or line.admission for line in group)
            fault = Fault(code=FaultCode.SAME_NUMBER, found=found)
            refused += [Rejected(line=line, faults=(fault,)) for line in group]
    whole = [_doubted(line, refused) for line in whole]
    return Sheet(
        lines=tuple(sorted(whole, key=lambda line: line.numbers)),
        rejected=tuple(sorted(refused, key=lambda one: one.line.numbers)),
    )


def _doubted(line: Line, rejected: Sequence[Rejected]) -> Line:
    """Return a line whose yes does not count where a rejected row of the same pupil says no yes.

    Else a row with a fault, such as the father's no with a day that no calendar has, would leave
    the mother's yes alone.
    """
    voices, unclear = dict(line.voices), set(line.unclear)
    for bad in (one.line for one in rejected if _may_be_one(line, one.line)):
        for purpose, words in bad.says.items():
            if words is not Word.YES and purpose in voices:
                voices[purpose] = _sorted({*voices[purpose], Voice(word=Word.UNCLEAR)})
                unclear.add((purpose, f"row {bad.numbers[0]}, which was rejected,"))
    return replace(line, voices=voices, unclear=tuple(sorted(unclear)))


def _may_be_one(line: Line, other: Line) -> bool:
    if line.upn and other.upn:
        return line.upn == other.upn
    if line.admission and other.admission:
        return normal_admission(line.admission) == normal_admission(other.admission)
    one, two = ((normal_form(x.given), normal_form(x.family)) for x in (line, other))
    return one == two


def _sorted(voices: Iterable[Voice]) -> tuple[Voice, ...]:
    return tuple(
        sorted(voices, key=lambda one: (one.word.value, str(one.decided_on), one.given_by))
    )


def _identity(line: Line) -> tuple[str, str]:
    if line.upn:
        return "upn", line.upn
    if line.admission:
        return "admission", normal_admission(line.admission)
    return "name", "\n".join(map(str, _who(line)))


def _who(line: Line) -> tuple[object, ...]:
    """Return what the rows of one pupil must agree on."""
    return (normal_form(line.given), normal_form(line.family), line.born, line.leaver, line.left_on)


def normal_admission(number: str) -> str:
    """Return an admission number as it is compared: spreadsheets lose zeros at the front."""
    plain = normal_form(number)
    return (plain.lstrip("0") or plain) if plain.isdecimal() else plain


def _joined(group: Sequence[Line]) -> Line:
    """Return one line of several; of texts that differ the smallest, so that order never counts."""
    said: dict[PurposeId, set[Voice]] = {}
    for line in group:
        for purpose, voices in line.voices.items():
            said.setdefault(purpose, set()).update(voices)
    texts: dict[str, Any] = {
        name: min((text for line in group if (text := getattr(line, name))), default="")
        for name in _TEXTS
    }
    return replace(
        group[0],
        **texts,
        numbers=tuple(sorted(number for line in group for number in line.numbers)),
        classes=tuple(sorted({name for line in group for name in line.classes})),
        voices={purpose: _sorted(voices) for purpose, voices in said.items()},
        unclear=tuple(sorted({one for line in group for one in line.unclear})),
    )
