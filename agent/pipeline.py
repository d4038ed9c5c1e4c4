# SPDX-License-Identifier: Apache-2.0
"""The one path that every file takes, in batches, from an import folder to verified storage.

Intent before effect, fact after effect: a case is put into the journal after each stage, and every
stage can be repeated, so a power cut anywhere is mended by running again. The order is the promise
"nothing lost": seal, publish, read back, record, and only then discard.

Rules:
    1. Nothing is discarded that is not RECORDED, and nothing is recorded that was not read back.
    2. QUARANTINE never discards, and neither does a folder whose originals stay.
    3. While the vault is away files are still sealed into the spool and wait; originals stay.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

from agent.core.case import Original, Record, Ruling, State
from agent.core.concerns import Verdict
from agent.core.decide import Question, judge, resolve
from agent.core.entries import cleared_entry, stored_entries
from agent.core.errors import IntegrityError, UnavailableError
from agent.core.model import CaseId, Evidence, Facts, Moment
from agent.core.register import NoRegister, Register
from agent.ports import Discarded, Examined, Outcome, Ports, Sighting

BATCH: Final = 16
"""How many files share one durable commit a stage; a crash repeats at most this many."""


def process(ports: Ports, sightings: Iterable[Sighting]) -> Iterator[Outcome]:
    """Process settled files and yield an outcome for each that could be taken in.

    Raises:
        UnavailableError: the vault is away; raised at the end, when everything is safely sealed.
    """
    away: UnavailableError | None = None
    remaining = iter(sightings)
    while batch := list(islice(remaining, BATCH)):
        outcomes = _take_in(ports, batch)
        records = [outcome.record for outcome in outcomes if not outcome.known]
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
    ports.sealer.sweep(frozenset(record.object for record in ports.journal.spooled()))
    remaining = iter(ports.journal.unfinished())
    while batch := list(islice(remaining, BATCH)):
        advance(ports, batch)


def advance(ports: Ports, records: Sequence[Record]) -> list[Record]:
    """Take cases from wherever they are to DONE, one stage after the other, and return them."""
    records = list(records)
    for state, stage in _STAGES:
        due = [record for record in records if record.state is state]
        if not due:
            continue
        moved = {record.case: record for record in stage(ports, due)}
        ports.journal.put(moved.values())
        records = [moved.get(record.case, record) for record in records]
    return records


def decide(
    ports: Ports, evidence: Evidence, register: Register | NoRegister, moment: Moment
) -> tuple[Facts, Ruling]:
    """Resolve evidence on a register and judge it: the facts and the ruling to keep."""
    facts = resolve(evidence, register, moment)
    decision = judge(Question(facts=facts, register=register, policy=ports.policy, moment=moment))
    return facts, Ruling(
        verdict=decision.verdict,
        concerns=decision.concerns,
        register_digest=decision.register_digest,
        register_version=decision.register_version,
        policy_digest=decision.policy_digest,
        decided_at=moment.at,
    )


# --- taking in -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What every file of one batch is decided on, and the cases that the batch has already."""

    register: Register | NoRegister
    moment: Moment
    taken: dict[CaseId, Outcome] = field(default_factory=dict)


def _take_in(ports: Ports, batch: Sequence[Sighting]) -> list[Outcome]:
    """Examine, decide and seal a batch; one commit of the journal for all of it."""
    moment = ports.clock.now()
    this = _Round(register=ports.registrar.register(moment), moment=moment)
    for sighting in batch:
        outcome = _lying_there(ports, sighting) or _arrive(ports, sighting, this)
        if outcome is not None:
            this.taken[outcome.record.case] = outcome
    ports.journal.put(o.record for o in this.taken.values() if not o.known)
    return list(this.taken.values())


def _lying_there(ports: Ports, sighting: Sighting) -> Outcome | None:
    """Return the outcome of a file that was processed before and stays where it is by rule."""
    record = ports.journal.find_source(sighting.identity)
    if record is None or record.state is not State.DONE:
        return None
    return Outcome(record=record, source=sighting.identity, shown=sighting.shown, known=True)


def _arrive(ports: Ports, sighting: Sighting, this: _Round) -> Outcome | None:
    """Return the outcome of one file, sealed; None when it has to wait for the next round.

    It waits when it has changed or could not be read, and while its twin is on the way.
    """
    with ports.inbox.open(sighting) as source:
        if source is None:
            return None
        examined = ports.sanitiser.examine(sighting, source)
        if examined is None:
            return None
        earlier = ports.journal.find(examined.case)
        on_the_way = earlier is not None and earlier.state is not State.DONE
        if on_the_way or examined.case in this.taken:
            return None
        if earlier is None:
            record = _first(ports, sighting, examined, this)
        else:
            record = _again(ports, sighting, examined.evidence, earlier, this)
    return Outcome(record=record, source=sighting.identity, shown=sighting.shown)


def _first(ports: Ports, sighting: Sighting, examined: Examined, this: _Round) -> Record:
    """Decide and seal a medium that was never seen before."""
    facts, ruling = decide(ports, examined.evidence, this.register, this.moment)
    object_id, proof = ports.sealer.seal(examined, sighting.shown)
    return Record(
        case=examined.case,
        state=State.SEALED,
        kind=examined.kind,
        object=object_id,
        proof=proof,
        evidence=examined.evidence,
        facts=facts,
        ruling=ruling,
        source=sighting.identity,
        arrived_at=this.moment.at,
        discard=_may_discard(ports, sighting, ruling),
    )


def _again(
    ports: Ports, sighting: Sighting, evidence: Evidence, earlier: Record, this: _Round
) -> Record:
    """Decide again on what both arrivals of the same bytes say; nothing is sealed twice.

    The case goes back to SEALED, so the stored object is read back before this copy may go.
    """
    joined = earlier.evidence.joined(evidence)
    facts, ruling = decide(ports, joined, this.register, this.moment)
    return replace(
        earlier,
        state=State.SEALED,
        evidence=joined,
        facts=facts,
        ruling=ruling,
        rulings=earlier.rulings + 1,
        source=sighting.identity,
        arrivals=earlier.arrivals + 1,
        arrived_at=this.moment.at,
        discard=_may_discard(ports, sighting, ruling),
        original=Original.KEPT,
        cleared_at=None,
    )


def _may_discard(ports: Ports, sighting: Sighting, ruling: Ruling) -> bool:
    return ruling.verdict is not Verdict.QUARANTINE and ports.inbox.deletes(sighting)


# --- the stages: each takes cases in one state and returns those that reached the next ------------


def _store(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """SEALED to STORED: publish what the spool holds, then read everything back."""
    ports.vault.check()
    for record in records:
        if record.spooled:
            with ports.sealer.open_spool(record.object) as (slip, body):
                ports.vault.publish(record.object, slip, body, record.proof)
    for record in records:
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
        if record.discard and original is Original.KEPT:
            outcome = ports.inbox.discard(record.source)
            if outcome is Discarded.BLOCKED:
                continue
            if outcome is not Discarded.CHANGED:
                original = Original.DELETED
        yield replace(
            record,
            state=State.CLEARED,
            original=original,
            cleared_at=record.cleared_at or ports.clock.now().at,
        )


def _close(ports: Ports, records: Sequence[Record]) -> Iterator[Record]:
    """CLEARED to DONE: what became of the original is in the ledger too."""
    ports.ledger.append([cleared_entry(record) for record in records])
    for record in records:
        yield replace(record, state=State.DONE)


Stage = Callable[[Ports, Sequence[Record]], Iterable[Record]]

_STAGES: Final[tuple[tuple[State, Stage], ...]] = (
    (State.SEALED, _store),
    (State.STORED, _record),
    (State.RECORDED, _clear),
    (State.CLEARED, _close),
)
