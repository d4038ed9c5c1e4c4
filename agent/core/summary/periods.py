# SPDX-License-Identifier: Apache-2.0
"""Terms as stretches of time: each entry of the ledger belongs to one, by the time that it tells.

A term's stretch begins where the one before ended, holidays and all, so that nothing falls between
two reports and no two reports overlap: what one report shows can never be taken from another.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """One term: its name, its first and last day, and its stretch (UTC, as the ledger writes)."""

    name: str
    first: date
    last: date
    begins: str
    ends: str
    """The first moment that does not belong to it any more."""
    closes_year: bool = False


class Calendar:
    """Periods in order; says to which one a time belongs."""

    def __init__(self, periods: Sequence[Period]) -> None:
        """Take periods that follow one another.

        Raises:
            ValueError: two overlap, or they are not in order.
        """
        for earlier, later in pairwise(periods):
            if earlier.ends > later.begins:
                raise ValueError("two terms overlap")
        self.periods = tuple(periods)
        self._begins = [period.begins for period in periods]

    def index(self, at: str) -> int | None:
        """Return the number of the period that a time belongs to; None where it is outside all."""
        number = bisect_right(self._begins, at) - 1
        return number if number >= 0 and at < self.periods[number].ends else None
