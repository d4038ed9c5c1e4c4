# SPDX-License-Identifier: Apache-2.0
"""`photowarden service`: install, remove, start, stop and look at the service of this computer."""

from pathlib import Path
from typing import Any

import click

from agent.cli.common import chosen_folder, json_option, print_json, print_table, site_option
from agent.core.errors import UnavailableError
from service.hosts import ServiceStatus, Standing
from service.this_host import host_of_this_system


@click.group()
def service() -> None:
    """The service of this computer: the daemon, started with the computer and kept running.

    Installing and removing need an administrator. `status` ends with 3 where it does not run.
    """


@service.command()
@site_option
@click.option("--account", help="Another account than the service's own, which is then made.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--no-start", is_flag=True, help="Install only; it starts with the computer.")
@json_option
def install(
    site_folder: Path | None,
    account: str | None,
    dry_run: bool,  # noqa: FBT001 - click
    no_start: bool,  # noqa: FBT001 - click
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Install the service for the site and start it; what is there is renewed."""
    host, folder = host_of_this_system(account or ""), chosen_folder(site_folder)
    steps = list(host.explain(folder))
    if dry_run:
        _tell_steps(steps, as_json=as_json)
        return
    host.install(folder)
    if not no_start:
        host.start()
    for step in steps:
        if step.startswith("By hand"):
            click.echo(step, err=True)
    _tell(host.status(), as_json=as_json)


@service.command()
@json_option
def uninstall(as_json: bool) -> None:  # noqa: FBT001 - click
    """Stop the service and take it away; site, keys and everything stored stay."""
    host = host_of_this_system()
    host.uninstall()
    _tell(host.status(), as_json=as_json)


@service.command()
@json_option
def start(as_json: bool) -> None:  # noqa: FBT001 - click
    """Start the service and wait until it runs."""
    host = host_of_this_system()
    host.start()
    _tell(host.status(), as_json=as_json)


@service.command()
@json_option
def stop(as_json: bool) -> None:  # noqa: FBT001 - click
    """Stop the service; the file at hand is finished."""
    host = host_of_this_system()
    host.stop()
    _tell(host.status(), as_json=as_json)


@service.command("status")
@json_option
def status(as_json: bool) -> None:  # noqa: FBT001 - click
    """Say how the service stands; ends with 3 where it does not run."""
    found = host_of_this_system().status()
    _tell(found, as_json=as_json)
    if found.standing is not Standing.RUNNING:
        raise UnavailableError(
            "the service does not run",
            code=f"service.{found.standing.value}",
            remedy="Run photowarden doctor: it says why, or how to install it.",
        )


def _tell_steps(steps: list[str], *, as_json: bool) -> None:
    if as_json:
        print_json({"dry_run": True, "steps": steps})
        return
    for step in steps:
        click.echo(step)
    click.echo("Nothing was done: a dry run.")


def _tell(found: ServiceStatus, *, as_json: bool) -> None:
    facts: dict[str, Any] = {
        "standing": found.standing.value,
        "at_boot": found.at_boot,
        "account": found.account,
        "exit_code": found.exit_code,
    }
    if as_json:
        print_json(facts)
        return
    rows = [(name.replace("_", " "), str(value)) for name, value in facts.items()]
    print_table("The service", ("what", "now"), rows)
