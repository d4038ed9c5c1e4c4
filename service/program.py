# SPDX-License-Identifier: Apache-2.0
"""The whole program: the station's commands and those of the hosts above it.

Boundary: assembly only. Imports point down, so the commands of `service` join here and not in
`agent.cli`. A command's module imports at its top nothing that only the office's computer has.
"""

from typing import Final

from agent.cli import program as station

_COMMANDS: Final[dict[str, str]] = {
    "bench": "service.bench_command:bench",
    "cards": "service.cards.command:cards",
    "console": "service.office.command:console",
    "doctor": "service.doctor_command:doctor",
    "service": "service.service_command:service",
    "ledger": "service.ledger.commands:ledger",
    "report": "service.report.commands:report",
}
"""A command's word and its place, `module:attribute`; imported when it is wanted."""

station.join_commands(_COMMANDS)


def main() -> None:
    """Run the whole program and end with its exit code."""
    station.main()
