# SPDX-License-Identifier: Apache-2.0
"""What the office's computer knows of other stations' cases, in a SQLite file of its own.

It is read from the stations' ledgers (`agent.elsewhere`), as far as each is proven, in one
transaction with how far that is. The file can be made again from the ledgers; only that the storage
offers an older ledger than before is then not noticed.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from agent.adapters.narrowing import sqlite_narrowed
from agent.core import elsewhere as told
from agent.core.desk import Item
from agent.core.desk_text import item_from_plain, item_to_plain
from agent.core.elsewhere import CaseElsewhere, case_elsewhere, freeze_of
from agent.core.errors import IntegrityError
from agent.core.ledger_lines import Line
from agent.core.merkle import HASH_BYTES, Frontier
from agent.core.model import CaseId

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS edges (
    station TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    peaks BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS cases (
    station TEXT NOT NULL,
    case_id TEXT NOT NULL,
    change INTEGER NOT NULL,
    decided_at TEXT,
    decided TEXT,
    stored_at TEXT,
    object TEXT,
    erased INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (station, case_id)
) STRICT;
CREATE INDEX IF NOT EXISTS cases_changed ON cases (change);
CREATE INDEX IF NOT EXISTS cases_named ON cases (case_id);
CREATE TABLE IF NOT EXISTS companions (
    station TEXT NOT NULL,
    case_id TEXT NOT NULL,
    other TEXT NOT NULL,
    PRIMARY KEY (station, case_id, other)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS freezes (
    station TEXT NOT NULL,
    case_id TEXT NOT NULL,
    id TEXT NOT NULL,
    item TEXT NOT NULL,
    PRIMARY KEY (station, id)
) STRICT;
"""
_COLUMNS: Final = "station, case_id, decided_at, decided, stored_at, object, erased"
_WHOLE: Final = "decided IS NOT NULL AND object IS NOT NULL"


class Elsewhere(AbstractContextManager["Elsewhere"]):
    """Keep what other stations' ledgers tell of their cases."""

    def __init__(self, path: Path) -> None:
        with _narrowed("opening what is known of other computers"):
            self._database = sqlite3.connect(
                path, isolation_level=None, timeout=10, check_same_thread=False
            )
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        """Return it, open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    def edge(self, station: str) -> Frontier:
        """Return how far a station's ledger was read, as the right edge of its tree."""
        with _narrowed("reading what is known of other computers"):
            return _edge(self._database, station)

    @contextmanager
    def reading(self, station: str) -> Iterator["Reader"]:
        """Take in entries of a station's ledger: all of them and their edge, or nothing."""
        with _narrowed("writing what is known of other computers"):
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield Reader(self._database, station)
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def find(self, case: CaseId, station: str = "") -> CaseElsewhere | None:
        """Return a case that is stored; None where no station, or not this one, has it."""
        where = f"case_id = ? AND ? IN ('', station) AND {_WHOLE} ORDER BY station LIMIT 1"
        return next(iter(self._cases(where, (case, station))), None)

    def holders(self, case: CaseId) -> Sequence[str]:
        """Return the stations whose ledger tells of a case: one, or somebody claims another's."""
        with _narrowed("reading what is known of other computers"):
            rows = self._database.execute(
                "SELECT station FROM cases WHERE case_id = ? ORDER BY station", (case,)
            ).fetchall()
        return [station for (station,) in rows]

    def beginning(self, letters: str) -> Sequence[CaseElsewhere]:
        """Return at most two cases whose id begins with these letters and digits."""
        where = f"substr(case_id, 1, ?) = ? AND {_WHOLE} ORDER BY case_id LIMIT 2"
        return self._cases(where, (len(letters), letters))

    def changed(self, after: int, most: int) -> tuple[Sequence[CaseElsewhere], int]:
        """Return at most so many cases that changed after a number, and the number to go on from.

        The number is `after` itself where nothing has changed.
        """
        with _narrowed("reading what is known of other computers"):
            rows = self._database.execute(
                f"SELECT change, {_COLUMNS} FROM cases WHERE change > ? AND {_WHOLE} "  # noqa: S608 - own constants
                "ORDER BY change LIMIT ?",
                (after, most),
            ).fetchall()
            return [self._case(row[1:]) for row in rows], rows[-1][0] if rows else after

    def freezes(self) -> Sequence[Item]:
        """Return the freezes that stations have recorded and not released."""
        with _narrowed("reading what is known of other computers"):
            rows = self._database.execute("SELECT item FROM freezes ORDER BY rowid").fetchall()
        return [item_from_plain(json.loads(text)) for (text,) in rows]

    def _cases(self, where: str, values: tuple[object, ...]) -> list[CaseElsewhere]:
        with _narrowed("reading what is known of other computers"):
            rows = self._database.execute(
                f"SELECT {_COLUMNS} FROM cases WHERE {where}",  # noqa: S608 - own constants
                values,
            ).fetchall()
            return [self._case(row) for row in rows]

    def _case(self, row: tuple[Any, ...]) -> CaseElsewhere:
        station, case, decided_at, decided, stored_at, found, erased = row
        others = self._database.execute(
            "SELECT case_id FROM companions WHERE station = ? AND other = ?", (station, case)
        )
        return case_elsewhere(
            (station, CaseId(case)),
            (decided_at, json.loads(decided)),
            (stored_at, found),
            erased=bool(erased),
            group=tuple(other for (other,) in others),
        )


class Reader:
    """One transaction in which entries of a station's ledger are taken in, in their order.

    `edge` is how far it was read before.
    """

    def __init__(self, database: sqlite3.Connection, station: str) -> None:
        self._database = database
        self._station = station
        self.edge = _edge(database, station)
        (self._change,) = database.execute("SELECT coalesce(max(change), 0) FROM cases").fetchone()

    def take(self, line: Line) -> None:
        """Take in one entry; kinds that say nothing of a case are passed over."""
        if line.kind in _TAKEN:
            _TAKEN[line.kind](self, line)

    def ends(self, frontier: Frontier) -> None:
        """Note how far the ledger was read."""
        self._database.execute(
            "INSERT OR REPLACE INTO edges VALUES (?, ?, ?)",
            (self._station, frontier.size, b"".join(frontier.peaks)),
        )

    def decided(self, line: Line) -> None:
        """Keep the newest decision, and whom the case arrived with."""
        body: Mapping[str, Any] = line.body
        self._set(body["case"], decided_at=line.at, decided=json.dumps(body))
        for other in body["group"]:
            self._database.execute(
                "INSERT OR IGNORE INTO companions VALUES (?, ?, ?)",
                (self._station, body["case"], other),
            )
            self._touch(other)

    def stored(self, line: Line) -> None:
        """Keep under which object a case is stored."""
        self._set(line.body["case"], stored_at=line.at, object=line.body["object"])

    def erased(self, line: Line) -> None:
        """Note that nobody can open a case any more."""
        self._set(line.body["case"], erased=1)

    def frozen(self, line: Line) -> None:
        """Keep a freeze."""
        freeze = freeze_of(line)
        text = json.dumps(item_to_plain(freeze), sort_keys=True)
        self._database.execute(
            "INSERT OR IGNORE INTO freezes VALUES (?, ?, ?, ?)",
            (self._station, line.body["case"], freeze.id, text),
        )
        self._touch(line.body["case"])

    def released(self, line: Line) -> None:
        """End every freeze of a case so far."""
        self._database.execute(
            "DELETE FROM freezes WHERE station = ? AND case_id = ?",
            (self._station, line.body["case"]),
        )
        self._touch(line.body["case"])

    def _touch(self, case: object) -> None:
        """Let whoever follows the changes look at a case again."""
        self._change += 1
        self._database.execute(
            "UPDATE cases SET change = ? WHERE station = ? AND case_id = ?",
            (self._change, self._station, case),
        )

    def _set(self, case: object, **values: object) -> None:
        self._database.execute(
            "INSERT OR IGNORE INTO cases (station, case_id, change) VALUES (?, ?, ?)",
            (self._station, case, self._change),
        )
        self._change += 1
        names = ", ".join(f"{name} = ?" for name in values)
        self._database.execute(
            f"UPDATE cases SET change = ?, {names} WHERE station = ? AND case_id = ?",  # noqa: S608 - own constants
            (self._change, *values.values(), self._station, case),
        )


_TAKEN: Final = {
    told.DECIDED: Reader.decided,
    told.STORED: Reader.stored,
    told.ERASED: Reader.erased,
    told.FROZEN: Reader.frozen,
    told.RELEASED: Reader.released,
}


def _edge(database: sqlite3.Connection, station: str) -> Frontier:
    row = database.execute("SELECT size, peaks FROM edges WHERE station = ?", (station,)).fetchone()
    if row is None:
        return Frontier()
    size, peaks = row
    if len(peaks) != HASH_BYTES * size.bit_count():
        raise _damaged()
    cut = range(0, len(peaks), HASH_BYTES)
    return Frontier(size, tuple(peaks[i : i + HASH_BYTES] for i in cut))


def _damaged() -> IntegrityError:
    return IntegrityError(
        "what this computer knows of other computers' pictures is damaged",
        code="elsewhere.damaged",
        remedy="Move office/elsewhere.sqlite away; it is made again from the ledgers.",
    )


_narrowed: Final = partial(
    sqlite_narrowed,
    code="elsewhere.unavailable",
    remedy="Make room on this computer's disk; then try again.",
    damaged=_damaged,
)
