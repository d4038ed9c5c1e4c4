# SPDX-License-Identifier: Apache-2.0
"""The journal: every case's durable state in a local SQLite file (port `Journal`).

WAL with synchronous=FULL: a transaction that has returned survives a power cut. One process and
one connection write. Nothing in it can be read as a name or a path (`agent.core.case`).
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Self

from agent.core.case import FileIdentity, Original, Record, State
from agent.core.errors import IntegrityError, UnavailableError
from agent.core.model import CaseId
from agent.core.record_text import from_plain, to_plain

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS cases (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    spooled INTEGER NOT NULL,
    record TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS cases_unfinished ON cases (number) WHERE state <> 'done';
CREATE INDEX IF NOT EXISTS cases_spooled ON cases (number) WHERE spooled = 1;
CREATE TABLE IF NOT EXISTS left_in_place (
    identity TEXT PRIMARY KEY,
    case_id TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
_VERSION: Final = 1


class Journal(AbstractContextManager["Journal"]):
    """Keep cases in one SQLite file; opened once, closed at the end."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        with _narrowed("opening the journal"):
            mode = "ro" if read_only else "rwc"
            self._database = sqlite3.connect(
                f"{path.resolve().as_uri()}?mode={mode}",
                uri=True,
                isolation_level=None,
                timeout=5,
                check_same_thread=False,
            )
            if not read_only:
                self._prepare()

    def _prepare(self) -> None:
        run = self._database.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA fullfsync = ON")
        if run("PRAGMA quick_check").fetchone() != ("ok",):
            raise _damaged()
        version = run("PRAGMA user_version").fetchone()[0]
        if version not in (0, _VERSION):
            raise IntegrityError(
                f"the journal has version {version}, this program knows {_VERSION}",
                code="journal.version",
                remedy="Install the program version that wrote it, or a newer one.",
            )
        self._database.executescript(_SCHEMA)
        run(f"PRAGMA user_version = {_VERSION}")

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        """Return the journal, open."""
        return self

    def find(self, case: CaseId) -> Record | None:
        """Return a case by its id."""
        return next(self._records("WHERE id = ?", case), None)

    def find_source(self, source: FileIdentity) -> Record | None:
        """Return the case of this very file, if it was processed and left in its place."""
        where = "WHERE id = (SELECT case_id FROM left_in_place WHERE identity = ?)"
        return next(self._records(where, _identity_text(source)), None)

    def put(self, records: Iterable[Record]) -> None:
        """Write all records in one durable transaction."""
        with _narrowed("writing the journal"):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                for record in records:
                    self._put(record)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def unfinished(self) -> Sequence[Record]:
        """Return every case that is not DONE, oldest first."""
        return list(self._records("WHERE state <> 'done'"))

    def spooled(self) -> Sequence[Record]:
        """Return every case whose sealed copy is still in the spool."""
        return list(self._records("WHERE spooled = 1"))

    def all(self) -> Iterator[Record]:
        """Yield every case, oldest first; records may be written meanwhile."""
        with _narrowed("reading the journal"):
            last = self._database.execute("SELECT coalesce(max(number), 0) FROM cases").fetchone()[
                0
            ]
        for start in range(0, last, 256):
            yield from self._records("WHERE number > ? AND number <= ?", start, start + 256)

    def _put(self, record: Record) -> None:
        self._database.execute(
            "INSERT INTO cases (id, state, spooled, record) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET"
            " state = excluded.state, spooled = excluded.spooled, record = excluded.record",
            (record.case, record.state.value, int(record.spooled), _text(record)),
        )
        identity = _identity_text(record.source)
        if record.original is Original.DELETED:
            self._database.execute("DELETE FROM left_in_place WHERE identity = ?", (identity,))
        elif record.state is State.DONE:
            self._database.execute(
                "INSERT OR REPLACE INTO left_in_place (identity, case_id) VALUES (?, ?)",
                (identity, record.case),
            )

    def _records(self, where: str, *values: object) -> Iterator[Record]:
        with _narrowed("reading the journal"):
            rows = self._database.execute(
                f"SELECT record FROM cases {where} ORDER BY number",  # noqa: S608 - own constants
                values,
            ).fetchall()
        for (text,) in rows:
            yield _record(text)


def _text(record: Record) -> str:
    return json.dumps(to_plain(record), sort_keys=True, separators=(",", ":"))


def _record(text: str) -> Record:
    try:
        return from_plain(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged() from error


def _identity_text(source: FileIdentity) -> str:
    numbers = (source.size, source.modified_ns, source.changed_ns, source.number)
    return ":".join((source.place, *map(str, numbers)))


def _damaged() -> IntegrityError:
    return IntegrityError(
        "the journal is damaged",
        code="journal.damaged",
        remedy="Stop the agent, set the journal file aside and tell your technician; "
        "originals that were not stored are still in their import folders.",
    )


@contextmanager
def _narrowed(doing: str) -> Iterator[None]:
    """Turn what SQLite raises into our families, saying what was being done."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnavailableError(
            f"{doing} failed: the file is locked, unreachable or the disk is full",
            code="journal.unavailable",
            remedy="Make room on the disk and make sure that only one agent runs; then try again.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged() from error
