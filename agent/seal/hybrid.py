# SPDX-License-Identifier: Apache-2.0
"""Post-quantum recipients, `age1pq1...`: HPKE over ML-KEM-768 with X25519 (type `mlkem768x25519`).

What is sealed today must stay closed while the children in it are alive, so a harvested copy must
not open when quantum computers come; the classic half keeps it closed should ML-KEM fail (age
specification, "The mlkem768x25519 recipient type"; RFC 9180; X-Wing; FIPS 203).
"""

import hashlib
import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import (
    MLKEM768PrivateKey,
    MLKEM768PublicKey,
)
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from agent.seal.encoding import decode_base64, decode_bech32, encode_base64, encode_bech32
from agent.seal.errors import HeaderInvalid, KeyInvalid
from agent.seal.header import Stanza
from agent.seal.keys import check_point, check_stanza

KIND: Final = "mlkem768x25519"
_PREFIX: Final = "age1pq"
_IDENTITY_PREFIX: Final = "age-secret-key-pq-"
_INFO: Final = b"age-encryption.org/mlkem768x25519"
_SEED_BYTES: Final = 32
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1184
_PUBLIC_BYTES: Final = _MLKEM_PUBLIC_BYTES + 32
_SHARE_BYTES: Final = 1120
_X25519_SHARE: Final = 1088
_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


class HybridRecipient:
    """A post-quantum public key."""

    label: Final = "postquantum"

    def __init__(self, public: bytes) -> None:
        if len(public) != _PUBLIC_BYTES:
            raise KeyInvalid("a post-quantum key has 1216 bytes")
        check_point(public[_MLKEM_PUBLIC_BYTES:])
        self._public = public
        try:
            self._key = MLKEM768X25519PublicKey(
                MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
                X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
            )
        except ValueError as error:
            raise KeyInvalid("a post-quantum key whose ML-KEM half is malformed") from error

    @classmethod
    def parse(cls, text: str) -> "HybridRecipient":
        """Read `age1pq1...`.

        Raises:
            KeyInvalid: the text is no such key.
        """
        return cls(decode_bech32(text, _PREFIX))

    def __str__(self) -> str:
        """Return `age1pq1...` (1959 characters)."""
        return encode_bech32(_PREFIX, self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that carries the file key to this recipient."""
        sealed = _SUITE.encrypt(file_key, self._key, info=_INFO)
        share, body = sealed[:_SHARE_BYTES], sealed[_SHARE_BYTES:]
        return Stanza(KIND, (encode_base64(share).decode(),), body)


class HybridIdentity:
    """A post-quantum secret key, a seed of 32 bytes; its text leaves only through `text`."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != _SEED_BYTES:
            raise KeyInvalid("a post-quantum seed has 32 bytes")
        self._seed = seed
        expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + 32)
        self._mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
        self._x25519 = X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])
        self._key = MLKEM768X25519PrivateKey(self._mlkem, self._x25519)

    @classmethod
    def generate(cls) -> "HybridIdentity":
        """Return a new identity."""
        return cls(os.urandom(_SEED_BYTES))

    @classmethod
    def parse(cls, text: str) -> "HybridIdentity":
        """Read `AGE-SECRET-KEY-PQ-1...`.

        Raises:
            KeyInvalid: the text is no such key.
        """
        return cls(decode_bech32(text, _IDENTITY_PREFIX))

    def __repr__(self) -> str:
        """Return a text without the secret."""
        return "HybridIdentity(secret hidden)"

    def text(self) -> str:
        """Return the secret as `AGE-SECRET-KEY-PQ-1...`."""
        return encode_bech32(_IDENTITY_PREFIX, self._seed).upper()

    def recipient(self) -> HybridRecipient:
        """Return the public half."""
        mlkem = self._mlkem.public_key().public_bytes_raw()
        return HybridRecipient(mlkem + self._x25519.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises:
            HeaderInvalid: the stanza breaks the rules of its type.
        """
        if stanza.kind != KIND:
            return None
        share = share_of(stanza)
        _refuse_low_order(self._x25519, share[_X25519_SHARE:])
        try:
            return _SUITE.decrypt(share + stanza.body, self._key, info=_INFO)
        except InvalidTag:
            return None


def share_of(stanza: Stanza) -> bytes:
    """Return the encapsulated key of a stanza of this type; needs no secret.

    Raises:
        HeaderInvalid: the stanza does not have the one shape of its type.
    """
    check_stanza(stanza, arguments=1)
    try:
        share = decode_base64(stanza.arguments[0].encode("ascii"))
    except ValueError as error:
        raise HeaderInvalid("a post-quantum stanza without a proper share") from error
    if len(share) != _SHARE_BYTES:
        raise HeaderInvalid("a post-quantum share of another length than 1120 bytes")
    return share


def _refuse_low_order(key: X25519PrivateKey, share: bytes) -> None:
    """Tell a low-order share from one for someone else: HPKE would call both "no match"."""
    try:
        key.exchange(X25519PublicKey.from_public_bytes(share))
    except ValueError as error:
        raise HeaderInvalid("a post-quantum share of low order") from error
