# SPDX-License-Identifier: Apache-2.0
"""The program: its commands, and the one place where errors become exit codes.

A command is named by its place and imported when it is wanted: nobody waits for spreadsheets and
tables of the others. `--help` alone imports them all.
"""

import sys
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final, cast

import click

from agent.cli.common import site_option, tell_error
from agent.core.errors import AgentError

_COMMANDS: Final[dict[str, str]] = {
    "init": "agent.cli.site_commands:init",
    "register": "agent.cli.site_commands:register",
    "check": "agent.cli.site_commands:check",
    "status": "agent.cli.site_commands:status",
    "alerts": "agent.cli.alerts_command:alerts",
    "station": "agent.cli.station_command:station",
    "process": "agent.cli.work_commands:process",
    "run": "agent.cli.work_commands:run",
    "reconsider": "agent.cli.work_commands:reconsider",
    "say": "agent.cli.say_command:say",
    "freeze": "agent.cli.freeze_commands:freeze",
    "unfreeze": "agent.cli.freeze_commands:unfreeze",
    "dispose": "agent.cli.dispose_command:dispose",
    "cover": "agent.cli.cover_command:cover",
    "cases": "agent.cli.look_commands:cases",
    "show": "agent.cli.look_commands:show",
    "open": "agent.cli.look_commands:open_case",
    "verify": "agent.cli.look_commands:verify",
    "demo": "agent.cli.demo_command:demo",
    "clean": "agent.cli.media_commands:clean",
    "inspect": "agent.cli.media_commands:inspect",
    "bench": "agent.cli.bench_command:bench",
}
"""A command's word and its place, `module:attribute`."""

_EPILOG = (
    "Exit codes: 0 done, 1 a fault of ours, 2 configuration or usage, "
    "3 unavailable (try again), 4 integrity (our records disagree)."
)


class _Program(click.Group):
    """A group that imports a command when it is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command's word, in order."""
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported when it is first wanted."""
        if cmd_name in _COMMANDS:
            module, _, attribute = _COMMANDS[cmd_name].partition(":")
            return cast(click.Command, getattr(import_module(module), attribute))
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Program, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="photowarden")
@site_option
def program(site_folder: Path | None) -> None:
    """Photowarden stands between a school's cameras and its storage.

    A picture leaves an import folder only when a school device took it, the school knows who may be
    in it, and holds permission for them. It is stripped of metadata, sealed so that no school PC
    can open it again, and moved to approved storage.
    """
    del site_folder


def join_commands(places: Mapping[str, str]) -> None:
    """Add commands of the hosts above: each word with its place, `module:attribute`."""
    _COMMANDS.update(places)


def main(entry: click.Group = program) -> None:
    """Run a program and end with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        entry(standalone_mode=True)
    except AgentError as error:
        tell_error(error)
        sys.exit(error.exit_code)
    except Exception as error:  # noqa: BLE001 - the one place; a message may hold a path
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        click.echo(f"photowarden: a fault of ours ({type(error).__name__} at {where})", err=True)
        click.echo("  what to do: report it; nothing was deleted that is not stored", err=True)
        sys.exit(1)
