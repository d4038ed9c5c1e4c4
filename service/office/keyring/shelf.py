# SPDX-License-Identifier: Apache-2.0
"""What was opened of late, in memory, each piece for one unlocked key and gone with it.

One shelf a process, at most 64 MiB on it; what was not asked for longest makes room and is
overwritten. Whether something may still be seen is asked before it is taken from here, each time.
"""

import threading
from collections import OrderedDict
from typing import Final

from service.office.keyring.wrapping import overwrite

MOST_BYTES: Final = 64 << 20

Name = tuple[str, ...]


class Shelf:
    """Pieces of many owners, in the order of their last use."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._pieces: OrderedDict[tuple[int, Name], bytearray] = OrderedDict()
        self._size = 0

    @property
    def size(self) -> int:
        """How many bytes lie here."""
        return self._size

    def put(self, owner: int, name: Name, content: bytes) -> None:
        """Keep something, unless it alone is too large."""
        if len(content) > self._most:
            return
        with self._lock:
            self._remove((owner, name))
            self._pieces[owner, name] = bytearray(content)
            self._size += len(content)
            while self._size > self._most:
                self._remove(next(iter(self._pieces)))

    def get(self, owner: int, name: Name) -> bytes | None:
        """Return a copy of what is kept under a name for this owner."""
        with self._lock:
            piece = self._pieces.get((owner, name))
            if piece is None:
                return None
            self._pieces.move_to_end((owner, name))
            return bytes(piece)

    def forget(self, owner: int) -> None:
        """Overwrite and remove all that is kept for an owner."""
        with self._lock:
            for place in [place for place in self._pieces if place[0] == owner]:
                self._remove(place)

    def _remove(self, place: tuple[int, Name]) -> None:
        piece = self._pieces.pop(place, None)
        if piece is not None:
            self._size -= len(piece)
            overwrite(piece)
