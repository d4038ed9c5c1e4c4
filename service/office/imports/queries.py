# SPDX-License-Identifier: Apache-2.0
"""What the pages of an import show: columns with examples, the plan by kind, what was imported."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from agent.core.mis.book import Book, MisAnswer, Pupil
from agent.core.mis.brakes import Brake, brakes
from agent.core.mis.cells import Word
from agent.core.mis.effects import Terms
from agent.core.mis.layout import Layout
from agent.core.mis.lines import FaultCode, Rejected, Sheet, read_sheet
from agent.core.mis.matching import Doubt
from agent.core.mis.planning import Kind, Plan, Row, plan
from agent.core.model import Moment, PurposeId
from service.office.imports.book import read_book
from service.office.imports.held import Held
from service.office.imports.models import Import, OwnWord
from service.office.register.acts.answers import ends
from service.office.register.models import Purpose

BRAKES: Final = {
    Brake.LOOSENS: "Pictures would be permitted that are not permitted now. "
    "What makes the register stricter can be applied at once; the rest waits.",
    Brake.LEAVERS: "Many pupils of the register are not in the file. Is this the whole school?",
    Brake.NAMES: "Many names would change. Are the columns right?",
    Brake.CLASS_VANISHES: "A class would have nobody in it any more.",
    Brake.OLDER_FILE: "A newer file was imported already.",
    Brake.SAME_NUMBER: "Several rows of the file have the same number.",
}
FAULTS: Final = {
    FaultCode.NO_NAME: "The first name or the surname is missing",
    FaultCode.DAMAGED_NAME: "The name was damaged on the way. Export it again as CSV UTF-8",
    FaultCode.UNSPLIT_NAME: "It is not certain which is the first name. Write: surname, first name",
    FaultCode.NO_KEY: "There is no UPN, no admission number and no date of birth",
    FaultCode.UPN_SHAPE: "The UPN has not the shape of one",
    FaultCode.UPN_LETTER: "The UPN has a wrong check letter",
    FaultCode.NO_SUCH_DAY: "There is no such day",
    FaultCode.BIRTH_OUT_OF_RANGE: "No pupil was born on that day",
    FaultCode.DECIDED_LATER: "The consent has a day in the future",
    FaultCode.TOO_MANY_CELLS: "The row has more cells than there are headings",
    FaultCode.TOO_LONG: "A number, year or class is too long",
    FaultCode.SAME_NUMBER: "Another row has the same number and is another pupil",
}
DOUBTS: Final = {
    Doubt.TWO_PUPILS: "The UPN is one pupil's and the admission number another's",
    Doubt.OTHER_PERSON: "The number is that of a pupil with another name or day of birth",
    Doubt.NAME_ONLY: "Only the name says who this is",
    Doubt.TWO_LINES: "Several rows mean the same pupil",
}
_MEANT: Final = {"yes": Word.YES, "no": Word.NO, "skip": Word.BLANK}
_WORDS: Final = {"reference": "Reference", "upn": "UPN", "given": "First name"} | {
    "family": "Surname",
    "known_as": "Known as",
    "born": "Born",
    "year": "Year",
    "left_on": "Last day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A plan with what it was made on."""

    plan: Plan
    sheet: Sheet
    book: Book
    brakes: tuple[Brake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One row of the preview in words."""

    row: Row
    who: str
    numbers: str
    changes: Sequence[tuple[str, str, str]]
    loosens: str
    notes: Sequence[str]


def terms_of(made_on: date, seed: bytes, moment: Moment) -> Terms:
    """Return what an import is planned under."""
    purposes = {one.code: one for one in Purpose.objects.filter(used=True)}
    return Terms(
        today=moment.today,
        made_on=made_on,
        purposes=frozenset(map(PurposeId, purposes)),
        internal=frozenset(
            PurposeId(code) for code, one in purposes.items() if one.scope == "internal"
        ),
        last_day=lambda purpose, day: ends(purposes[purpose], day),
        seed=seed,
    )


def words_now() -> Sequence[OwnWord]:
    """Return the words of the school that mean something, as they are compared."""
    newest = {one.text: one for one in OwnWord.objects.select_related("by").order_by("number")}
    return [newest[text] for text in sorted(newest) if newest[text].says != "forgotten"]


def layout_now(held: Held) -> Layout:
    """Return the layout of a file with what the school's own words mean now."""
    return replace(held.layout, words={one.text: _MEANT[one.says] for one in words_now()})


def planned(held: Held, moment: Moment) -> View:
    """Return the plan of a file on the register as it is now."""
    sheet, book = read_sheet(held.rows, layout_now(held), held.made_on), read_book()
    made = plan(sheet, book, terms_of(held.made_on, held.seed, moment), held.wishes)
    newest = (
        Import.objects.filter(undone_at__isnull=True)
        .order_by("-made_on")
        .values_list("made_on", flat=True)
        .first()
    )
    tripped = brakes(made, book, held.made_on, newest)
    return View(plan=made, sheet=sheet, book=book, brakes=tripped)


def shown(made: Plan) -> Mapping[Kind, Sequence[Shown]]:
    """Return the rows of a plan in words, by kind."""
    labels = dict(Purpose.objects.values_list("code", "label"))
    return {kind: [_shown(row, labels) for row in made.of(kind)] for kind in Kind}


def _shown(row: Row, labels: Mapping[str, str]) -> Shown:
    notes = [f"Not taken: {labels[one]}, since a refusal stands here" for one in row.held_back]
    notes += [
        f"{labels.get(one, one)}: “{text}” is neither yes nor no" for one, text in row.unclear
    ]
    notes += [f"{labels.get(one, one)}: no decision in the file" for one in row.blank]
    if row.after and row.after.mis != (row.before.mis if row.before else {}):
        notes += [
            f"{labels.get(one, one)}: rows of the file disagree, so it counts as no; both are kept"
            for one in row.after.beside
        ]
    notes += [_fault(row.rejected)] if row.rejected else []
    notes += [DOUBTS[row.doubt]] if row.doubt else []
    if row.kind is Kind.UNSURE and not row.candidates:
        notes.append("Nobody of the register has this number or name")
    return Shown(
        row=row,
        who=_who(row),
        numbers=", ".join(map(str, row.numbers)),
        changes=_changes(row.before, row.after, labels),
        loosens=", ".join(sorted(labels[one] for one in row.widens)),
        notes=sorted(notes),
    )


def _fault(rejected: Rejected) -> str:
    return "; ".join(
        FAULTS[fault.code]
        + (f": {fault.found}" if fault.found else "")
        + (f" (the letter {fault.correct} would be right)" if fault.correct else "")
        for fault in rejected.faults
    )


def _who(row: Row) -> str:
    one = row.after or row.before or row.line or (row.rejected.line if row.rejected else None)
    return f"{one.given} {one.family}".strip() if one else ""


def _changes(
    before: Pupil | None, after: Pupil | None, labels: Mapping[str, str]
) -> Sequence[tuple[str, str, str]]:
    if after is None:
        return []
    pairs = [
        (word, _text(getattr(before, name, None)), _text(getattr(after, name)))
        for name, word in _WORDS.items()
    ]
    classes = ", ".join(before.classes) if before else ""
    pairs.append(("Class", classes, ", ".join(after.classes)))
    pairs = [pair for pair in pairs if pair[1] != pair[2]]
    old = before.mis if before else {}
    for code in sorted({*old, *after.mis}):
        if old.get(code) != after.mis.get(code):
            pairs.append((labels.get(code, code), _says(old.get(code)), _says(after.mis.get(code))))
    aside = before.beside if before else {}
    for code in sorted({*aside, *after.beside}):
        if aside.get(code) != after.beside.get(code):
            word = f"{labels.get(code, code)}, another row"
            pairs.append((word, _says(aside.get(code)), _says(after.beside.get(code))))
    return pairs


def _says(said: MisAnswer | None) -> str:
    if said is None:
        return ""
    by = f", given by {said.given_by}" if said.given_by else ""
    return f"{said.says.value}, {_text(said.given_on)}{by}"


def _text(value: object) -> str:
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return "" if value is None else str(value)
