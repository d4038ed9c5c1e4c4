# SPDX-License-Identifier: Apache-2.0
"""Register snapshots: signed by the office, sealed to a station, in the vault and in a cache.

`Registrar` (port `Registrar`) gives a station its register: with the vault there, the newest
snapshot of the vault and no other; with the vault away, the sealed copy that was good last time.
Whatever cannot be proven becomes the reason why there is no register.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from agent import durable
from agent.core.clues import ClueMaker
from agent.core.concerns import Concern
from agent.core.errors import UnavailableError
from agent.core.model import Moment
from agent.core.register import NoRegister, Register
from agent.core.snapshot import Snapshot, decode_snapshot
from agent.seal.errors import SealError
from agent.seal.keys import Identity, Recipient
from agent.seal.notes import Signer, Verifier, sign, verify
from agent.seal.sealing import open_bytes, seal_bytes

_DIGITS: Final = 10


def seal_snapshot(snapshot: Snapshot, signer: Signer, stations: Iterable[Recipient]) -> bytes:
    """Return a snapshot signed by the office and sealed to stations."""
    note = sign(snapshot.encoded().decode("utf-8") + "\n", signer)
    return seal_bytes(list(stations), note)


def open_snapshot(sealed: bytes, identity: Identity, office: Verifier) -> Snapshot:
    """Return the snapshot that the office signed and sealed to this station.

    Raises:
        SealError: it is not sealed to us or not signed by the office.
        ValueError: what was signed is no snapshot.
    """
    text = verify(open_bytes(sealed, [identity]), [office])
    return decode_snapshot(text.removesuffix("\n").encode("utf-8"))


class SnapshotFolder:
    """One station's snapshots in the vault, each named by its version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def newest(self) -> bytes | None:
        """Return the snapshot with the greatest version, still sealed; None where there is none.

        Raises:
            OSError: the vault is away.
        """
        names = sorted(path.name for path in self._folder.iterdir() if path.suffix == ".age")
        return (self._folder / names[-1]).read_bytes() if names else None

    def newest_version(self) -> int:
        """Return the greatest version that is there; 0 where there is none.

        Raises:
            OSError: the vault is away.
        """
        if not self._folder.exists():
            return 0
        stems = (path.stem for path in self._folder.glob("*.age"))
        return max((int(stem) for stem in stems if stem.isdecimal()), default=0)

    def is_there(self) -> bool:
        """Tell whether the vault that should hold the folder can be reached."""
        try:
            return self._folder.parent.is_dir()
        except OSError:
            return False

    def put(self, version: int, sealed: bytes) -> None:
        """Write a snapshot under its version, which must be new.

        Raises:
            OSError: the vault is away, or the version is there.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        durable.write_new(self._folder / f"{version:0{_DIGITS}d}.age", [sealed])


class Registrar:
    """Give the register to decide on, or the reason why there is none."""

    def __init__(
        self,
        folder: SnapshotFolder,
        cache: Path,
        identity: Identity,
        office: Verifier,
        clues: ClueMaker,
    ) -> None:
        self._folder = folder
        self._cache = cache
        self._identity = identity
        self._office = office
        self._clues = clues
        self._ready: tuple[bytes, Register] | None = None

    def register(self, moment: Moment) -> Register | NoRegister:
        """Return the newest register, or why there is none; validity is judged by the core."""
        del moment
        try:
            sealed = self._folder.newest()
        except FileNotFoundError:
            sealed = None
        except OSError:
            return self._cached()
        if sealed is None:
            return self._cached() if self._vault_is_away() else NoRegister(Concern.REGISTER_MISSING)
        return self._accepted(sealed)

    def _vault_is_away(self) -> bool:
        """Tell a vault that is away from one whose snapshots have gone."""
        return not self._folder.is_there()

    def _cached(self) -> Register | NoRegister:
        try:
            return self._opened(self._cache.read_bytes())
        except FileNotFoundError:
            return NoRegister(Concern.REGISTER_MISSING)
        except (OSError, SealError, ValueError):
            return NoRegister(Concern.REGISTER_UNTRUSTED)

    def _accepted(self, sealed: bytes) -> Register | NoRegister:
        """Open the vault's snapshot, refuse an older one than before, keep a newer one."""
        if self._ready is not None and self._ready[0] == sealed:
            return self._ready[1]
        try:
            register = self._opened(sealed)
        except (SealError, ValueError):
            return NoRegister(Concern.REGISTER_UNTRUSTED)
        before = self._cached()
        if isinstance(before, Register) and register.version < before.version:
            return NoRegister(Concern.REGISTER_ROLLED_BACK)
        if not isinstance(before, Register) or register.version > before.version:
            self._keep(sealed)
        self._ready = (sealed, register)
        return register

    def _keep(self, sealed: bytes) -> None:
        """Keep the sealed snapshot for when the vault is away, and to know its version later."""
        try:
            durable.replace(self._cache, [sealed], private=True)
        except OSError as error:
            raise UnavailableError(
                "the register could not be kept on this computer: the disk is full or failing",
                code="register.cache_unavailable",
                remedy="Make room on this computer's disk; nothing was lost.",
            ) from error

    def _opened(self, sealed: bytes) -> Register:
        return open_snapshot(sealed, self._identity, self._office).register(self._clues)
