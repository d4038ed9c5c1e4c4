# SPDX-License-Identifier: Apache-2.0
"""The program: its commands, and the one place where errors become exit codes."""

import sys
import traceback
from pathlib import Path

import click

from agent.cli import (
    bench_command,
    demo_command,
    look_commands,
    media_commands,
    say_command,
    site_commands,
    work_commands,
)
from agent.cli.common import site_option, tell_error
from agent.core.errors import AgentError

_EPILOG = (
    "Exit codes: 0 done, 1 a fault of ours, 2 configuration or usage, "
    "3 unavailable (try again), 4 integrity (our records disagree)."
)


_NOT_BUILT_YET = {
    "console": "the office console",
    "report": "the governors' report",
    "ledger": "printing and comparing fingerprints",
    "cards": "class cards",
    "service": "installing it as a service",
    "doctor": "the doctor; `photowarden check` says what it can",
}


class _Program(click.Group):
    """A group that tells a command that is to come from one that nobody knows."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; refuse one that is not built yet in a clear sentence.

        Raises:
            click.UsageError: the command is to come.
        """
        if cmd_name in _NOT_BUILT_YET:
            raise click.UsageError(f"not built yet: {_NOT_BUILT_YET[cmd_name]}. Nothing was done.")
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


for command in (
    site_commands.init,
    site_commands.register,
    site_commands.check,
    site_commands.status,
    work_commands.process,
    work_commands.run,
    work_commands.reconsider,
    say_command.say,
    look_commands.cases,
    look_commands.show,
    look_commands.open_case,
    look_commands.verify,
    demo_command.demo,
    media_commands.clean,
    media_commands.inspect,
    bench_command.bench,
):
    program.add_command(command)


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
