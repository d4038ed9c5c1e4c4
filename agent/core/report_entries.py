# SPDX-License-Identifier: Apache-2.0
"""What the ledger is told about itself and about reports: who holds which state, what was printed.

A report is made from a state of this ledger that names the state of every other one
(`ledger.witnessed`), so one fingerprint on paper stands for all of them.
"""

from dataclasses import dataclass
from datetime import datetime

from agent.core.checkpoint import Checkpoint
from agent.core.ledger import Entry, EntryKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDigests:
    """SHA-256 (hex) of a report's model and of the files that were made from it."""

    report: str
    html: str
    pdf: str | None = None


def witnessed_entry(identifier: str, ledger: str, claim: Checkpoint, at: datetime) -> Entry:
    """Return the entry that another ledger had this size and root; the id is a new one."""
    return Entry(
        id=f"witness.{identifier}",
        kind=EntryKind.LEDGER_WITNESSED,
        at=at,
        body={"ledger": ledger, "entries": claim.size, "root": claim.root.hex()},
    )


def checked_entry(identifier: str, found: int | None, at: datetime) -> Entry:
    """Return the entry that somebody typed a fingerprint, and at which size it was found.

    The id is a new one: two people may look within one second.
    """
    return Entry(
        id=f"checked.{identifier}",
        kind=EntryKind.LEDGER_CHECKED,
        at=at,
        body={"entries": found},
    )


def made_entry(digests: ReportDigests, claim: Checkpoint, at: datetime) -> Entry:
    """Return the entry that a report was made from the ledger's state `claim`."""
    return Entry(
        id=f"report.{digests.report[:32]}.made",
        kind=EntryKind.REPORT_MADE,
        at=at,
        body={
            "report": digests.report,
            "entries": claim.size,
            "root": claim.root.hex(),
            "html": digests.html,
            "pdf": digests.pdf,
        },
    )


def approved_entry(digests: ReportDigests, by: str | None, at: datetime) -> Entry:
    """Return the entry that the head approved a report; `by` is the account, never a name."""
    return Entry(
        id=f"report.{digests.report[:32]}.approved",
        kind=EntryKind.REPORT_APPROVED,
        at=at,
        body={"report": digests.report, "by": by, "html": digests.html, "pdf": digests.pdf},
    )
