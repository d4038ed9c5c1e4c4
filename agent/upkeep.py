# SPDX-License-Identifier: Apache-2.0
"""Chores over what is stored already: decide again, let spool copies go.

Rule: people change facts, never verdicts. `reconsider` asks the same function as the pipeline, on
the present register, for every case; nothing is sealed or moved again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from agent.core.case import Record, State
from agent.core.entries import said_entry
from agent.core.errors import ConfigurationError
from agent.core.model import Token
from agent.core.register import NoRegister
from agent.core.statements import Statement, StatementKind
from agent.deciding import begin_round, sittings_of
from agent.intake import decided_again, was_read
from agent.pipeline import BATCH, advance
from agent.ports import Ports


def reconsider(ports: Ports) -> Iterator[tuple[Record, Record]]:
    """Decide every case again that could be read, and yield (before, after) where it changed.

    Raises:
        UnavailableError: the vault is away; the new rulings are kept and recorded later.
    """
    this = begin_round(ports)
    resting = (r for r in ports.journal.all() if r.state is State.DONE and was_read(r))
    while batch := list(islice(resting, BATCH)):
        changed: dict[str, tuple[Record, Record]] = {}
        for record in batch:
            after = decided_again(ports, record, this)
            if after is not None:
                changed[record.case] = (record, after)
        ports.journal.put(after for _, after in changed.values())
        for after in advance(ports, [after for _, after in changed.values()]):
            yield changed[after.case][0], after


def say_present(ports: Ports, record: Record, people: Sequence[Token]) -> None:
    """Note that exactly these people are in a picture; nobody is where none is named."""
    statement = Statement(
        about=record.case,
        kind=StatementKind.PRESENT,
        people=tuple(people),
        at=ports.clock.now().at,
    )
    _say(ports, record, [statement])


def say_absent(ports: Ports, record: Record, people: Sequence[Token]) -> None:
    """Note that these people were not at the sitting that a picture is in.

    Raises:
        ConfigurationError: the picture is in no sitting of a class that they are in.
    """
    this = begin_round(ports)
    rosters = {} if isinstance(this.register, NoRegister) else this.register.rosters
    statements = [
        Statement(about=name, kind=StatementKind.ABSENT, people=members, at=this.moment.at)
        for roster, name in sittings_of(ports, record.case, record.evidence, this).items()
        if (members := tuple(t for t in people if t in rosters[roster].members))
    ]
    if not statements:
        raise ConfigurationError(
            "the picture is in no sitting of a class or group that they belong to",
            code="say.no_sitting",
            remedy="Say who is in the picture instead, with --person.",
        )
    _say(ports, record, statements)


def _say(ports: Ports, record: Record, statements: Sequence[Statement]) -> None:
    """Record statements in the ledger, then let them count."""
    ports.ledger.append([said_entry(record.case, statement) for statement in statements])
    ports.journal.say(statements)


def release_spool(ports: Ports, keep: timedelta) -> int:
    """Remove spool copies older than `keep` after a second read-back; return how many went.

    The second look is for storage that says "written" before it is true.

    Raises:
        UnavailableError: the vault is away; every copy stays.
    """
    now = ports.clock.now()
    released = []
    for record in ports.journal.spooled():
        old = record.stored_at is not None and now.at - record.stored_at >= keep
        if record.state is not State.DONE or not (old and now.trusted):
            continue
        if ports.vault.matches(record.object, record.proof):
            released.append(record)
    ports.journal.put(replace(record, spooled=False) for record in released)
    for record in released:
        ports.sealer.release(record.object)
    return len(released)
