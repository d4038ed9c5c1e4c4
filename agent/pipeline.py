# SPDX-License-Identifier: Apache-2.0
"""The one path that every file takes, in batches, from an import folder to verified storage.

Intent before effect, fact after effect: a case is put into the journal after each stage, and every
stage can be repeated, so a power cut anywhere is mended by running again. The order is the promise
"nothing lost": seal, publish, read back, record, and only then discard.

Rules:
    1. Nothing is discarded that is not RECORDED, and nothing is recorded that was not read back.
    2. QUARANTINE never discards, and neither does a folder whose originals stay.
    3. While the vault is away files are still sealed into the spool and wait; originals stay.
    4. What is frozen is not touched: asked again before each effect (`agent.freezing`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from typing import Final

from agent.core.act_entries import erased_entry
from agent.core.case import Original, Record, State
from agent.core.entries import cleared_entry, stored_entries
from agent.core.errors import IntegrityError, UnavailableError
from agent.freezing import frozen_objects, untouched
from agent.intake import batches, take_in
from agent.ports import Discarded, Outcome, Ports, Sighting

BATCH: Final = 16
"""How many files share one durable commit a stage, and what their groups add to it."""


def process(ports: Ports, sightings: Iterable[Sighting]) -> Iterator[Outcome]:
    """Process settled files and yield an outcome for each that could be taken in.

    Raises:
        UnavailableError: the vault is away; raised at the end, when everything is safely sealed.
    """
    away: UnavailableError | None = None
    for batch in batches(sightings, BATCH):
        outcomes, reopened = take_in(ports, batch)
        records = [*(outcome.record for outcome in outcomes if not outcome.known), *reopened]
        try:
            records = advance(ports, records)
        except UnavailableError as error:
            away = error
        latest = {record.case: record for record in records}
        for outcome in outcomes:
            yield replace(outcome, record=latest.get(outcome.record.case, outcome.record))
    if away is not None:
        raise away


def recover(ports: Ports) -> None:
    """Finish what an interruption left: remove half-sealed files, take every case to DONE.

    Raises:
        UnavailableError: the vault is away; the cases wait.
    """
    spooled = frozenset(record.object for record in ports.journal.spooled())
    ports.sealer.sweep(spooled | frozen_objects(ports))
    remaining = iter(ports.journal.unfinished())
    while batch := list(islice(remaining, BATCH)):
        advance(ports, batch)


def advance(ports: Ports, records: Sequence[Record]) -> list[Record]:
    """Take cases from wherever they are to DONE, one stage after the other, and return them."""
    records = list(records)
    for state, stage in _STAGES:
        due = untouched(ports, (record for record in records if record.state is state))
        if not due:
            continue
        moved = {record.case: record for record in untouched(ports, list(stage(ports, due)))}
        ports.journal.put(moved.values())
        records = [moved.get(record.case, record) for record in records]
    return records


# --- the stages: each takes cases in one state and returns those that reached the next ------------


def _store(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """SEALED to STORED: publish what the spool holds, then read everything back."""
    ports.vault.check()
    for record in records:
        if record.spooled and untouched(ports, [record]):
            with ports.sealer.open_spool(record.object) as (slip, body):
                ports.vault.publish(record.object, slip, body, record.proof)
    for record in untouched(ports, records):
        if not ports.vault.matches(record.object, record.proof):
            raise IntegrityError(
                f"object {record.object}: the vault returned something else than was stored",
                code="vault.mismatch",
                remedy="Nothing was deleted. Check the storage's health, then run verify.",
            )
        yield replace(
            record,
            state=State.STORED,
            stored_at=record.stored_at or ports.clock.now().at,
        )


def _record(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """STORED to RECORDED: the ledger has it, and the vault has the ledger."""
    ports.ledger.append([entry for record in records for entry in stored_entries(record)])
    publish_ledger(ports)
    for record in records:
        yield replace(record, state=State.RECORDED)


def publish_ledger(ports: Ports) -> None:
    """Copy to the vault what it has not got of this station's ledger."""
    files, size = ports.ledger.unpublished()
    if files:
        ports.vault.put_ledger(files)
        ports.ledger.published(size)


def _clear(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """RECORDED to CLEARED: the original goes, or stays by rule; a blocked one is tried again."""
    for record in records:
        original = record.original
        if not untouched(ports, [record]):
            continue
        if record.discard and original is Original.KEPT:
            outcome = ports.inbox.discard(record.source)
            if outcome is Discarded.BLOCKED or not _sidecars_went(ports, record, outcome):
                continue
            if outcome is not Discarded.CHANGED:
                original = Original.DELETED
        yield replace(
            record,
            state=State.CLEARED,
            original=original,
            cleared_at=record.cleared_at or ports.clock.now().at,
        )


def _sidecars_went(ports: Ports, record: Record, original: Discarded) -> bool:
    """Let the sidecars go after their original; tell whether none of them is blocked."""
    if original is Discarded.CHANGED:
        return True
    outcomes = []
    for sidecar in record.sidecars:
        if not untouched(ports, [record]):
            return False
        outcomes.append(ports.inbox.discard(sidecar))
    return Discarded.BLOCKED not in outcomes


def _close(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """CLEARED to DONE: what became of the original is in the ledger too."""
    ports.ledger.append([cleared_entry(record) for record in records])
    for record in records:
        yield replace(record, state=State.DONE)


def _erase(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """ERASING to ERASED: every slip is destroyed, the spool copy too, and the ledger has it."""
    for record in records:
        if not untouched(ports, [record]):
            continue
        ports.vault.destroy_slips(record.object)
        if not untouched(ports, [record]):
            continue
        ports.sealer.release(record.object)
        ports.ledger.append([erased_entry(record)])
        yield replace(record, state=State.ERASED, spooled=False)


Stage = Callable[[Ports, Sequence[Record]], Iterable[Record]]

_STAGES: Final[tuple[tuple[State, Stage], ...]] = (
    (State.SEALED, _store),
    (State.STORED, _record),
    (State.RECORDED, _clear),
    (State.CLEARED, _close),
    (State.ERASING, _erase),
)
