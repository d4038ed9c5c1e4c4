# SPDX-License-Identifier: Apache-2.0
"""The whole law of the product, in two pure steps.

`resolve` turns evidence into facts on a register, and `judge` turns facts into a decision, so any
decision can be recomputed from what the ledger cites.

Rules:
    1. A rule can only object, and the concern it names fixes the severity.
    2. The verdict is the greatest severity of all objections.
    3. No objection is not enough: KEEP also needs each positive proof in `_proven`.
    4. Adding an objection, a person, a face or a refusal never loosens a verdict; only a face too
       many may find its name.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from agent.core.attribution import ALONE, Context, attribute, subjects
from agent.core.concerns import Concern, Verdict, plain_reason
from agent.core.consent import Standing, standing
from agent.core.model import (
    Attribution,
    Coverage,
    Evidence,
    Facts,
    Grade,
    Moment,
    Policy,
    Provenance,
    TagSource,
    Token,
)
from agent.core.provenance import grade_device
from agent.core.register import NoRegister, Register
from agent.core.sittings import shows_a_card


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that a decision may depend on; for the core nothing else exists."""

    facts: Facts
    register: Register | NoRegister
    policy: Policy
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The answer: what objects, how the people stand (counts), and what it was based on."""

    verdict: Verdict
    concerns: tuple[Concern, ...]
    standings: Mapping[Standing, int] = field(default_factory=dict)
    register_digest: str | None
    register_version: int | None
    policy_digest: str
    moment: Moment

    @property
    def sentence(self) -> str:
        """The reason in plain words for the office."""
        return plain_reason(self.concerns)


Standings = Mapping[Token, Standing]


def resolve(
    evidence: Evidence,
    register: Register | NoRegister,
    moment: Moment,
    context: Context = ALONE,
) -> Facts:
    """Return what the evidence means on a register; without one it proves nothing."""
    faces, small_faces = _faces_in(evidence)
    if isinstance(register, NoRegister):
        return Facts(
            provenance=Provenance(grade=Grade.NO_EVIDENCE),
            attribution=Attribution(coverage=Coverage.UNKNOWN),
            refusal=evidence.refusal,
            faces=faces,
            small_faces=small_faces,
        )
    provenance = grade_device(evidence, register, moment.today)
    present = context.said.present
    return Facts(
        provenance=provenance,
        attribution=attribute(evidence, register, context),
        refusal=evidence.refusal,
        faces=faces,
        small_faces=small_faces,
        added_faces=present.added_faces,
        too_small=len({number for number in present.too_small if 1 <= number <= (faces or 0)}),
        noted=_noted_in(evidence, register, context, provenance.grade),
    )


_SHOWN: Final = frozenset({Grade.REGISTERED, Grade.CONSISTENT})
"""Grades of a school device that is shown to have taken it."""


def _faces_in(evidence: Evidence) -> tuple[int | None, int]:
    """Return how many faces were counted, and how many of them are small.

    Faces that somebody has marked are there, whatever was counted, and are not background.
    """
    look = evidence.look
    if look is None or look.faces is None:
        return None, 0
    marked = sum(tag.source is TagSource.REGION for tag in evidence.tags)
    faces = max(look.faces, marked)
    return faces, min(look.small_faces, faces - marked)


def _noted_in(
    evidence: Evidence, register: Register, context: Context, grade: Grade
) -> tuple[Concern, ...]:
    """Return what the file's name, notes beside it, cards in it and its sitting object to.

    Notes that nobody could read do not matter any more once a person has said who is in it. The
    school's own tablets may give names as telephones do.
    """
    found, sitting = set(evidence.notes), context.sitting
    if grade in _SHOWN:
        found.discard(Concern.DEVICE_PHONE_NAME)
    if context.said.present.is_everyone:
        found.discard(Concern.PEOPLE_NOTES_UNREADABLE)
    if shows_a_card(evidence.cards, register):
        found.add(Concern.CARD_PICTURE)
    if sitting is not None:
        found |= sitting.concerns
    return tuple(sorted(found, key=lambda concern: concern.code))


def judge(question: Question) -> Decision:
    """Decide: collect every objection, then ask for every proof."""
    people = _standings(question)
    found = {concern for rule in RULES for concern in rule(question, people)}
    if not found and not _proven(question, people):
        found = {Concern.DECISION_UNPROVEN}
    return _decision(question, people, found)


def judge_together(
    question: Question, others: Iterable[Facts], copied: Iterable[Concern] = ()
) -> Decision:
    """Decide about one medium of a group: what objects to another member objects to it as well.

    Only that another member could not be cleaned is its own affair: a RAW beside its JPEG.
    `copied` is what copies of the same scene object (`objections_of_copy`).
    """
    found = {*judge(question).concerns, *copied}
    for facts in others:
        concerns = judge(replace(question, facts=facts)).concerns
        found |= {concern for concern in concerns if not concern.is_about_the_file}
    return _decision(question, _standings(question), found)


def objections_of_copy(question: Question, copy: Facts) -> frozenset[Concern]:
    """Return what a copy of the same scene objects to this medium: a refusal sticks to it.

    Who is named or said to be in the copy is in this medium too. Whom the copy's folder or card
    only makes possible counts as long as nobody has said who is in this one.
    """
    claim = copy.attribution
    if question.facts.attribution.stated and not claim.stated:
        claim = replace(claim, rosters=())
    concerns = judge(replace(question, facts=replace(copy, attribution=claim))).concerns
    return frozenset(concern for concern in concerns if concern.sticks_to_copies)


def _decision(question: Question, people: Standings, found: set[Concern]) -> Decision:
    register = question.register if isinstance(question.register, Register) else None
    return Decision(
        verdict=max((concern.severity for concern in found), default=Verdict.KEEP),
        concerns=tuple(sorted(found, key=lambda concern: (-concern.severity, concern.code))),
        standings=MappingProxyType(_counted(people.values())),
        register_digest=register.digest if register else None,
        register_version=register.version if register else None,
        policy_digest=question.policy.digest,
        moment=question.moment,
    )


Rule = Callable[[Question, Standings], Iterable[Concern]]


def _standings(question: Question) -> Standings:
    """Return how everyone who may be in frame stands for the base purpose."""
    register = question.register
    if isinstance(register, NoRegister):
        return {}
    day, purpose = question.moment.today, question.policy.base_purpose
    return {
        token: standing(register.people[token], purpose, day)
        if token in register.people
        else Standing.ABSENT
        for token in subjects(question.facts.attribution, register)
    }


def _counted(standings: Iterable[Standing]) -> dict[Standing, int]:
    listed = list(standings)
    return {one: listed.count(one) for one in Standing if one in listed}


def _media(question: Question, _people: Standings) -> Iterable[Concern]:
    """Object to what could not be read, cleaned or verified."""
    if question.facts.refusal is not None:
        yield question.facts.refusal


def _register(question: Question, _people: Standings) -> Iterable[Concern]:
    """Object to a register that is missing, untrusted or past its validity."""
    register = question.register
    if isinstance(register, NoRegister):
        yield register.concern
    elif question.moment.at > register.valid_until:
        yield Concern.REGISTER_STALE


def _clock(question: Question, _people: Standings) -> Iterable[Concern]:
    """Object to a clock that is behind what the register and our own records prove."""
    register = question.register
    behind = isinstance(register, Register) and question.moment.at < register.issued_at
    if behind or not question.moment.trusted:
        yield Concern.CLOCK_UNTRUSTED


_GRADE_CONCERNS: Final = MappingProxyType(
    {
        Grade.UNREGISTERED: Concern.DEVICE_UNREGISTERED,
        Grade.NO_EVIDENCE: Concern.DEVICE_NO_EVIDENCE,
        Grade.CONTRADICTORY: Concern.DEVICE_CONTRADICTORY,
        Grade.UNROUTED: Concern.DEVICE_UNROUTED,
        Grade.RETIRED: Concern.DEVICE_RETIRED,
    }
)


def _device(question: Question, _people: Standings) -> Iterable[Concern]:
    """Object to a medium that no school device is shown to have taken."""
    grade = question.facts.provenance.grade
    if not _readable(question) or (question.facts.refusal and grade is Grade.NO_EVIDENCE):
        return
    if grade in _GRADE_CONCERNS:
        yield _GRADE_CONCERNS[grade]
    elif grade is Grade.CONSISTENT and not question.policy.accept_consistent_devices:
        yield Concern.DEVICE_UNROUTED


def _names(question: Question, _people: Standings) -> Iterable[Concern]:
    """Object to names, and to people whom nobody could name, that stand for nobody known."""
    if not _readable(question):
        return
    claim = question.facts.attribution
    if claim.unknown_names:
        yield Concern.PEOPLE_UNKNOWN_NAME
    if claim.ambiguous_names:
        yield Concern.PEOPLE_AMBIGUOUS_NAME
    if claim.not_known:
        yield Concern.PEOPLE_NOT_KNOWN


def _people(question: Question, people: Standings) -> Iterable[Concern]:
    """Object while anyone who may be in frame is not accounted for."""
    if not _readable(question):
        return
    claim = question.facts.attribution
    if claim.unnamed_faces > len(people) + claim.visitors:
        yield Concern.PEOPLE_UNNAMED_FACE
    if claim.coverage is Coverage.EVERYONE:
        if not claim.stated and (not people or _has_empty_roster(question)):
            yield Concern.PEOPLE_ROSTER_EMPTY
        return
    if claim.unnamed_faces:
        yield Concern.PEOPLE_UNNAMED_FACE
    some = claim.coverage is Coverage.SOME
    yield Concern.PEOPLE_INCOMPLETE if some else Concern.PEOPLE_UNATTRIBUTED


def _faces(question: Question, people: Standings) -> Iterable[Concern]:
    """Object to more faces than people who may be in frame, and to what nobody has counted."""
    facts, policy = question.facts, question.policy
    claim = facts.attribution
    somebody = claim.stated or (claim.coverage is Coverage.EVERYONE and people)
    if not (policy.count_faces and somebody) or facts.refusal is not None:
        return
    if facts.faces is None and not claim.stated:
        yield Concern.PEOPLE_NOT_COUNTED
    if _faces_that_count(facts, policy) > len(people) + claim.visitors:
        yield Concern.PEOPLE_UNCOUNTED


def _noted(question: Question, _people: Standings) -> Iterable[Concern]:
    """Object to what cards, sitting or the file's name object to."""
    if _readable(question):
        yield from question.facts.noted


_STANDING_CONCERNS: Final = MappingProxyType(
    {
        Standing.RESTRICTED: Concern.PERMISSION_RESTRICTED,
        Standing.CHILD_REFUSED: Concern.PERMISSION_CHILD_REFUSED,
        Standing.CONFLICTING: Concern.PERMISSION_CONFLICTING,
        Standing.REFUSED: Concern.PERMISSION_REFUSED,
        Standing.WITHDRAWN: Concern.PERMISSION_WITHDRAWN,
        Standing.UNDELEGATED: Concern.PERMISSION_UNDELEGATED,
        Standing.EXPIRED: Concern.PERMISSION_EXPIRED,
        Standing.NOT_YET_VALID: Concern.PERMISSION_NOT_YET_VALID,
        Standing.ABSENT: Concern.PERMISSION_ABSENT,
    }
)


def _permission(_question: Question, people: Standings) -> Iterable[Concern]:
    """Object to everyone who may be in frame and has no standing permission."""
    for one in people.values():
        if one is not Standing.GRANTED:
            yield _STANDING_CONCERNS[one]


RULES: Final[tuple[Rule, ...]] = (
    _media,
    _register,
    _clock,
    _device,
    _names,
    _people,
    _faces,
    _noted,
    _permission,
)


def _faces_that_count(facts: Facts, policy: Policy) -> int:
    """Return how many faces count; zero faces prove nothing, for backs of heads have none.

    Whoever says that faces are too small may mean those that the school does not count anyway, so
    the two are never added up.
    """
    ignored = 0 if policy.count_small_faces else facts.small_faces
    return (facts.faces or 0) - max(ignored, facts.too_small) + facts.added_faces


def _faces_accounted_for(question: Question, people: Standings) -> bool:
    facts, policy = question.facts, question.policy
    if not policy.count_faces:
        return True
    if facts.faces is None and not facts.attribution.stated:
        return False
    return _faces_that_count(facts, policy) <= len(people) + facts.attribution.visitors


def _has_empty_roster(question: Question) -> bool:
    """Tell whether a roster says nothing about who may be in frame; unknown ones do not either."""
    register = question.register
    if isinstance(register, NoRegister):
        return True
    rosters = [register.rosters.get(i) for i in question.facts.attribution.rosters]
    return any(roster is None or not roster.members for roster in rosters)


def _readable(question: Question) -> bool:
    """Tell whether evidence could be gathered at all: without register or bytes there is none."""
    unread = question.facts.refusal is not None and (
        question.facts.refusal.severity is Verdict.QUARANTINE
    )
    return isinstance(question.register, Register) and not unread


def _proven(question: Question, people: Standings) -> bool:
    """Tell whether everything that keeping needs is positively shown, whatever the rules say."""
    facts, register = question.facts, question.register
    claim = facts.attribution
    return (
        facts.refusal is None
        and isinstance(register, Register)
        and register.issued_at <= question.moment.at <= register.valid_until
        and question.moment.trusted
        and facts.provenance.grade in _passing(question.policy)
        and claim.coverage is Coverage.EVERYONE
        and not (claim.unknown_names or claim.ambiguous_names or claim.not_known or facts.noted)
        and claim.unnamed_faces <= len(people) + claim.visitors
        and (claim.stated or (bool(people) and not _has_empty_roster(question)))
        and _faces_accounted_for(question, people)
        and all(one is Standing.GRANTED for one in people.values())
    )


def _passing(policy: Policy) -> frozenset[Grade]:
    consistent = {Grade.CONSISTENT} if policy.accept_consistent_devices else set()
    return frozenset({Grade.REGISTERED} | consistent)
