# SPDX-License-Identifier: Apache-2.0
"""The vault as a folder, local or on a file server (port `Vault`).

    vault.json                 signed marker: this folder is the approved storage
    bodies/<ab>/<id>           sealed bodies
    slips/a/<ab>/<id>          their headers, and once more under slips/b
    ledgers/<station>/         copies of the stations' ledgers
    snapshots/<station>/       register snapshots, sealed to each station

A final name never holds part of a file and is never written twice. Reading back happens on a new
handle, with the system's cache dropped where it can be.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from agent import durable
from agent.core.case import Proof
from agent.core.errors import ConfigurationError, IntegrityError, UnavailableError
from agent.core.model import ObjectId
from agent.core.vault_marker import MARKER, names_vault
from agent.seal.errors import SealError
from agent.seal.notes import Verifier, verify

_READ: Final = 1 << 20
_SLIPS: Final = ("slips/a", "slips/b")


class FolderVault:
    """One approved folder."""

    def __init__(self, root: Path, vault_id: str, office: Verifier, station: str) -> None:
        self._root = root
        self._vault_id = vault_id
        self._office = office
        self._station = station

    def check(self) -> None:
        """Make sure that the vault is there and is the approved one.

        Raises:
            UnavailableError: it is not there.
            ConfigurationError: it is there and is not the approved one.
        """
        with _narrowed("reading the vault's marker"):
            marker = (self._root / MARKER).read_bytes()
        try:
            text = verify(marker, [self._office])
        except SealError as error:
            raise _not_approved("its marker is not signed by the office") from error
        if not names_vault(text, self._vault_id):
            raise _not_approved("its marker names another vault")

    def publish(self, object_id: ObjectId, slip: bytes, body: BinaryIO, proof: Proof) -> None:
        """Write body and both slips durably; what is there already and matches stays."""
        body_path = self._path("bodies", object_id)
        with _narrowed("writing to the vault"):
            self._put(body_path, iter(lambda: body.read(_READ), b""), proof.body_sha256)
            for slips in _SLIPS:
                self._put(self._path(slips, object_id), iter([slip]), proof.slip_sha256)

    def matches(self, object_id: ObjectId, proof: Proof) -> bool:
        """Read body and both slips back on new handles and compare them with the proof."""
        with _narrowed("reading back from the vault"):
            try:
                slips = [self._digest(self._path(slips, object_id)) for slips in _SLIPS]
                body = self._digest(self._path("bodies", object_id))
            except FileNotFoundError:
                self.check()
                return False
        wanted_slip = (proof.slip_sha256, None)
        same_slips = all((digest, None) == wanted_slip for digest, _ in slips)
        return same_slips and body == (proof.body_sha256, proof.body_size)

    def destroy_slips(self, object_id: ObjectId) -> None:
        """Destroy every slip of an object: nobody can ever open it again; no matter if they went.

        Raises:
            UnavailableError: a slip may still be there.
        """
        self.check()
        with _narrowed("destroying slips in the vault"):
            for slips in _SLIPS:
                path = self._path(slips, object_id)
                path.unlink(missing_ok=True)
                if path.parent.exists():
                    durable.forget_parts(path)
                    durable.sync_folder(path.parent)

    def put_ledger(self, files: Mapping[str, bytes]) -> None:
        """Write files of this station's ledger copy durably, in the given order."""
        folder = self._root / "ledgers" / self._station
        with _narrowed("writing the ledger's copy"):
            for name, content in files.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                durable.forget_parts(path)
                durable.replace(path, [content])

    def slip(self, object_id: ObjectId) -> bytes:
        """Return an object's slip, from either copy."""
        with _narrowed("reading from the vault"):
            for slips in _SLIPS:
                path = self._path(slips, object_id)
                if path.exists():
                    return path.read_bytes()
        raise _missing(object_id)

    @contextmanager
    def body(self, object_id: ObjectId) -> Iterator[BinaryIO]:
        """Open an object's body for reading."""
        with _narrowed("reading from the vault"):
            try:
                stream = self._path("bodies", object_id).open("rb")
            except FileNotFoundError as error:
                raise _missing(object_id) from error
        with stream:
            yield stream

    def ledger_files(self) -> tuple[Iterator[bytes], bytes]:
        """Return this station's entries line by line, and its checkpoint, from the vault's copy."""
        folder = self._root / "ledgers" / self._station
        with _narrowed("reading the ledger's copy"):
            checkpoint = (folder / "checkpoint").read_bytes()
            segments = sorted((folder / "entries").glob("*.jsonl"))
        return _lines(segments), checkpoint

    def object_ids(self) -> Iterator[ObjectId]:
        """Yield the ids of all bodies."""
        with _narrowed("listing the vault"):
            for path in sorted((self._root / "bodies").glob("??/*")):
                if path.suffix != durable.PART_SUFFIX:
                    yield ObjectId(path.name)

    def _path(self, shelf: str, object_id: ObjectId) -> Path:
        return self._root / shelf / object_id[:2] / object_id

    def _put(self, path: Path, chunks: Iterator[bytes], sha256: str) -> None:
        """Write a file unless the same one is there.

        Raises:
            IntegrityError: another file has its name.
        """
        path.parent.mkdir(exist_ok=True)
        durable.forget_parts(path)
        if not path.exists():
            durable.write_new(path, chunks)
        elif self._digest(path)[0] != sha256:
            raise IntegrityError(
                f"object {path.name}: the vault holds something else under this name",
                code="vault.conflict",
                remedy="Nothing was deleted. Check the storage's health, then run verify.",
            )

    def _digest(self, path: Path) -> tuple[str, int]:
        """Return SHA-256 and size of what the storage, not the cache, gives back."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb", buffering=0) as source:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(source.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while chunk := source.read(_READ):
                digest.update(chunk)
                size += len(chunk)
        return digest.hexdigest(), size


def _lines(segments: list[Path]) -> Iterator[bytes]:
    for segment in segments:
        with _narrowed("reading the ledger's copy"):
            content = segment.read_bytes()
        yield from content.split(b"\n")[:-1]


def _not_approved(why: str) -> ConfigurationError:
    return ConfigurationError(
        f"the vault folder is not the approved storage: {why}",
        code="vault.not_approved",
        remedy="Set vault.path in station.toml to the approved storage. Nothing was stored.",
    )


def _missing(object_id: ObjectId) -> IntegrityError:
    return IntegrityError(
        f"object {object_id}: it is not in the vault",
        code="vault.missing",
        remedy="Restore it from the backup, then run verify.",
    )


@contextmanager
def _narrowed(doing: str) -> Iterator[None]:
    """Turn what the system raises into "unavailable"; a missing file inside is not the world's."""
    try:
        yield
    except FileExistsError as error:
        raise UnavailableError(
            f"{doing} failed: another program is writing there",
            code="vault.busy",
            remedy="Try again; nothing was lost.",
        ) from error
    except OSError as error:
        raise UnavailableError(
            f"{doing} failed: {os.strerror(error.errno or 0)}",
            code="vault.unavailable",
            remedy="Connect the storage or make room on it; everything waits, nothing is lost.",
        ) from error
