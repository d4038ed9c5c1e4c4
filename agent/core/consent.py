# SPDX-License-Identifier: Apache-2.0
"""How a person stands for a purpose on a day: one pure function over append-only answers.

The order of strength: a restriction beats all; the child's own no wins; any refusal by someone
entitled wins; then only a current yes by someone entitled grants (UK GDPR Art. 7; DfE guidance on
parental responsibility: parents who disagree mean no).

Rule: of one answerer the newest answer in force counts, and of two on one day the stricter, so
the order in which answers are stored never matters.
"""

from collections.abc import Iterable
from datetime import date
from enum import Enum

from agent.core.model import PurposeId
from agent.core.register import Answer, AnswererId, Capacity, Person, Says


class Standing(Enum):
    """How a person stands; only `GRANTED` grants."""

    GRANTED = "granted"
    RESTRICTED = "restricted"
    CHILD_REFUSED = "child_refused"
    CONFLICTING = "conflicting"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    UNDELEGATED = "undelegated"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    ABSENT = "absent"


_STRICTNESS = {Says.YES: 0, Says.WITHDRAWN: 1, Says.NO: 2}
_CAUTION = {
    Capacity.RESPONSIBLE: 0,
    Capacity.DELEGATED: 1,
    Capacity.SELF: 2,
    Capacity.UNDELEGATED: 3,
    Capacity.CHILD: 4,
}
"""Which capacity counts where one answerer gave the same answer twice on a day: the least able
to grant, the child's own before all."""
_ENTITLED = frozenset({Capacity.RESPONSIBLE, Capacity.DELEGATED, Capacity.SELF})


def standing(person: Person, purpose: PurposeId, on: date) -> Standing:
    """Return how a person stands for a purpose on a calendar day of the school."""
    if person.restricted:
        return Standing.RESTRICTED
    answers = [answer for answer in person.answers if answer.purpose == purpose]
    in_force = _newest_in_force(answers, on)
    refusal = _refusal(in_force, on)
    if refusal is not None:
        return refusal
    if any(_grants(answer, on) for answer in in_force):
        return Standing.GRANTED
    return _why_not_granted(answers, in_force)


def _newest_in_force(answers: Iterable[Answer], on: date) -> list[Answer]:
    """Keep each answerer's newest answer given on or before the day."""
    newest: dict[AnswererId, Answer] = {}
    for answer in answers:
        if answer.given_on > on:
            continue
        rival = newest.get(answer.answerer)
        if rival is None or _strength(answer) > _strength(rival):
            newest[answer.answerer] = answer
    return list(newest.values())


def _strength(answer: Answer) -> tuple[date, int, int, date]:
    """Order one answerer's answers: newer, then stricter, then the one that ends sooner."""
    until = answer.valid_until or date.max
    return (answer.given_on, _STRICTNESS[answer.says], _CAUTION[answer.capacity], _mirror(until))


def _mirror(day: date) -> date:
    """Turn the calendar round, so that an earlier end sorts as the greater."""
    return date.fromordinal(date.max.toordinal() + 1 - day.toordinal())


def _refusal(in_force: list[Answer], on: date) -> Standing | None:
    """Return the strongest refusal among the answers, or None.

    A refusal never runs out, and one by a carer without delegation holds as well: caution needs
    no authority.
    """
    refusals = [answer for answer in in_force if answer.says is not Says.YES]
    if any(answer.capacity is Capacity.CHILD for answer in refusals):
        return Standing.CHILD_REFUSED
    if not refusals:
        return None
    if any(_grants(answer, on) for answer in in_force):
        return Standing.CONFLICTING
    if any(answer.says is Says.NO for answer in refusals):
        return Standing.REFUSED
    return Standing.WITHDRAWN


def _grants(answer: Answer, on: date) -> bool:
    """Tell whether an answer in force is a current yes by someone entitled."""
    current = answer.valid_until is None or on <= answer.valid_until
    return answer.says is Says.YES and answer.capacity in _ENTITLED and current


def _why_not_granted(answers: list[Answer], in_force: list[Answer]) -> Standing:
    """Say why no answer grants, when none refuses."""
    if any(answer.capacity in _ENTITLED for answer in in_force):
        return Standing.EXPIRED
    if any(answer.capacity is Capacity.UNDELEGATED for answer in in_force):
        return Standing.UNDELEGATED
    if any(answer.capacity in _ENTITLED for answer in answers):
        return Standing.NOT_YET_VALID
    return Standing.ABSENT
