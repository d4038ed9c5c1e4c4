# SPDX-License-Identifier: Apache-2.0
"""The copies of ledgers in a folder, as the vault and an export hold them.

    <ledger>/entries/<first number>.jsonl     its lines, in files that begin at every 256th
    <ledger>/checkpoint                       a signed note of its size and root

Boundary: reads only. What is in a file is a stranger's until the audit has seen it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.core.errors import UnavailableError


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
