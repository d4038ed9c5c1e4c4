# SPDX-License-Identifier: Apache-2.0
"""Read a table that somebody made elsewhere, CSV or XLSX, within limits; write one.

The bytes are untrusted, so a child process of one file parses them (`agent.table_parsing`): a file
that eats memory or time ends the child, and here it is a refusal like others. Only rows of text and
reasons of a closed list come back, and both are checked. Nothing is written to a disk.
"""

import codecs
import csv
import io
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import Enum
from functools import partial
from itertools import islice
from typing import Any, Final

from agent.media.child_process import ROOT, ChildProcess
from agent.media.errors import MediaError

Rows = list[list[str]]

MEMORY_BYTES: Final = 1 << 30
"""Address space of the child; the largest table that is let in takes a third of it."""
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, {root!r}); from agent.table_parsing import main; main()"
)
_SAVE_AS: Final = "Open it in Excel and save it as an Excel workbook (.xlsx) or as CSV UTF-8."
_ESCAPED: Final = 12
"""The most bytes that JSON takes for one character."""
_ONE_AT_A_TIME: Final = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a file may have at most: bytes, rows, columns, characters of a cell, packed members.

    `seconds` is how long the child may take.
    """

    size: int = 10 << 20
    unpacked: int = 40 << 20
    members: int = 200
    rows: int = 20_000
    columns: int = 200
    cell: int = 2_000
    seconds: float = 30.0


class Refusal(Enum):
    """Why a file is not read, and what to do; in braces a limit or the row."""

    OPEN = "This is Excel's mark that a file is open. Close it in Excel first."
    OLD = f"This is an old Excel file, or one with a password. {_SAVE_AS}"
    SIZE = "The file is larger than {size} MB. Is it the right one?"
    EMPTY = "The file is empty."
    BROKEN_BOOK = f"The workbook is damaged. {_SAVE_AS}"
    BROKEN_TEXT = f"The file is damaged. {_SAVE_AS}"
    NO_TEXT = f"This is neither a CSV file nor an Excel workbook. {_SAVE_AS}"
    NO_TABLE = f"The file is not a table that can be read. {_SAVE_AS}"
    NO_BOOK = f"This is not an Excel workbook of the .xlsx kind. {_SAVE_AS}"
    MACROS = f"The workbook holds macros. {_SAVE_AS}"
    INSIDE = "The workbook is far larger inside than a register is. It is not read."
    ROWS = "The file has more than {rows:,} rows."
    COLUMNS = "The file has more than {columns} columns."
    CELL = "Row {row:,} has a cell of unlikely length."
    EXHAUSTED = (
        "Reading the file took more memory or time than a register needs, so it was stopped. "
        f"Nothing was read. {_SAVE_AS}"
    )
    NO_HEADINGS = "No row looks like headings: two of UPN, surname, date of birth, class."


class TableRefused(ValueError):  # noqa: N818 - an answer to a person
    """Say in sentences for the person why a file is not read, and what to do."""

    def __init__(self, refusal: Refusal, limits: Limits | None = None, row: int = 0) -> None:
        self.refusal, self.row = refusal, row
        limits = limits or Limits()
        words = {"rows": limits.rows, "columns": limits.columns, "size": limits.size >> 20}
        super().__init__(refusal.value.format(**words, row=row))


class TableChild(ChildProcess):
    """The child that parses one table and ends."""

    def __init__(self, limits: Limits, program: str = _PROGRAM, memory: int = MEMORY_BYTES) -> None:
        super().__init__(program.format(root=str(ROOT)), limits.seconds, memory)
        self._limits = limits

    def rows(self, data: bytes, *, book: bool) -> Rows:
        """Return the rows of a file, each cell as text.

        Raises:
            TableRefused: it is of another kind, too large, damaged, or made the child fail.
        """
        job = {"book": book, "limits": asdict(self._limits)}
        try:
            untrusted_answer, untrusted_rows = self._ask(job, data)
        except MediaError as error:
            raise TableRefused(Refusal.EXHAUSTED) from error
        if untrusted_answer != {}:
            raise _refused(untrusted_answer, self._limits)
        return _checked(untrusted_rows, self._limits)


def read_table(data: bytes, name: str, limits: Limits | None = None) -> Rows:
    """Return the rows of a file in its order, empty ones too, each cell as text.

    Raises:
        TableRefused: the file is of another kind, too large, damaged or empty.
    """
    limits = limits or Limits()
    if name.startswith("~$"):
        raise TableRefused(Refusal.OPEN)
    return _read(data, limits, book=False)


def read_workbook(data: bytes, limits: Limits) -> Rows:
    """Return the rows of a workbook's first visible sheet.

    Raises:
        TableRefused: it is no .xlsx, is damaged, or exceeds a limit.
    """
    return _read(data, limits, book=True)


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when it opens the file (OWASP)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def write_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as a CSV file for Excel: UTF-8 with a mark, all quoted, no formulas."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return codecs.BOM_UTF8 + made.getvalue().encode("utf-8", "replace")


def _read(data: bytes, limits: Limits, *, book: bool) -> Rows:
    if len(data) > limits.size:
        raise TableRefused(Refusal.SIZE, limits)
    with _ONE_AT_A_TIME, TableChild(limits) as child:  # so that ten files take the memory of one
        return child.rows(data, book=book)


def _refused(untrusted_answer: dict[str, Any], limits: Limits) -> TableRefused:
    """Return the child's refusal, of which only a known reason and a number are believed."""
    named = {refusal.name: refusal for refusal in Refusal}
    untrusted_row = untrusted_answer.get("row")
    if type(untrusted_row) is not int or not 0 <= untrusted_row <= limits.rows:
        return TableRefused(Refusal.EXHAUSTED)
    refusal = named.get(str(untrusted_answer.get("refusal")), Refusal.EXHAUSTED)
    return TableRefused(refusal, limits, untrusted_row)


def _checked(untrusted_rows: bytes, limits: Limits) -> Rows:
    """Return the child's rows, one JSON list of texts a line, within the limits."""
    longest = limits.columns * (limits.cell * _ESCAPED + 4) + 2
    lines = iter(partial(io.BytesIO(untrusted_rows).readline, longest), b"")
    try:
        untrusted_table = [json.loads(line) for line in islice(lines, limits.rows + 1)]
    except (ValueError, RecursionError) as error:
        raise TableRefused(Refusal.EXHAUSTED) from error
    if len(untrusted_table) > limits.rows or not all(
        _is_row(one, limits) for one in untrusted_table
    ):
        raise TableRefused(Refusal.EXHAUSTED)
    return untrusted_table


def _is_row(untrusted_row: object, limits: Limits) -> bool:
    return (
        isinstance(untrusted_row, list)
        and len(untrusted_row) <= limits.columns
        and all(type(cell) is str and len(cell) <= limits.cell for cell in untrusted_row)
    )
