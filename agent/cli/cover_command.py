# SPDX-License-Identifier: Apache-2.0
"""Make a redacted copy of a picture: cover people, say who is left, let the rules decide."""

import json
from pathlib import Path
from typing import Any

import click

from agent import bootstrap, office
from agent.cli.common import (
    chosen_site,
    identity_options,
    json_option,
    print_json,
    read_identity,
    site_option,
    told,
)
from agent.cli.look_commands import found_case
from agent.cli.say_command import tokens_of
from agent.core.case import Record
from agent.core.covering import Place
from agent.handing_in import station_user
from agent.opening import opened
from agent.ports import OpenedCase
from agent.redaction import Redaction, places_of, redact
from agent.site import new_id


class _Box(click.ParamType[Place]):
    """Four fractions: left, top, width, height."""

    name = "LEFT,TOP,WIDTH,HEIGHT"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Place:
        """Return the place that a text describes."""
        if isinstance(value, Place):
            return value
        try:
            left, top, width, height = map(float, str(value).split(","))
            return Place(left=left, top=top, width=width, height=height)
        except ValueError:
            self.fail("give four numbers from 0 to 1, such as 0.25,0.40,0.10,0.15", param, ctx)


@click.command()
@site_option
@click.argument("case")
@click.option("--face", "numbers", multiple=True, type=int, help="A counted face, by its number.")
@click.option(
    "--box",
    "boxes",
    multiple=True,
    type=_Box(),
    help="A box that you drew, as shares of the picture's width and height from its top left.",
)
@click.option("--covered", multiple=True, help="Somebody named in it who is covered, by reference.")
@click.option("--person", "left", multiple=True, help="Somebody still to be seen, by reference.")
@click.option("--nobody", is_flag=True, help="Nobody at all is still to be seen.")
@identity_options
@json_option
def cover(  # noqa: PLR0913, PLR0917 - one parameter an option
    site_folder: Path | None,
    case: str,
    numbers: tuple[int, ...],
    boxes: tuple[Place, ...],
    covered: tuple[str, ...],
    left: tuple[str, ...],
    nobody: bool,  # noqa: FBT001 - click
    identity: Path | None,
    passphrase_file: Path | None,
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Make a redacted copy of CASE: boxes of one grey over people, in a new case of its own.

    Cover with --face (their numbers are in photowarden show CASE --identity FILE, from left to
    right, from 1) or --box, as often as needed: heads from behind, name badges too. Then say with
    --person exactly who is still to be seen, or --nobody. The original stays as it is. Nothing is
    written in clear. A redacted copy is not anonymous: clothes and places tell as well.
    """
    if bool(left) + nobody != 1:
        raise click.UsageError("give --person (once for each who is left), or --nobody")
    if not (numbers or boxes):
        raise click.UsageError("give --face or --box, once for each place")
    if identity is None:
        raise click.UsageError("give --identity: this computer alone cannot open what it sealed")
    site = chosen_site(site_folder)
    record = found_case(site, case)
    register = office.newest_register(site)
    with opened(site, record, read_identity(identity, passphrase_file)) as (facts, _, chunks):
        there = _opened(record, facts, b"".join(chunks))
    wanted = Redaction(
        id=new_id(),
        by=station_user(site),
        places=(*boxes, *places_of(_faces(there), numbers)),
        covered=tokens_of(register, covered),
        left=tokens_of(register, left),
    )
    with bootstrap.open_ports(site) as (ports, _):
        copy = redact(ports, record, there, wanted)
    if as_json:
        print_json({**told(copy), "parent": record.case})
        return
    click.echo(f"Made {copy.case}: {copy.ruling.verdict.name}. {copy.ruling.sentence}")


def _opened(record: Record, facts: bytes, content: bytes) -> OpenedCase:
    details = json.loads(facts)
    return OpenedCase(case=record.case, evidence=record.evidence, details=details, content=content)


def _faces(there: OpenedCase) -> Any:  # noqa: ANN401 - as the facts were sealed
    return there.details.get("faces") or []
