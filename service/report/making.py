# SPDX-License-Identifier: Apache-2.0
"""Make a report: read every ledger, fold, decide what may be shown, print, keep, record.

The order matters: the other ledgers are audited, how they stand is written into this one, and the
state after that is what the fingerprint on the paper stands for. The report's own digests are
written last, so they are under the next report's fingerprint.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from agent import bootstrap
from agent.adapters.ledger import Ledger
from agent.core.errors import ConfigurationError
from agent.core.ledger import EntryKind
from agent.core.ledger_lines import read_line
from agent.core.model import Moment
from agent.core.report_entries import approved_entry, made_entry
from agent.core.summary.basis import Basis
from agent.core.summary.facts import Heading, Records, Stored, Trust
from agent.core.summary.figures import Figures, RegisterCounts, shown_figures
from agent.core.summary.fold import Fold
from agent.core.summary.model import build
from service.report import archive
from service.report.archive import Kept
from service.report.gathering import (
    Plan,
    Reading,
    approved_in,
    count_register,
    day_of,
    last_day,
    past_of,
    plan_report,
    read_ledgers,
    trust_in,
)
from service.report.printing import Printing, printed
from service.report.settings import ReportSettings, read_report

_COLUMNS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """Where, by which settings, of which period and when a report is made."""

    site: bootstrap.Site
    settings: ReportSettings
    plan: Plan
    moment: Moment


def make_report(
    site: bootstrap.Site,
    term: str,
    printing: Printing,
    check_storage: Callable[[], Stored] | None = None,
) -> Kept:
    """Make, keep and record the report of a term; it is a draft until the head approves it.

    Raises:
        ConfigurationError: the settings or the term cannot be used.
        UnavailableError: the vault is away.
    """
    settings, moment = read_report(site.folder), bootstrap.clock_of(site).now()
    register = count_register(site, settings, term)
    stored = None if check_storage is None else check_storage()
    kept = list(archive.kept_reports(site.folder))
    with bootstrap.open_ledger(site) as ledger:
        past = past_of(kept, approved_in(ledger))
        plan = plan_report(site, settings, term, moment, past, register)
        reading = read_ledgers(site, ledger, plan)
        claim, trust = ledger.claim(), trust_in(reading, plan, ledger, kept)
        shown = _figures(reading, plan, register, past.published)
        frame = _Frame(site=site, settings=settings, plan=plan, moment=moment)
        model = build(*_said(frame, reading.fold, trust, stored, shown), yearly=plan.yearly)
        files = printed(model, printing, moment.at, approved_on=None)
        made = archive.keep(site.folder, model, files, moment.at)
        ledger.append([made_entry(archive.digests_of(model, files), claim, moment.at)])
    return made


def approve_report(site: bootstrap.Site, report: str, by: str | None, printing: Printing) -> Kept:
    """Record that the head approved a report, and print it without the draft's mark.

    What it shows is published from now on: later reports repeat it and work around it. Doing it
    again prints it again as of the day of the approval.

    Raises:
        ConfigurationError: there is no such report, the ledger does not know it, or the report of
            this term or of a later one is approved already.
    """
    kept = archive.find(site.folder, report)
    with bootstrap.open_ledger(site) as ledger:
        at = _recorded(ledger, EntryKind.REPORT_APPROVED, kept.digest)
        if at is None:
            _check_order(site, kept, approved_in(ledger))
        if at is None and _recorded(ledger, EntryKind.REPORT_MADE, kept.digest) is None:
            raise ConfigurationError(
                "the ledger does not know this report: its making was interrupted",
                code="report.unrecorded",
                remedy="Make the report again and approve that one.",
            )
        approved = at or bootstrap.clock_of(site).now().at
        local = approved.astimezone(bootstrap.zone_of(site))
        files = printed(kept.model, printing, approved, approved_on=local.date())
        if at is None:
            digests = archive.digests_of(kept.model, files)
            ledger.append([approved_entry(digests, by, approved)])
        return archive.keep(site.folder, kept.model, files, kept.made)


def _check_order(site: bootstrap.Site, report: Kept, approved: frozenset[str]) -> None:
    """Refuse a second report of a term, and one that reaches less far than what is published."""
    for other in archive.kept_reports(site.folder):
        is_later = str(other.model["until"]) >= str(report.model["until"])
        if other.digest in approved and (other.term == report.term or is_later):
            raise ConfigurationError(
                f"the report of {other.term} is approved already",
                code="report.approved_already",
                remedy="What was published stays. Approve one report a term, in their order.",
            )


def approved_digests(site: bootstrap.Site) -> frozenset[str]:
    """Return the digests of the reports that were approved, as the ledger says."""
    with bootstrap.open_ledger(site, read_only=True) as ledger:
        return approved_in(ledger)


def lines_about(site: bootstrap.Site, digest: str) -> list[bytes]:
    """Return the ledger's lines that name a report, in order."""
    with bootstrap.open_ledger(site, read_only=True) as ledger:
        return [line for line in ledger.lines() if digest.encode() in line]


def _recorded(ledger: Ledger, kind: EntryKind, digest: str) -> datetime | None:
    """Return when the ledger was told this of a report."""
    for line in ledger.lines():
        if digest.encode() in line:
            entry = read_line(line)
            if entry.kind == kind.code and entry.body["report"] == digest:
                return datetime.fromisoformat(entry.at).astimezone(UTC)
    return None


def _figures(
    reading: Reading,
    plan: Plan,
    register: RegisterCounts | None,
    published: Mapping[str, Figures],
) -> dict[str, Figures]:
    """Return what is shown of the present period and of up to two before it that have entries."""
    if not plan.has_figures:
        return {}
    first = next((n for n in range(plan.number) if reading.fold.tally(n).kinds), plan.number)
    columns = range(max(first, plan.number + 1 - _COLUMNS), plan.number + 1)
    return shown_figures(reading.fold, list(columns), register, published)


def _said(
    frame: _Frame,
    fold: Fold,
    trust: Trust,
    stored: Stored | None,
    shown: Mapping[str, Figures],
) -> tuple[Basis, list[str], Mapping[str, Figures]]:
    """Return what the model is built from."""
    columns = list(shown)
    basis = Basis(
        heading=_heading(frame),
        figures=shown[columns[-1]] if columns else None,
        records=_records(fold, frame.plan.number),
        governance=frame.settings.governance(frame.plan.terms),
        trust=trust,
        stored=stored,
    )
    return basis, columns, shown


def _heading(frame: _Frame) -> Heading:
    plan, settings = frame.plan, frame.settings
    period = plan.calendar.periods[plan.number]
    return Heading(
        school=frame.site.station.school,
        term=plan.term.name,
        first=period.first,
        last=last_day(plan),
        until=period.ends,
        made=frame.moment.today,
        meeting=plan.term.meeting,
        prepared_by=settings.prepared_by,
        reviewed_by=settings.reviewed_by,
    )


def _records(fold: Fold, number: int) -> Records:
    tally = fold.tally(number)
    register = max(fold.tally(before).last_register for before in range(number + 1))
    return Records(
        kinds=dict(tally.kinds),
        deleted_unproven=tally.deleted_unproven,
        kept_unproven=tally.kept_unproven,
        clock_untrusted=tally.clock_untrusted,
        last_register=day_of(register) if register else None,
    )
