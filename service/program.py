# SPDX-License-Identifier: Apache-2.0
"""The whole program: the station's commands and those of the hosts above it.

Boundary: assembly only. Imports point down, so the commands of `service` join here and not in
`agent.cli`. A command's module imports at its top nothing that only the office's computer has.
"""

import click

from agent.cli import program as station

_COMMANDS: tuple[click.Command, ...] = ()

for _command in _COMMANDS:
    station.program.add_command(_command)


def main() -> None:
    """Run the whole program and end with its exit code."""
    station.main()
