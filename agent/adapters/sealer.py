# SPDX-License-Identifier: Apache-2.0
"""Seal to the school's public keys into the spool on this computer (port `Sealer`).

The payload is a tar with fixed headers: `facts.json` first, so that its chunk alone can be read,
then `media.<extension>`. This computer holds public keys only: it cannot open what it sealed.
"""

import base64
import hashlib
import io
import secrets
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

from agent import durable
from agent.adapters.narrowing import disk_narrowed
from agent.core.canonical import encode
from agent.core.case import Proof
from agent.core.errors import IntegrityError
from agent.core.model import ObjectId
from agent.ports import Examined, Medium
from agent.seal.keys import Recipient
from agent.seal.sealing import seal

_ID_BYTES: Final = 16
_BLOCK: Final = tarfile.BLOCKSIZE
_USTAR_LIMIT: Final = 8 << 30


class Sealer:
    """Seal examined media and keep the sealed copies until they are safe elsewhere."""

    def __init__(self, spool: Path, recipients: Sequence[Recipient]) -> None:
        self._spool = spool
        self._recipients = tuple(recipients)

    def seal(self, examined: Examined, name: str) -> tuple[ObjectId, Proof]:
        """Seal facts and medium under a new object id; durable when it returns."""
        object_id = _new_id()
        facts = encode({**examined.details, "name": name})
        sealed = seal(self._recipients, _tar(facts, examined.medium))
        counted = _Counted(sealed.body)
        with _narrowed("sealing into the spool"):
            durable.write_new(self._path(object_id, "body"), counted)
            durable.write_new(self._path(object_id, "slip"), [sealed.slip])
        return object_id, Proof(
            body_sha256=counted.sha256.hexdigest(),
            body_size=counted.size,
            slip_sha256=hashlib.sha256(sealed.slip).hexdigest(),
        )

    @contextmanager
    def open_spool(self, object_id: ObjectId) -> Iterator[tuple[bytes, BinaryIO]]:
        """Open the slip and the body in the spool.

        Raises:
            IntegrityError: the spool copy is not there.
        """
        try:
            slip = self._path(object_id, "slip").read_bytes()
            body = self._path(object_id, "body").open("rb")
        except FileNotFoundError as error:
            raise IntegrityError(
                f"object {object_id}: its sealed copy is not in the spool",
                code="spool.missing",
                remedy="Look whether a cleaning program removed it; the original, if it was not "
                "deleted yet, is still in the import folder.",
            ) from error
        with body:
            yield slip, body

    def release(self, object_id: ObjectId) -> None:
        """Remove the spool copy; no matter if it has gone."""
        for part in ("slip", "body"):
            self._path(object_id, part).unlink(missing_ok=True)

    def sweep(self, known: frozenset[ObjectId]) -> int:
        """Remove what an interrupted sealing left: every file that no record knows."""
        removed = 0
        with _narrowed("sweeping the spool"):
            for path in self._spool.iterdir():
                if path.name.partition(".")[0] not in known or path.suffix == durable.PART_SUFFIX:
                    path.unlink(missing_ok=True)
                    removed += 1
        return removed

    def _path(self, object_id: ObjectId, part: str) -> Path:
        return self._spool / f"{object_id}.{part}"


class _Counted:
    """Pass chunks on, and keep their digest and number of bytes."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self.sha256 = hashlib.sha256()
        self.size = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.sha256.update(chunk)
            self.size += len(chunk)
            yield chunk


def _new_id() -> ObjectId:
    return ObjectId(base64.b32encode(secrets.token_bytes(_ID_BYTES)).decode("ascii").lower()[:26])


def _tar(facts: bytes, medium: Medium) -> Iterator[bytes]:
    """Yield a POSIX ustar archive with nothing in its headers but names and sizes."""
    yield from _member("facts.json", len(facts), iter([facts]))
    yield from _member(f"media.{medium.extension}", medium.size, medium.chunks())
    yield bytes(2 * _BLOCK)


def _member(name: str, size: int, chunks: Iterator[bytes]) -> Iterator[bytes]:
    header = tarfile.TarInfo(name)
    header.size = size
    yield header.tobuf(tarfile.USTAR_FORMAT if size < _USTAR_LIMIT else tarfile.GNU_FORMAT)
    written = 0
    for chunk in chunks:
        written += len(chunk)
        yield chunk
    if written != size:
        raise IntegrityError(
            "a medium had another length when it was sealed than when it was examined",
            code="seal.length",
            remedy="Nothing was stored or deleted; run again.",
        )
    yield bytes(-size % _BLOCK)


_narrowed: Final = partial(
    disk_narrowed,
    code="spool.unavailable",
    remedy="Make room on this computer's disk; nothing was lost.",
)


def unpacked(chunks: Iterator[bytes]) -> tuple[bytes, str, Iterator[bytes]]:
    """Return facts, the medium's file name and its chunks from an opened payload.

    Raises:
        ValueError: the payload is not one that `Sealer` writes.
    """
    archive = tarfile.open(fileobj=_Readable(chunks), mode="r|")  # noqa: SIM115 - a stream
    facts = archive.next()
    stream = archive.extractfile(facts) if facts and facts.name == "facts.json" else None
    if stream is None:
        raise ValueError("a payload without facts")
    text = stream.read()
    medium = archive.next()
    content = archive.extractfile(medium) if medium and medium.name.startswith("media.") else None
    if medium is None or content is None:
        raise ValueError("a payload without a medium")
    return text, medium.name, iter(lambda: content.read(1 << 20), b"")


class _Readable(io.RawIOBase):
    """Chunks as a file that can be read forwards."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._held = b""

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes."""
        while len(self._held) < size or size < 0:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._held += chunk
        size = len(self._held) if size < 0 else size
        data, self._held = self._held[:size], self._held[size:]
        return data
