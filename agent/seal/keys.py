# SPDX-License-Identifier: Apache-2.0
"""What a recipient and an identity are: the public key sealed to, the secret key that opens.

Boundary: `Recipient` and `Identity` are the two one-method protocols of age; every key type
implements both halves in its own module.
"""

from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from agent.seal.errors import HeaderInvalid, KeyInvalid
from agent.seal.header import Stanza

FILE_KEY_BYTES: Final = 16
WRAPPED_KEY_BYTES: Final = FILE_KEY_BYTES + 16
_ZERO_NONCE: Final = bytes(12)
_ANY_SCALAR: Final = X25519PrivateKey.from_private_bytes(bytes(range(32)))
"""No secret: every clamped scalar takes every low-order point to zero (RFC 7748 section 6.1)."""


class Recipient(Protocol):
    """A public key (or passphrase) that a file can be sealed to."""

    @property
    def label(self) -> str:
        """The kind of protection; recipients of different labels are never mixed in one file."""
        ...

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that carries the file key to this recipient."""
        ...


class Identity(Protocol):
    """A secret that opens what was sealed to its recipient."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises:
            HeaderInvalid: the stanza is of our kind and breaks its own rules.
        """
        ...


def wrap_key(key: bytes, file_key: bytes) -> bytes:
    """Encrypt a file key under a key that is used once."""
    return ChaCha20Poly1305(key).encrypt(_ZERO_NONCE, file_key, None)


def unwrap_key(key: bytes, body: bytes) -> bytes | None:
    """Decrypt a file key; None where the key is another one."""
    try:
        return ChaCha20Poly1305(key).decrypt(_ZERO_NONCE, body, None)
    except InvalidTag:
        return None


def check_stanza(stanza: Stanza, arguments: int) -> None:
    """Make sure that a stanza has this many arguments and a body of a wrapped file key.

    Raises:
        HeaderInvalid: it has not.
    """
    if len(stanza.arguments) != arguments or len(stanza.body) != WRAPPED_KEY_BYTES:
        raise HeaderInvalid(f"a {stanza.kind} stanza has the wrong shape")


def check_point(public: bytes) -> None:
    """Make sure that an X25519 public key is not of low order, when it is configured, not later.

    Raises:
        KeyInvalid: whatever is sealed to it, everybody could open.
    """
    try:
        _ANY_SCALAR.exchange(X25519PublicKey.from_public_bytes(public))
    except ValueError as error:
        raise KeyInvalid("an X25519 key of low order") from error
