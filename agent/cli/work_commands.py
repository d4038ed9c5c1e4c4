# SPDX-License-Identifier: Apache-2.0
"""Commands that do the work: process once, run as the daemon, decide again."""

from pathlib import Path

import click

from agent import bootstrap, daemon, log, pipeline, upkeep
from agent.cli.common import (
    chosen_site,
    json_option,
    print_json,
    print_table,
    progress,
    shown_original,
    site_option,
    told,
)
from agent.ports import Outcome, Ports, Scan
from agent.rounds import drain


@click.command()
@site_option
@json_option
def process(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Process everything that is in the import folders now, then exit.

    Waits for files that are still being copied; what takes longer is left for the next run.
    """
    site = chosen_site(site_folder)
    with bootstrap.open_ports(site) as (ports, _), progress("Processing") as advance:
        outcomes: list[Outcome] = []
        try:
            for step in drain(ports, site.station.settle_seconds):
                if isinstance(step, Scan):
                    _tell_left(step)
                    continue
                outcomes.append(step)
                advance(len(outcomes), len(outcomes))
                if as_json:
                    print_json({"file": step.shown, **told(step.record)})
            finish(ports, site)
        finally:
            if not as_json:
                print_outcomes(outcomes)


def finish(ports: Ports, site: bootstrap.Site) -> None:
    """Bring the ledger's copy up to date and let old spool copies go."""
    pipeline.publish_ledger(ports)
    upkeep.release_spool(ports, site.spool_keep)


def print_outcomes(outcomes: list[Outcome]) -> None:
    """Print what became of each file, and the totals."""
    rows = [
        (
            outcome.shown,
            outcome.record.ruling.verdict.name,
            outcome.record.ruling.sentence,
            "yes" if outcome.stored else "waits",
            shown_original(outcome.record),
        )
        for outcome in outcomes
    ]
    columns = ("file", "verdict", "why", "stored", "original")
    print_table("What became of each file", columns, rows)
    verdicts = [outcome.record.ruling.verdict.name for outcome in outcomes]
    counts = ((name, verdicts.count(name)) for name in ("KEEP", "HOLD", "QUARANTINE"))
    words = {"KEEP": "kept", "HOLD": "held", "QUARANTINE": "quarantined"}
    click.echo(", ".join(f"{count} {words[name]}" for name, count in counts) + ".")


def _tell_left(scan: Scan) -> None:
    """Say what could not be looked at or is still being copied."""
    if scan.settling:
        click.echo(f"{scan.settling} files are still being copied; run again later.", err=True)
    if scan.left:
        click.echo(
            f"{scan.left} files could not be read or changed meanwhile; run again later.", err=True
        )
    for code in scan.unreadable:
        click.echo(
            f"photowarden: a folder below an import folder cannot be read ({code}); "
            "give the agent's account the right to read it.",
            err=True,
        )


@click.command()
@site_option
def run(site_folder: Path | None) -> None:
    """Run as the daemon until stopped (SIGTERM, SIGINT): watch, process, wait."""
    site = chosen_site(site_folder)
    with bootstrap.open_ports(site) as (ports, clock):
        log.configure()
        daemon.run(ports, clock, site)


@click.command()
@site_option
@json_option
def reconsider(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Decide every case again on the present register; the same function, newer facts."""
    site = chosen_site(site_folder)
    changes = []
    with bootstrap.open_ports(site) as (ports, _):
        for before, after in upkeep.reconsider(ports):
            changes.append((before, after))
            if as_json:
                print_json({**told(after), "before": before.ruling.verdict.name})
        pipeline.publish_ledger(ports)
    if as_json:
        return
    columns = ("case", "before", "now", "why")
    rows = [
        (after.case, before.ruling.verdict.name, after.ruling.verdict.name, after.ruling.sentence)
        for before, after in changes
    ]
    print_table("What changed", columns, rows)
    click.echo(f"{len(changes)} cases have another reason or verdict now.")
