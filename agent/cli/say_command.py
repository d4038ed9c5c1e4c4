# SPDX-License-Identifier: Apache-2.0
"""Say who is in a picture: people add facts, and the same rules decide again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from agent import handing_in, office
from agent.cli.common import chosen_site, json_option, print_json, site_option, told
from agent.cli.look_commands import found_anywhere
from agent.core.attribution import NOTHING_SAID, Present
from agent.core.desk import Act, SayAbsent, SayPresent, Settled
from agent.core.errors import AgentError, ConfigurationError
from agent.core.model import CaseId, Token
from agent.core.snapshot import Snapshot
from agent.handing_in import HandedIn
from agent.posting import ASKED

_REFUSALS = {
    Settled.NO_SITTING: (
        "the picture is in no sitting of a class or group that they belong to",
        "Say who is in the picture instead, with --person.",
    ),
    Settled.FROZEN: (
        "the case is frozen: nobody may look at it, copy it or change it",
        "Leave this computer as it is and follow docs/freeze.md.",
    ),
    Settled.NOT_FROZEN: ("the case is not frozen", "Look with photowarden cases."),
    Settled.NOT_ENTITLED: (
        "this role may not release the case",
        "Head or safeguarding lead may; where the head is concerned, the chair of governors.",
    ),
    Settled.NO_REFERENCE: (
        "that is not the reference of the police or an authority",
        "Give it as it stands in their letter: capitals, digits, such as WS-2026-004711.",
    ),
}


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
@click.option("--unsay", is_flag=True, help="Take back what was said of who is in it.")
@click.option(
    "--visitors",
    type=click.IntRange(0, 999),
    default=0,
    help="How many adults and visitors are in it who are on no register.",
)
@click.option(
    "--too-small",
    type=click.IntRange(1, 999),
    multiple=True,
    help="The number of a face that is too small for anybody to be recognised.",
)
@click.option(
    "--not-known",
    type=click.IntRange(0, 999),
    default=0,
    help="How many people are in it whom you do not know; it stays held.",
)
@click.option(
    "--missed-faces",
    "added_faces",
    type=click.IntRange(0, 999),
    default=0,
    help="How many faces are in it that were not counted.",
)
@json_option
def say(site_folder: Path | None, case: str, *, as_json: bool, **said: Any) -> None:  # noqa: ANN401 - click's options
    """Say who is in CASE (everyone of them), that nobody is, or who was absent from its sitting.

    Look at the picture first (photowarden open). The newest statement on a matter counts, all of
    them stay on record, and every case that they change is decided again.
    """
    in_it = bool(said["present"] or said["visitors"] or said["not_known"])
    if in_it + said["nobody"] + bool(said["absent"]) + said["unsay"] != 1:
        raise click.UsageError(
            "give --person (once for each) and --visitors, or --nobody, or --absent, or --unsay"
        )
    site = chosen_site(site_folder)
    record = found_anywhere(site, case)
    people = tokens_of(office.newest_register(site), (*said["present"], *said["absent"]))
    act = _act(record.case, people, said)
    tell_handed_in(handing_in.hand_in(site, act, handing_in.station_user(site)), as_json=as_json)


def _act(case: CaseId, people: tuple[Token, ...], said: dict[str, Any]) -> Act:
    if said["absent"]:
        return SayAbsent(case=case, people=people)
    if said["unsay"]:
        return SayPresent(case=case, people=(), present=NOTHING_SAID)
    present = Present(
        visitors=said["visitors"],
        not_known=said["not_known"],
        added_faces=said["added_faces"],
        too_small=said["too_small"],
    )
    return SayPresent(case=case, people=people, present=present)


def tell_handed_in(handed_in: HandedIn, *, as_json: bool) -> None:
    """Tell what became of an act that was handed in.

    Raises:
        ConfigurationError: it was refused, and nothing was changed.
    """
    settled = handed_in.settled
    if settled is not None and not settled.was_taken_in:
        raise refused(settled)
    if settled is Settled.ERASURE_BEGUN:
        click.echo("Two people had it erased, and part was destroyed: it is erased now.", err=True)
    changed = [after for _, after in handed_in.changes]
    if as_json:
        for after in changed:
            print_json(told(after))
    elif handed_in.waits_for == ASKED:
        click.echo("Noted. The computer that holds the picture takes it in on its next round.")
    elif settled is None:
        click.echo(f"Noted. It waits for the running agent or the storage ({handed_in.waits_for}).")
    else:
        click.echo(f"Noted. {len(changed)} cases were decided otherwise.")
        for after in changed:
            click.echo(f"{after.case}: {after.ruling.verdict.name}. {after.ruling.sentence}")


def refused(settled: Settled | None) -> AgentError:
    """Return the error that tells why an act was not taken in."""
    code = "desk.refused" if settled is None else settled.value
    what, remedy = _REFUSALS.get(
        settled or Settled.DONE,
        ("the agent could not take this in", "Look at the case with photowarden show."),
    )
    return ConfigurationError(what, code=code, remedy=remedy)


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
