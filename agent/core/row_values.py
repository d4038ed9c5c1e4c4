# SPDX-License-Identifier: Apache-2.0
"""The values in a register file's cells, read strictly and never guessed.

Days are `2026-09-01` or day first, `01/09/2026`. Lists are separated by semicolons.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final, TypeVar

Row = Mapping[str, str]
T = TypeVar("T")

_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[T ]00:00:00)?")
_YES: Final = {"yes": True, "y": True, "no": False, "n": False, "": False}


class RowFault(Exception):  # noqa: N818 - an answer about a row
    """Say what is wrong with one row, in words for the office."""


def required(row: Row, column: str) -> str:
    """Return a cell that must not be empty.

    Raises:
        RowFault: it is.
    """
    value = row.get(column, "").strip()
    if not value:
        raise RowFault(f"column {column!r} is empty")
    return value


def listed(row: Row, column: str) -> tuple[str, ...]:
    """Return the parts of a cell that are separated by semicolons."""
    parts = (part.strip() for part in row.get(column, "").split(";"))
    return tuple(part for part in parts if part)


def one_of(row: Row, column: str, allowed: Mapping[str, T]) -> T:
    """Return what a word in a cell means.

    Raises:
        RowFault: the word is none of those allowed.
    """
    word = required(row, column).lower()
    if word not in allowed:
        raise RowFault(f"column {column!r}: found {word!r}, allowed: {', '.join(allowed)}")
    return allowed[word]


def yes_or_no(row: Row, column: str) -> bool:
    """Return whether a cell says yes; empty says no.

    Raises:
        RowFault: it says something else.
    """
    word = row.get(column, "").strip().lower()
    if word not in _YES:
        raise RowFault(f"column {column!r}: found {word!r}, allowed: yes, no")
    return _YES[word]


def day(row: Row, column: str) -> date:
    """Return the calendar day in a cell.

    Raises:
        RowFault: there is none, or no such day.
    """
    text = required(row, column)
    iso, day_first = _ISO.fullmatch(text), _DAY_FIRST.fullmatch(text)
    try:
        if iso:
            return date(int(iso[1]), int(iso[2]), int(iso[3]))
        if day_first:
            return date(int(day_first[3]), int(day_first[2]), int(day_first[1]))
    except ValueError as error:
        raise RowFault(f"column {column!r}: there is no day {text!r}") from error
    raise RowFault(f"column {column!r}: found {text!r}, expected 2026-09-01 or 01/09/2026")


def optional_day(row: Row, column: str) -> date | None:
    """Return the calendar day in a cell, or None where it is empty.

    Raises:
        RowFault: something is there that is no day.
    """
    return day(row, column) if row.get(column, "").strip() else None
