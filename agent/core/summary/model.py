# SPDX-License-Identifier: Apache-2.0
"""The model of a report: one JSON value that everything printed is made from, and nothing else.

Rule: whatever is in here may be read by anyone who may read the report. Exact counts that are not
shown never get in; a reader of the file knows no more than a reader of the paper.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from agent.core.canonical import JsonValue
from agent.core.summary import figures as cell
from agent.core.summary.acts import acts_of
from agent.core.summary.basis import Basis
from agent.core.summary.facts import BreachRecord, Handled, LedgerState, Trust
from agent.core.summary.figures import Figures
from agent.core.summary.numbers import Exact, Shown, Veiled
from agent.core.summary.outcomes import Outcome
from agent.core.summary.sentences import for_the_board, in_short, questions
from agent.core.summary.words import change, count, day, month, plural, share

FORMAT: Final = "photowarden-report/1"
_ROWS: Final = (
    # cell, words, base of the percentage
    (cell.PICTURES, "Pictures and recordings brought in", None),
    (cell.KEPT, Outcome.KEPT.words, cell.PICTURES),
    (cell.HELD, "Held or locked away, all reasons", cell.PICTURES),
    (cell.PERMISSION, Outcome.PERMISSION.words, cell.PICTURES),
    (Outcome.PEOPLE.code, Outcome.PEOPLE.words, cell.PICTURES),
    (Outcome.DEVICE.code, Outcome.DEVICE.words, cell.PICTURES),
    (Outcome.FILE.code, Outcome.FILE.words, cell.PICTURES),
    (Outcome.SYSTEM.code, Outcome.SYSTEM.words, cell.PICTURES),
    (cell.EARLIER_KEPT, "Held in an earlier term, cleared in this one", None),
    (cell.EARLIER_HELD, "Kept in an earlier term, held again in this one", None),
    (cell.ERASED, "Held, and erased by two people", None),
    (cell.WAITING, "Held at the end of the period, of all periods", None),
    (cell.LISTED, "People on the consent register", None),
    (cell.ANSWERED, "of these, with a recorded choice", cell.LISTED),
    (cell.UNANSWERED, "of these, without a recorded choice", cell.LISTED),
    (cell.REFUSED, "People with permission refused or withdrawn", None),
)
_IF_ANY: Final = frozenset({Outcome.SYSTEM.code, cell.EARLIER_KEPT, cell.EARLIER_HELD, cell.ERASED})
"""Rows that stand there only where there is something to say."""
_LEDGERS: Final = 6


def build(
    basis: Basis, columns: Sequence[str], shown: Mapping[str, Figures], *, yearly: bool
) -> dict[str, JsonValue]:
    """Return the model; `columns` names the periods, the present one last; none without figures."""
    heading, records = basis.heading, basis.records
    status, sentences = in_short(basis)
    return {
        "format": FORMAT,
        "school": heading.school,
        "term": heading.term,
        "first": day(heading.first),
        "last": day(heading.last),
        "until": heading.until,
        "made": day(heading.made),
        "meeting": None if heading.meeting is None else day(heading.meeting),
        "prepared_by": heading.prepared_by,
        "reviewed_by": heading.reviewed_by,
        "status": status,
        "in_short": [{"rule": one.rule, "text": one.text} for one in sentences],
        "board": [{"verb": verb, "text": text} for verb, text in for_the_board(basis)],
        "yearly": yearly,
        "columns": list(columns),
        "key_figures": _key_figures(columns, shown),
        "chart": _chart(columns, shown),
        "figures": {name: _published(shown[name]) for name in columns},
        "breaches": [_breach(one) for one in basis.governance.breaches],
        "acts": [
            list(act) for act in acts_of(records.kinds, with_children=basis.figures is not None)
        ],
        "keeping": _keeping(basis),
        "dates": _dates(basis),
        "ledgers": _ledgers(basis.trust.ledgers),
        "trust": _trust(basis.trust),
        "questions": list(questions(basis)),
    }


def published_figures(model: Mapping[str, JsonValue]) -> dict[str, Figures]:
    """Return the figures that a report has shown, by period; for the reports after it.

    Raises:
        ValueError: it is no model of a report.
    """
    figures = model.get("figures")
    if model.get("format") != FORMAT or not isinstance(figures, dict):
        raise ValueError("not a report of this format")
    return {
        str(name): {str(key): _from_plain(one) for key, one in dict(cells).items()}
        for name, cells in figures.items()
    }


def _published(figures: Figures) -> dict[str, JsonValue]:
    return {key: now.value for key, now in figures.items()}


def _from_plain(value: object) -> Shown:
    return Exact(value) if isinstance(value, int) else Veiled(value)


def _key_figures(columns: Sequence[str], shown: Mapping[str, Figures]) -> list[JsonValue]:
    if not columns:
        return []
    now = shown[columns[-1]]
    before = shown[columns[-2]] if len(columns) > 1 else {}
    rows: list[JsonValue] = []
    for key, words, base in _ROWS:
        this, last = now.get(key), before.get(key)
        is_told = key not in _IF_ANY or {this, last} - {None, Exact(0)}
        if (key in now or key in before) and is_told:
            rows.append(
                {
                    "id": key,
                    "what": words,
                    "this": _with_share(this, base, now),
                    "last": _with_share(last, base, before),
                    "change": change(this, last),
                }
            )
    return rows


def _with_share(value: Shown | None, base: str | None, column: Figures) -> str:
    """Return a count, with its percentage where no count of its table is hidden."""
    hidden = any(isinstance(now, Veiled) for now in column.values())
    return count(value) if base is None or hidden else share(value, column.get(base))


def _chart(columns: Sequence[str], shown: Mapping[str, Figures]) -> JsonValue:
    series = (
        (cell.KEPT, "Kept, with permission"),
        (cell.PERMISSION, "Held: permission"),
        (cell.ELSE, "Held: other reasons"),
    )
    return {
        "title": "Pictures by outcome",
        "groups": list(columns),
        "series": [
            {"name": words, "values": [_value(shown[name].get(key)) for name in columns]}
            for key, words in series
        ],
    }


def _value(now: Shown | None) -> JsonValue:
    """Return a number to draw, or the words that stand where there is none to draw."""
    return now.value if isinstance(now, Exact) else count(now)


def _breach(one: BreachRecord) -> JsonValue:
    return [
        one.reference,
        month(one.month, short=True),
        one.what.words,
        one.done.words,
        one.regulator.words,
        one.prevention.words,
    ]


def _keeping(basis: Basis) -> list[JsonValue]:
    records = basis.records
    return [
        [
            "Originals deleted with no stored copy on record",
            f"{records.deleted_unproven:,}" if records.deleted_unproven else "none",
        ],
        ["Stored pictures read back and compared for this report", _stored(basis)],
        ["Register last published to the school's computers", day(records.last_register)],
        [
            "Pictures held since a computer's clock was wrong",
            "yes" if records.clock_untrusted else "none",
        ],
    ]


def _stored(basis: Basis) -> str:
    """Return what a look into the storage found; no total where pictures are not counted."""
    stored, pictures = basis.stored, (basis.figures or {}).get(cell.PICTURES)
    if stored is None:
        return "not done for this report"
    if not isinstance(pictures, Exact):
        return "all sound" if stored.sound == stored.objects else "not all sound"
    if stored.sound == stored.objects:
        return f"{stored.sound:,} of {stored.objects:,}; all sound"
    return f"{stored.sound:,} of {stored.objects:,} sound"


def _dates(basis: Basis) -> list[JsonValue]:
    kept = basis.governance
    restore = day(kept.restore_tested)
    if kept.restore_tested is not None:
        restore += "; succeeded" if kept.restore_worked else "; failed"
    return [
        ["Photo policy: next review", _due_day(kept.policy_review_due, basis.heading.made)],
        [
            "Impact assessment (DPIA): next review",
            _due_day(kept.impact_assessment_due, basis.heading.made),
        ],
        [
            "Retention schedule: next review",
            _due_day(kept.retention_review_due, basis.heading.made),
        ],
        ["Backup restored as a test", restore],
        [
            "Staff who have done photo training",
            f"{kept.staff_trained} of {kept.staff}" if kept.staff else "not recorded",
        ],
        ["Complaints acknowledged within 30 days", _handled(kept.complaints)],
        ["Requests about pictures answered in a month", _handled(kept.requests)],
    ]


def _due_day(due: date | None, made: date) -> str:
    return day(due) + (" (overdue)" if due is not None and due < made else "")


def _handled(one: Handled) -> str:
    return f"{one.in_time} of {one.received}" if one.received else "none received"


def _ledgers(states: Sequence[LedgerState]) -> list[JsonValue]:
    """Return a row a computer; of many, those that need a look, and the rest together."""
    if len(states) <= _LEDGERS:
        return [_ledger(one) for one in states]
    strange = [one for one in states if one.faults or not one.signed]
    quiet = sorted(states, key=lambda one: -one.silent_days)
    named = [*strange, *(one for one in quiet if one not in strange)][: _LEDGERS - 1]
    rest = [one for one in states if one not in named]
    together = LedgerState(
        label=f"{len(rest)} others together",
        entries=sum(one.entries for one in rest),
        new=sum(one.new for one in rest),
        signed=all(one.signed for one in rest),
        faults=sum(one.faults for one in rest),
        last=max((one.last for one in rest if one.last), default=None),
        silent_days=max(one.silent_days for one in rest),
        off_days=max(one.off_days for one in rest),
        backwards=0,
    )
    return [_ledger(one) for one in (*named, together)]


def _ledger(one: LedgerState) -> JsonValue:
    found = "agrees"
    if one.faults:
        found = plural(one.faults, "fault")
    elif not one.signed:
        found = "agrees, not signed"
    quiet = plural(one.silent_days, "school day")
    return [one.label, f"{one.entries:,}", f"{one.new:,}", day(one.last), quiet, found]


def _trust(trust: Trust) -> JsonValue:
    earlier = trust.earlier
    return {
        "entries": f"{trust.entries:,}",
        "new": f"{trust.new:,}",
        "faults": f"{trust.faults:,}",
        "checked": None if trust.checked is None else day(trust.checked),
        "fingerprint": trust.fingerprint,
        "checkpoint": trust.checkpoint,
        "earlier": None
        if earlier is None
        else {
            "made": day(earlier.made),
            "fingerprint": earlier.fingerprint,
            "still_there": earlier.still_there,
        },
    }
