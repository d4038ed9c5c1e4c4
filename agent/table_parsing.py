# SPDX-License-Identifier: Apache-2.0
"""The child's program that parses one table, CSV or XLSX, into rows of text, within limits.

What a workbook says of its own size is not believed, packed sizes are summed before anything is
unpacked, formulas are never read, and what cannot be read for certain is refused.

CSV: the byte order mark decides; without one strict UTF-8, else Windows-1252, as Excel writes it.
The separator is that of a `sep=` line, else the one under which the headings are known. Workbooks:
the first sheet that is not hidden (ECMA-376 part 1).

Boundary: `agent.tables` gives the job and believes nothing that is not of its shape.
"""

import codecs
import csv
import io
import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from agent.core.mis.headings import field_of
from agent.media.frames import read_frame, write_frame
from agent.media.worker import limit_myself
from agent.tables import MEMORY_BYTES, Limits, Refusal, Rows, TableRefused

if TYPE_CHECKING:
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet

_SEPARATORS: Final = ",;\t|"
_SAMPLE_ROWS: Final = 25
_PACKED: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def parse_table(data: bytes, limits: Limits) -> Rows:
    """Return the rows of a file in its order, empty ones too, each cell as text.

    Raises:
        TableRefused: the file is of another kind, too large, damaged or empty.
    """
    if data.startswith(_OLD_OFFICE):
        raise TableRefused(Refusal.OLD)
    packed = data.startswith(_PACKED)
    rows = parse_workbook(data, limits) if packed else _read_text(data, limits)
    if not any(any(row) for row in rows):
        raise TableRefused(Refusal.EMPTY)
    return rows


def parse_workbook(data: bytes, limits: Limits) -> Rows:
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
    except (TableRefused, MemoryError):
        raise
    except Exception as error:
        raise TableRefused(Refusal.BROKEN_BOOK) from error


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
            raise TableRefused(Refusal.BROKEN_TEXT) from error
        text = data.decode("cp1252", "replace")
    if "\0" in text:
        raise TableRefused(Refusal.NO_TEXT)
    return text


def _check_packed(data: bytes, limits: Limits) -> None:
    """Look at a packed file's directory before anything of it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        members = packed.infolist()
    names = {member.filename for member in members}
    if "xl/workbook.xml" not in names:
        raise TableRefused(Refusal.NO_BOOK)
    if "xl/vbaProject.bin" in names:
        raise TableRefused(Refusal.MACROS)
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits.members or unpacked > limits.unpacked:
        raise TableRefused(Refusal.INSIDE)


def _read_text(data: bytes, limits: Limits) -> Rows:
    text, separator = decode(data), ""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=,"):
        text, separator = "\n" + rest, first.strip()[-1]
    try:
        return _bounded(_split(text, separator or _separator(text)), limits)
    except csv.Error as error:
        raise TableRefused(Refusal.NO_TABLE) from error


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
            raise TableRefused(Refusal.ROWS, limits)
        while row and not row[-1].strip():
            row.pop()
        if len(row) > limits.columns:
            raise TableRefused(Refusal.COLUMNS, limits)
        if any(len(cell) > limits.cell for cell in row):
            raise TableRefused(Refusal.CELL, limits, len(kept) + 1)
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


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer jobs until the parent closes the pipe."""
    while True:
        try:
            job, data = read_frame(jobs)
        except EOFError:
            return
        parse = parse_workbook if job["book"] else parse_table
        try:
            rows = parse(data, Limits(**job["limits"]))
        except TableRefused as refused:
            write_frame(answers, {"refusal": refused.refusal.name, "row": refused.row})
        else:
            write_frame(answers, {}, "\n".join(map(json.dumps, rows)).encode())


def main() -> None:
    """Run as the child; whatever goes wrong ends it."""
    limit_myself(MEMORY_BYTES)
    serve(sys.stdin.buffer, sys.stdout.buffer)
