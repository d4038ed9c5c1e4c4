# SPDX-License-Identifier: Apache-2.0
"""Commands about the site: make it, publish its register, check it, say how it is."""

import getpass
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from agent import bootstrap, office, stations
from agent import site as layout
from agent.adapters.journal import Journal
from agent.adapters.register_file import read_register_file
from agent.cli.common import (
    chosen_site,
    json_option,
    print_json,
    print_table,
    read_passphrase,
    site_option,
)
from agent.core.case import State
from agent.core.concerns import Verdict
from agent.core.errors import AgentError, ConfigurationError, UnavailableError
from agent.core.health import Health, judge
from agent.core.ledger import Entry, EntryKind
from agent.core.register import NoRegister, Register
from agent.media.seen import Sight

MIN_PASSPHRASE: Final = 12


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--school", required=True, help="The school's name, as on its letters.")
@click.option(
    "--passphrase-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A file whose first line protects the office identity; asked for otherwise.",
)
@click.option(
    "--recovery-out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the recovery identity here instead of showing it once.",
)
def init(
    folder: Path, school: str, passphrase_file: Path | None, recovery_out: Path | None
) -> None:
    """Make a site in FOLDER: settings, keys, vault, import folder, state.

    Print the recovery identity, put it into the safe, and delete what you printed it from: whoever
    has it can open every picture, and without it a lost passphrase loses them all.
    """
    passphrase = _chosen_passphrase(passphrase_file)
    if recovery_out is not None and recovery_out.exists():
        raise ConfigurationError(
            "the file for the recovery identity is there already",
            code="site.recovery_exists",
            remedy="Choose a new file name for --recovery-out.",
        )
    plan = layout.SitePlan(folder=folder.absolute(), school=school, passphrase=passphrase)
    recovery = layout.create_site(plan)
    first_records(folder.absolute())
    text = f"# Photowarden recovery identity. Keep it on paper, in the safe.\n{recovery.text()}\n"
    if recovery_out is None:
        click.echo("\nThe recovery identity, shown only this once:\n\n" + text)
    else:
        layout.write_private(recovery_out, text.encode("ascii"))
        click.echo(f"The recovery identity is in {recovery_out}: print it, then delete the file.")
    click.echo(f"The site is ready in {folder}.")
    click.echo("Next: photowarden register publish --from REGISTER.csv --site " + str(folder))


def first_records(folder: Path) -> None:
    """Make the journal and the ledger of a new site, with its first entry, unless it has them."""
    site = bootstrap.load_site(folder)
    with Journal(folder / layout.JOURNAL), bootstrap.open_ledger(site) as ledger:
        if ledger.size():
            return
        at = bootstrap.clock_of(site).now().at
        body = {"vault": site.station.vault.id}
        ledger.append([Entry(id="site.created", kind=EntryKind.SITE_CREATED, at=at, body=body)])


def _chosen_passphrase(file: Path | None) -> bytes:
    if file is not None:
        passphrase = read_passphrase(file)
    elif sys.stdin.isatty():
        passphrase = getpass.getpass("Passphrase for the office identity: ").encode()
        if getpass.getpass("The same once more: ").encode() != passphrase:
            raise ConfigurationError(
                "the two passphrases differ",
                code="site.passphrase",
                remedy="Type the same passphrase twice.",
            )
    else:
        raise click.UsageError("give --passphrase-file where nobody can be asked")
    if len(passphrase) < MIN_PASSPHRASE:
        raise ConfigurationError(
            f"the passphrase has fewer than {MIN_PASSPHRASE} characters",
            code="site.passphrase",
            remedy="Choose four or more words at random.",
        )
    return passphrase


@click.group()
def register() -> None:
    """The consent register: who may be photographed, and with what."""


@register.command("publish")
@site_option
@click.option(
    "--from",
    "source",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The register file, CSV or XLSX; see docs/register-file.md.",
)
@click.option("--dry-run", is_flag=True, help="Say what would change, and publish nothing.")
@json_option
def publish(site_folder: Path | None, source: Path, dry_run: bool, as_json: bool) -> None:  # noqa: FBT001 - click
    """Publish the register from a file, signed by the office and sealed to this station.

    The whole file or nothing: a row that cannot be understood might be a refusal.
    """
    site = chosen_site(site_folder)
    publication = office.plan_publication(site, read_register_file(source))
    if not dry_run:
        office.publish(site, publication)
    snapshot = publication.snapshot
    if as_json:
        until = snapshot.valid_until.astimezone(UTC).isoformat()
        told: dict[str, Any] = {
            "version": snapshot.version,
            "valid_until": until,
            "published": not dry_run,
        }
        print_json({**told, "changes": dict(publication.changes)})
        return
    rows = [(what, str(count)) for what, count in publication.changes.items()]
    print_table("What changes" if dry_run else "What changed", ("what", "how many"), rows)
    until = f"{snapshot.valid_until:%d %B %Y}"
    word = "Nothing was published: a dry run." if dry_run else f"Published; valid until {until}."
    click.echo(f"Register version {snapshot.version}. {word}")


@click.command()
@site_option
def check(site_folder: Path | None) -> None:
    """Check settings, keys, places, cryptography and the vault, without starting anything."""
    site = chosen_site(site_folder)
    bootstrap.check_site(site)
    bootstrap.station_identity(site)
    bootstrap.clues_of(site)
    bootstrap.signer_at(site, layout.STATION_SIGNER)
    bootstrap.vault_of(site).check()
    moment = bootstrap.clock_of(site).now()
    answer = bootstrap.registrar_of(site).register(moment)
    click.echo("Settings, keys, places, cryptography and vault are as they must be.")
    _tell_sight(bootstrap.sight_of(site))
    if isinstance(answer, Register) and moment.at <= answer.valid_until:
        click.echo(f"The register counts until {answer.valid_until:%d %B %Y}.")
    else:
        click.echo("There is no register that counts: everything will be held until it is there.")


@click.command()
@site_option
@json_option
def status(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Say how the site is: cases, what waits, the register, the vault, and every other computer."""
    site = chosen_site(site_folder)
    sight = bootstrap.sight_of(site)
    facts = {**_status(site), "faces": "off" if sight is None else sight.code}
    others = _stations(site)
    if as_json:
        print_json({**facts, "stations": others})
        return
    rows = [(name.replace("_", " "), str(value)) for name, value in facts.items()]
    print_table("Photowarden", ("what", "now"), rows)
    columns = ("station", "heard at", "waiting", "register", "troubles")
    print_table("Computers on this storage", columns, map(_station_row, others))
    if sight not in (None, Sight.READY):
        _tell_sight(sight)


def _tell_sight(sight: Sight | None) -> None:
    """Say whether pictures are looked at, and what to do where they cannot be."""
    if sight is None:
        click.echo("Faces are not counted: policy.toml says so.")
        return
    click.echo(sight.sentence)
    if sight.remedy:
        click.echo("Until then pictures are held in which nobody has said who is there.")
        click.echo(f"  code: {sight.code}")
        click.echo(f"  what to do: {sight.remedy}")


def _station_row(told: dict[str, Any]) -> list[str]:
    here = " (this one)" if told["here"] else ""
    troubles = ", ".join(told["troubles"]) or "none"
    cells = (told[name] for name in ("heard_at", "waiting", "register_version"))
    return [told["station"] + here, *("" if c is None else str(c) for c in cells), troubles]


def _stations(site: bootstrap.Site) -> list[dict[str, Any]]:
    """Return what every computer on this vault said last, and what is wrong with it."""
    own = site.station.station
    try:
        heard = stations.heard_of(site)
    except UnavailableError:
        heard = {own: stations.own_health(site)}
    judged = judge(heard, bootstrap.clock_of(site).now().at)
    return [
        {
            "station": station,
            "here": station == own,
            "heard_at": health.at.isoformat() if isinstance(health, Health) else None,
            "waiting": health.backlog.waiting if isinstance(health, Health) else None,
            "register_version": health.register_version if isinstance(health, Health) else None,
            "troubles": [trouble.code for trouble in judged[station]],
        }
        for station, health in heard.items()
    ]


def _status(site: bootstrap.Site) -> dict[str, Any]:
    with bootstrap.open_journal(site) as journal:
        records = list(journal.all())
    moment = bootstrap.clock_of(site).now()
    answer = bootstrap.registrar_of(site).register(moment)
    counts = {
        verdict.name.lower(): sum(r.ruling.verdict is verdict for r in records)
        for verdict in Verdict
    }
    return {
        "school": site.station.school,
        "station": site.station.station,
        **counts,
        "waiting": sum(record.state is not State.DONE for record in records),
        "spooled": sum(record.spooled for record in records),
        **_register_status(answer, moment.at),
        "vault": _vault_status(site),
    }


def _register_status(answer: Register | NoRegister, now: datetime) -> dict[str, Any]:
    if not isinstance(answer, Register):
        return {"register": answer.concern.code, "register_version": None}
    state = "valid" if now <= answer.valid_until else "register.stale"
    return {"register": state, "register_version": answer.version}


def _vault_status(site: bootstrap.Site) -> str:
    try:
        bootstrap.vault_of(site).check()
    except AgentError as error:
        return error.code
    return "ready"
