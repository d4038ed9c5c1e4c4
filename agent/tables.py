# SPDX-License-Identifier: Apache-2.0
"""Read a table that somebody made elsewhere, CSV or XLSX, into rows of text, within limits.

The bytes are untrusted: what a workbook says of its own size is not believed, packed sizes are
summed before anything is unpacked, formulas are never read, and what cannot be read for certain is
refused with a sentence that says what to do. Nothing is written to a disk.

CSV: the byte order mark decides; without one strict UTF-8, else Windows-1252, as Excel writes it.
The separator is that of a `sep=` line, else the one under which the headings are known. Workbooks:
the first sheet that is not hidden (ECMA-376 part 1).
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final, cast

from agent.core.mis.headings import field_of

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

Rows = list[list[str]]

_SEPARATORS: Final = ",;\t|"
_SAMPLE_ROWS: Final = 25
_PACKED: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SAVE_AS: Final = "Open it in Excel and save it as an Excel workbook (.xlsx) or as CSV UTF-8."
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class TableRefused(ValueError):  # noqa: N818 - an answer to a person
    """Say in sentences for the person why a file is not read, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a file may have at most; bytes, rows, columns, characters of a cell, packed members."""

    size: int = 10 << 20
    unpacked: int = 40 << 20
    members: int = 200
    rows: int = 20_000
    columns: int = 200
    cell: int = 2_000


def read_table(data: bytes, name: str, limits: Limits | None = None) -> Rows:
    """Return the rows of a file in its order, empty ones too, each cell as text.

    Raises:
        TableRefused: the file is of another kind, too large, damaged or empty.
    """
    limits = limits or Limits()
    if name.startswith("~$"):
        raise TableRefused("This is Excel's mark that a file is open. Close it in Excel first.")
    if data.startswith(_OLD_OFFICE):
        raise TableRefused(f"This is an old Excel file, or one with a password. {_SAVE_AS}")
    if len(data) > limits.size:
        raise TableRefused(f"The file is larger than {limits.size >> 20} MB. Is it the right one?")
    packed = data.startswith(_PACKED)
    rows = read_workbook(data, limits) if packed else _read_text(data, limits)
    if not any(any(row) for row in rows):
        raise TableRefused("The file is empty.")
    return rows


def read_workbook(data: bytes, limits: Limits) -> Rows:
    """Return the rows of a workbook's first visible sheet.

    Raises:
        TableRefused: it is no .xlsx, is damaged, or exceeds a limit.
    """
    from openpyxl import load_workbook  # noqa: PLC0415 - 0.3 s that a CSV need not wait for

    try:
        _check_packed(data, limits)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = next(one for one in book.worksheets if one.sheet_state == "visible")
        cast("ReadOnlyWorksheet", sheet).reset_dimensions()
        found = sheet.iter_rows(values_only=True)
        return _bounded(([_cell(value) for value in row] for row in found), limits)
    except TableRefused:
        raise
    except Exception as error:
        raise TableRefused(f"The workbook is damaged. {_SAVE_AS}") from error


def decode(data: bytes) -> str:
    """Return the text of a CSV file, by its mark, as strict UTF-8, or as Windows-1252.

    Raises:
        TableRefused: it is no text.
    """
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    try:
        text = data.decode(encoding or "utf-8")
    except UnicodeDecodeError as error:
        if encoding:
            raise TableRefused(f"The file is damaged. {_SAVE_AS}") from error
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise TableRefused(f"This is neither a CSV file nor an Excel workbook. {_SAVE_AS}")
    return text


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula when it opens the file (OWASP)."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def write_csv(rows: Sequence[Sequence[str]]) -> bytes:
    """Return rows as a CSV file for Excel: UTF-8 with a mark, all quoted, no formulas."""
    made = io.StringIO(newline="")
    writer = csv.writer(made, quoting=csv.QUOTE_ALL)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return codecs.BOM_UTF8 + made.getvalue().encode("utf-8", "replace")


def _check_packed(data: bytes, limits: Limits) -> None:
    """Look at a packed file's directory before anything of it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise TableRefused(f"This is not an Excel workbook of the .xlsx kind. {_SAVE_AS}")
    if "xl/vbaProject.bin" in names:
        raise TableRefused(f"The workbook holds macros. {_SAVE_AS}")
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits.members or unpacked > limits.unpacked:
        raise TableRefused("The workbook is far larger inside than a register is. It is not read.")


def _read_text(data: bytes, limits: Limits) -> Rows:
    text, separator = decode(data), ""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        text, separator = "\n" + rest, first.strip()[-1]
    try:
        return _bounded(_split(text, separator or _separator(text)), limits)
    except csv.Error as error:
        raise TableRefused(f"The file is not a table that can be read. {_SAVE_AS}") from error


def _separator(text: str) -> str:
    """Return the separator under which most headings are known, then the most cells are found."""

    def known(separator: str) -> tuple[int, int]:
        lines = io.StringIO(text, newline="")
        rows = list(islice(csv.reader(lines, delimiter=separator), _SAMPLE_ROWS))
        fields = [len({field for cell in row if (field := field_of(cell))}) for row in rows]
        return (max(fields, default=0), max(map(len, rows), default=0))

    return max(_SEPARATORS, key=known)


def _split(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _bounded(rows: Iterator[list[str]], limits: Limits) -> Rows:
    kept: Rows = []
    for row in rows:
        if len(kept) >= limits.rows:
            raise TableRefused(f"The file has more than {limits.rows:,} rows.")
        while row and not row[-1].strip():
            row.pop()
        if len(row) > limits.columns:
            raise TableRefused(f"The file has more than {limits.columns} columns.")
        if any(len(cell) > limits.cell for cell in row):
            raise TableRefused(f"Row {len(kept) + 1} has a cell of unlikely length.")
        kept.append(row)
    return kept


def _cell(value: object) -> str:
    """Return a cell as text; days in ISO form, whole numbers without a fraction."""
    if value is None:
        return ""
    if isinstance(value, datetime | date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
