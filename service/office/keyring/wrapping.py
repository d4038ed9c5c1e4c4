# SPDX-License-Identifier: Apache-2.0
"""Wrap a reviewer's personal key under a passphrase, and office identities to that personal key.

A personal key is a post-quantum age key pair. Its secret is wrapped under Argon2id of a passphrase
that only its owner knows; an office identity is an ordinary age file to its public half. So access
is given to somebody without their passphrase, and taken away by deleting one row.

Boundary: bytes and keys; no table, no request. Secrets that are ours to overwrite are `bytearray`s.
"""

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from agent.seal import identity_file
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridIdentity, HybridRecipient
from agent.seal.sealing import open_bytes, seal_bytes

SALT_BYTES: Final = 16
SEED_BYTES: Final = 32
_KEY_BYTES: Final = 32
_NONCE: Final = bytes(12)
"""Fixed: every wrap has a salt of its own, so every key is used once."""
_PURPOSE: Final = b"photowarden reviewer key 1"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a try at a passphrase costs (RFC 9106 section 4, second recommendation)."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


MOST: Final = Cost(memory_kib=1024 * 1024, passes=16, lanes=16)
"""The most that a row may demand of whoever reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrapped:
    """A secret under a passphrase, as it is kept."""

    salt: bytes
    sealed: bytes = field(repr=False)
    cost: Cost = Cost()


def overwrite(secret: bytearray) -> None:
    """Overwrite a secret in its place; copies that Python made of it are beyond reach."""
    secret[:] = bytes(len(secret))


@contextmanager
def fleeting(secret: bytearray) -> Iterator[bytearray]:
    """Give a secret for a while and overwrite it afterwards, whatever happens."""
    try:
        yield secret
    finally:
        overwrite(secret)


def derive(passphrase: str, salt: bytes, cost: Cost) -> bytes:
    """Return 32 bytes of Argon2id (RFC 9106, version 1.3) of a passphrase.

    However a keyboard composes an accent, the same letters are the same passphrase (NFKC).

    Raises:
        ValueError: the cost is beyond what a row may demand.
    """
    if not all(
        1 <= wanted <= most for wanted, most in zip(_parts(cost), _parts(MOST), strict=True)
    ):
        raise ValueError("a wrap that demands too much or too little work")
    secret = unicodedata.normalize("NFKC", passphrase).encode()
    return hash_secret_raw(
        secret, salt, cost.passes, cost.memory_kib, cost.lanes, _KEY_BYTES, Type.ID
    )


def wrap_seed(seed: bytes | bytearray, passphrase: str, account: str, cost: Cost) -> Wrapped:
    """Wrap the seed of a personal key for one account."""
    salt = os.urandom(SALT_BYTES)
    cipher = ChaCha20Poly1305(derive(passphrase, salt, cost))
    return Wrapped(salt=salt, sealed=cipher.encrypt(_NONCE, seed, _bound(account)), cost=cost)


def unwrap_seed(wrapped: Wrapped, passphrase: str, account: str) -> bytearray | None:
    """Return the seed of a personal key; None where the passphrase or the account is another one.

    Raises:
        ValueError: the row demands too much work.
    """
    cipher = ChaCha20Poly1305(derive(passphrase, wrapped.salt, wrapped.cost))
    try:
        return bytearray(cipher.decrypt(_NONCE, wrapped.sealed, _bound(account)))
    except InvalidTag:
        return None


def new_seed() -> bytearray:
    """Return the seed of a new personal key."""
    return bytearray(os.urandom(SEED_BYTES))


def public_of(seed: bytes | bytearray) -> str:
    """Return the public half of a personal key, `age1pq...`."""
    return str(HybridIdentity(bytes(seed)).recipient())


def name_of(public: str) -> str:
    """Return the digest by which tables and ledger name an office key."""
    return hashlib.sha256(public.encode("ascii")).hexdigest()


def name_of_identity(text: bytes | bytearray) -> str:
    """Return the digest by which tables and ledger name the office key of an identity's text.

    Raises:
        KeyInvalid: it is no identity.
    """
    return name_of(str(identity_file.parse(text.decode("ascii", "replace")).recipient()))


def wrap_identity(text: bytes | bytearray, public: str) -> bytes:
    """Seal the text of an office identity to somebody's personal key.

    Raises:
        KeyInvalid: the public key is none.
    """
    return seal_bytes([HybridRecipient.parse(public)], bytes(text))


def unwrap_identity(sealed: bytes, seed: bytes | bytearray, name: str) -> bytearray | None:
    """Return the text of an office identity; None where it is not the one that is named.

    Whoever can write to the tables can seal anything to a public key: only an identity whose
    public half is the one that was given counts.
    """
    try:
        text = bytearray(open_bytes(sealed, [HybridIdentity(bytes(seed))]))
    except SealError:
        return None
    try:
        if name_of_identity(text) == name:
            return text
    except SealError:
        pass
    overwrite(text)
    return None


def _parts(cost: Cost) -> tuple[int, int, int]:
    return cost.memory_kib, cost.passes, cost.lanes


def _bound(account: str) -> bytes:
    """Return what is authenticated beside the secret: moved to another row it does not open."""
    return _PURPOSE + b"\0" + account.encode("ascii")
