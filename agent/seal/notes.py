# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text with Ed25519 signatures below it (C2SP signed-note; RFC 8032).

    <text, ends with a line end>
    <empty line>
    \N{EM DASH} <name> <base64 of key id (4 bytes) and signature (64 bytes)>

Rule: a note that is accepted re-encodes to the same bytes; unknown signatures are ignored, and at
least one by a known key must be there and good.
"""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from agent.seal.errors import KeyInvalid, SignatureInvalid

_ED25519: Final = b"\x01"
_KEY_BYTES: Final = 32
_ID_BYTES: Final = 4
_DASH: Final = "\N{EM DASH}"
_MAX_SIGNATURES: Final = 16
_NAME: Final = re.compile(r"[^\s+\x00-\x1f]+")
_LINE: Final = re.compile(rf"{_DASH} ({_NAME.pattern}) ([A-Za-z0-9+/]+=*)")
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")


def _key_id(name: str, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:_ID_BYTES]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key that notes are checked with: `name+id+key`."""

    name: str
    public: bytes

    @classmethod
    def parse(cls, text: str) -> "Verifier":
        """Read `name+hash+key`.

        Raises:
            KeyInvalid: the text is no such key.
        """
        try:
            name, _, key = text.split("+", 2)
            data = base64.b64decode(key, validate=True)
        except (ValueError, binascii.Error) as error:
            raise KeyInvalid("not a verifier key") from error
        if len(data) != 1 + _KEY_BYTES:
            raise KeyInvalid("a verifier key of another length than 32 bytes")
        verifier = cls(name, data[1:])
        if not _NAME.fullmatch(name) or data[:1] != _ED25519 or str(verifier) != text:
            raise KeyInvalid("a verifier key of another kind, or one that was mistyped")
        return verifier

    def __str__(self) -> str:
        """Return `name+hash+key`."""
        key = base64.b64encode(_ED25519 + self.public).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{key}"

    @property
    def key_id(self) -> bytes:
        """The four bytes that name the key in a signature line."""
        return _key_id(self.name, self.public)

    def accepts(self, text: str, signature: bytes) -> bool:
        """Tell whether the signature over the text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A secret key that signs notes; its text leaves only through `text`."""

    def __init__(self, name: str, secret: bytes) -> None:
        if not (name.isascii() and _NAME.fullmatch(name)) or len(secret) != _KEY_BYTES:
            raise KeyInvalid("a signer has an ASCII name without space or plus, and 32 bytes")
        self.name = name
        self._secret = secret
        self._key = Ed25519PrivateKey.from_private_bytes(secret)

    @classmethod
    def generate(cls, name: str) -> "Signer":
        """Return a new signer."""
        return cls(name, Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str) -> "Signer":
        """Read `PRIVATE+KEY+name+hash+key`.

        Raises:
            KeyInvalid: the text is no such key.
        """
        if not text.isascii():  # or the codec's own error would carry the secret
            raise KeyInvalid("a signing key with letters outside ASCII")
        try:
            private, word, name, _, key = text.strip().split("+", 4)
            data = base64.b64decode(key, validate=True)
        except (ValueError, binascii.Error) as error:
            raise KeyInvalid("not a signing key") from error
        if (private, word, data[:1]) != ("PRIVATE", "KEY", _ED25519):
            raise KeyInvalid("a signing key of another kind")
        signer = cls(name, data[1:])
        if signer.text() != text.strip():
            raise KeyInvalid("a signing key that was mistyped")
        return signer

    def __repr__(self) -> str:
        """Return a text without the secret."""
        return f"Signer({self.name}, secret hidden)"

    def text(self) -> str:
        """Return the secret as `PRIVATE+KEY+name+hash+key`."""
        key = base64.b64encode(_ED25519 + self._secret).decode("ascii")
        return f"PRIVATE+KEY+{self.name}+{self.verifier().key_id.hex()}+{key}"

    def verifier(self) -> Verifier:
        """Return the public half."""
        return Verifier(self.name, self._key.public_key().public_bytes_raw())

    def signature(self, text: str) -> bytes:
        """Return the 64 bytes of the signature over a text."""
        return self._key.sign(text.encode())


@dataclass(frozen=True, slots=True)
class SignedNote:
    """A note taken apart: its text and (name, key id, signature) for each line below it."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]

    @classmethod
    def parse(cls, note: bytes) -> "SignedNote":
        """Take a note apart.

        Raises:
            SignatureInvalid: it is malformed, or not exactly what the encoder writes.
        """
        try:
            whole = note.decode("utf-8")
        except UnicodeDecodeError as error:
            raise SignatureInvalid("a note that is not UTF-8") from error
        text, separator, below = whole.rpartition("\n\n")
        lines = below.split("\n")
        if _CONTROL.search(whole) or not separator or lines.pop() or not lines:
            raise SignatureInvalid("a malformed note")
        if len(lines) > _MAX_SIGNATURES:
            raise SignatureInvalid("a note with too many signatures")
        parsed = cls(text + "\n", tuple(map(_signature, lines)))
        if parsed.encoded() != note:
            raise SignatureInvalid("a note that is not written canonically")
        return parsed

    def encoded(self) -> bytes:
        """Return the note's bytes."""
        lines = (
            f"{_DASH} {name} {base64.b64encode(key_id + signature).decode('ascii')}\n"
            for name, key_id, signature in self.signatures
        )
        return f"{self.text}\n{''.join(lines)}".encode()


def sign(text: str, signer: Signer) -> bytes:
    """Return the note of a text, signed.

    Raises:
        ValueError: the text does not end with a line end or holds control characters.
    """
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("the text of a note ends with a line end and has no control characters")
    line = (signer.name, signer.verifier().key_id, signer.signature(text))
    return SignedNote(text, (line,)).encoded()


def verify(note: bytes, verifiers: Sequence[Verifier]) -> str:
    """Return the text of a note that at least one known key has signed.

    Raises:
        SignatureInvalid: malformed, signed by unknown keys only, or a known key's signature is bad.
    """
    parsed = SignedNote.parse(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    good: set[tuple[str, bytes]] = set()
    for name, key_id, signature in parsed.signatures:
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        if (name, key_id) in good or not verifier.accepts(parsed.text, signature):
            raise SignatureInvalid("a known key's signature is wrong or repeated")
        good.add((name, key_id))
    if not good:
        raise SignatureInvalid("no known key has signed this note")
    return parsed.text


def _signature(line: str) -> tuple[str, bytes, bytes]:
    """Take one signature line apart; signatures of other kinds keep whatever length they have."""
    match = _LINE.fullmatch(line)
    try:
        data = base64.b64decode(match[2], validate=True) if match else b""
    except binascii.Error as error:
        raise SignatureInvalid("a malformed signature line") from error
    if match is None or len(data) <= _ID_BYTES:
        raise SignatureInvalid("a malformed signature line")
    return match[1], data[:_ID_BYTES], data[_ID_BYTES:]
