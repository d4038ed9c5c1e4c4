# SPDX-License-Identifier: Apache-2.0
"""Decide about one case with all that stands around it: companions, sitting, statements, copies.

The rules are pure (`agent.core.decide`); this module fetches from the journal what they may know.
What arrives in the same batch is known beside the journal, so the order of files decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from agent.core.attribution import ALONE, Context
from agent.core.case import Record, Ruling, State
from agent.core.clearance import Clearance, clearances
from agent.core.concerns import Concern
from agent.core.copies import is_copy
from agent.core.decide import Question, judge_together, objections_of_copy, resolve
from agent.core.model import CaseId, Clue, Evidence, Facts, Moment, RosterId
from agent.core.register import NoRegister, Register
from agent.core.sittings import Frame, Sitting, frame_of, sittings
from agent.core.statements import said_of, sitting_names
from agent.freezing import is_frozen
from agent.ports import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What every case of one round is decided on."""

    register: Register | NoRegister
    moment: Moment
    arriving: Mapping[CaseId, Evidence] = field(default_factory=dict)
    """Cases that are not in the journal yet, or not as they will be."""
    frames: dict[tuple[Clue, date], list[Frame]] = field(default_factory=dict)
    """The pictures of a camera's day, fetched once a round."""
    sittings: dict[tuple[Clue, date], Mapping[CaseId, Sitting]] = field(default_factory=dict)
    """The sittings of a camera's day, worked out once a round."""


def begin_round(ports: Known, arriving: Mapping[CaseId, Evidence] | None = None) -> Round:
    """Return a round on the present register at the present moment."""
    moment = ports.clock.now()
    register = ports.registrar.register(moment)
    return Round(register=register, moment=moment, arriving=arriving or {})


def decide(
    ports: Known, case: CaseId, evidence: Evidence, group: Iterable[CaseId], this: Round
) -> tuple[Facts, Ruling]:
    """Resolve a case's evidence in its surroundings and judge it: the facts and the ruling."""
    question = _question(ports, case, evidence, this)
    companions = _facts_of(ports, set(group) - {case}, this)
    scene = copies_of(ports, evidence, this) - {case, *group}
    copies = _facts_of(ports, scene, this)
    stopped = _frozen_of(ports, scene, evidence)
    sticking = {other: objections_of_copy(question, known) for other, known in copies.items()}
    decision = judge_together(
        question,
        companions.values(),
        {c for concerns in sticking.values() for c in concerns}
        | ({Concern.FREEZE_COPY} if stopped else set()),
    )
    objecting = {other for other, concerns in sticking.items() if concerns} | stopped
    return question.facts, Ruling(
        verdict=decision.verdict,
        concerns=decision.concerns,
        register_digest=decision.register_digest,
        register_version=decision.register_version,
        policy_digest=decision.policy_digest,
        decided_at=this.moment.at,
        copies=tuple(sorted(objecting)),
    )


def _frozen_of(ports: Known, scene: Iterable[CaseId], evidence: Evidence) -> set[CaseId]:
    """Return which pictures of the same scene are frozen, and which one it was covered from."""
    origin = set() if evidence.parent is None else {evidence.parent}
    return {case for case in {*scene, *origin} if is_frozen(ports, case)}


def cleared_for(ports: Known, record: Record) -> tuple[Clearance, ...]:
    """Return for which purposes a case is cleared at this moment (`agent.core.clearance`).

    What is frozen, or looks like it, and what two people have erased is cleared for none.
    """
    case, evidence, this = record.case, record.evidence, begin_round(ports)
    scene = copies_of(ports, evidence, this) - {case, *record.group}
    gone = record.state in (State.ERASING, State.ERASED)
    if gone or is_frozen(ports, case, record.group) or _frozen_of(ports, scene, evidence):
        return ()
    companions = {*record.group, *ports.journal.companions(case)} - {case}
    return clearances(
        _question(ports, case, evidence, this),
        _facts_of(ports, companions, this).values(),
        _facts_of(ports, scene, this).values(),
    )


def _question(ports: Known, case: CaseId, evidence: Evidence, this: Round) -> Question:
    facts = resolve(evidence, this.register, this.moment, _context(ports, case, evidence, this))
    return Question(facts=facts, register=this.register, policy=ports.policy, moment=this.moment)


def frames_of_day(ports: Known, evidence: Evidence, this: Round) -> list[Frame]:
    """Return all pictures that the same camera body took on the same day, this round's too."""
    shot = evidence.shot
    if shot is None:
        return []
    key = (shot.body, shot.taken.date())
    if key not in this.frames:
        there = {frame.case: frame for frame in ports.journal.frames(*key)}
        there |= {
            case: frame
            for case, arriving in this.arriving.items()
            if (frame := frame_of(case, arriving)) is not None
            and (frame.shot.body, frame.shot.taken.date()) == key
        }
        this.frames[key] = list(there.values())
    return this.frames[key]


def sittings_of(
    ports: Known, case: CaseId, evidence: Evidence, this: Round
) -> Mapping[RosterId, str]:
    """Return the name of the sitting that a case is in, for each class or group it may show."""
    register = this.register
    if isinstance(register, NoRegister):
        return {}
    return sitting_names(case, evidence, _sitting(ports, case, evidence, this), register)


def changed_sittings(ports: Known, evidence: Evidence, this: Round) -> list[CaseId]:
    """Return earlier pictures of a camera's day that are in another sitting through this round.

    Without a register nobody can tell, so with a card among them every one may be.
    """
    frames = frames_of_day(ports, evidence, this)
    earlier = [frame for frame in frames if frame.case not in this.arriving]
    if isinstance(this.register, NoRegister):
        return [frame.case for frame in earlier] if any(f.cards for f in frames) else []
    before, after = _sittings(this, earlier), _sittings_of_day(ports, evidence, this)
    return [f.case for f in earlier if before.get(f.case) != after.get(f.case)]


def _sitting(ports: Known, case: CaseId, evidence: Evidence, this: Round) -> Sitting | None:
    return _sittings_of_day(ports, evidence, this).get(case)


def _sittings_of_day(ports: Known, evidence: Evidence, this: Round) -> Mapping[CaseId, Sitting]:
    shot = evidence.shot
    if shot is None:
        return {}
    key = (shot.body, shot.taken.date())
    if key not in this.sittings:
        this.sittings[key] = _sittings(this, frames_of_day(ports, evidence, this))
    return this.sittings[key]


def _sittings(this: Round, frames: Sequence[Frame]) -> Mapping[CaseId, Sitting]:
    if isinstance(this.register, NoRegister) or not any(frame.cards for frame in frames):
        return {}
    return sittings(frames, this.register)


def _context(ports: Known, case: CaseId, evidence: Evidence, this: Round) -> Context:
    register = this.register
    if isinstance(register, NoRegister):
        return ALONE
    sitting = _sitting(ports, case, evidence, this)
    names = sitting_names(case, evidence, sitting, register)
    statements = ports.journal.said([case, *names.values()])
    return Context(sitting=sitting, said=said_of(case, names, statements))


def copies_of(ports: Known, evidence: Evidence, this: Round) -> set[CaseId]:
    """Return the cases of the same scene, in the journal and arriving now.

    So a refusal sticks to a copy that was resized or encoded again. A redacted copy has none: the
    people who were covered are not in it, and somebody has said who is.
    """
    look = evidence.look
    if look is None or evidence.parent is not None:
        return set()
    arriving = {
        case
        for case, other in this.arriving.items()
        if other.look is not None and is_copy(look, other.look)
    }
    return arriving.union(ports.journal.copies(look))


def _facts_of(ports: Known, cases: Iterable[CaseId], this: Round) -> dict[CaseId, Facts]:
    """Return what the evidence of other cases means, each in its own surroundings."""
    found: dict[CaseId, Evidence] = {}
    for case in cases:
        if case in this.arriving:
            found[case] = this.arriving[case]
        elif (record := ports.journal.find(case)) is not None:
            found[case] = record.evidence
    return {
        case: resolve(evidence, this.register, this.moment, _context(ports, case, evidence, this))
        for case, evidence in found.items()
    }
