# SPDX-License-Identifier: Apache-2.0
"""What is done with reports: the head makes and approves them; the ledgers are told of both."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.core.canonical import JsonValue
from agent.core.errors import AgentError
from agent.core.ledger import EntryKind
from agent.core.ledger_lines import read_line
from agent.core.model import Moment
from service.office.acts import Act, Refused
from service.office.house import house
from service.office.roles import Role
from service.report import making
from service.report.archive import Kept
from service.report.printing import Printing


@dataclass(frozen=True, kw_only=True)
class MakeReport(Act):
    """Make the report of a term: a draft."""

    kind = EntryKind.REPORT_MADE
    roles = frozenset({Role.HEAD})
    term: str
    large_print: bool = False

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Make and keep it."""
        del moment
        try:
            kept = making.make_report(house().site(), self.term, _printing(large=self.large_print))
        except AgentError as error:
            raise Refused(f"{error}. {error.remedy}") from error
        return _told(self.kind, kept)


@dataclass(frozen=True, kw_only=True)
class ApproveReport(Act):
    """Approve a report: what it shows is published from now on."""

    kind = EntryKind.REPORT_APPROVED
    roles = frozenset({Role.HEAD})
    report: str
    large_print: bool = False

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Record it beside the report, and print the report without the draft's mark."""
        del moment
        by = None if self.by is None else str(self.by.id)
        printing = _printing(large=self.large_print)
        try:
            kept = making.approve_report(house().site(), self.report, by, printing)
        except AgentError as error:
            raise Refused(f"{error}. {error.remedy}") from error
        return _told(self.kind, kept)


def _printing(*, large: bool) -> Printing:
    return Printing(large_print=large)


def _told(kind: EntryKind, kept: Kept) -> Mapping[str, JsonValue]:
    """Return what this computer's ledger was told of a report, for the office's own."""
    for line in reversed(making.lines_about(house().site(), kept.digest)):
        entry = read_line(line)
        if entry.kind == kind.code:
            return {name: value for name, value in entry.body.items() if name != "by"}
    raise Refused("the report was made, and the ledger does not know it; make it again")
