# SPDX-License-Identifier: Apache-2.0
"""Chores over what is stored already: decide again, let spool copies go.

Rule: people change facts, never verdicts. `reconsider` asks the same function as the pipeline, on
the present register; nothing is sealed or moved again, and what is frozen is left as it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Final

from agent.core.act_entries import said_entry
from agent.core.case import Record, State
from agent.core.model import CaseId
from agent.core.reviewing import review_due
from agent.core.statements import Statement
from agent.deciding import begin_round, frames_of_day
from agent.freezing import frozen_cases, untouched
from agent.intake import decided_again, was_read
from agent.pipeline import BATCH, advance
from agent.ports import Ports

_PAGE: Final = 64
"""How many cases a review decides before it notes how far it has come."""


def reconsider(
    ports: Ports, cases: Iterable[CaseId] | None = None
) -> Iterator[tuple[Record, Record]]:
    """Decide cases again that could be read, all of them unless some are given.

    Yields (before, after) where it changed.

    Raises:
        UnavailableError: the vault is away; the new rulings are kept and recorded later.
    """
    this = begin_round(ports)
    records = ports.journal.all() if cases is None else _found(ports, cases)
    readable = (r for r in records if was_read(r))
    while batch := list(islice(readable, BATCH)):
        changed: dict[str, tuple[Record, Record]] = {}
        for record in batch:
            after = decided_again(ports, record, this)
            if after is not None:
                changed[record.case] = (record, after)
        ports.journal.put(after for _, after in changed.values())
        for after in advance(ports, [after for _, after in changed.values()]):
            yield changed[after.case][0], after


def review(ports: Ports, seconds: float = 10) -> Iterator[tuple[Record, Record]]:
    """Decide everything again where register, policy, day or what is frozen has changed.

    Goes on where it was interrupted, begins no new page after `seconds`, so files wait shortly.

    Yields (before, after) where it changed.

    Raises:
        UnavailableError: the vault is away; the new rulings are kept, the page is done again.
    """
    until = ports.clock.monotonic() + seconds
    ended = False
    while not ended:
        this = begin_round(ports)
        due = review_due(
            this.register,
            ports.policy,
            this.moment,
            frozen_cases(ports),
            ports.journal.reviewed(),
        )
        if due is None:
            return
        page = ports.journal.following(due.last, _PAGE)
        yield from reconsider(ports, [record.case for record in page])
        last = page[-1].case if page else due.last
        ports.journal.note_reviewed(replace(due, last=last, ended=len(page) < _PAGE))
        ended = ports.clock.monotonic() >= until


def decided_with(ports: Ports, record: Record, *, sitting: bool = False) -> list[CaseId]:
    """Return the cases whose decision may hang on what is said of this one, itself first.

    That is whatever arrived as one with it or shows the same scene; with `sitting` the same for
    every picture that its camera took that day.
    """
    chosen = {record.case: record}
    if sitting:
        frames = frames_of_day(ports, record.evidence, begin_round(ports))
        chosen |= {found.case: found for found in _found(ports, (f.case for f in frames))}
    cases: dict[CaseId, None] = dict.fromkeys(chosen)
    for one in chosen.values():
        cases |= dict.fromkeys([*one.group, *ports.journal.companions(one.case)])
        if one.evidence.look is not None:
            cases |= dict.fromkeys(ports.journal.copies(one.evidence.look))
    return list(cases)


def _found(ports: Ports, cases: Iterable[CaseId]) -> Iterator[Record]:
    return (record for case in cases if (record := ports.journal.find(case)) is not None)


def say(ports: Ports, record: Record, statements: Sequence[Statement]) -> None:
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
    for record in untouched(ports, ports.journal.spooled()):
        old = record.stored_at is not None and now.at - record.stored_at >= keep
        if record.state is not State.DONE or not (old and now.trusted):
            continue
        if ports.vault.matches(record.object, record.proof):
            released.append(record)
    released = untouched(ports, released)
    ports.journal.put(replace(record, spooled=False) for record in released)
    for record in released:
        if untouched(ports, [record]):
            ports.sealer.release(record.object)
    return len(released)
