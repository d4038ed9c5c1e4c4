# SPDX-License-Identifier: Apache-2.0
"""The age payload: STREAM over ChaCha20-Poly1305 in 64 KiB chunks (age specification, "Payload").

The nonce of a chunk is its number (11 bytes, big-endian) and a flag that marks the last one, so
chunks can be neither reordered, dropped, repeated nor cut off. Memory stays constant; the reader
gives out a chunk only when it has been authenticated.
"""

import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from agent.seal.errors import HeaderInvalid, PayloadInvalid
from agent.seal.header import hkdf

NONCE_BYTES: Final = 16
CHUNK_BYTES: Final = 65_536
TAG_BYTES: Final = 16
SEALED_CHUNK_BYTES: Final = CHUNK_BYTES + TAG_BYTES
_BATCH_CHUNKS: Final = 16


def encrypt(file_key: bytes, chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the payload of some plaintext: a fresh nonce, then sealed chunks, 1 MiB a piece."""
    nonce = os.urandom(NONCE_BYTES)
    yield nonce
    cipher = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    piece, number = bytearray(_BATCH_CHUNKS * SEALED_CHUNK_BYTES), 0
    room = memoryview(piece)
    filled = 0
    for plain, last in _full_chunks(chunks):
        size = len(plain) + TAG_BYTES
        cipher.encrypt_into(_nonce(number, last=last), plain, None, room[filled : filled + size])
        number, filled = number + 1, filled + size
        if last or filled == len(piece):
            yield bytes(room[:filled])
            filled = 0


def decrypt(file_key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """Yield the authenticated chunks of a payload.

    Raises:
        HeaderInvalid: the payload does not even hold its nonce.
        PayloadInvalid: it was changed, cut, extended or reordered; what came before is sound.
    """
    nonce = _read_fully(source, NONCE_BYTES)
    if len(nonce) != NONCE_BYTES:
        raise HeaderInvalid("the file is cut short before its first chunk")
    cipher = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    number, current = 0, _read_fully(source, SEALED_CHUNK_BYTES)
    while True:
        following = _read_fully(source, SEALED_CHUNK_BYTES)
        last = not following
        plain = _opened(cipher, _nonce(number, last=last), current)
        if plain is None:
            yield from _mismarked(cipher, _nonce(number, last=not last), current)
            return
        if last and number and not plain:
            raise PayloadInvalid("the payload ends with an empty chunk")
        yield plain
        if last:
            return
        number, current = number + 1, following


def sealed_size(plain_size: int) -> int:
    """Return the payload's length in bytes for a plaintext of this length."""
    return NONCE_BYTES + plain_size + TAG_BYTES * max(1, -(-plain_size // CHUNK_BYTES))


def is_possible_size(payload_size: int) -> bool:
    """Tell whether a payload can have this length at all."""
    rest = (payload_size - NONCE_BYTES) % SEALED_CHUNK_BYTES
    whole = (payload_size - NONCE_BYTES) // SEALED_CHUNK_BYTES
    smallest_last = TAG_BYTES if whole == 0 else TAG_BYTES + 1
    return payload_size >= NONCE_BYTES + TAG_BYTES and (rest == 0 or rest >= smallest_last)


def _opened(cipher: ChaCha20Poly1305, nonce: bytes, sealed: bytes) -> bytes | None:
    """Return a chunk's plaintext, or None where it is not authentic under this nonce."""
    try:
        return cipher.decrypt(nonce, sealed, None)
    except InvalidTag:
        return None


def _mismarked(cipher: ChaCha20Poly1305, nonce: bytes, sealed: bytes) -> Iterator[bytes]:
    """Release a full chunk that is authentic but wrongly marked as last or not; then refuse.

    Raises:
        PayloadInvalid: always.
    """
    plain = _opened(cipher, nonce, sealed)
    if plain and len(plain) == CHUNK_BYTES:
        yield plain
    raise PayloadInvalid("a chunk was changed, the end was cut off, or something follows it")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\x01" if last else b"\x00")


def _full_chunks(pieces: Iterable[bytes]) -> Iterator[tuple[memoryview, bool]]:
    """Cut pieces of any length into chunks of 64 KiB, and mark the last; an empty text has one."""
    held = bytearray()
    for piece in pieces:
        held += piece
        whole = max(0, (len(held) - 1) // CHUNK_BYTES) * CHUNK_BYTES
        if whole:
            ready = bytes(memoryview(held)[:whole])
            del held[:whole]
            for start in range(0, whole, CHUNK_BYTES):
                yield memoryview(ready)[start : start + CHUNK_BYTES], False
    yield memoryview(bytes(held)), True


def _read_fully(source: BinaryIO, size: int) -> bytes:
    """Read exactly `size` bytes, or all that is left."""
    data = source.read(size)
    while len(data) < size and (more := source.read(size - len(data))):
        data += more
    return data
