# SPDX-License-Identifier: Apache-2.0
"""`photowarden console`: serve the office console on this computer."""

import sys
from pathlib import Path

import click

from agent.cli.common import chosen_folder, site_option
from agent.core.errors import ConfigurationError
from service.office.configuration import write_default


def office_installed() -> None:
    """Make sure that what only the office's computer needs is here.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        import allauth  # noqa: F401, PLC0415 - only asked for
        import cheroot  # noqa: F401, PLC0415 - the same
        import django  # noqa: F401, PLC0415 - the same
    except ImportError as error:
        raise ConfigurationError(
            f"the office console needs {error.name}, which is not installed",
            code="console.not_installed",
            remedy="Install it on the office's computer: pip install 'photowarden[office]'.",
        ) from error


@click.group(invoke_without_command=True)
@site_option
@click.option("--port", type=click.IntRange(1024, 65535), help="Instead of the one in office.toml.")
@click.pass_context
def console(context: click.Context, site_folder: Path | None, port: int | None) -> None:
    """Serve the office console, on this computer only, until it is stopped.

    On the first start it prints a set-up code and guides the office through the first run.
    """
    if context.invoked_subcommand is not None:
        return
    office_installed()
    folder = chosen_folder(site_folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_default(folder)
    from service.office.serving import serving  # noqa: PLC0415 - needs the office's packages

    with serving(folder, port) as (house, server):
        address = f"http://localhost:{server.bind_addr[1]}/"
        click.echo(f"The office console answers at {address} (stop it with Ctrl+C).")
        sys.stdout.flush()
        del house
        try:
            server.serve()
        except KeyboardInterrupt:
            click.echo("Stopped.")
