# SPDX-License-Identifier: Apache-2.0
"""Passphrase recipients (age specification, "The scrypt recipient type"; RFC 7914).

A passphrase stands alone in its file, and the work that a file may demand of its reader is capped.
"""

import os
import re
from typing import Final

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from agent.seal.encoding import decode_base64, encode_base64
from agent.seal.errors import HeaderInvalid, KeyInvalid
from agent.seal.header import Stanza
from agent.seal.keys import check_stanza, unwrap_key, wrap_key

KIND: Final = "scrypt"
WORK_FACTOR: Final = 18
"""log2 of the scrypt cost: about a second and 256 MiB on a school PC."""
MAX_WORK_FACTOR: Final = 22
_SALT_BYTES: Final = 16
_SALT_LABEL: Final = b"age-encryption.org/v1/scrypt"
_FACTOR: Final = re.compile(r"[1-9][0-9]?")


def _derive(passphrase: bytes, salt: bytes, work_factor: int) -> bytes:
    return Scrypt(salt=_SALT_LABEL + salt, length=32, n=1 << work_factor, r=8, p=1).derive(
        passphrase
    )


class Passphrase:
    """A passphrase as recipient and as identity.

    Raises:
        KeyInvalid: it is empty, or the work factor is one that our own reader would refuse.
    """

    label: Final = "passphrase"

    def __init__(self, passphrase: bytes, work_factor: int = WORK_FACTOR) -> None:
        if not passphrase or not 1 <= work_factor <= MAX_WORK_FACTOR:
            raise KeyInvalid("a passphrase has letters, and a work factor from 1 to 22")
        self._passphrase = passphrase
        self._work_factor = work_factor

    def __repr__(self) -> str:
        """Return a text without the passphrase."""
        return "Passphrase(hidden)"

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that carries the file key to whoever knows the passphrase."""
        salt = os.urandom(_SALT_BYTES)
        key = _derive(self._passphrase, salt, self._work_factor)
        arguments = (encode_base64(salt).decode(), str(self._work_factor))
        return Stanza(KIND, arguments, wrap_key(key, file_key))

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None where the passphrase is another one.

        Raises:
            HeaderInvalid: the stanza breaks the rules of its type or demands too much work.
        """
        if stanza.kind != KIND:
            return None
        check_stanza(stanza, arguments=2)
        salt, work_factor = _salt(stanza.arguments[0]), stanza.arguments[1]
        if not _FACTOR.fullmatch(work_factor) or int(work_factor) > MAX_WORK_FACTOR:
            raise HeaderInvalid("a scrypt stanza with a malformed or excessive work factor")
        try:
            key = _derive(self._passphrase, salt, int(work_factor))
        except MemoryError as error:
            raise HeaderInvalid("a scrypt stanza that needs more memory than there is") from error
        return unwrap_key(key, stanza.body)


def _salt(text: str) -> bytes:
    try:
        salt = decode_base64(text.encode("ascii"))
    except ValueError as error:
        raise HeaderInvalid("a scrypt stanza without a proper salt") from error
    if len(salt) != _SALT_BYTES:
        raise HeaderInvalid("a scrypt salt of another length than 16 bytes")
    return salt
