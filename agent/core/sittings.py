# SPDX-License-Identifier: Apache-2.0
"""Sittings: which card a picture was taken after. Pure, and the same in whatever order files come.

Pictures of one camera body stand in the order of capture time and file number. A class card opens
a sitting; the next card, an END card, half an hour without a picture, or the end of the day closes
it. A card that may not count opens one too, in which everything is held: somebody meant something
by showing it. Times of a camera are its own local ones and are only ever compared with each other.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from agent.core.cards import Card, CardKind, NotOurs, read_card
from agent.core.concerns import Concern
from agent.core.model import CaseId, Evidence, RosterId, Shot, Token
from agent.core.register import Register

GAP: Final = timedelta(minutes=30)
"""So long without a picture, and the sitting is over."""
_WRAP_FROM, _WRAP_TO = 9000, 1000
"""Cameras count to 9999 and begin again; such a step backwards is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a camera body: its case, when it was taken, the texts of cards in it."""

    case: CaseId
    shot: Shot
    cards: tuple[str, ...] = ()
    arrived_on: date | None = None
    """The day it was imported; None where nobody knows."""


def frame_of(case: CaseId, evidence: Evidence) -> Frame | None:
    """Return the place of a picture among those of its camera; None where it has none."""
    if evidence.shot is None:
        return None
    return Frame(
        case=case, shot=evidence.shot, cards=evidence.cards, arrived_on=evidence.arrived_on
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """A run of pictures: which picture opened it, whom its card means, and what objects to it."""

    opened_by: CaseId
    roster: RosterId | None = None
    child: Token | None = None
    concerns: frozenset[Concern] = frozenset()


@dataclass(slots=True)
class _Run:
    """A sitting while it is being walked through."""

    sitting: Sitting | None
    cases: list[CaseId] = field(default_factory=list)
    disordered: bool = False


def sitting_of(case: CaseId, frames: Iterable[Frame], register: Register) -> Sitting | None:
    """Return the sitting that a picture belongs to among its camera's pictures of that day."""
    return sittings(frames, register).get(case)


def sittings(frames: Iterable[Frame], register: Register) -> dict[CaseId, Sitting]:
    """Return the sitting of each picture of a camera's day that is in one."""
    found: dict[CaseId, Sitting] = {}
    for run in _runs(_ordered(frames), register):
        if run.sitting is not None:
            disorder = {Concern.SITTING_DISORDERED} if run.disordered else set()
            whole = replace(run.sitting, concerns=run.sitting.concerns | disorder)
            found |= dict.fromkeys(run.cases, whole)
    return found


def _ordered(frames: Iterable[Frame]) -> list[Frame]:
    """Order by time, then by number; the case only breaks ties, so any order of arrival is one."""
    unique = {frame.case: frame for frame in frames}
    return sorted(unique.values(), key=lambda f: (f.shot.taken, f.shot.number, not f.cards, f.case))


def _runs(frames: Sequence[Frame], register: Register) -> Iterator[_Run]:
    run, last = _Run(None), None
    for frame in frames:
        ended = last is not None and _is_over(last.shot, frame.shot)
        opened = _opening(frame, register)
        if ended or opened is not None:
            yield run
            run = _Run(None if opened is None else opened.sitting)
        elif last is not None:
            run.disordered = run.disordered or _is_disordered(last.shot, frame.shot)
        run.cases.append(frame.case)
        last = frame
    yield run


def _is_over(last: Shot, shot: Shot) -> bool:
    return shot.taken - last.taken > GAP or shot.taken.date() != last.taken.date()


def _is_disordered(last: Shot, shot: Shot) -> bool:
    """Tell whether numbers run backwards or the camera's time zone changed between two pictures."""
    backwards = 0 < shot.number < last.number
    wrapped = last.number > _WRAP_FROM and shot.number < _WRAP_TO
    return (backwards and not wrapped) or last.offset != shot.offset


def _opening(frame: Frame, register: Register) -> _Run | None:
    """Return the run that a picture's cards open; None where it shows no card of ours."""
    shown = {read_card(text, register.card_key) for text in frame.cards} - {NotOurs.FOREIGN}
    if not shown:
        return None
    if len(shown) > 1:
        return _Run(_faulty(frame.case, Concern.CARD_CONFLICTING))
    card = shown.pop()
    if not isinstance(card, Card):
        return _Run(_faulty(frame.case, Concern.CARD_FORGED))
    return _Run(_opened_by(frame, card, register))


def _opened_by(frame: Frame, card: Card, register: Register) -> Sitting | None:
    if card.year != register.year:
        return _faulty(frame.case, Concern.CARD_EXPIRED)
    if _was_withdrawn(card, frame, register):
        return _faulty(frame.case, Concern.CARD_WITHDRAWN)
    if card.kind is CardKind.END:
        return None
    is_child = card.kind is CardKind.CHILD
    child = register.child_cards.get(card.id) if is_child else None
    roster = None if is_child else register.class_cards.get(card.id)
    if child is None and roster is None:
        return _faulty(frame.case, Concern.CARD_UNKNOWN)
    return Sitting(opened_by=frame.case, roster=roster, child=child)


def _was_withdrawn(card: Card, frame: Frame, register: Register) -> bool:
    """Tell whether a card was photographed, or came here, on the day of its withdrawal or later.

    A camera's clock may be wrong, so the day of import counts as well.
    """
    day = register.withdrawn_cards.get(card.id)
    arrived_on = frame.arrived_on or date.max
    return day is not None and max(frame.shot.taken.date(), arrived_on) >= day


def _faulty(case: CaseId, concern: Concern) -> Sitting:
    return Sitting(opened_by=case, concerns=frozenset({concern}))


def shows_a_card(cards: Iterable[str], register: Register) -> bool:
    """Tell whether a picture shows a card of ours, sound or not: it is no picture of children."""
    return any(read_card(text, register.card_key) is not NotOurs.FOREIGN for text in cards)
