# SPDX-License-Identifier: Apache-2.0
"""Chores over what is stored already: decide again, let spool copies go.

Rule: people change facts, never verdicts. `reconsider` asks the same function as the pipeline, on
the present register, for every case; nothing is sealed or moved again.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import islice

from agent.core.case import Record, State
from agent.deciding import begin_round
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
