# SPDX-License-Identifier: Apache-2.0
"""A log file that never grows beyond its bound, for a service that has no terminal.

What is written has passed `agent.log`: codes and counts, no name. When the file is full it becomes
`.1`, the older ones move up, the oldest goes.
"""

from pathlib import Path
from typing import Final, TextIO

MAX_BYTES: Final = 2_000_000
FILES: Final = 5


class LogFile:
    """A stream of text with a bounded history beside it."""

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, files: int = FILES) -> None:
        self._path = path
        self._max_bytes = max_bytes
        self._files = files
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._opened()

    def write(self, text: str) -> int:
        """Write text; a full file is put aside first."""
        if self._file.tell() + len(text) > self._max_bytes:
            self._turn_over()
        return self._file.write(text)

    def flush(self) -> None:
        """Hand what was written to the system."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _opened(self) -> TextIO:
        return self._path.open("a", encoding="utf-8", newline="\n")

    def _turn_over(self) -> None:
        self._file.close()
        for number in range(self._files - 1, 0, -1):
            older = self._numbered(number - 1)
            if older.exists():
                older.replace(self._numbered(number))
        self._file = self._opened()

    def _numbered(self, number: int) -> Path:
        return self._path if number == 0 else self._path.with_name(f"{self._path.name}.{number}")
