# SPDX-License-Identifier: Apache-2.0
"""What the pages of the reports show: plain values, no name."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent import bootstrap
from agent.core.errors import AgentError
from agent.ledgers import Search, books_of, find_fingerprint, record_check
from service.office.house import house
from service.report import archive, making
from service.report.settings import read_report

FILES = {"html": "report.html", "pdf": "report.pdf"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """One report of the list."""

    id: str
    term: str
    made: datetime
    fingerprint: str
    approved: bool


def reports() -> list[ReportRow]:
    """Return every report, the newest first."""
    if not house().has_site:
        return []
    site = house().site()
    approved = making.approved_digests(site)
    rows = [
        ReportRow(
            id=kept.id,
            term=kept.term,
            made=kept.made,
            fingerprint=kept.fingerprint,
            approved=kept.digest in approved,
        )
        for kept in archive.kept_reports(site.folder)
    ]
    return rows[::-1]


def report(identifier: str) -> ReportRow | None:
    """Return one report; None where there is none."""
    return next((row for row in reports() if row.id == identifier), None)


def report_file(identifier: str, kind: str) -> tuple[Path, str] | None:
    """Return a report's file and the name to give it; None where there is none."""
    row = report(identifier)
    if row is None or kind not in FILES:
        return None
    path = house().folder / archive.FOLDER / row.id / FILES[kind]
    name = f"photo-report-{row.term.lower().replace(' ', '-').replace('/', '-')}.{kind}"
    return (path, name) if path.exists() else None


def terms() -> list[str]:
    """Return the terms that have begun, the newest first; none where settings are wanting."""
    if not house().has_site:
        return []
    today = house().clock.now().today
    try:
        settings = read_report(house().folder)
    except AgentError:
        return []
    return [term.name for term in settings.terms if term.first <= today][::-1]


def searched(digits: str) -> tuple[Search | None, str]:
    """Look for a fingerprint, write down that somebody looked, and return the present one.

    Raises:
        ValueError: what was typed is no fingerprint.
        UnavailableError: the vault is away.
    """
    site = house().site()
    with bootstrap.open_ledger(site) as ledger:
        books = books_of(site, ledger)
        search = find_fingerprint(books, digits)
    record_check(site, search)
    return search, books[0].claim.fingerprint()
