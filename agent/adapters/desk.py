# SPDX-License-Identifier: Apache-2.0
"""The desk as a local SQLite file that two processes share (port `Desk`).

The console puts items on it, the agent takes them in; either may die at any moment. Nothing on it
is ever changed or removed: an item only gets the word that says what it came to, once. Beside it
lies a hint, a file whose change tells a resting agent to look; what it holds is not believed.

Items for cases of other stations lie in a table of their own until those have answered, each with
the sealed bytes that go into the vault. A freeze among them counts here at once.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Self

from agent.adapters.narrowing import sqlite_narrowed
from agent.core.desk import Freeze, Item, Outgoing, Settled
from agent.core.desk_text import act_name, item_from_plain, item_to_plain
from agent.core.errors import IntegrityError
from agent.core.model import CaseId

HINT_SUFFIX: Final = ".hint"
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS items (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    act TEXT NOT NULL,
    item TEXT NOT NULL,
    settled TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS items_waiting ON items (number) WHERE settled IS NULL;
CREATE TABLE IF NOT EXISTS received (id TEXT PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS posted (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    station TEXT NOT NULL,
    act TEXT NOT NULL,
    item TEXT NOT NULL,
    sealed BLOB NOT NULL,
    settled TEXT,
    lifted INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS posted_waiting ON posted (number) WHERE settled IS NULL;
CREATE INDEX IF NOT EXISTS posted_stopping ON posted (number) WHERE act IN ('freeze', 'release');
CREATE TRIGGER IF NOT EXISTS posted_stay BEFORE UPDATE ON posted
    WHEN (OLD.settled IS NOT NULL AND NEW.settled IS NOT OLD.settled)
        OR (OLD.lifted AND NOT NEW.lifted) OR NEW.number <> OLD.number OR NEW.id <> OLD.id
        OR NEW.station <> OLD.station OR NEW.act <> OLD.act OR NEW.item <> OLD.item
        OR NEW.sealed <> OLD.sealed
    BEGIN SELECT raise(ABORT, 'items of the desk never change'); END;
CREATE TRIGGER IF NOT EXISTS posted_remain BEFORE DELETE ON posted
    BEGIN SELECT raise(ABORT, 'items of the desk never go'); END;
CREATE TRIGGER IF NOT EXISTS items_stay BEFORE UPDATE ON items
    WHEN OLD.settled IS NOT NULL OR NEW.number <> OLD.number OR NEW.id <> OLD.id
        OR NEW.act <> OLD.act OR NEW.item <> OLD.item
    BEGIN SELECT raise(ABORT, 'items of the desk never change'); END;
CREATE TRIGGER IF NOT EXISTS items_remain BEFORE DELETE ON items
    BEGIN SELECT raise(ABORT, 'items of the desk never go'); END;
"""
_STOPPING: Final = "(act = 'freeze' AND NOT lifted) OR (act = 'release' AND length(sealed) = 0)"
"""Freezes of other stations' cases that count here; a retired station releases nothing any more."""


class Desk(AbstractContextManager["Desk"]):
    """Keep what people hand in, in one SQLite file."""

    def __init__(self, path: Path) -> None:
        self._hint = path.with_suffix(HINT_SUFFIX)
        with _narrowed("opening the desk"):
            self._database = sqlite3.connect(
                path, isolation_level=None, timeout=5, check_same_thread=False
            )
            self._database.execute("PRAGMA journal_mode = WAL")
            self._database.execute("PRAGMA synchronous = FULL")
            self._database.execute("PRAGMA fullfsync = ON")
            self._database.executescript(_SCHEMA)
        self._seen: tuple[int, int] | None = None
        self._waiting: tuple[Item, ...] = ()
        self._elsewhere: tuple[Item, ...] = ()

    def __enter__(self) -> Self:
        """Return the desk, open."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._database.close()

    def put(self, item: Item) -> None:
        """Hand in an item, durably; once more under the same id changes nothing.

        Raises:
            IntegrityError: another item has this id.
        """
        plain = item_to_plain(item)
        text = json.dumps(plain, sort_keys=True)
        item_from_plain(plain)
        with _narrowed("writing the desk"):
            self._database.execute(
                "INSERT OR IGNORE INTO items (id, act, item) VALUES (?, ?, ?)",
                (item.id, act_name(item.act), text),
            )
            there = self._database.execute("SELECT item FROM items WHERE id = ?", (item.id,))
            if there.fetchone() != (text,):
                raise _damaged("an item with this id is there and says something else")
        self._wake()

    def receive(self, item: Item) -> None:
        """Lay an item down that came through the vault, durably; a known id changes nothing."""
        text = json.dumps(item_to_plain(item), sort_keys=True)
        with _narrowed("writing the desk"), self._transaction():
            self._database.execute("INSERT OR IGNORE INTO received VALUES (?)", (item.id,))
            self._database.execute(
                "INSERT OR IGNORE INTO items (id, act, item) VALUES (?, ?, ?)",
                (item.id, act_name(item.act), text),
            )

    def is_known(self, item_id: str) -> bool:
        """Tell whether an item was ever laid down here."""
        return self._there("SELECT 1 FROM items WHERE id = ?", item_id)

    def was_received(self, item_id: str) -> bool:
        """Tell whether an item came through the vault."""
        return self._there("SELECT 1 FROM received WHERE id = ?", item_id)

    def strangers(self) -> int:
        """Return 0: a desk alone does not look into the post (`agent.receiving`)."""
        return 0

    def post(self, outgoing: Outgoing) -> None:
        """Keep an item for another station, durably, with the bytes that go into the vault."""
        item = outgoing.item
        text = json.dumps(item_to_plain(item), sort_keys=True)
        with _narrowed("writing the desk"):
            self._database.execute(
                "INSERT INTO posted (id, station, act, item, sealed) VALUES (?, ?, ?, ?, ?)",
                (item.id, outgoing.station, act_name(item.act), text, outgoing.sealed),
            )

    def outgoing(self) -> Sequence[Outgoing]:
        """Return what other stations have not answered yet, oldest first."""
        with _narrowed("reading the desk"):
            rows = self._database.execute(
                "SELECT station, item, sealed FROM posted WHERE settled IS NULL ORDER BY number"
            ).fetchall()
        return [Outgoing(item=_item(t), station=name, sealed=sealed) for name, t, sealed in rows]

    def last_posted(self) -> datetime | None:
        """Return the time of the newest item for another station."""
        items = self._items("posted", "number = (SELECT max(number) FROM posted)")
        return items[0].at if items else None

    def answer(self, station: str, item_id: str, settled: Settled) -> None:
        """Note what the station of an item says that it came to; once noted it stays."""
        with _narrowed("writing the desk"):
            self._database.execute(
                "UPDATE posted SET settled = ? WHERE id = ? AND station = ? AND settled IS NULL",
                (settled.value, item_id, station),
            )

    def lift(self, station: str, case: CaseId) -> None:
        """Let freezes of a case end here that its station had recorded, and now has released."""
        with _narrowed("writing the desk"):
            self._database.execute(
                "UPDATE posted SET lifted = 1 WHERE station = ? AND act = 'freeze' "
                "AND settled IS NOT NULL AND NOT lifted AND json_extract(item, '$.case') = ?",
                (station, case),
            )

    def answered(self, item_id: str) -> Settled | None:
        """Return what an item came to at another station; None while it has not answered."""
        return self._settled("posted", item_id)

    def handed_in(self, act: str) -> Sequence[tuple[Item, Settled | None]]:
        """Return every item of one sort of act, here and for other stations, with its word."""
        with _narrowed("reading the desk"):
            rows = self._database.execute(
                "SELECT item, settled FROM items WHERE act = ?1"
                " UNION ALL SELECT item, settled FROM posted WHERE act = ?1",
                (act,),
            ).fetchall()
        found = [(_item(text), None if word is None else Settled(word)) for text, word in rows]
        return sorted(found, key=lambda one: one[0].at)

    def waiting(self) -> Sequence[Item]:
        """Return what has not been taken in yet, oldest first; cheap to ask."""
        self._look()
        return self._waiting

    def freezes(self) -> Sequence[Item]:
        """Return the freezes that wait, oldest first; cheap to ask before every write.

        Those of cases that other stations hold are among them until their station released them.
        """
        self._look()
        return [*(i for i in self._waiting if isinstance(i.act, Freeze)), *self._elsewhere]

    def _look(self) -> None:
        """Read again what lies here if anything has changed."""
        with _narrowed("reading the desk"):
            version = self._database.execute("PRAGMA data_version").fetchone()[0]
            seen = (version, self._database.total_changes)
        if seen != self._seen:
            self._waiting = tuple(self._items("items", "settled IS NULL"))
            self._elsewhere = tuple(self._items("posted", _STOPPING))
            self._seen = seen

    def settle(self, item_id: str, settled: Settled) -> None:
        """Note what an item came to; once noted it stays."""
        with _narrowed("writing the desk"):
            self._database.execute(
                "UPDATE items SET settled = ? WHERE id = ? AND settled IS NULL",
                (settled.value, item_id),
            )

    def settled(self, item_id: str) -> Settled | None:
        """Return what an item came to; None while it waits or where there is none."""
        return self._settled("items", item_id)

    def _settled(self, table: str, item_id: str) -> Settled | None:
        with _narrowed("reading the desk"):
            row = self._database.execute(
                f"SELECT settled FROM {table} WHERE id = ?",  # noqa: S608 - own constants
                (item_id,),
            ).fetchone()
        return None if row is None or row[0] is None else Settled(row[0])

    def _there(self, query: str, item_id: str) -> bool:
        with _narrowed("reading the desk"):
            return self._database.execute(query, (item_id,)).fetchone() is not None

    def _items(self, table: str, where: str) -> list[Item]:
        with _narrowed("reading the desk"):
            rows = self._database.execute(
                f"SELECT item FROM {table} WHERE {where} ORDER BY number"  # noqa: S608 - own constants
            ).fetchall()
        return [_item(text) for (text,) in rows]

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")

    def _wake(self) -> None:
        """Touch the hint; the agent looks at the desk in each round anyway."""
        try:
            self._hint.write_bytes(b"")
        except OSError:
            return


def _item(text: str) -> Item:
    try:
        return item_from_plain(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged("it holds something that nobody can have handed in") from error


def _damaged(what: str) -> IntegrityError:
    return IntegrityError(
        f"the desk is not as this program left it: {what}",
        code="desk.damaged",
        remedy="Stop the agent, keep the file as it is and tell your technician.",
    )


_narrowed: Final = partial(
    sqlite_narrowed,
    code="desk.unavailable",
    remedy="Make room on this computer's disk; then try again.",
    damaged=partial(_damaged, "the file is damaged"),
)
