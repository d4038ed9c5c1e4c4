# SPDX-License-Identifier: Apache-2.0
"""For which purposes a picture is cleared at this moment: the same law, asked once a purpose.

Nothing of it is stored as truth: a permission may run out tomorrow. Cleared means that everybody
who may be in the picture has said yes to the purpose, and releases nothing: whether the school
uses pictures for it at all, the head decides.

Rules:
    1. What is not kept is cleared for nothing.
    2. Whoever is on no register was asked nothing: visitors block each purpose but the base.
    3. Pictures that arrived with it as one, and copies of its scene, object here as well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agent.core.concerns import Concern
from agent.core.consent import Standing
from agent.core.decide import Question, judge_together, objections_of_copy
from agent.core.model import Facts, PurposeId


@dataclass(frozen=True, slots=True, kw_only=True)
class Clearance:
    """Whether a picture is cleared for a purpose: what objects, and how its people stand."""

    purpose: PurposeId
    concerns: tuple[Concern, ...]
    standings: Mapping[Standing, int]

    @property
    def is_granted(self) -> bool:
        """Whether nothing objects."""
        return not self.concerns


def clearances(
    question: Question, companions: Iterable[Facts] = (), copies: Iterable[Facts] = ()
) -> tuple[Clearance, ...]:
    """Return the clearance for every purpose of the policy, the base purpose first.

    `companions` are the facts of what arrived with it as one, `copies` those of the same scene.
    """
    beside, scene = tuple(companions), tuple(copies)
    base = question.policy.base_purpose
    others = [purpose for purpose in question.policy.purposes if purpose != base]
    first = _clearance(question, base, beside, scene)
    found = [first]
    for purpose in others:
        one = _clearance(question, purpose, beside, scene)
        objections = {*first.concerns, *one.concerns}
        if any(_has_visitors(facts) for facts in (question.facts, *beside, *scene)):
            objections.add(Concern.PEOPLE_VISITORS)
        found.append(replace(one, concerns=_sorted(objections)))
    return tuple(found)


def _clearance(
    question: Question, purpose: PurposeId, companions: Iterable[Facts], copies: Iterable[Facts]
) -> Clearance:
    """Ask the law with this purpose in the place of the base purpose."""
    asked = replace(question, policy=replace(question.policy, base_purpose=purpose))
    copied = {concern for facts in copies for concern in objections_of_copy(asked, facts)}
    decision = judge_together(asked, companions, copied)
    return Clearance(purpose=purpose, concerns=decision.concerns, standings=decision.standings)


def _has_visitors(facts: Facts) -> bool:
    return facts.attribution.visitors > 0


def _sorted(concerns: Iterable[Concern]) -> tuple[Concern, ...]:
    return tuple(sorted(concerns, key=lambda concern: (-concern.severity, concern.code)))
