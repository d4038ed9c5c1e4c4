# SPDX-License-Identifier: Apache-2.0
"""Freeze a case, and release it: for a computer without the office console."""

from dataclasses import replace
from pathlib import Path

import click

from agent import bootstrap, handing_in
from agent.cli.common import (
    chosen_site,
    identity_options,
    json_option,
    print_json,
    read_identity,
    site_option,
)
from agent.cli.look_commands import found_anywhere
from agent.cli.say_command import refused, tell_handed_in
from agent.core.desk import Freeze, Release, Settled
from agent.core.errors import ConfigurationError
from agent.core.freezing import is_reference
from agent.core.who import Role
from agent.seal.hybrid import HybridIdentity

_STEPS = """\
Case {case} is frozen. Nobody can look at it, copy it, change it or delete it any more.

  1. Do not look for it, do not open it, tell nobody what you saw except these people.
  2. If a child may be in danger now, or the picture may be indecent: call the police, 999 or 101.
  3. Tell the designated safeguarding lead at once.
  4. If it concerns a member of staff, the head tells the local authority designated officer
     (LADO); if it concerns the head, tell the chair of governors, and use --head-is-concerned.
  5. Leave this computer and the camera as they are; do not switch the camera on again.

Only the head or the safeguarding lead (the chair of governors, where the head is concerned) can
release it, with the reference of the police or the authority. See docs/freeze.md."""


@click.command()
@site_option
@click.argument("case")
@click.option("--head-is-concerned", is_flag=True, help="Then only the chair of governors releases")
@json_option
def freeze(
    site_folder: Path | None,
    case: str,
    head_is_concerned: bool,  # noqa: FBT001 - click
    as_json: bool,  # noqa: FBT001 - click
) -> None:
    """Freeze CASE at once: stop everything that is done to it, and say whom to tell."""
    site = chosen_site(site_folder)
    record = found_anywhere(site, case)
    act = Freeze(case=record.case, concerns_head=head_is_concerned)
    handed_in = handing_in.hand_in(site, act, handing_in.station_user(site))
    if handed_in.settled is not None and not handed_in.settled.was_taken_in:
        raise refused(handed_in.settled)
    if as_json:
        recorded = handed_in.settled is Settled.DONE
        print_json({"case": record.case, "frozen": True, "recorded": recorded})
    else:
        click.echo(_STEPS.format(case=record.case))


@click.command()
@site_option
@click.argument("case")
@click.option("--reference", required=True, help="As the police's or the authority's letter has it")
@click.option(
    "--role",
    required=True,
    type=click.Choice(["head", "safeguarding-lead", "chair-of-governors"]),
    help="In what role you release it.",
)
@identity_options
@json_option
def unfreeze(  # noqa: PLR0913 - click
    site_folder: Path | None,
    case: str,
    *,
    reference: str,
    role: str,
    identity: Path | None,
    passphrase_file: Path | None,
    as_json: bool,
) -> None:
    """Release CASE; whoever does it has the office identity and its passphrase."""
    if identity is None:
        raise click.UsageError("give --identity: only who may open pictures may release one")
    site = chosen_site(site_folder)
    _check_office(site, identity, passphrase_file)
    if not is_reference(reference):
        raise refused(Settled.NO_REFERENCE)
    record = found_anywhere(site, case)
    who = replace(handing_in.station_user(site), role=_role(role))
    act = Release(case=record.case, reference=reference)
    tell_handed_in(handing_in.hand_in(site, act, who), as_json=as_json)


def _role(word: str) -> Role:
    roles = {
        "head": Role.HEAD,
        "safeguarding-lead": Role.SAFEGUARDING_LEAD,
        "chair-of-governors": Role.CHAIR,
    }
    return roles[word]


def _check_office(site: bootstrap.Site, identity: Path, passphrase_file: Path | None) -> None:
    """Make sure that somebody holds the office identity that pictures are sealed to.

    Raises:
        ConfigurationError: it is another one.
    """
    held = read_identity(identity, passphrase_file)
    wanted = (site.station.keys.office, site.station.keys.recovery)
    if not isinstance(held, HybridIdentity) or str(held.recipient()) not in wanted:
        raise ConfigurationError(
            "this identity is not one that the school's pictures are sealed to",
            code="identity.other",
            remedy="Use the office identity or the recovery identity of this school year.",
        )
