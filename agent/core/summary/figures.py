# SPDX-License-Identifier: Apache-2.0
"""The counts of a report as cells, the sums that join them, and what of each is shown.

A column is one period; up to three stand side by side. Everything that a reader could add up or
take away, within a column and from one column to the next, is told to `numbers` as a sum.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from agent.core.summary.fold import Fold
from agent.core.summary.numbers import Cell, Exact, Shown, Sum, veil
from agent.core.summary.outcomes import Outcome

PICTURES: Final = "pictures"
KEPT: Final = Outcome.KEPT.code
HELD: Final = "held"
PERMISSION: Final = Outcome.PERMISSION.code
ELSE: Final = "else"
"""Held for any reason but a permission; the chart shows it as one."""
EARLIER_KEPT: Final = "earlier_kept"
EARLIER_HELD: Final = "earlier_held"
ERASED: Final = "erased"
"""Erased while held."""
WAITING: Final = "waiting"
LISTED: Final = "listed"
ANSWERED: Final = "answered"
UNANSWERED: Final = "unanswered"
REFUSED: Final = "refused"
_REASONS: Final = (Outcome.PEOPLE, Outcome.DEVICE, Outcome.FILE, Outcome.SYSTEM)

Figures = Mapping[str, Shown]
"""What is shown of one column's cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCounts:
    """How many people the register lists, what is known of them; counts, and no one of them."""

    listed: int
    answered: int
    """With a recorded choice for the purpose that every picture needs, yes or no."""
    refused: int
    """Whose permission was refused, withdrawn or narrowed in the period."""


def shown_figures(
    fold: Fold,
    columns: Sequence[int],
    register: RegisterCounts | None,
    published: Mapping[str, Figures],
) -> dict[str, Figures]:
    """Return what each column shows, by the period's name; `columns` are periods in order.

    The register is of the day of the report, so it belongs to the last column; earlier columns show
    of it what their own reports did.
    """
    cells: dict[str, Cell] = {}
    sums: list[Sum] = []
    for place, number in enumerate(columns):
        name = fold.calendar.periods[number].name
        values = dict(_pictures(fold, number))
        if register is not None and number == columns[-1]:
            values |= _people(register)
        before = published.get(name, {})
        for key, value in values.items():
            cells[f"{name}/{key}"] = Cell(value=value, published=before.get(key))
        earlier = fold.calendar.periods[columns[place - 1]].name if place else None
        if earlier is None:
            earlier = "before"
            waited = fold.held_at_end(number - 1)
            known = published.get(_name(fold, number - 1), {}).get(WAITING)
            cells[f"before/{WAITING}"] = Cell(
                value=waited,
                silent=known is None,
                published=known or (None if waited else Exact(0)),
            )
        sums += _sums(name, earlier, with_people=LISTED in values)
    shown = veil(cells, sums)
    return {
        fold.calendar.periods[number].name: _column(shown, fold.calendar.periods[number].name)
        | {
            key: now
            for key, now in published.get(fold.calendar.periods[number].name, {}).items()
            if number != columns[-1]
        }
        for number in columns
    }


def _name(fold: Fold, number: int) -> str:
    return fold.calendar.periods[number].name if number >= 0 else ""


def _column(shown: Figures, name: str) -> dict[str, Shown]:
    start = f"{name}/"
    return {key.removeprefix(start): now for key, now in shown.items() if key.startswith(start)}


def _pictures(fold: Fold, number: int) -> Iterator[tuple[str, int]]:
    tally = fold.tally(number)
    yield PICTURES, tally.pictures
    yield KEPT, tally.kept
    yield HELD, tally.pictures - tally.kept
    yield PERMISSION, tally.outcomes[Outcome.PERMISSION]
    yield ELSE, sum(tally.outcomes[reason] for reason in _REASONS)
    for reason in _REASONS:
        yield reason.code, tally.outcomes[reason]
    yield EARLIER_KEPT, tally.earlier_kept
    yield EARLIER_HELD, tally.earlier_held
    yield ERASED, tally.erased_held
    yield WAITING, fold.held_at_end(number)


def _people(register: RegisterCounts) -> dict[str, int]:
    return {
        LISTED: register.listed,
        ANSWERED: register.answered,
        UNANSWERED: register.listed - register.answered,
        REFUSED: register.refused,
    }


def _sums(name: str, earlier: str, *, with_people: bool) -> Iterator[Sum]:
    """Yield every sum that a reader can do with the cells of a column and those before it."""

    def keys(*cells: str) -> tuple[str, ...]:
        return tuple(f"{name}/{cell}" for cell in cells)

    yield Sum(keys(PICTURES), keys(KEPT, HELD))
    yield Sum(keys(HELD), keys(PERMISSION, ELSE))
    yield Sum(keys(ELSE), keys(*(reason.code for reason in _REASONS)))
    yield Sum(
        keys(WAITING, EARLIER_KEPT, ERASED), (f"{earlier}/{WAITING}", *keys(HELD, EARLIER_HELD))
    )
    if with_people:
        yield Sum(keys(LISTED), keys(ANSWERED, UNANSWERED))
