# SPDX-License-Identifier: Apache-2.0
"""Gather what a report is made of: which periods, every ledger audited and folded, the register.

No name leaves this module: a register becomes four counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final

from agent import bootstrap, office
from agent.adapters.ledger import Ledger
from agent.core.checkpoint import Checkpoint
from agent.core.errors import ConfigurationError
from agent.core.fingerprints import root_at
from agent.core.ledger import EntryKind
from agent.core.ledger_audit import LedgerAudit
from agent.core.ledger_lines import Line, read_line
from agent.core.model import Moment
from agent.core.register import Says
from agent.core.summary.facts import Earlier, LedgerState, Trust
from agent.core.summary.figures import Figures, RegisterCounts
from agent.core.summary.fold import Fold
from agent.core.summary.periods import Calendar
from agent.ledgers import Book, books_of, witness
from service.report.archive import Kept, published
from service.report.settings import ReportSettings, TermSettings, periods_of, years_of

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(slots=True)
class Reading:
    """What one pass over all ledgers gave."""

    fold: Fold
    books: Sequence[Book]
    audits: list[LedgerAudit] = field(default_factory=list)
    made: dict[str, tuple[int, bytes, date]] = field(default_factory=dict)
    """Reports by their digest: the state that each was made from, and the day."""
    approved: set[str] = field(default_factory=set)
    checked: date | None = None

    def take(self, line: Line) -> None:
        """Count an entry, and note what it says of reports."""
        self.fold.take(line)
        body = line.body
        if line.kind == EntryKind.REPORT_MADE.code:
            state = (int(str(body["entries"])), bytes.fromhex(str(body["root"])), day_of(line.at))
            self.made[str(body["report"])] = state
        elif line.kind == EntryKind.REPORT_APPROVED.code:
            self.approved.add(str(body["report"]))
        elif line.kind == EntryKind.LEDGER_CHECKED.code and body["entries"] is not None:
            self.checked = day_of(line.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """What approved reports have fixed: until when each term's reaches, what was shown."""

    cuts: Mapping[str, str]
    published: Mapping[str, Figures]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which term, which periods are folded, which of them is the present one."""

    term: TermSettings
    terms: tuple[TermSettings, ...]
    """The terms that the present period spans."""
    calendar: Calendar
    number: int
    yearly: bool
    has_figures: bool


def approved_in(ledger: Ledger) -> frozenset[str]:
    """Return the digests of the reports that were approved."""
    mark = EntryKind.REPORT_APPROVED.code.encode()
    return frozenset(str(read_line(line).body["report"]) for line in ledger.lines() if mark in line)


def past_of(kept: Sequence[Kept], approved: frozenset[str]) -> Past:
    """Return what approved reports have fixed."""
    counted = [report for report in kept if report.digest in approved]
    return Past(
        cuts={report.term: str(report.model["until"]) for report in counted},
        published=published(kept, approved),
    )


def plan_report(
    site: bootstrap.Site,
    settings: ReportSettings,
    name: str,
    moment: Moment,
    past: Past,
    register: RegisterCounts | None,
) -> Plan:
    """Say what is folded: terms, or whole years in a small school that closes one.

    A year of which a term's figures were published gets no figures as a whole: what is left of it
    could be taken from the two.
    """
    term = _term(settings, name, moment.today)
    now = (moment.at + timedelta(seconds=1)).astimezone(UTC).strftime(_TIME)
    zone = bootstrap.zone_of(site)
    periods = periods_of(settings.terms, zone, {name: now, **past.cuts})
    is_small = register is not None and register.listed < settings.small_school
    yearly = is_small and term.closes_year
    spans = years_of(periods) if yearly else periods
    number = next(n for n, span in enumerate(spans) if span.last >= term.last)
    present = spans[number]
    terms = tuple(one for one in settings.terms if present.first <= one.first <= present.last)
    told_by_term = any(one.name in past.published for one in terms)
    return Plan(
        term=term,
        terms=terms,
        calendar=Calendar(spans),
        number=number,
        yearly=yearly,
        has_figures=not is_small or (yearly and not told_by_term),
    )


def _term(settings: ReportSettings, name: str, today: date) -> TermSettings:
    known = {term.name: term for term in settings.terms}
    if name not in known or known[name].first > today:
        begun = ", ".join(f'"{one.name}"' for one in settings.terms if one.first <= today)
        raise ConfigurationError(
            "report.toml has no such term" if name not in known else "that term has not begun",
            code="report.term",
            remedy=f"Terms that have begun: {begun or 'none'}. Terms are set in report.toml.",
        )
    return known[name]


def read_ledgers(site: bootstrap.Site, ledger: Ledger, plan: Plan) -> Reading:
    """Audit and fold every ledger; how the others stand is written down before the own is read."""
    books = books_of(site, ledger)
    signed = [book for book in books if book.signed]
    reading = Reading(fold=Fold(plan.calendar), books=books)
    audits = {}
    for book in signed[1:]:
        reading.fold.begin(book.name)
        audits[book.name] = book.audit(visit=reading.take)
    witness(ledger, [book for book in signed[1:] if audits[book.name].sound], site)
    own = books_of(site, ledger)[0]
    reading.fold.begin(own.name)
    audits[own.name] = own.audit(visit=reading.take)
    reading.audits = [audits[book.name] for book in signed]
    return reading


def trust_in(reading: Reading, plan: Plan, ledger: Ledger, kept: Sequence[Kept]) -> Trust:
    """Say what the figures can be checked by: every ledger, its fingerprint, the report before."""
    signed = [book for book in reading.books if book.signed]
    return Trust(
        ledgers=tuple(
            _state(reading, plan, book, audit, place)
            for place, (book, audit) in enumerate(zip(signed, reading.audits, strict=True), 1)
        ),
        strangers=len(reading.books) - len(signed),
        fingerprint=ledger.claim().fingerprint(),
        checkpoint=ledger.checkpoint().decode("utf-8"),
        earlier=_earlier(reading, plan, ledger, kept),
        checked=reading.checked,
    )


def count_register(
    site: bootstrap.Site, settings: ReportSettings, term: str
) -> RegisterCounts | None:
    """Count people and answers in the newest register; no name leaves this function."""
    snapshot = office.newest_register(site)
    if snapshot is None:
        return None
    purpose = site.policy.base_purpose
    since, until = _days(settings, term)
    listed = snapshot.people
    noes = {Says.NO, Says.WITHDRAWN}
    return RegisterCounts(
        listed=len(listed),
        answered=sum(any(a.purpose == purpose for a in one.answers) for one in listed),
        refused=sum(
            any(a.says in noes and since <= a.given_on <= until for a in one.answers)
            for one in listed
        ),
    )


def _state(reading: Reading, plan: Plan, book: Book, audit: LedgerAudit, place: int) -> LedgerState:
    fold, source = reading.fold, reading.fold.sources[book.name]
    is_office = book.name.startswith("office-")
    return LedgerState(
        label="Office console" if is_office else f"Computer {place} ({book.name[:4]})",
        entries=audit.entries,
        new=source.by_period[plan.number + 1],
        signed=book.signed,
        faults=len(audit.faults),
        last=day_of(source.last) if source.last else None,
        silent_days=fold.silent_days(book.name, plan.number, last_day(plan)),
        off_days=source.off[plan.number + 1],
        backwards=source.backwards,
    )


def _earlier(reading: Reading, plan: Plan, ledger: Ledger, kept: Sequence[Kept]) -> Earlier | None:
    """Return the newest report of another term: an approved one where there is one."""
    others = [one for one in kept if one.digest in reading.made and one.term != plan.term.name]
    approved = [one for one in others if one.digest in reading.approved]
    if not others:
        return None
    last = (approved or others)[-1]
    size, root, made = reading.made[last.digest]
    told = last.fingerprint
    state = Checkpoint(origin=ledger.claim().origin, size=size, root=root)
    is_there = root_at(ledger.lines(), size) == root and state.fingerprint() == told
    return Earlier(made=made, fingerprint=told, still_there=is_there)


def _days(settings: ReportSettings, name: str) -> tuple[date, date]:
    """Return the first and the last day of a term, with the holidays before it."""
    names = [term.name for term in settings.terms]
    if name not in names:
        return date.min, date.min
    place = names.index(name)
    before = settings.terms[place - 1].last + timedelta(days=1) if place else None
    return before or settings.terms[place].first, settings.terms[place].last


def last_day(plan: Plan) -> date:
    """Return the last day that the present period reaches to."""
    period = plan.calendar.periods[plan.number]
    end = datetime.strptime(period.ends, _TIME).replace(tzinfo=UTC) - timedelta(seconds=1)
    return min(period.last, end.date())


def day_of(at: str) -> date:
    """Return the day (UTC) of a time of the ledger."""
    return date.fromisoformat(at[:10])
