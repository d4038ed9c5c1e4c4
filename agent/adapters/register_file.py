# SPDX-License-Identifier: Apache-2.0
"""Read the office's register file, CSV or XLSX, into numbered rows of text.

CSV: UTF-8 with or without a mark, else Windows-1252, as Excel writes it; comma, semicolon or tab.
XLSX: the first sheet, values only, within limits that a real school never meets.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from agent.core.errors import ConfigurationError, UnavailableError
from agent.tables import Limits, TableRefused, read_workbook

COLUMNS: Final = frozenset(
    {"kind", "reference", "given_name", "family_name", "known_as", "aliases", "class", "groups"}
    | {"restricted", "person", "capacity", "purpose", "says", "by", "given_on", "valid_until"}
    | {"make", "model", "serials", "folders", "retired_on", "note"}
)
MAX_BYTES: Final = 20 << 20
MAX_UNPACKED: Final = 200 << 20
MAX_ROWS: Final = 200_000
MAX_SECONDS: Final = 300.0

NumberedRow = tuple[int, dict[str, str]]


def read_register_file(path: Path) -> list[NumberedRow]:
    """Return the rows that are not empty, each with its number in the file (the heading is 1).

    Raises:
        UnavailableError: the file cannot be opened, for example because Excel has it open.
        ConfigurationError: it is not a register file.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UnavailableError(
            "the register file cannot be opened",
            code="register_file.unavailable",
            remedy="Check its name; if it is open in Excel, close it there and try again.",
        ) from error
    if len(data) > MAX_BYTES:
        raise _refused("it is larger than 20 MB")
    table = _sheet(data) if data.startswith(b"PK\x03\x04") else _csv(data)
    return list(_numbered(table))


def _csv(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    heading = text.partition("\n")[0]
    delimiter = max(",;\t", key=heading.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    except csv.Error as error:
        raise _refused("it is not a table that can be read") from error


def _sheet(data: bytes) -> Iterator[list[str]]:
    limits = Limits(size=MAX_BYTES, unpacked=MAX_UNPACKED, rows=MAX_ROWS, seconds=MAX_SECONDS)
    try:
        yield from read_workbook(data, limits)
    except TableRefused as error:
        raise _refused(str(error).rstrip(".")) from error


def _numbered(table: Iterator[list[str]]) -> Iterator[NumberedRow]:
    heading = [cell.strip().lower().replace(" ", "_") for cell in next(table, [])]
    _check_heading(heading)
    for number, cells in enumerate(table, start=2):
        if number > MAX_ROWS:
            raise _refused("it has more than 200,000 rows")
        row = dict(zip(heading, map(str.strip, cells), strict=False))
        if row.pop("", "") or any(map(str.strip, cells[len(heading) :])):
            raise _refused(f"row {number} has a value under no heading")
        if any(row.values()):
            yield number, row


def _check_heading(heading: Sequence[str]) -> None:
    unknown = sorted(set(filter(None, heading)) - COLUMNS)
    if unknown:
        raise _refused(f"unknown column {unknown[0]!r}; known are {', '.join(sorted(COLUMNS))}")
    if "kind" not in heading or len(set(heading)) < len(list(filter(None, heading))):
        raise _refused("the first row must name each column once, among them 'kind'")


def _refused(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"the register file is refused: {why}",
        code="register_file.refused",
        remedy="Compare it with docs/register-file.md and the example that ships. "
        "Nothing was published.",
    )
