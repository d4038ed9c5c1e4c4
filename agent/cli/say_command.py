# SPDX-License-Identifier: Apache-2.0
"""Say who is in a picture: people add facts, and the same rules decide again."""

from collections.abc import Iterable
from pathlib import Path

import click

from agent import bootstrap, office, upkeep
from agent.cli.common import chosen_site, json_option, print_json, site_option, told
from agent.cli.look_commands import found_case
from agent.core.errors import ConfigurationError
from agent.core.model import Token
from agent.core.snapshot import Snapshot


@click.command()
@site_option
@click.argument("case")
@click.option("--person", "present", multiple=True, help="Somebody in it, by register reference.")
@click.option("--nobody", is_flag=True, help="Nobody at all is in it.")
@click.option(
    "--absent",
    multiple=True,
    help="Somebody of the class who was not there, for all pictures of that sitting.",
)
@json_option
def say(
    site_folder: Path | None,
    case: str,
    present: tuple[str, ...],
    nobody: bool,  # noqa: FBT001 - click
    absent: tuple[str, ...],
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Say who is in CASE (everyone of them), that nobody is, or who was absent from its sitting.

    Look at the picture first (photowarden open). The newest statement on a matter counts, all of
    them stay on record, and every case that they change is decided again.
    """
    if bool(present) + nobody + bool(absent) != 1:
        raise click.UsageError("give --person (once for each), or --nobody, or --absent")
    site = chosen_site(site_folder)
    record = found_case(site, case)
    people = tokens_of(office.newest_register(site), (*present, *absent))
    with bootstrap.open_ports(site) as (ports, _):
        if absent:
            upkeep.say_absent(ports, record, people)
        else:
            upkeep.say_present(ports, record, people)
        changed = [after for _, after in upkeep.reconsider(ports)]
    if as_json:
        for after in changed:
            print_json(told(after))
        return
    click.echo(f"Noted. {len(changed)} cases were decided otherwise.")
    for after in changed:
        click.echo(f"{after.case}: {after.ruling.verdict.name}. {after.ruling.sentence}")


def tokens_of(register: Snapshot | None, references: Iterable[str]) -> tuple[Token, ...]:
    """Return the tokens of people by the school's own references.

    Raises:
        ConfigurationError: a reference is not on the register.
    """
    known = {p.reference: p.token for p in register.people} if register is not None else {}
    listed = list(references)
    if any(reference not in known for reference in listed):
        raise ConfigurationError(
            "somebody is not on the register by that reference",
            code="say.unknown",
            remedy="Use the references of the register file; publish the register first.",
        )
    return tuple(sorted({known[reference] for reference in listed}))
