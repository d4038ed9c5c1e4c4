# SPDX-License-Identifier: Apache-2.0
"""Commands that look: list cases, show one, open one picture, verify everything."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import click

from agent import bootstrap
from agent.cli.common import (
    chosen_site,
    console,
    identity_options,
    json_option,
    print_json,
    print_table,
    progress,
    read_identity,
    shown_original,
    site_option,
    told,
)
from agent.core.case import Record
from agent.core.elsewhere import CaseElsewhere
from agent.core.errors import AgentError, ConfigurationError, IntegrityError
from agent.deciding import cleared_for
from agent.elsewhere import beginning
from agent.freezing import is_frozen as frozen
from agent.opening import opened
from agent.seal.errors import SealError
from agent.verification import Verification, verify_site


@click.command()
@site_option
@json_option
def cases(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """List every case, with its verdict and reason. No file names: they are sealed."""
    site = chosen_site(site_folder)
    with bootstrap.open_journal(site) as journal:
        records = list(journal.all())
    if as_json:
        for record in records:
            at = record.arrived_at.isoformat()
            print_json({**told(record), "kind": record.kind, "arrived_at": at})
        return
    columns = ("case", "arrived", "kind", "verdict", "why", "original")
    rows = [
        (
            record.case,
            f"{record.arrived_at:%Y-%m-%d %H:%M}",
            record.kind,
            record.ruling.verdict.name,
            record.ruling.sentence,
            shown_original(record),
        )
        for record in records
    ]
    print_table(f"{len(rows)} cases", columns, rows)


@click.command()
@site_option
@click.argument("case")
@identity_options
@json_option
def show(
    site_folder: Path | None,
    case: str,
    identity: Path | None,
    passphrase_file: Path | None,
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Say why CASE was decided so, and for which purposes it is cleared at this moment.

    Cleared means that everyone in it has given permission, not that it was released. With the
    identity also what is sealed beside the picture is shown.
    """
    site = chosen_site(site_folder)
    record = found_case(site, case)
    with bootstrap.open_looking(site) as known:
        cleared = {c.purpose: [o.code for o in c.concerns] for c in cleared_for(known, record)}
        is_frozen = frozen(known, record.case, record.group)
    details: dict[str, Any] = {}
    if identity is not None:
        with opened(site, record, read_identity(identity, passphrase_file)) as (facts, _, _):
            details = json.loads(facts)
    if as_json:
        now = {"frozen": is_frozen, "cleared": cleared}
        print_json({**told(record), **_facts(record), **now, "details": details or None})
        return
    screen = console()
    screen.print(f"Case {record.case}: {record.ruling.verdict.name}")
    screen.print(record.ruling.sentence)
    for concern in record.ruling.concerns:
        screen.print(f"  {concern.code}: {concern.remedy}")
    rows = [(name.replace("_", " "), str(value)) for name, value in _facts(record).items()]
    if is_frozen:
        screen.print("It is frozen: nobody may look at it, copy it or change it (docs/freeze.md).")
    rows += [
        (f"cleared now for {purpose}", "yes" if not codes else f"no: {', '.join(codes)}")
        for purpose, codes in cleared.items()
    ]
    rows += [(f"sealed: {name}", str(value)) for name, value in sorted(details.items())]
    print_table("What is known", ("what", "value"), rows)


def _facts(record: Record) -> dict[str, Any]:
    """Return what the journal knows of a case, in codes and counts."""
    claim = record.facts.attribution
    return {
        "kind": record.kind,
        "arrived_at": record.arrived_at.isoformat(),
        "decided_at": record.ruling.decided_at.isoformat(),
        "register_version": record.ruling.register_version,
        "device": record.facts.provenance.grade.value,
        "coverage": claim.coverage.value,
        "people_named": len(claim.tagged),
        "unknown_names": claim.unknown_names,
        "faces": record.facts.faces,
        "small_faces": record.facts.small_faces,
        "copies_that_object": list(record.ruling.copies),
        "redacted_copy_of": record.evidence.parent,
        "object": record.object,
    }


@click.command("open")
@site_option
@click.argument("case")
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The new file for the picture.",
)
@identity_options
def open_case(
    site_folder: Path | None,
    case: str,
    out: Path,
    identity: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Open one picture into a new file; whoever has the file has the picture."""
    if identity is None:
        raise click.UsageError("give --identity: this computer alone cannot open what it sealed")
    site = chosen_site(site_folder)
    record = found_anywhere(site, case)
    with opened(site, record, read_identity(identity, passphrase_file)) as (_, name, chunks):
        try:
            with out.open("xb") as target:
                for chunk in chunks:
                    target.write(chunk)
        except FileExistsError as error:
            raise ConfigurationError(
                "the file for the picture is there already",
                code="open.exists",
                remedy="Choose a new file name for --out.",
            ) from error
        except (SealError, AgentError):
            out.unlink(missing_ok=True)
            raise
    click.echo(f"Opened {name} of case {record.case}.")


@click.command()
@site_option
@json_option
def verify(site_folder: Path | None, as_json: bool) -> None:  # noqa: FBT001 - click
    """Check vault, slips and ledger against each other; no private key is needed."""
    site = chosen_site(site_folder)
    with (
        bootstrap.open_ledger(site, read_only=True) as ledger,
        progress("Reading back") as advance,
    ):
        found = verify_site(
            bootstrap.vault_of(site),
            ledger,
            site.station_verifier,
            advance,
            partial(bootstrap.erasing, site),
        )
    if as_json:
        print_json(_verification(found))
    else:
        rows = [(name, str(value)) for name, value in _verification(found).items()]
        print_table("Verification", ("what", "found"), rows)
        click.echo(f"{found.sound} of {found.objects} stored objects were sound.")
    if not found.is_sound:
        raise IntegrityError(
            f"{len(found.faults)} faults were found; the first: {found.faults[0]}",
            code="verify.faults",
            remedy="Delete nothing. Restore what is missing from the backup and find out why.",
        )


def _verification(found: Verification) -> dict[str, Any]:
    return {
        "objects": found.objects,
        "sound": found.sound,
        "entries": found.entries,
        "unlisted": found.unlisted,
        "erasing": found.erasing,
        "fingerprint": found.fingerprint,
        "faults": found.faults,
    }


def found_anywhere(site: bootstrap.Site, case: str) -> Record | CaseElsewhere:
    """Return the case whose id this is or begins with it, of this computer or of another one."""
    try:
        return found_case(site, case)
    except ConfigurationError:
        matching = beginning(site, case.lower()) if case else ()
        if len(matching) != 1:
            raise
        return matching[0]


def found_case(site: bootstrap.Site, case: str) -> Record:
    """Return the case whose id this is or begins with it."""
    with bootstrap.open_journal(site) as journal:
        matching = [record for record in journal.all() if record.case.startswith(case.lower())]
    if len(matching) != 1 or not case:
        raise ConfigurationError(
            "no case has this id" if not matching else "more than one case begins so",
            code="case.unknown",
            remedy="Look the id up with photowarden cases.",
        )
    return matching[0]
