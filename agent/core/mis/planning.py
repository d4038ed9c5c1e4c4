# SPDX-License-Identifier: Apache-2.0
"""From lines to a plan: for each pupil what is now, what would be, and what of it must wait.

Rules: a blank or unclear cell never grants, and takes back an earlier yes of the MIS. A repeated
yes without a later day never renews. A yes is not recorded while a refusal that was recorded here
stands. Who is missing from the file is listed and stays, unless a person ticks them. A list of
refusals only refuses: nobody joins, leaves or changes by it.
"""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from enum import Enum
from typing import Any, Final, cast

from agent.core.mis.book import Book, Change, MisAnswer, Pupil
from agent.core.mis.cells import Word
from agent.core.mis.effects import Terms, refusal_stands, tightened, widened, without_widening
from agent.core.mis.lines import Line, Rejected, Sheet, Voice, normal_admission
from agent.core.mis.matching import Choices, Doubt, Match, match, may_mean
from agent.core.model import PurposeId
from agent.core.register import Says

_KEY_LETTERS: Final = 26
_REFUSES: Final = {Word.NO: Says.NO, Word.WITHDRAWN: Says.WITHDRAWN}


class Kind(Enum):
    """What happens to a pupil or a line; the order is that of the preview."""

    JOINED = "joined"
    CHANGED = "changed"
    LEFT = "left"
    MISSING = "missing"
    UNSURE = "unsure"
    REJECTED = "rejected"
    UNCHANGED = "unchanged"
    PASSED = "passed"
    """A leaver who was never here, or a line of a list of refusals that says nothing new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a plan; `calm` is what may apply at once, the rest up to `after` waits."""

    kind: Kind
    numbers: tuple[int, ...] = ()
    before: Pupil | None = None
    calm: Pupil | None = None
    after: Pupil | None = None
    widens: frozenset[PurposeId] = frozenset()
    tightens: frozenset[PurposeId] = frozenset()
    held_back: frozenset[PurposeId] = frozenset()
    """A yes that is not recorded, since a refusal recorded here stands."""
    blank: frozenset[PurposeId] = frozenset()
    unclear: tuple[tuple[PurposeId, str], ...] = ()
    doubt: Doubt | None = None
    candidates: tuple[Pupil, ...] = ()
    line: Line | None = None
    rejected: Rejected | None = None

    @property
    def waits(self) -> bool:
        """Tell whether something of the row waits for a named confirmation."""
        return self.calm != self.after


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A whole import before it happens."""

    rows: tuple[Row, ...]
    refusals: bool = False
    """Whether the file was taken as a list of refusals."""

    def of(self, kind: Kind) -> tuple[Row, ...]:
        """Return the rows of one kind."""
        return tuple(row for row in self.rows if row.kind is kind)

    def changes(self, *, confirmed: bool) -> tuple[Change, ...]:
        """Return what applies: everything once it is confirmed, else what does not widen."""
        wanted = ((row.before, row.after if confirmed else row.calm) for row in self.rows)
        return tuple(
            Change(before=before, after=after) for before, after in wanted if before != after
        )

    def digest(self) -> str:
        """Return what tells this plan from every other, whatever the order of its rows."""
        rows = sorted(json.dumps(row, default=_plain, sort_keys=True) for row in self.rows)
        return hashlib.sha256(json.dumps([self.refusals, rows]).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a person decided in the preview."""

    choices: Choices = field(default_factory=dict)
    leaving: frozenset[str] = frozenset()
    """Keys of missing pupils who were ticked: they have left."""
    refusals: bool | None = None
    """Whether the file is a list of refusals; None where nobody has said it yet."""


def plan(sheet: Sheet, book: Book, terms: Terms, wishes: Wishes | None = None) -> Plan:
    """Return what importing the sheet would do to the book; the same input gives the same plan."""
    wishes = wishes or Wishes()
    refusals = sheet.only_refuses() if wishes.refusals is None else wishes.refusals
    matches = match(sheet.lines, book, wishes.choices)
    if refusals:
        rows = [_refusing(one, terms) for one in matches]
    else:
        rows = [_row(one, book, terms) for one in matches]
        rows += _missing(sheet, matches, book, terms, wishes.leaving)
    rows += [
        Row(kind=Kind.REJECTED, numbers=one.line.numbers, rejected=one) for one in sheet.rejected
    ]
    return Plan(rows=tuple(rows), refusals=refusals)


def key_of(line: Line, seed: bytes) -> str:
    """Return the key of a pupil who joins: opaque, and the same each time the file is planned."""
    who = (line.upn, normal_admission(line.admission), line.given, line.family, str(line.born))
    digest = hashlib.sha256(seed + json.dumps(who).encode()).digest()
    return base64.b32encode(digest).decode().lower()[:_KEY_LETTERS]


def _row(one: Match, book: Book, terms: Terms) -> Row:
    line, before = one.line, one.pupil
    if one.doubt is not None:
        return _unsure(one)
    if before is None and _leaves(line, terms):
        return Row(kind=Kind.PASSED, numbers=line.numbers, line=line)
    after = _answered(_described(line, before, book, terms), before, line, terms)
    kind = Kind.JOINED if before is None else Kind.CHANGED
    if before is not None and before.left_on is None and after.left_on is not None:
        kind = Kind.LEFT
    return _weighed(kind, before, after, line, terms)


def _unsure(one: Match) -> Row:
    return Row(
        kind=Kind.UNSURE,
        numbers=one.line.numbers,
        doubt=one.doubt,
        candidates=one.candidates,
        line=one.line,
    )


def _weighed(kind: Kind, before: Pupil | None, after: Pupil, line: Line, terms: Terms) -> Row:
    """Return the row of a pupil: what changes, what of it widens or tightens, what is unclear."""
    says = line.says
    yes = [purpose for purpose in says if line.voice(purpose, Word.YES)]
    row = Row(
        kind=Kind.UNCHANGED if before == after else kind,
        numbers=line.numbers,
        before=before,
        calm=after,
        after=after,
        held_back=frozenset(one for one in yes if refusal_stands(before, one, terms.today)),
        blank=frozenset(one for one, word in says.items() if word is Word.BLANK),
        unclear=line.unclear,
        line=line,
    )
    if before == after:
        return row
    return replace(
        row,
        calm=without_widening(before, after, terms),
        widens=widened(before, after, terms),
        tightens=tightened(before, after, terms),
    )


def _refusing(one: Match, terms: Terms) -> Row:
    """Return the row of a line of a list of refusals: it adds refusals and nothing else."""
    line, before = one.line, one.pupil
    if one.doubt is not None or before is None:
        return _unsure(one)
    refusals = line.refusals()
    after = _answered(before, before, refusals, terms)
    row = _weighed(Kind.CHANGED, before, after, refusals, terms)
    return replace(row, kind=Kind.PASSED) if row.kind is Kind.UNCHANGED else row


def _described(line: Line, before: Pupil | None, book: Book, terms: Terms) -> Pupil:
    """Return the pupil as the line describes them; what is empty says nothing."""
    if before is None:
        key = key_of(line, terms.seed)
        taken = {pupil.reference for pupil in book.values()}
        first = line.admission or line.upn or key
        reference = key if first in taken else first
        before = Pupil(key=key, reference=reference, given=line.given, family=line.family)
    return replace(
        before,
        reference=_reference(line, before),
        given=line.given,
        family=line.family,
        upn=line.upn or before.upn,
        known_as=line.known_as or before.known_as,
        born=line.born or before.born,
        year=line.year or before.year,
        classes=line.classes or before.classes,
        left_on=_left_on(line, before, terms),
    )


def _reference(line: Line, before: Pupil) -> str:
    """Return the admission number; one that only lost its zeros stays as it is written here."""
    same = normal_admission(line.admission) == normal_admission(before.reference)
    return before.reference if same or not line.admission else line.admission


def _leaves(line: Line, terms: Terms) -> bool:
    return line.leaver or (line.left_on is not None and line.left_on <= terms.made_on)


def _left_on(line: Line, before: Pupil, terms: Terms) -> date | None:
    """Return the last day: that of the file; of one who is on roll again, none."""
    if line.left_on is not None:
        return line.left_on
    if line.leaver:
        return before.left_on or terms.made_on
    coming = before.left_on is not None and before.left_on >= terms.made_on
    return before.left_on if coming else None


def _answered(pupil: Pupil, before: Pupil | None, line: Line, terms: Terms) -> Pupil:
    """Return the pupil with what the MIS says now: one answer for each purpose.

    Where its rows disagree, the refusal counts and the yes is kept beside it.
    """
    answers, beside = dict(pupil.mis), dict(pupil.beside)
    for purpose, word in line.says.items():
        if purpose not in terms.purposes:
            continue
        known = answers.get(purpose)
        said = _said(purpose, line.voice(purpose, word), known, terms)
        refused = refusal_stands(before, purpose, terms.today)
        if said is None:
            answers.pop(purpose, None)
        elif said.says is not Says.YES or known == said or not refused:
            answers[purpose] = said
        other = line.voice(purpose, Word.YES) if word in _REFUSES and not refused else None
        rival = _said(purpose, other, beside.pop(purpose, None), terms)
        if rival:
            beside[purpose] = rival
    return replace(pupil, mis=answers, beside=beside)


def _said(
    purpose: PurposeId, voice: Voice | None, known: MisAnswer | None, terms: Terms
) -> MisAnswer | None:
    """Return what the MIS says for a purpose now; a known refusal stays where a cell is blank."""
    if voice is None:
        return None
    word, decided, by = voice.word, voice.decided_on, voice.given_by
    day = decided or terms.made_on
    if word is Word.YES:
        if known and known.says is Says.YES and (decided is None or decided <= known.given_on):
            return known
        until = terms.last_day(purpose, day)
        return MisAnswer(says=Says.YES, given_on=day, valid_until=until, given_by=by)
    if word in _REFUSES:
        says = _REFUSES[word]
        same = known is not None and known.says is says
        return known if same else MisAnswer(says=says, given_on=day, given_by=by)
    return known if known and known.says is not Says.YES else None


def _missing(
    sheet: Sheet,
    matches: Iterable[Match],
    book: Book,
    terms: Terms,
    leaving: frozenset[str],
) -> list[Row]:
    """Return a row for each pupil who is here and on no row of the file, not even a faulty one."""
    found = may_mean((one.line for one in sheet.rejected), book)
    for one in matches:
        found |= {pupil.key for pupil in (*one.candidates, one.pupil) if pupil}
    rows = []
    for key in sorted(book.keys() - found):
        pupil = book[key]
        if not pupil.is_here(terms.made_on) or pupil.left_on is not None:
            continue
        if key in leaving:
            after = replace(pupil, left_on=terms.made_on)
            tight = tightened(pupil, after, terms)
            rows.append(Row(kind=Kind.LEFT, before=pupil, calm=after, after=after, tightens=tight))
        else:
            rows.append(Row(kind=Kind.MISSING, before=pupil, calm=pupil, after=pupil))
    return rows


def counts(plan_: Plan) -> Mapping[Kind, int]:
    """Return how many rows there are of each kind."""
    return Counter(row.kind for row in plan_.rows)


def _plain(value: object) -> object:
    """Return as JSON has it what the encoder does not know."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return {one.name: getattr(value, one.name) for one in fields(cast("Any", value))}
