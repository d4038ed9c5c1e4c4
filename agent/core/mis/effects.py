# SPDX-License-Identifier: Apache-2.0
"""What a change permits that was not permitted before, computed by the rule that decides pictures.

`agent.core.consent.standing` is asked for today and for every later day on which something begins
or ends; nothing is concluded from the difference of two rows. What widens can be taken out of a
change, and what is left tightens or is neutral, so it may apply without anybody's confirmation.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from agent.core.consent import Standing, standing
from agent.core.mis.book import OTHER, MisAnswer, Pupil
from agent.core.model import PurposeId, Token
from agent.core.register import Answer, Person

LastDay = Callable[[PurposeId, date], date | None]
"""The last day of a yes to a purpose that was given on a day; None where it does not run out."""
_REFUSALS = frozenset(
    {Standing.CHILD_REFUSED, Standing.CONFLICTING, Standing.REFUSED, Standing.WITHDRAWN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What an import is planned under.

    `made_on` is the day the file was made, `internal` are the purposes that go on after leaving,
    `seed` is random, kept with the import: keys of pupils who join follow from it.
    """

    today: date
    made_on: date
    purposes: frozenset[PurposeId]
    internal: frozenset[PurposeId]
    last_day: LastDay
    seed: bytes


def granted(pupil: Pupil | None, purpose: PurposeId, day: date, terms: Terms) -> bool:
    """Tell whether pictures of a pupil may be used for a purpose on a day."""
    return pupil is not None and _grants(_person(pupil, terms), purpose, day)


def widened(before: Pupil | None, after: Pupil | None, terms: Terms) -> frozenset[PurposeId]:
    """Return the purposes that are granted after, today or on a later day, and were not before."""
    if after is None:
        return frozenset()
    old, new = None if before is None else _person(before, terms), _person(after, terms)
    return frozenset(
        purpose
        for purpose in terms.purposes & {one.purpose for one in new.answers}
        if any(
            _grants(new, purpose, day) and not _grants(old, purpose, day)
            for day in _days(old, purpose, terms.today) | _days(new, purpose, terms.today)
        )
    )


def tightened(before: Pupil | None, after: Pupil | None, terms: Terms) -> frozenset[PurposeId]:
    """Return the purposes that were granted before, today or on a later day, and are not after."""
    return widened(after, before, terms)


def without_widening(before: Pupil | None, after: Pupil, terms: Terms) -> Pupil:
    """Return what may apply now: a return, a later last day and every answer that widens wait."""
    calm = after
    if before is not None and before.left_on is not None:
        calm = replace(after, left_on=min(before.left_on, after.left_on or before.left_on))
    for purpose in widened(before, calm, terms):
        calm = replace(
            calm,
            mis=_as_it_was(calm.mis, {} if before is None else before.mis, purpose),
            beside=_as_it_was(calm.beside, {} if before is None else before.beside, purpose),
        )
    return calm


def _as_it_was(
    answers: Mapping[PurposeId, MisAnswer],
    earlier: Mapping[PurposeId, MisAnswer],
    purpose: PurposeId,
) -> Mapping[PurposeId, MisAnswer]:
    kept = {known: answer for known, answer in answers.items() if known != purpose}
    return kept | {purpose: earlier[purpose]} if purpose in earlier else kept


def refusal_stands(pupil: Pupil | None, purpose: PurposeId, day: date) -> bool:
    """Tell whether a refusal or withdrawal that was recorded here stands, whatever the MIS says."""
    if pupil is None:
        return False
    alone = Person(token=Token(pupil.key), names=frozenset(), answers=pupil.others)
    return standing(alone, purpose, day) in _REFUSALS


def _person(pupil: Pupil, terms: Terms) -> Person:
    """Return a pupil as the core sees a person; leaving ends whatever is not internal."""
    answers = (
        *pupil.others,
        *(one.answer(purpose) for purpose, one in pupil.mis.items()),
        *(one.answer(purpose, OTHER) for purpose, one in pupil.beside.items()),
    )
    return Person(
        token=Token(pupil.key),
        names=frozenset(),
        answers=tuple(_capped(answer, pupil.left_on, terms) for answer in answers),
        restricted=pupil.restricted,
    )


def _capped(answer: Answer, left_on: date | None, terms: Terms) -> Answer:
    if left_on is None or answer.purpose in terms.internal:
        return answer
    return replace(answer, valid_until=min(answer.valid_until or left_on, left_on))


def _grants(person: Person | None, purpose: PurposeId, day: date) -> bool:
    return person is not None and standing(person, purpose, day) is Standing.GRANTED


def _days(person: Person | None, purpose: PurposeId, today: date) -> set[date]:
    """Return today and every later day on which an answer for a purpose begins or has ended."""
    answers = () if person is None else person.answers
    mine = [answer for answer in answers if answer.purpose == purpose]
    ends = {answer.valid_until for answer in mine if answer.valid_until}
    days = {answer.given_on for answer in mine} | {end + timedelta(days=1) for end in ends}
    return {today} | {day for day in days if day > today}
