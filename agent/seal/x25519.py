# SPDX-License-Identifier: Apache-2.0
"""X25519 recipients, `age1...` (age specification, "The X25519 recipient type").

The product seals with `agent.seal.hybrid`; this classic type exists so that every age tool can
prove what we write, and for schools that must read old files.
"""

from typing import Final

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from agent.seal.encoding import decode_base64, decode_bech32, encode_base64, encode_bech32
from agent.seal.errors import HeaderInvalid, KeyInvalid
from agent.seal.header import Stanza, hkdf
from agent.seal.keys import check_point, check_stanza, unwrap_key, wrap_key

_PREFIX: Final = "age"
_IDENTITY_PREFIX: Final = "age-secret-key-"
_INFO: Final = b"age-encryption.org/v1/X25519"
_KEY_BYTES: Final = 32


class X25519Recipient:
    """A classic public key."""

    label: Final = "classic"

    def __init__(self, public: bytes) -> None:
        if len(public) != _KEY_BYTES:
            raise KeyInvalid("an X25519 key has 32 bytes")
        check_point(public)
        self._public = public

    @classmethod
    def parse(cls, text: str) -> "X25519Recipient":
        """Read `age1...`.

        Raises:
            KeyInvalid: the text is no such key.
        """
        return cls(decode_bech32(text, _PREFIX))

    def __str__(self) -> str:
        """Return `age1...`."""
        return encode_bech32(_PREFIX, self._public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that carries the file key to this recipient."""
        ephemeral = X25519PrivateKey.generate()
        share = ephemeral.public_key().public_bytes_raw()
        secret = ephemeral.exchange(X25519PublicKey.from_public_bytes(self._public))
        key = hkdf(secret, share + self._public, _INFO)
        return Stanza("X25519", (encode_base64(share).decode(),), wrap_key(key, file_key))


class X25519Identity:
    """A classic secret key; its text leaves only through `text`."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _KEY_BYTES:
            raise KeyInvalid("an X25519 key has 32 bytes")
        self._secret = secret
        self._key = X25519PrivateKey.from_private_bytes(secret)

    @classmethod
    def generate(cls) -> "X25519Identity":
        """Return a new identity."""
        return cls(X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "X25519Identity":
        """Read `AGE-SECRET-KEY-1...`.

        Raises:
            KeyInvalid: the text is no such key.
        """
        return cls(decode_bech32(text, _IDENTITY_PREFIX))

    def __repr__(self) -> str:
        """Return a text without the secret."""
        return "X25519Identity(secret hidden)"

    def text(self) -> str:
        """Return the secret as `AGE-SECRET-KEY-1...`."""
        return encode_bech32(_IDENTITY_PREFIX, self._secret).upper()

    def recipient(self) -> X25519Recipient:
        """Return the public half."""
        return X25519Recipient(self._key.public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the stanza is for someone else.

        Raises:
            HeaderInvalid: the stanza breaks the rules of its type.
        """
        if stanza.kind != "X25519":
            return None
        check_stanza(stanza, arguments=1)
        share = _share(stanza)
        try:
            secret = self._key.exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as error:
            raise HeaderInvalid("an X25519 share of low order") from error
        public = self._key.public_key().public_bytes_raw()
        return unwrap_key(hkdf(secret, share + public, _INFO), stanza.body)


def _share(stanza: Stanza) -> bytes:
    """Return the ephemeral share of a stanza."""
    try:
        share = decode_base64(stanza.arguments[0].encode("ascii"))
    except ValueError as error:
        raise HeaderInvalid("an X25519 stanza without a proper share") from error
    if len(share) != _KEY_BYTES:
        raise HeaderInvalid("an X25519 share of another length than 32 bytes")
    return share
