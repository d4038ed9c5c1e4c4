# SPDX-License-Identifier: Apache-2.0
"""`photowarden console`: serve the office console on this computer."""

import sys
from pathlib import Path

import click

from agent.cli.common import chosen_folder, json_option, print_json, print_table, site_option
from agent.core.errors import ConfigurationError
from agent.core.snapshot import Snapshot
from agent.office import newest_register
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

    with serving(folder, port) as (code, server):
        address = f"http://localhost:{server.bind_addr[1]}/"
        click.echo(f"The office console answers at {address} (stop it with Ctrl+C).")
        if code is not None:
            click.echo(f"Set-up code, for the first run only: {code}")
        sys.stdout.flush()
        try:
            server.serve()
        except KeyboardInterrupt:
            click.echo("Stopped.")


@console.command("let-in")
@click.argument("username")
@click.pass_context
def let_in(context: click.Context, username: str) -> None:
    """Let USERNAME back in: a new sign-in code, without a second factor, told to everybody.

    Only where no second person can give a code. It is recorded, and stands on everybody's first
    page until they have seen it.
    """
    office_installed()
    folder = chosen_folder(context.parent.params.get("site_folder") if context.parent else None)
    from service.office.start import start  # noqa: PLC0415 - needs the office's packages

    start(folder)
    from service.office.accounts.acts import BreakGlass  # noqa: PLC0415 - Django is ready now
    from service.office.accounts.models import User  # noqa: PLC0415 - the same

    account = User.objects.filter(username=username.strip().lower()).first()
    if account is None:
        raise ConfigurationError(
            "nobody signs in with this name",
            code="console.no_account",
            remedy="Look at the page People and roles for the name.",
        )
    act = BreakGlass(by=None, account=account)
    act.do()
    click.echo(f"Sign-in code, good for 30 minutes: {act.code}")
    click.echo("Everybody is told on their first page.")


@console.command("take-over")
@click.option("--dry-run", is_flag=True, help="Say what would be taken over, and change nothing.")
@json_option
@click.pass_context
def take_over(context: click.Context, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """Take over the register that was published from a file, before the console has one.

    Everybody keeps their token, so pictures that were decided stay linked. From then on the console
    publishes the register.
    """
    office_installed()
    folder = chosen_folder(context.parent.params.get("site_folder") if context.parent else None)
    from service.office.start import start  # noqa: PLC0415 - needs the office's packages

    snapshot = newest_register(start(folder).site())
    if snapshot is None:
        raise ConfigurationError(
            "no register is published that could be taken over",
            code="console.no_register",
            remedy="Add people in the console, or import the sheet of the records system.",
        )
    told = {
        "version": snapshot.version,
        "people": len(snapshot.people),
        "answers": sum(len(person.answers) for person in snapshot.people),
        "classes_and_groups": len(snapshot.rosters),
        "devices": len(snapshot.devices),
        "taken_over": not dry_run and _taken_over(snapshot),
    }
    if as_json:
        print_json(told)
        return
    rows = [(name.replace("_", " "), str(value)) for name, value in told.items()]
    print_table("The register of the file", ("what", "how many"), rows)


def _taken_over(snapshot: Snapshot) -> bool:
    """Take the register over, and tell whether anything was new."""
    from service.office.acts import Refused  # noqa: PLC0415 - Django is ready now
    from service.office.register.acts.taking_over import TakeOver  # noqa: PLC0415 - the same

    try:
        return TakeOver(by=None, snapshot=snapshot).do() is not None
    except Refused as error:
        raise ConfigurationError(
            error.messages[0],
            code="console.not_taken_over",
            remedy="Read docs/console.md, 'A register that was kept in a file'.",
        ) from error


@console.command("bench")
@click.option("--pupils", default=2000, show_default=True, help="How large the school is.")
@click.option("--clients", default=8, show_default=True, help="How many people at once.")
@click.option("--seconds", default=10.0, show_default=True, help="How long each page is asked.")
@json_option
def bench_console(pupils: int, clients: int, seconds: float, as_json: bool) -> None:  # noqa: FBT001 - click
    """Measure the console's pages on this computer, over an invented large school.

    Each page is asked for by everybody at once and by one person alone; beside them, the same
    question asked of a sheet. Ratios are of medians: one person's class page is 1.
    """
    office_installed()
    from service.office.bench import CLASS, measure  # noqa: PLC0415 - needs the office's packages

    rows = measure(pupils, clients, seconds)
    if as_json:
        for row in rows:
            print_json(row._asdict())
        return
    ours = next(row.median_ms for row in reversed(rows) if row.page == CLASS)
    cells = [
        (
            row.page,
            str(row.people),
            str(row.requests),
            f"{row.median_ms:.0f}",
            f"{row.p95_ms:.0f}",
            f"{row.a_second:.0f}",
            f"{row.median_ms / ours:.2f}",
        )
        for row in rows
    ]
    columns = ("page", "people", "requests", "median, ms", "95th, ms", "a second", "class = 1")
    print_table(f"{pupils} pupils", columns, cells)
