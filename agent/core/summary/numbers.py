# SPDX-License-Identifier: Apache-2.0
"""Small numbers: which counts may be shown, so that no hidden one can be worked out.

A count from 1 to 4 about children or pictures is shown as "fewer than 5". That alone hides nothing
where a total stands beside it, so more counts are hidden until whoever knows every figure shown,
those of earlier reports, and these rules, still has at least three values to choose from for each
hidden one. A solver looks for the values, not a rule of thumb: hiding "the next smallest" leaves
one table in seventeen open.

What a reader knows of a cell:
    Exact(n)   n
    FEWER      1 to 4
    HIDDEN     5 or more; an honest nought is never hidden this way
    WITHHELD   nothing: then the whole table is withheld, whatever stands in it
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

THRESHOLD: Final = 5
"""Counts below it, and above nought, are small (as in the statistics of the Department for
Education and Ofqual)."""
CHOICES: Final = 3
"""How many values a reader must be left with for each hidden count."""
_ROOM: Final = 50
_EFFORT: Final = 400
_NEAR: Final = 6
_PASSES: Final = 60

Bounds = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Exact:
    """A count that is shown."""

    value: int


class Veiled(Enum):
    """A count that is not shown, by the word that stands for it."""

    FEWER = "fewer"
    HIDDEN = "hidden"
    WITHHELD = "withheld"


Shown = Exact | Veiled


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One count: its value, and what of it is known already or never will be.

    `published` is what an earlier report showed; it stays. `silent` is a count that no report
    shows but that follows from others, such as what came between two reports.
    """

    value: int
    published: Shown | None = None
    silent: bool = False

    @property
    def is_small(self) -> bool:
        """Whether it is about so few that they could be known."""
        return 0 < self.value < THRESHOLD


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum that every reader can do: the counts on the left and on the right add up alike."""

    left: tuple[str, ...]
    right: tuple[str, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """All counts in it."""
        return self.left + self.right


def veil(cells: Mapping[str, Cell], sums: Sequence[Sum]) -> dict[str, Shown]:
    """Return how each cell may be shown; silent ones are left out.

    Hides one count after another, in an order that looks at no value, until nothing is open; where
    none is left, withholds all.
    """
    true = [one for one in sums if _holds(one, cells)]
    shown = {key: _at_first(cell) for key, cell in cells.items() if not cell.silent}
    while True:
        open_ = exposed(cells, true, shown)
        if not open_:
            return shown
        victim = _next(cells, true, shown, open_)
        if victim is None:
            return {
                key: cell.published or Veiled.WITHHELD
                for key, cell in cells.items()
                if not cell.silent
            }
        shown[victim] = Veiled.HIDDEN


def exposed(
    cells: Mapping[str, Cell], sums: Sequence[Sum], shown: Mapping[str, Shown]
) -> list[str]:
    """Return the cells that must not be known and that a reader could narrow too far.

    What an earlier report veiled must stay so: a later one may not give it away either.
    """
    bounds = _known(cells, shown)
    return [
        key
        for key, cell in cells.items()
        if (cell.is_small if cell.silent else isinstance(shown[key], Veiled))
        and not _has_choices(key, cell.value, bounds, sums)
    ]


def _at_first(cell: Cell) -> Shown:
    if cell.published is not None:
        return cell.published
    return Veiled.FEWER if cell.is_small else Exact(cell.value)


def _holds(one: Sum, cells: Mapping[str, Cell]) -> bool:
    """Tell whether a sum adds up with what was published; one that does not teaches nobody."""

    def side(keys: Iterable[str]) -> int:
        return sum(_published_or_true(cells[key]) for key in keys)

    return side(one.left) == side(one.right)


def _published_or_true(cell: Cell) -> int:
    return cell.published.value if isinstance(cell.published, Exact) else cell.value


def _next(
    cells: Mapping[str, Cell],
    sums: Sequence[Sum],
    shown: Mapping[str, Shown],
    open_: Sequence[str],
) -> str | None:
    """Return the count to hide next: one beside an open one, a part before a total, in fixed order.

    The choice looks at no value beyond "not small": a reader who knows how it is made learns
    nothing from which one it was.
    """
    free = [
        key
        for key, now in shown.items()
        if isinstance(now, Exact) and now.value >= THRESHOLD and cells[key].published is None
    ]
    beside = {key for one in sums if set(open_) & set(one.keys) for key in one.keys}
    totals = {one.left[0] for one in sums if len(one.left) == 1}
    return min(free, key=lambda key: (key not in beside, key in totals), default=None)


def _known(cells: Mapping[str, Cell], shown: Mapping[str, Shown]) -> dict[str, Bounds]:
    """Return what a reader knows of each cell; "or more" has an end, well beyond every figure."""
    most = sum(cell.value for cell in cells.values()) + _ROOM
    words = {
        Veiled.FEWER: (1, THRESHOLD - 1),
        Veiled.HIDDEN: (THRESHOLD, most),
        Veiled.WITHHELD: (0, most),
    }
    bounds: dict[str, Bounds] = {}
    for key in cells:
        now = shown.get(key, Veiled.WITHHELD)
        bounds[key] = (now.value, now.value) if isinstance(now, Exact) else words[now]
    return bounds


def _has_choices(key: str, value: int, bounds: Mapping[str, Bounds], sums: Sequence[Sum]) -> bool:
    """Tell whether a reader is left with enough values for a cell, near the true one."""
    narrowed = _narrowed(bounds, sums)
    if narrowed is None:
        return False
    low, high = narrowed[key]
    middle = min(max(value, low), high)  # late entries may have moved it since it was published
    near = range(max(low, middle - _NEAR), min(high, middle + _NEAR) + 1)
    found = 0
    for candidate in near:
        found += _solve({**narrowed, key: (candidate, candidate)}, sums, [_EFFORT])
        if found >= CHOICES:
            return True
    return False


def _solve(bounds: Mapping[str, Bounds], sums: Sequence[Sum], effort: list[int]) -> bool:
    """Tell whether whole numbers within the bounds fulfil every sum; out of effort means no."""
    effort[0] -= 1
    narrowed = _narrowed(bounds, sums)
    if narrowed is None or effort[0] < 0:
        return False
    wide = [(high - low, key) for key, (low, high) in narrowed.items() if high > low]
    if not wide:
        return True
    _, key = min(wide)
    low, high = narrowed[key]
    middle = (low + high) // 2
    return any(
        _solve({**narrowed, key: half}, sums, effort)
        for half in ((low, middle), (middle + 1, high))
    )


def _narrowed(bounds: Mapping[str, Bounds], sums: Sequence[Sum]) -> dict[str, Bounds] | None:
    """Return the bounds after every sum has been used until none narrows; None: impossible."""
    now = dict(bounds)
    for _ in range(_PASSES):
        before = dict(now)
        for one in sums:
            sides = ((one.left, one.right), (one.right, one.left))
            if not all(_by_sum(keys, others, now) for keys, others in sides):
                return None
        if now == before:
            break
    return now


def _by_sum(keys: Sequence[str], across: Sequence[str], now: dict[str, Bounds]) -> bool:
    """Narrow one side of a sum to what the other side leaves; false where nothing is left."""
    least, most = _total(across, now)
    low_side, high_side = _total(keys, now)
    for key in keys:
        low, high = now[key]
        tight = max(low, least - high_side + high), min(high, most - low_side + low)
        if tight[0] > tight[1]:
            return False
        low_side, high_side = low_side + tight[0] - low, high_side + tight[1] - high
        now[key] = tight
    return True


def _total(keys: Sequence[str], now: Mapping[str, Bounds]) -> Bounds:
    return sum(now[key][0] for key in keys), sum(now[key][1] for key in keys)
