# SPDX-License-Identifier: Apache-2.0
"""The age header: a version line, a stanza a recipient, a MAC line (age specification, "Header").

Rule: whatever is read re-encodes to the same bytes; anything else is refused.
"""

import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from agent.seal.encoding import decode_base64, encode_base64
from agent.seal.errors import HeaderInvalid, HmacInvalid

VERSION_LINE: Final = b"age-encryption.org/v1"
MAX_HEADER: Final = 1 << 20
"""Bytes that a header may take; ours take 3.2 KB, the largest public vector 10 KB."""
_COLUMNS: Final = 64
_BODY_BYTES_A_LINE: Final = 48
_MAC_BYTES: Final = 32
_ARGUMENT: Final = re.compile(rb"[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class Stanza:
    """One recipient's wrapping of the file key: its type, arguments and body."""

    kind: str
    arguments: tuple[str, ...]
    body: bytes

    def encoded(self) -> bytes:
        """Return the stanza as it stands in a header."""
        words = " ".join(("->", self.kind, *self.arguments)).encode("ascii")
        body = encode_base64(self.body)
        lines = [body[i : i + _COLUMNS] for i in range(0, len(body) + 1, _COLUMNS)]
        return b"\n".join((words, *lines)) + b"\n"


@dataclass(frozen=True, slots=True)
class Header:
    """The stanzas and the MAC over them."""

    stanzas: tuple[Stanza, ...]
    mac: bytes

    def encoded(self) -> bytes:
        """Return the header's bytes, with the line end after the MAC."""
        return _covered(self.stanzas) + b" " + encode_base64(self.mac) + b"\n"

    def check(self, file_key: bytes) -> None:
        """Make sure that whoever wrote the header knew the file key.

        Raises:
            HmacInvalid: the header was changed.
        """
        if not hmac.compare_digest(self.mac, _mac(file_key, self.stanzas)):
            raise HmacInvalid("the header does not carry the MAC of its own file key")


def write_header(file_key: bytes, stanzas: Sequence[Stanza]) -> bytes:
    """Return the bytes of a header for this file key."""
    return Header(tuple(stanzas), _mac(file_key, stanzas)).encoded()


def read_header(source: BinaryIO) -> Header:
    """Read a header and leave the source at the first byte after it.

    Raises:
        HeaderInvalid: it breaks the grammar anywhere.
    """
    lines = _lines(source)
    if next(lines) != VERSION_LINE:
        raise HeaderInvalid("not an age file of version 1")
    stanzas: list[Stanza] = []
    for line in lines:
        if line.startswith(b"---"):
            return Header(tuple(stanzas), _read_mac(line, stanzas))
        stanzas.append(_read_stanza(line, lines))
    raise HeaderInvalid("the header does not end")


def hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    """Return 32 bytes of HKDF-SHA-256 (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=info).derive(secret)


def _covered(stanzas: Sequence[Stanza]) -> bytes:
    """Return what the MAC covers: everything up to and including `---`."""
    return VERSION_LINE + b"\n" + b"".join(stanza.encoded() for stanza in stanzas) + b"---"


def _mac(file_key: bytes, stanzas: Sequence[Stanza]) -> bytes:
    return hmac.digest(hkdf(file_key, b"", b"header"), _covered(stanzas), "sha256")


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """Yield lines without their ends; a line must end, and the header must be short."""
    left = MAX_HEADER
    while True:
        line = source.readline(left)
        left -= len(line)
        if not line.endswith(b"\n"):
            raise HeaderInvalid("the header is cut short or far too long")
        yield line[:-1]


def _read_mac(line: bytes, stanzas: list[Stanza]) -> bytes:
    prefix, separator, text = line.partition(b" ")
    if prefix != b"---" or not separator or not stanzas:
        raise HeaderInvalid("the last line of the header is malformed")
    mac = _decoded(text)
    if len(mac) != _MAC_BYTES:
        raise HeaderInvalid("the MAC has another length than 32 bytes")
    return mac


def _read_stanza(line: bytes, lines: Iterator[bytes]) -> Stanza:
    """Read one stanza; its body ends with the first line of fewer than 64 columns."""
    mark, *words = line.split(b" ")
    if mark != b"->" or not words or not all(_ARGUMENT.fullmatch(word) for word in words):
        raise HeaderInvalid("a stanza starts wrongly")
    body = bytearray()
    for text in lines:
        part = _decoded(text)
        body += part
        if len(part) < _BODY_BYTES_A_LINE:
            break
        if len(part) > _BODY_BYTES_A_LINE:
            raise HeaderInvalid("a stanza has a line of more than 64 columns")
    kind, *arguments = (word.decode("ascii") for word in words)
    return Stanza(kind, tuple(arguments), bytes(body))


def _decoded(text: bytes) -> bytes:
    try:
        return decode_base64(text)
    except ValueError as error:
        raise HeaderInvalid("base64 that is not canonical") from error
