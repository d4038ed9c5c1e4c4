# SPDX-License-Identifier: Apache-2.0
"""Files between upload and import: in the memory of the one process, for an hour, never on a disk.

A file may hold columns that no register may keep; so it goes when it was imported, when it was put
away, when its time is over, and when the console ends.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from agent.core.mis.layout import Layout
from agent.core.mis.lines import NumberedCells
from agent.core.mis.planning import Wishes

KEPT_FOR: Final = timedelta(hours=1)
MOST: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file that was read and is not imported yet; `seed` makes planning again give the same."""

    id: str
    by: str
    at: datetime
    sha256: str
    headings: tuple[str, ...]
    rows: tuple[NumberedCells, ...] = field(repr=False)
    made_on: date
    seed: bytes = field(repr=False)
    layout: Layout
    ready: bool = False
    """Whether somebody said what the columns mean."""
    wishes: Wishes = field(default_factory=Wishes)
    confirmed: tuple[str, str] | None = None
    """Who confirmed, and the digest of the plan that they saw."""


class Shelf:
    """The files that are held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._files: dict[str, Held] = {}

    def put(self, held: Held) -> None:
        """Keep a file; the oldest goes where there are too many."""
        with self._lock:
            self._files[held.id] = held
            while len(self._files) > MOST:
                del self._files[min(self._files.values(), key=lambda one: one.at).id]

    def get(self, identifier: str, at: datetime) -> Held | None:
        """Return a file whose time is not over."""
        return self._fresh(at).get(identifier)

    def all(self, at: datetime) -> tuple[Held, ...]:
        """Return the files whose time is not over."""
        return tuple(self._fresh(at).values())

    def change(self, identifier: str, **fields: Any) -> None:  # noqa: ANN401 - fields of Held
        """Change what is known of a file; a changed wish or layout takes a confirmation back."""
        with self._lock:
            held = self._files.get(identifier)
            if held is not None:
                self._files[identifier] = replace(held, **{"confirmed": None} | fields)

    def drop(self, identifier: str) -> None:
        """Forget a file."""
        with self._lock:
            self._files.pop(identifier, None)

    def _fresh(self, at: datetime) -> Mapping[str, Held]:
        with self._lock:
            self._files = {k: one for k, one in self._files.items() if at - one.at < KEPT_FOR}
            return dict(self._files)


SHELF: Final = Shelf()
