# SPDX-License-Identifier: Apache-2.0
"""The beginning of the one path: examine what has settled, decide, seal it into the spool.

Files that belong together (`agent.core.groups`) are examined together and decided together; while
one of them cannot be read, all of them wait. Nothing here deletes anything.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import groupby

from agent.core.case import Original, Record, Ruling, State
from agent.core.concerns import Verdict
from agent.core.decide import Question, judge_together, resolve
from agent.core.model import CaseId, Evidence, Facts, Moment
from agent.core.register import NoRegister, Register
from agent.ports import Examined, Outcome, Ports, Sighting


def decide(
    ports: Ports,
    evidence: Evidence,
    others: Iterable[Evidence],
    register: Register | NoRegister,
    moment: Moment,
) -> tuple[Facts, Ruling]:
    """Resolve evidence on a register and judge it beside the other members of its group."""
    facts = resolve(evidence, register, moment)
    question = Question(facts=facts, register=register, policy=ports.policy, moment=moment)
    decision = judge_together(question, [resolve(other, register, moment) for other in others])
    return facts, Ruling(
        verdict=decision.verdict,
        concerns=decision.concerns,
        register_digest=decision.register_digest,
        register_version=decision.register_version,
        policy_digest=decision.policy_digest,
        decided_at=moment.at,
    )


def batches(sightings: Iterable[Sighting], size: int) -> Iterator[list[Sighting]]:
    """Yield batches of at least `size` files, the last one smaller; no group is parted."""
    batch: list[Sighting] = []
    for _, members in groupby(sightings, key=_group):
        batch += members
        if len(batch) >= size:
            yield batch
            batch = []
    if batch:
        yield batch


def take_in(ports: Ports, batch: Sequence[Sighting]) -> list[Outcome]:
    """Examine, decide and seal a batch; one commit of the journal for all of it."""
    moment = ports.clock.now()
    this = _Round(register=ports.registrar.register(moment), moment=moment)
    for _, members in groupby(batch, key=_group):
        for outcome in _take_in_group(ports, list(members), this):
            this.taken[outcome.record.case] = outcome
    ports.journal.put(o.record for o in this.taken.values() if not o.known)
    return list(this.taken.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """What every file of one batch is decided on, and the cases that the batch has already."""

    register: Register | NoRegister
    moment: Moment
    taken: dict[CaseId, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """One file of a group, examined, and the record of its case where there is one."""

    sighting: Sighting
    examined: Examined
    earlier: Record | None

    @property
    def evidence(self) -> Evidence:
        """What all arrivals of these bytes say together."""
        mine = self.examined.evidence
        return mine if self.earlier is None else self.earlier.evidence.joined(mine)


def _group(sighting: Sighting) -> tuple[int, str]:
    return (sighting.folder, sighting.group)


def _take_in_group(ports: Ports, members: Sequence[Sighting], this: _Round) -> list[Outcome]:
    """Return the outcomes of a group; of its new members none while one has to wait."""
    outcomes = {s: o for s in members if (o := _lying_there(ports, s)) is not None}
    known = {o.record.case: o.record.evidence for o in outcomes.values()}
    with ExitStack() as opened:
        arrivals: dict[CaseId, _Arrival] = {}
        for sighting in members:
            if sighting in outcomes:
                continue
            arrival = _arrival(ports, sighting, opened)
            if arrival is None:
                return list(outcomes.values())
            if not _has_twin_on_the_way(arrival, this):
                arrivals.setdefault(arrival.examined.case, arrival)
        together = known | {case: arrival.evidence for case, arrival in arrivals.items()}
        for arrival in arrivals.values():
            record = _sealed(ports, arrival, together, this)
            outcomes[arrival.sighting] = Outcome(
                record=record, source=arrival.sighting.identity, shown=arrival.sighting.shown
            )
    return [outcomes[sighting] for sighting in members if sighting in outcomes]


def _lying_there(ports: Ports, sighting: Sighting) -> Outcome | None:
    """Return the outcome of a file that was processed before and stays where it is by rule."""
    record = ports.journal.find_source(sighting.identity)
    if record is None or record.state is not State.DONE:
        return None
    return Outcome(record=record, source=sighting.identity, shown=sighting.shown, known=True)


def _arrival(ports: Ports, sighting: Sighting, opened: ExitStack) -> _Arrival | None:
    """Open and examine one file; None when it has changed or could not be read."""
    source = opened.enter_context(ports.inbox.open(sighting))
    examined = None if source is None else ports.sanitiser.examine(sighting, source)
    if examined is None:
        return None
    earlier = ports.journal.find(examined.case)
    return _Arrival(sighting=sighting, examined=examined, earlier=earlier)


def _has_twin_on_the_way(arrival: _Arrival, this: _Round) -> bool:
    """Tell whether the same bytes are being processed; this file then waits for the next round."""
    on_the_way = arrival.earlier is not None and arrival.earlier.state is not State.DONE
    return on_the_way or arrival.examined.case in this.taken


def _sealed(
    ports: Ports, arrival: _Arrival, together: Mapping[CaseId, Evidence], this: _Round
) -> Record:
    """Decide about one member beside the others and seal it, unless its bytes are sealed."""
    case = arrival.examined.case
    others = {other: evidence for other, evidence in together.items() if other != case}
    facts, ruling = decide(ports, arrival.evidence, others.values(), this.register, this.moment)
    decided = _again if arrival.earlier is not None else _first
    record = decided(ports, arrival, facts, ruling)
    return replace(
        record,
        group=tuple(sorted({*record.group, *others})),
        sidecars=arrival.sighting.sidecars,
        arrived_at=this.moment.at,
        discard=ruling.verdict is not Verdict.QUARANTINE and ports.inbox.deletes(arrival.sighting),
    )


def _first(ports: Ports, arrival: _Arrival, facts: Facts, ruling: Ruling) -> Record:
    """Seal a medium that was never seen before."""
    object_id, proof = ports.sealer.seal(arrival.examined, arrival.sighting.shown)
    return Record(
        case=arrival.examined.case,
        state=State.SEALED,
        kind=arrival.examined.kind,
        object=object_id,
        proof=proof,
        evidence=arrival.evidence,
        facts=facts,
        ruling=ruling,
        source=arrival.sighting.identity,
        arrived_at=ruling.decided_at,
        discard=False,
    )


def _again(_ports: Ports, arrival: _Arrival, facts: Facts, ruling: Ruling) -> Record:
    """Take a case back to SEALED for another arrival of its bytes; nothing is sealed twice.

    So the stored object is read back before this copy may go.
    """
    earlier = arrival.earlier
    if earlier is None:
        raise ValueError("a case that has not arrived before")
    return replace(
        earlier,
        state=State.SEALED,
        evidence=arrival.evidence,
        facts=facts,
        ruling=ruling,
        rulings=earlier.rulings + 1,
        source=arrival.sighting.identity,
        arrivals=earlier.arrivals + 1,
        original=Original.KEPT,
        cleared_at=None,
    )
