# SPDX-License-Identifier: Apache-2.0
"""The copies of ledgers in a folder, as the vault and an export hold them.

    <ledger>/entries/<first number>.jsonl     its lines, in files that begin at every 256th
    <ledger>/checkpoint                       a signed note of its size and root

Boundary: reads only. What is in a file is a stranger's until the audit has seen it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.core.errors import UnavailableError

SEGMENT: Final = 256
"""Entries in one file, as `agent.adapters.ledger` writes them."""
_LONGEST: Final = SEGMENT << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCopy:
    """One ledger's copy: its folder's name, and where it lies."""

    name: str
    folder: Path

    def note(self) -> bytes:
        """Return the signed checkpoint, empty where there is none.

        Raises:
            UnavailableError: the folder cannot be read.
        """
        try:
            return (self.folder / "checkpoint").read_bytes()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise _away() from error

    def lines_from(self, start: int, end: int) -> Iterator[bytes]:
        """Yield the lines from one number to before another, as far as they are there.

        Only the files that hold them are read, and none that is longer than a file can be.

        Raises:
            UnavailableError: the folder cannot be read.
        """
        for first in range(start - start % SEGMENT, end, SEGMENT):
            lines = self._segment(first)
            yield from lines[max(0, start - first) : end - first]
            if len(lines) < SEGMENT:
                return

    def _segment(self, first: int) -> list[bytes]:
        try:
            with (self.folder / "entries" / f"{first:010d}.jsonl").open("rb") as file:
                content = file.read(_LONGEST + 1)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _away() from error
        return content.split(b"\n")[:-1] if len(content) <= _LONGEST else []

    def lines(self) -> Iterator[bytes]:
        """Yield the lines of all files, in order; a last line without an end is left out.

        Raises:
            UnavailableError: the folder cannot be read.
        """
        try:
            for segment in sorted((self.folder / "entries").glob("*.jsonl")):
                yield from segment.read_bytes().split(b"\n")[:-1]
        except OSError as error:
            raise _away() from error


def ledger_copies(root: Path) -> list[LedgerCopy]:
    """Return every ledger's copy in a folder, in the order of their names.

    Raises:
        UnavailableError: the folder cannot be read.
    """
    try:
        folders = sorted(path for path in root.iterdir() if path.is_dir())
    except FileNotFoundError:
        return []
    except OSError as error:
        raise _away() from error
    return [LedgerCopy(name=folder.name, folder=folder) for folder in folders]


def _away() -> UnavailableError:
    return UnavailableError(
        "the copies of the ledgers cannot be read",
        code="vault.unavailable",
        remedy="Connect the storage and try again.",
    )
