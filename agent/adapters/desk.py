# SPDX-License-Identifier: Apache-2.0
"""The desk as a local SQLite file that two processes share (port `Desk`).

The console puts items on it, the agent takes them in; either may die at any moment. Nothing on it
is ever changed or removed: an item only gets the word that says what it came to, once. Beside it
lies a hint, a file whose change tells a resting agent to look; what it holds is not believed.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Self

from agent.core.desk import Freeze, Item, Settled
from agent.core.desk_text import act_name, item_from_plain, item_to_plain
from agent.core.errors import IntegrityError, UnavailableError

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
CREATE TRIGGER IF NOT EXISTS items_stay BEFORE UPDATE ON items
    WHEN OLD.settled IS NOT NULL OR NEW.number <> OLD.number OR NEW.id <> OLD.id
        OR NEW.act <> OLD.act OR NEW.item <> OLD.item
    BEGIN SELECT raise(ABORT, 'items of the desk never change'); END;
CREATE TRIGGER IF NOT EXISTS items_remain BEFORE DELETE ON items
    BEGIN SELECT raise(ABORT, 'items of the desk never go'); END;
"""


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

    def waiting(self) -> Sequence[Item]:
        """Return what has not been taken in yet, oldest first; cheap to ask."""
        with _narrowed("reading the desk"):
            version = self._database.execute("PRAGMA data_version").fetchone()[0]
            seen = (version, self._database.total_changes)
        if seen != self._seen:
            self._waiting = tuple(self._items("settled IS NULL"))
            self._seen = seen
        return self._waiting

    def freezes(self) -> Sequence[Item]:
        """Return the freezes that wait, oldest first; cheap to ask before every write."""
        return [item for item in self.waiting() if isinstance(item.act, Freeze)]

    def settle(self, item_id: str, settled: Settled) -> None:
        """Note what an item came to; once noted it stays."""
        with _narrowed("writing the desk"):
            self._database.execute(
                "UPDATE items SET settled = ? WHERE id = ? AND settled IS NULL",
                (settled.value, item_id),
            )

    def settled(self, item_id: str) -> Settled | None:
        """Return what an item came to; None while it waits or where there is none."""
        with _narrowed("reading the desk"):
            row = self._database.execute(
                "SELECT settled FROM items WHERE id = ?", (item_id,)
            ).fetchone()
        return None if row is None or row[0] is None else Settled(row[0])

    def _items(self, where: str) -> list[Item]:
        with _narrowed("reading the desk"):
            rows = self._database.execute(
                f"SELECT item FROM items WHERE {where} ORDER BY number"  # noqa: S608 - own constants
            ).fetchall()
        try:
            return [item_from_plain(json.loads(text)) for (text,) in rows]
        except (KeyError, TypeError, ValueError) as error:
            raise _damaged("it holds something that nobody can have handed in") from error

    def _wake(self) -> None:
        """Touch the hint; the agent looks at the desk in each round anyway."""
        try:
            self._hint.write_bytes(b"")
        except OSError:
            return


def _damaged(what: str) -> IntegrityError:
    return IntegrityError(
        f"the desk is not as this program left it: {what}",
        code="desk.damaged",
        remedy="Stop the agent, keep the file as it is and tell your technician.",
    )


@contextmanager
def _narrowed(doing: str) -> Iterator[None]:
    """Turn what SQLite raises into our families, saying what was being done."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnavailableError(
            f"{doing} failed: the file is locked, unreachable or the disk is full",
            code="desk.unavailable",
            remedy="Make room on this computer's disk; then try again.",
        ) from error
    except sqlite3.DatabaseError as error:
        raise _damaged("the file is damaged") from error
