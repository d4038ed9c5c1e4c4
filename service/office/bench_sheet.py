# SPDX-License-Identifier: Apache-2.0
"""What a school would use instead: the same answers in one sheet, read for one class.

A row a pupil, a column for each purpose and guardian. Each question opens the sheet and reads it to
its end, by one person, with nothing else to do: no rule is applied and nobody is asked to sign in.
"""

import time
from pathlib import Path
from typing import Final

from service.office.register.defaults import PURPOSES

_GUARDIANS: Final = 2
_TIMES: Final = 3


def seconds_a_class(folder: Path, pupils: int, class_size: int) -> list[float]:
    """Write the sheet, ask for a class in it some times, and return what each took, in seconds."""
    path = folder / "answers.xlsx"
    _write(path, pupils, class_size)
    classes = -(-pupils // class_size)
    return [_ask(path, f"Class {number % classes}") for number in range(_TIMES)]


def _write(path: Path, pupils: int, class_size: int) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - only the office's computer has it

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Answers")
    width = len(PURPOSES) * _GUARDIANS
    for number in range(pupils):
        sheet.append([f"P{number:05d}", f"Class {number // class_size}", *["yes"] * width])
    book.save(path)


def _ask(path: Path, group: str) -> float:
    from openpyxl import load_workbook  # noqa: PLC0415 - as above

    started = time.perf_counter()
    book = load_workbook(path, read_only=True)
    rows = [row for row in book.worksheets[0].iter_rows(values_only=True) if row[1] == group]
    book.close()
    if not rows:
        raise RuntimeError("the sheet lost a class")
    return time.perf_counter() - started
