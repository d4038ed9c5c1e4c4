# SPDX-License-Identifier: Apache-2.0
"""The journal: every case's durable state in a local SQLite file (port `Journal`).

WAL with synchronous=FULL: a transaction that has returned survives a power cut. One process and
one connection write. Nothing in it can be read as a name or a path (`agent.core.case`).
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, TypeVar

from agent.adapters.journal_tables import (
    CHANGED_SINCE,
    LOOKS_SINCE,
    NUMBER_OLDER_CASES,
    SCHEMA,
    VERSION,
)
from agent.adapters.narrowing import sqlite_narrowed
from agent.core.case import FileIdentity, Original, Record, State
from agent.core.concerns import Verdict
from agent.core.copies import Scenes
from agent.core.desk import Item
from agent.core.desk_text import item_from_plain, item_to_plain
from agent.core.errors import IntegrityError
from agent.core.model import CaseId, Clue, Look
from agent.core.record_text import (
    frame_from_plain,
    frame_to_plain,
    from_plain,
    statement_from_plain,
    statement_to_plain,
    to_plain,
)
from agent.core.reviewing import Review
from agent.core.sittings import Frame, frame_of
from agent.core.statements import Statement

T = TypeVar("T")


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
        self._follows = read_only
        self._scenes: Scenes | None = None
        self._scenes_of: int | None = None
        self._freezes: list[Item] | None = None

    def _prepare(self) -> None:
        run = self._database.execute
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = FULL")
        run("PRAGMA fullfsync = ON")
        if run("PRAGMA quick_check").fetchone() != ("ok",):
            raise _damaged()
        version = run("PRAGMA user_version").fetchone()[0]
        if version not in (0, VERSION):
            raise IntegrityError(
                f"the journal has version {version}, this program knows {VERSION}",
                code="journal.version",
                remedy="Install the program version that wrote it, or a newer one.",
            )
        self._database.executescript(SCHEMA)
        run(NUMBER_OLDER_CASES)
        run(f"PRAGMA user_version = {VERSION}")

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
        with _narrowed("writing the journal"), self._transaction():
            for record in records:
                self._put(record)
                self._put_frame(record)
                self._put_look(record)
                self._put_companions(record)

    def unfinished(self) -> Sequence[Record]:
        """Return every case that is not DONE, oldest first."""
        return list(self._records("WHERE state NOT IN ('done', 'erased')"))

    def spooled(self) -> Sequence[Record]:
        """Return every case whose sealed copy is still in the spool."""
        return list(self._records("WHERE spooled = 1"))

    def frames(self, body: Clue, day: date) -> Sequence[Frame]:
        """Return the pictures that a camera body took on a day of its own calendar."""
        with _narrowed("reading the journal"):
            rows = self._database.execute(
                "SELECT frame FROM frames WHERE body = ? AND day = ?", (body, day.isoformat())
            ).fetchall()
        return [_read(frame_from_plain, text) for (text,) in rows]

    def copies(self, look: Look) -> Sequence[CaseId]:
        """Return the cases of the same pixels or the same scene (`agent.core.copies`)."""
        return self._all_scenes().copies(look)

    def companions(self, case: CaseId) -> Sequence[CaseId]:
        """Return the cases that arrived as one with this one, whichever of them came first."""
        with _narrowed("reading the journal"):
            rows = self._database.execute("SELECT other FROM companions WHERE case_id = ?", (case,))
            return [CaseId(other) for (other,) in rows.fetchall()]

    def say(self, statements: Iterable[Statement]) -> None:
        """Add what people say, in one durable transaction; what was added before is skipped."""
        rows = [(s.id, s.about, json.dumps(statement_to_plain(s))) for s in statements]
        with _narrowed("writing the journal"), self._transaction():
            self._database.executemany(
                "INSERT OR IGNORE INTO statements (id, about, statement) VALUES (?, ?, ?)", rows
            )

    def note_freeze(self, item: Item) -> None:
        """Add a freeze or a release, durably; what was added before is skipped."""
        with _narrowed("writing the journal"), self._transaction():
            self._database.execute(
                "INSERT OR IGNORE INTO freezes (id, item) VALUES (?, ?)",
                (item.id, json.dumps(item_to_plain(item))),
            )
        self._freezes = None

    def freezes(self) -> Sequence[Item]:
        """Return all freezes and releases, oldest first; the one who writes reads them once."""
        if self._freezes is None or self._follows:
            with _narrowed("reading the journal"):
                rows = self._database.execute("SELECT item FROM freezes ORDER BY number").fetchall()
            self._freezes = [_read(item_from_plain, text) for (text,) in rows]
        return self._freezes

    def set_aside(self, sources: Iterable[FileIdentity], case: CaseId) -> None:
        """Note that these files are frozen with a case: nobody examines them meanwhile."""
        rows = [(_identity_text(source), case) for source in sources]
        with _narrowed("writing the journal"), self._transaction():
            self._database.executemany("INSERT OR REPLACE INTO set_aside VALUES (?, ?)", rows)

    def aside(self, source: FileIdentity) -> CaseId | None:
        """Return the case that a file was set aside with, whether it is still frozen or not."""
        row = self._one("SELECT case_id FROM set_aside WHERE identity = ?", _identity_text(source))
        return None if row is None else CaseId(row[0])

    def following(self, case: CaseId | None, count: int) -> Sequence[Record]:
        """Return at most `count` cases after this one, or the first ones, oldest first."""
        row = self._one("SELECT number FROM cases WHERE id = ?", case)
        start = 0 if row is None else row[0]
        where = (
            "WHERE number IN (SELECT number FROM cases WHERE number > ? ORDER BY number LIMIT ?)"
        )
        return list(self._records(where, start, count))

    def changed_since(self, number: int, count: int) -> Sequence[tuple[int, Record]]:
        """Return at most `count` cases written after this change, each with its own, in order."""
        with _narrowed("reading the journal"):
            rows = self._database.execute(CHANGED_SINCE, (number, count)).fetchall()
        return [(change, _read(from_plain, text)) for change, text in rows]

    def change_of(self, case: CaseId) -> int:
        """Return the number of the latest change of a case; 0 where there is no such case."""
        row = self._one("SELECT number FROM changes WHERE case_id = ?", case)
        return 0 if row is None else int(row[0])

    def reviewed(self) -> Review | None:
        """Return how far the latest review of all cases has come; None before the first."""
        row = self._one("SELECT of, last, ended FROM reviews")
        return None if row is None else Review(of=row[0], last=row[1], ended=bool(row[2]))

    def note_reviewed(self, review: Review) -> None:
        """Note durably how far the review of all cases has come."""
        with _narrowed("writing the journal"), self._transaction():
            self._database.execute(
                "INSERT OR REPLACE INTO reviews VALUES (1, ?, ?, ?)",
                (review.of, review.last, int(review.ended)),
            )

    def said(self, about: Iterable[str]) -> Sequence[Statement]:
        """Return what people have said about these matters, oldest first."""
        wanted = sorted(set(about))
        marks = ", ".join("?" * len(wanted))
        with _narrowed("reading the journal"):
            rows = self._database.execute(
                f"SELECT statement FROM statements WHERE about IN ({marks}) ORDER BY number",  # noqa: S608 - question marks
                wanted,
            ).fetchall()
        return [_read(statement_from_plain, text) for (text,) in rows]

    def all(self) -> Iterator[Record]:
        """Yield every case, oldest first; records may be written meanwhile."""
        with _narrowed("reading the journal"):
            last = self._database.execute("SELECT coalesce(max(number), 0) FROM cases").fetchone()[
                0
            ]
        for start in range(0, last, 256):
            yield from self._records("WHERE number > ? AND number <= ?", start, start + 256)

    def verdicts(self) -> Mapping[Verdict, int]:
        """Return how many cases have which verdict now; none with a count of zero."""
        with _narrowed("reading the journal"):
            rows = self._database.execute(
                "SELECT json_extract(record, '$.ruling.verdict'), count(*) FROM cases GROUP BY 1"
            ).fetchall()
        return {Verdict[name]: count for name, count in rows}

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

    def _put_frame(self, record: Record) -> None:
        frame = frame_of(record.case, record.evidence)
        if frame is None:
            return
        shot = frame.shot
        self._database.execute(
            "INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?)",
            (
                record.case,
                shot.body,
                shot.taken.date().isoformat(),
                json.dumps(frame_to_plain(frame)),
            ),
        )

    def _put_look(self, record: Record) -> None:
        look = record.evidence.look
        if look is None:
            return
        outline = None if look.outline is None else f"{look.outline:016x}"
        self._database.execute(
            "INSERT OR REPLACE INTO looks VALUES (?, ?, ?)", (record.case, look.pixels, outline)
        )
        if self._scenes is not None:
            self._scenes.add(record.case, look)

    def _put_companions(self, record: Record) -> None:
        pairs = [(record.case, other) for other in record.group]
        self._database.executemany(
            "INSERT OR IGNORE INTO companions VALUES (?, ?)",
            [*pairs, *((other, case) for case, other in pairs)],
        )

    def _all_scenes(self) -> Scenes:
        """Return every look, read once and indexed: no index of SQLite finds a near match.

        Whoever only reads adds what was written since; the one who writes adds what it writes.
        """
        if self._scenes is None:
            self._scenes_of = self._latest_change()
            self._scenes = self._seen("SELECT case_id, pixels, outline FROM looks", Scenes())
        elif self._follows and self._scenes_of is not None:
            since, self._scenes_of = self._scenes_of, self._latest_change()
            self._seen(LOOKS_SINCE, self._scenes, since)
        return self._scenes

    def _seen(self, query: str, scenes: Scenes, *values: object) -> Scenes:
        with _narrowed("reading the journal"):
            for case, pixels, outline in self._database.execute(query, values):
                bits = None if outline is None else int(outline, 16)
                scenes.add(CaseId(case), Look(faces=None, pixels=Clue(pixels), outline=bits))
        return scenes

    def _latest_change(self) -> int | None:
        """Return the number of the latest change; None in a journal that has none yet."""
        if self._one("SELECT 1 FROM sqlite_master WHERE name = 'changes'") is None:
            return None
        row = self._one("SELECT coalesce(max(number), 0) FROM changes")
        return None if row is None else int(row[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        with _narrowed("reading the journal"):
            row: tuple[Any, ...] | None = self._database.execute(query, values).fetchone()
        return row

    def _records(self, where: str, *values: object) -> Iterator[Record]:
        with _narrowed("reading the journal"):
            rows = self._database.execute(
                f"SELECT record FROM cases {where} ORDER BY number",  # noqa: S608 - own constants
                values,
            ).fetchall()
        for (text,) in rows:
            yield _read(from_plain, text)


def _text(record: Record) -> str:
    return json.dumps(to_plain(record), sort_keys=True, separators=(",", ":"))


def _read(reader: Callable[[Any], T], text: str) -> T:
    try:
        return reader(json.loads(text))
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


_narrowed: Final = partial(
    sqlite_narrowed,
    code="journal.unavailable",
    remedy="Make room on the disk and make sure that only one agent runs; then try again.",
    damaged=_damaged,
)
