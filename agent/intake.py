# SPDX-License-Identifier: Apache-2.0
"""The beginning of the one path: examine what has settled, seal it into the spool, decide.

Files that belong together (`agent.core.groups`) are examined together and decided together; while
one of them cannot be read, all of them wait, and while one is frozen none is touched. Nothing here
deletes anything.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from itertools import groupby

from agent.core.case import Proof, Record, Ruling, State
from agent.core.concerns import Concern, Verdict
from agent.core.model import CaseId, Evidence, ObjectId
from agent.deciding import Round, begin_round, changed_sittings, copies_of, decide
from agent.freezing import frozen_files, is_frozen, lies_frozen
from agent.ports import Examined, Outcome, Ports, Sighting


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


def take_in(ports: Ports, batch: Sequence[Sighting]) -> tuple[list[Outcome], list[Record]]:
    """Examine, seal and decide a batch; one commit of the journal for all of it.

    Returns the outcomes of its files, and earlier cases whose sitting they changed.
    """
    outcomes: dict[CaseId, Outcome] = {}
    sealed: dict[CaseId, _Sealed] = {}
    for _, members in groupby(batch, key=_group):
        known, new = _seal_group(ports, list(members), frozenset(sealed) | frozenset(outcomes))
        outcomes |= {outcome.record.case: outcome for outcome in known}
        sealed |= {one.case: one for one in new}
    sealed = {case: one for case, one in sealed.items() if not is_frozen(ports, case, one.group)}
    this = begin_round(ports, {case: one.arrival.evidence for case, one in sealed.items()})
    for case, one in sealed.items():
        sighting = one.arrival.sighting
        record = _decided(ports, one, this)
        outcomes[case] = Outcome(record=record, source=sighting.identity, shown=sighting.shown)
    reopened = _reopened(ports, this)
    ports.journal.put([*(o.record for o in outcomes.values() if not o.known), *reopened])
    return list(outcomes.values()), reopened


def decided_again(ports: Ports, record: Record, this: Round) -> Record | None:
    """Return a case with its ruling of this round; None where nothing has changed.

    What is erased or frozen is left as it is.
    """
    gone = record.state in (State.ERASING, State.ERASED)
    if gone or is_frozen(ports, record.case, record.group):
        return None
    facts, ruling = decide(ports, record.case, record.evidence, record.group, this)
    if (ruling.verdict, ruling.concerns) == (record.ruling.verdict, record.ruling.concerns):
        return None
    state = State.SEALED if record.state is State.SEALED else State.STORED
    return replace(record, state=state, facts=facts, ruling=ruling, rulings=record.rulings + 1)


def was_read(record: Record) -> bool:
    """Tell whether there is evidence to decide on; a quarantined file never gave any."""
    return record.evidence.refusal is None or record.ruling.verdict is not Verdict.QUARANTINE


def _reopened(ports: Ports, this: Round) -> list[Record]:
    """Return earlier cases that arriving pictures of their sitting or scene decide otherwise.

    What such a case arrived with as one is decided together with it.
    """
    cases: dict[CaseId, None] = {}
    for evidence in this.arriving.values():
        cases |= dict.fromkeys(changed_sittings(ports, evidence, this))
        cases |= dict.fromkeys(sorted(copies_of(ports, evidence, this)))
    found = {case: ports.journal.find(case) for case in cases if case not in this.arriving}
    companions = {c for record in found.values() if record is not None for c in record.group}
    found |= {
        c: ports.journal.find(c) for c in sorted(companions - found.keys() - set(this.arriving))
    }
    again = (decided_again(ports, r, this) for r in found.values() if r is not None and was_read(r))
    return [record for record in again if record is not None]


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

    @property
    def has_twin_on_the_way(self) -> bool:
        """Whether the same bytes are being processed; this file then waits for the next round."""
        return self.earlier is not None and not self.earlier.state.is_at_rest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sealed:
    """One file whose bytes are sealed: what arrived, its companions, the object and its proof."""

    arrival: _Arrival
    group: frozenset[CaseId]
    object: ObjectId
    proof: Proof

    @property
    def case(self) -> CaseId:
        """The case of its bytes."""
        return self.arrival.examined.case


def _group(sighting: Sighting) -> tuple[int, str]:
    return (sighting.folder, sighting.group)


def _seal_group(
    ports: Ports, members: Sequence[Sighting], taken: frozenset[CaseId]
) -> tuple[list[Outcome], list[_Sealed]]:
    """Return the members that were processed before, and the others sealed.

    None of the others is sealed while one of them has to wait.
    """
    lying = [(sighting, _lying_there(ports, sighting)) for sighting in members]
    known = [outcome for _, outcome in lying if outcome is not None]
    frozen = frozen_files(ports)
    files = {file for sighting in members for file in (sighting.identity, *sighting.sidecars)}
    if files & frozen or any(lies_frozen(ports, file) for file in files):
        return known, []
    with ExitStack() as opened:
        arrivals: dict[CaseId, _Arrival] = {}
        for sighting in (sighting for sighting, outcome in lying if outcome is None):
            arrival = _arrival(ports, sighting, opened)
            if arrival is None:
                return known, []
            case = arrival.examined.case
            if case not in taken and not arrival.has_twin_on_the_way:
                arrivals.setdefault(case, arrival)
        together = frozenset(arrivals) | {outcome.record.case for outcome in known}
        stopped = next((case for case in together if is_frozen(ports, case)), None)
        if stopped is not None:
            ports.journal.set_aside([sighting.identity for sighting in members], stopped)
            return known, []
        return known, [_sealed(ports, arrival, together) for arrival in arrivals.values()]


def _lying_there(ports: Ports, sighting: Sighting) -> Outcome | None:
    """Return the outcome of a file that was processed before and stays where it is by rule."""
    record = ports.journal.find_source(sighting.identity)
    if record is None or not record.state.is_at_rest:
        return None
    return Outcome(record=record, source=sighting.identity, shown=sighting.shown, known=True)


def _arrival(ports: Ports, sighting: Sighting, opened: ExitStack) -> _Arrival | None:
    """Open and examine one file; None when it has changed or could not be read."""
    source, notes = opened.enter_context(ports.inbox.open(sighting)), ports.inbox.notes(sighting)
    if source is None or notes is None:
        return None
    examined = ports.sanitiser.examine(sighting, source, notes)
    if examined is None:
        return None
    earlier = ports.journal.find(examined.case)
    now = ports.clock.now()
    dated = replace(examined.evidence, arrived_on=now.today if now.trusted else None)
    return _Arrival(sighting=sighting, examined=replace(examined, evidence=dated), earlier=earlier)


def _sealed(ports: Ports, arrival: _Arrival, together: frozenset[CaseId]) -> _Sealed:
    """Seal one member of a group, unless its very bytes are sealed already."""
    earlier = arrival.earlier
    if earlier is None or earlier.state is State.ERASED:
        object_id, proof = ports.sealer.seal(arrival.examined, arrival.sighting.shown)
    else:
        object_id, proof = earlier.object, earlier.proof
    before = frozenset() if earlier is None else frozenset(earlier.group)
    group = (together | before) - {arrival.examined.case}
    return _Sealed(arrival=arrival, group=group, object=object_id, proof=proof)


def _may_go(ruling: Ruling) -> bool:
    """Tell whether an original may go: not what nobody could read, nor what may be evidence."""
    return ruling.verdict is not Verdict.QUARANTINE and Concern.FREEZE_COPY not in ruling.concerns


def _decided(ports: Ports, one: _Sealed, this: Round) -> Record:
    """Return the record of a sealed file with its ruling; a case that arrives again goes on.

    It goes back to SEALED, so the stored object is read back before this copy may go.
    """
    arrival, group = one.arrival, tuple(sorted(one.group))
    earlier, sighting = arrival.earlier, arrival.sighting
    facts, ruling = decide(ports, one.case, arrival.evidence, group, this)
    fresh = Record(
        case=one.case,
        state=State.SEALED,
        kind=arrival.examined.kind,
        object=one.object,
        proof=one.proof,
        evidence=arrival.evidence,
        facts=facts,
        ruling=ruling,
        source=sighting.identity,
        arrived_at=this.moment.at,
        group=group,
        sidecars=sighting.sidecars,
        discard=_may_go(ruling) and ports.inbox.deletes(sighting),
    )
    if earlier is None:
        return fresh
    again = replace(
        fresh,
        kind=earlier.kind,
        rulings=earlier.rulings + 1,
        arrivals=earlier.arrivals + 1,
    )
    if earlier.state is State.ERASED:
        return again
    return replace(
        again,
        stored_at=earlier.stored_at,
        spooled=earlier.spooled,
    )
