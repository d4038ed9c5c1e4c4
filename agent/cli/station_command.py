# SPDX-License-Identifier: Apache-2.0
"""Commands about the computers of a school: invite, join, enrol, retire, list."""

import sys
from pathlib import Path

import click

from agent import durable, enrolment, stations
from agent.adapters.stations import stations_in
from agent.cli.common import chosen_site, json_option, print_json, print_table, site_option
from agent.cli.site_commands import first_records
from agent.core.errors import ConfigurationError
from agent.site import JoinPlan

_NEW_FILE = click.Path(path_type=Path, dir_okay=False)
_FILE = click.Path(path_type=Path, dir_okay=False, exists=True)
_FINGERPRINT = click.option(
    "--fingerprint", help="What the other computer shows; asked for in a terminal."
)


@click.group()
def station() -> None:
    """The computers of a school: each has keys, a ledger and a register of its own.

    On the office's computer `invite`; on the new one `join`; on the office's `enrol`. Each step
    shows a fingerprint that is typed in at the next: that is what keeps a stranger's computer from
    getting the register.
    """


@station.command()
@site_option
@click.option("--out", required=True, type=_NEW_FILE, help="The new file for the invitation.")
def invite(site_folder: Path | None, out: Path) -> None:
    """Write an invitation for a new computer; it holds public keys and settings, no secret."""
    note = enrolment.invite(chosen_site(site_folder))
    _write(out, note)
    click.echo(f"The invitation is in {out}. Its fingerprint: {enrolment.shown(note)}")
    click.echo("On the new computer: photowarden station join DIR --invitation FILE --vault PATH")


@station.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--invitation", required=True, type=_FILE, help="The office's invitation.")
@click.option("--vault", required=True, help="The storage, as this computer reaches it.")
@_FINGERPRINT
def join(folder: Path, invitation: Path, vault: str, fingerprint: str | None) -> None:
    """Make a site in FOLDER for this computer, with keys of its own, on the school's storage."""
    told = enrolment.read_invitation(invitation.read_bytes())
    enrolment.compared(told.text(), fingerprint or _asked("the office's computer"))
    plan = JoinPlan(folder=folder.absolute(), invitation=told, vault=vault)
    note = enrolment.join(plan)
    first_records(plan.folder)
    request = enrolment.request_path(plan.folder)
    _write(request, note)
    click.echo(f"The request is in {request}. Its fingerprint: {enrolment.shown(note)}")
    click.echo("Take the file to the office's computer: photowarden station enrol FILE")


@station.command()
@site_option
@click.argument("request", type=_FILE)
@_FINGERPRINT
def enrol(site_folder: Path | None, request: Path, fingerprint: str | None) -> None:
    """Let the computer that made REQUEST in: it gets the register from now on."""
    site = chosen_site(site_folder)
    asked = enrolment.read_request(request.read_bytes())
    enrolment.compared(asked.text(), fingerprint or _asked("the new computer"))
    sent = enrolment.enrol(site, asked)
    click.echo(f"Station {asked.id} is enrolled.")
    word = "It has the present register." if sent else "Publish the register for it to work."
    click.echo(word)


@station.command()
@site_option
@click.argument("station_id")
def retire(site_folder: Path | None, station_id: str) -> None:
    """Give the computer STATION_ID no register any more; for one that is lost or replaced.

    Final. What it stored stays. Whoever has its disk can still read the registers that it got
    before: when a PC was stolen, see docs/operations.md.
    """
    retired = enrolment.retire(chosen_site(site_folder), station_id)
    click.echo(f"Station {retired.id} is retired.")


@station.command("list")
@site_option
@json_option
def list_stations(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """List the computers that the office has let in. How they are says `photowarden status`."""
    site = chosen_site(site_folder)
    found = {one.id: one for one in stations_in(site.vault_folder, site.office_verifier).enrolled()}
    known = {site.station.station: stations.own_station(site), **found}
    facts = [
        {"station": one.id, "retired": one.retired, "here": one.id == site.station.station}
        for one in known.values()
    ]
    if as_json:
        for fact in facts:
            print_json(fact)
        return
    rows = [
        (
            str(fact["station"]),
            "retired" if fact["retired"] else "enrolled",
            "yes" if fact["here"] else "",
        )
        for fact in facts
    ]
    print_table("Computers", ("station", "state", "this one"), rows)


def _asked(where: str) -> str:
    if not sys.stdin.isatty():
        raise click.UsageError("give --fingerprint where nobody can be asked")
    return str(click.prompt(f"The fingerprint that {where} shows"))


def _write(path: Path, note: bytes) -> None:
    try:
        durable.write_new(path, [note])
    except FileExistsError as error:
        raise ConfigurationError(
            "the file is there already",
            code="station.exists",
            remedy="Choose a new file name.",
        ) from error
