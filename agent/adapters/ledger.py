# SPDX-License-Identifier: Apache-2.0
"""The ledger of this station in a local SQLite file (port `Ledger`).

Entries are only ever added; triggers refuse everything else. The tree's right edge is kept beside
them, so that a checkpoint costs nothing; `verify` recomputes it from the entries.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Final, Self

from agent.adapters.narrowing import sqlite_narrowed
from agent.core.checkpoint import Checkpoint
from agent.core.errors import IntegrityError
from agent.core.ledger import Entry
from agent.core.merkle import HASH_BYTES, Frontier, leaf_hash

SEGMENT: Final = 256
"""Entries in one file of the vault's copy; a full file never changes again."""

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    line BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS edge (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL,
    published INTEGER NOT NULL
) STRICT;
INSERT OR IGNORE INTO edge VALUES (1, 0, x'', 0);
CREATE TRIGGER IF NOT EXISTS entries_stay BEFORE UPDATE ON entries
    BEGIN SELECT raise(ABORT, 'ledger entries never change'); END;
CREATE TRIGGER IF NOT EXISTS entries_remain BEFORE DELETE ON entries
    BEGIN SELECT raise(ABORT, 'ledger entries never go'); END;
"""

Sign = Callable[[str], bytes]


class Ledger(AbstractContextManager["Ledger"]):
    """Append entries, give signed checkpoints, and tell what the vault has not got yet."""

    def __init__(self, path: Path, origin: str, sign: Sign, *, read_only: bool = False) -> None:
        self._origin = origin
        self._sign = sign
        with _narrowed("opening the ledger"):
            mode = "ro" if read_only else "rwc"
            self._database = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=5,
                check_same_thread=False,
            )
            if not read_only:
                self._database.execute("PRAGMA journal_mode = WAL")
                self._database.execute("PRAGMA synchronous = FULL")
                self._database.execute("PRAGMA fullfsync = ON")
                self._database.executescript(_SCHEMA)
            self._frontier, self._published = self._edge()

    def __enter__(self) -> Self:
        """Return the ledger, open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    def append(self, entries: Sequence[Entry]) -> None:
        """Append in one durable transaction; entries that are there already are skipped.

        Raises:
            IntegrityError: an entry's id is there with another content.
        """
        with _narrowed("writing the ledger"):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                self._frontier, _ = self._edge_row()  # another process may have added since
                frontier = self._append_all(entries)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")
        self._frontier = frontier

    def checkpoint(self) -> bytes:
        """Return the signed checkpoint of all entries."""
        return self._sign(self.claim().text())

    def size(self) -> int:
        """Return the number of entries."""
        return self._frontier.size

    def published_size(self) -> int:
        """Return how many entries the vault was given."""
        return self._published

    def lines(self, start: int = 0) -> Iterator[bytes]:
        """Yield the entries' lines from a number on."""
        for first in range(start, self._frontier.size, SEGMENT):
            yield from self._lines(first, min(first + SEGMENT, self._frontier.size))

    def has(self, identifier: str) -> bool:
        """Tell whether an entry with this id is there."""
        with _narrowed("reading the ledger"):
            found = self._database.execute("SELECT 1 FROM entries WHERE id = ?", (identifier,))
            return found.fetchone() is not None

    def latest_time(self) -> str | None:
        """Return the latest time of any entry; each line begins with its time (`Entry.encoded`)."""
        with _narrowed("reading the ledger"):
            found = self._database.execute(
                "SELECT max(substr(CAST(line AS TEXT), 8, 20)) FROM entries"
            ).fetchone()
        return None if found[0] is None else str(found[0])

    def unpublished(self) -> tuple[Mapping[str, bytes], int]:
        """Return the files that the vault has not got yet, and the tree size that they bring.

        The checkpoint comes last: it never promises more than the files before it hold.
        """
        size = self._frontier.size
        if size == self._published:
            return {}, size
        files: dict[str, bytes] = {}
        for first in range(self._published // SEGMENT * SEGMENT, size, SEGMENT):
            lines = self._lines(first, min(first + SEGMENT, size))
            files[f"entries/{first:010d}.jsonl"] = b"".join(line + b"\n" for line in lines)
        return {**files, "checkpoint": self.checkpoint()}, size

    def published(self, size: int) -> None:
        """Note that the vault holds the ledger up to this tree size."""
        with _narrowed("writing the ledger"):
            self._database.execute("UPDATE edge SET published = ?", (size,))
        self._published = size

    def claim(self) -> Checkpoint:
        """Return what this computer says of its ledger, unsigned."""
        root = self._frontier.root()
        return Checkpoint(origin=self._origin, size=self._frontier.size, root=root)

    def _append_all(self, entries: Sequence[Entry]) -> Frontier:
        frontier = self._frontier
        for entry in entries:
            line = entry.encoded()
            there = self._database.execute(
                "SELECT line FROM entries WHERE id = ?", (entry.id,)
            ).fetchone()
            if there is None:
                self._database.execute(
                    "INSERT INTO entries VALUES (?, ?, ?)", (frontier.size, entry.id, line)
                )
                frontier = frontier.appended(leaf_hash(line))
            elif there[0] != line:
                raise _disagrees(f"entry {entry.id} is there with another content")
        self._database.execute(
            "UPDATE edge SET size = ?, peaks = ?", (frontier.size, b"".join(frontier.peaks))
        )
        return frontier

    def _edge(self) -> tuple[Frontier, int]:
        """Read the right edge and compare its size with the entries that are there."""
        frontier, published = self._edge_row()
        count = self._database.execute("SELECT count(*) FROM entries").fetchone()[0]
        if count != frontier.size or published > frontier.size:
            raise _disagrees("its entries and its tree do not have the same size")
        return frontier, published

    def _edge_row(self) -> tuple[Frontier, int]:
        size, peaks, published = self._database.execute(
            "SELECT size, peaks, published FROM edge"
        ).fetchone()
        if len(peaks) != HASH_BYTES * size.bit_count():
            raise _disagrees("its tree does not have the size that it says")
        cut = range(0, len(peaks), HASH_BYTES)
        return Frontier(size, tuple(peaks[i : i + HASH_BYTES] for i in cut)), published

    def _lines(self, first: int, end: int) -> list[bytes]:
        with _narrowed("reading the ledger"):
            rows = self._database.execute(
                "SELECT line FROM entries WHERE number >= ? AND number < ? ORDER BY number",
                (first, end),
            ).fetchall()
        return [line for (line,) in rows]


def _disagrees(what: str) -> IntegrityError:
    return IntegrityError(
        f"the ledger is not as this program left it: {what}",
        code="ledger.damaged",
        remedy="Stop the agent, keep the file as it is, and run verify on the vault's copy.",
    )


_narrowed: Final = partial(
    sqlite_narrowed,
    code="ledger.unavailable",
    remedy="Make room on the disk and make sure that only one agent runs; then try again.",
    damaged=partial(_disagrees, "the file is damaged"),
)
