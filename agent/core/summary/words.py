# SPDX-License-Identifier: Apache-2.0
"""How counts, days and comparisons are worded, the same in every part of a report."""

from datetime import date
from typing import Final

from agent.core.summary.numbers import THRESHOLD, Exact, Shown, Veiled

_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_VEILED: Final = {
    Veiled.FEWER: f"fewer than {THRESHOLD}",
    Veiled.HIDDEN: "not shown",
    Veiled.WITHHELD: "not shown",
}
_NONE: Final = "not recorded"
_MIN_BASE: Final = 20
_ALIKE: Final = 10
_NUMBERS: Final = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine")


def count(shown: Shown | None) -> str:
    """Return a count as the tables show it."""
    if shown is None:
        return _NONE
    return f"{shown.value:,}" if isinstance(shown, Exact) else _VEILED[shown]


def share(shown: Shown | None, base: Shown | None) -> str:
    """Return a count with its percentage, where the base is large enough and all is shown."""
    if not isinstance(shown, Exact) or not isinstance(base, Exact) or base.value < _MIN_BASE:
        return count(shown)
    return f"{shown.value:,} ({round(100 * shown.value / base.value)}%)"


def change(now: Shown | None, before: Shown | None) -> str:
    """Return what changed from one term to the next; nothing is said beside a hidden count."""
    if now is None or before is None:
        return "No earlier figure"
    if not isinstance(now, Exact) or not isinstance(before, Exact):
        return "Not compared"
    if now.value == before.value:
        return "No change"
    if _ALIKE * abs(now.value - before.value) <= before.value:
        return "About the same"
    return "More" if now.value > before.value else "Fewer"


def day(value: date | None) -> str:
    """Return a day as it is written in a letter."""
    return (
        "not recorded" if value is None else f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    )


def month(value: date, *, short: bool = False) -> str:
    """Return a month and its year; a short one for a narrow column."""
    name = _MONTHS[value.month - 1]
    return f"{name[:3] if short else name} {value.year}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return a number and its noun."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def number_word(number: int) -> str:
    """Return a small number as a word that can begin a sentence."""
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"
