# SPDX-License-Identifier: Apache-2.0
"""The post: files in the vault by which the office reaches the stations that hold the cases.

    inbox/<station>/<item id>.age     sealed to the station; within it a note that the office signed

The share is hostile: whoever controls it can put anything there, take files away and bring old ones
back. So a look is bounded in files and bytes, in an order that no stranger chooses; what is not
signed by the office for this very vault, station and name is left lying and counted; what was taken
in once is known by its id for ever (`agent.adapters.desk`).
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Final

from agent import durable
from agent.adapters.narrowing import disk_narrowed
from agent.core.desk import Item
from agent.core.posted import LONGEST, POST, SUFFIX, Posted, parse_posted
from agent.seal.errors import SealError
from agent.seal.keys import Identity, Recipient
from agent.seal.notes import Signer, Verifier, sign, verify
from agent.seal.sealing import open_bytes, seal_bytes

MOST_LISTED: Final = 50_000
"""Names that a look goes through; a school has a handful waiting."""
MOST_READ: Final = 1000
"""Files that a look opens; the others come with the next one."""
_NAME: Final = re.compile(r"([a-z2-7]{26})\.age")
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
)


def seal_posted(posted: Posted, signer: Signer, station: Recipient) -> bytes:
    """Return an act signed by the office and sealed to its station."""
    return seal_bytes([station], sign(posted.text(), signer))


def open_posted(sealed: bytes, identity: Identity, office: Verifier) -> Posted:
    """Return the act that the office signed and sealed to this station.

    Raises:
        SealError: it is not sealed to us or not signed by the office.
        ValueError: what was signed is no act that was posted.
    """
    return parse_posted(verify(open_bytes(sealed, [identity]), [office]))


class OutPost:
    """The post as the office writes to it."""

    def __init__(self, vault: Path) -> None:
        self._root = vault / POST

    def deliver(self, station: str, item_id: str, sealed: bytes) -> None:
        """Put a sealed act there durably, unless this very one lies there.

        Raises:
            UnavailableError: the vault is away.
        """
        path = self._path(station, item_id)
        with _narrowed("writing to the post"):
            path.parent.mkdir(parents=True, exist_ok=True)
            if _content(path) != sealed:
                durable.forget_parts(path)
                durable.replace(path, [sealed])

    def remove(self, station: str, item_id: str) -> None:
        """Take away what the station has taken in; no matter if it went.

        Raises:
            UnavailableError: the vault is away.
        """
        with _narrowed("tidying the post"):
            self._path(station, item_id).unlink(missing_ok=True)

    def _path(self, station: str, item_id: str) -> Path:
        return self._root / station / f"{item_id}{SUFFIX}"


class InPost:
    """The post of one station, as that station reads it."""

    def __init__(
        self, vault: Path, address: tuple[str, str], keys: tuple[Identity, Verifier]
    ) -> None:
        """`address` is the vault's and the station's id, `keys` open and check what comes."""
        self._vault_id, self._station = address
        self._identity, self._office = keys
        self._folder = vault / POST / self._station
        self._strange: dict[str, tuple[int, int]] = {}

    @property
    def strangers(self) -> int:
        """How many files lie there, as far as was looked, that the office did not sign for us."""
        return len(self._strange)

    def look(
        self, is_known: Callable[[str], bool], is_settled: Callable[[str], bool]
    ) -> list[Item]:
        """Return what is new, oldest first, and take away what was settled.

        Raises:
            UnavailableError: the vault is away.
        """
        names = self._names()
        self._strange = {n: mark for n, mark in self._strange.items() if n in names}
        found: list[Item] = []
        left = MOST_READ
        for name in names:
            item_id = name.removesuffix(SUFFIX)
            if is_settled(item_id):
                with suppress(OSError):  # the office takes it away where this account may not
                    (self._folder / name).unlink()
            elif left and not is_known(item_id) and self._mark(name) != self._strange.get(name):
                left -= 1
                found += self._read(name)
        return sorted(found, key=lambda item: item.at)

    def _names(self) -> dict[str, None]:
        """Return the names of acts in an order by chance: nobody can stand in front of a freeze."""
        with _narrowed("looking into the post"):
            try:
                with os.scandir(self._folder) as entries:
                    listed = [entry.name for entry in islice(entries, MOST_LISTED)]
            except FileNotFoundError:
                return {}
        salt = os.urandom(16)
        names = [name for name in listed if _NAME.fullmatch(name)]
        names.sort(key=lambda name: hashlib.blake2b(name.encode(), key=salt).digest())
        return dict.fromkeys(names)

    def _read(self, name: str) -> list[Item]:
        """Return the item of a file; none where it is a stranger's, or cannot be read just now."""
        mark = self._mark(name)
        try:
            sealed = _content(self._folder / name)
        except OSError:
            return []
        if sealed is None or mark is None:
            return []
        item = self._believed(name, sealed)
        if item is None:
            self._strange[name] = mark
            return []
        self._strange.pop(name, None)
        return [item]

    def _believed(self, name: str, sealed: bytes) -> Item | None:
        if not 0 < len(sealed) <= LONGEST:
            return None
        try:
            posted = open_posted(sealed, self._identity, self._office)
        except (SealError, ValueError):
            return None
        is_ours = (posted.vault, posted.station) == (self._vault_id, self._station)
        return posted.item if is_ours and name == f"{posted.item.id}{SUFFIX}" else None

    def _mark(self, name: str) -> tuple[int, int] | None:
        """Return what changes when a file does; None where it has gone."""
        try:
            found = (self._folder / name).lstat()
        except OSError:
            return None
        return found.st_size, found.st_mtime_ns


def _content(path: Path) -> bytes | None:
    """Return a regular file's content, cut just beyond what may be read; None where none is there.

    A pipe, a device or a link that somebody put there is not waited for or followed: it is empty.

    Raises:
        OSError: it cannot be read.
    """
    try:
        descriptor = os.open(path, _FLAGS)
    except FileNotFoundError:
        return None
    except OSError:
        if path.is_symlink():
            return b""
        raise
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read(LONGEST + 1)
    finally:
        os.close(descriptor)


_narrowed: Final = partial(
    disk_narrowed,
    code="vault.unavailable",
    remedy="Connect the storage and try again; nothing was lost.",
)
