# SPDX-License-Identifier: Apache-2.0
"""Seal and open age files, whole or split into slip and body.

The slip is the age header, the body is the payload; `cat slip body` is an ordinary age file, and a
body without its slip is noise for ever. A fresh file key is drawn for every file and forgotten.
"""

import io
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from agent.seal import hybrid
from agent.seal.armor import dearmor, enarmor, is_armored
from agent.seal.errors import HeaderInvalid, KeyInvalid, NoMatch, PayloadInvalid
from agent.seal.header import Header, read_header, write_header
from agent.seal.keys import FILE_KEY_BYTES, Identity, Recipient
from agent.seal.passphrase import KIND as PASSPHRASE_KIND
from agent.seal.stream import decrypt, encrypt, is_possible_size


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed file in two parts; the body is made while it is read, once."""

    slip: bytes
    body: Iterator[bytes]


def seal(recipients: Sequence[Recipient], chunks: Iterable[bytes]) -> Sealed:
    """Seal plaintext to every recipient.

    Raises:
        KeyInvalid: no recipient, a passphrase beside others, or post-quantum mixed with classic:
            a file is as strong as its weakest recipient.
    """
    labels = {recipient.label for recipient in recipients}
    if len(labels) != 1 or (labels == {"passphrase"} and len(recipients) > 1):
        raise KeyInvalid("recipients must be of one kind, and a passphrase stands alone")
    file_key = os.urandom(FILE_KEY_BYTES)
    slip = write_header(file_key, [recipient.wrap(file_key) for recipient in recipients])
    return Sealed(slip, encrypt(file_key, chunks))


def open_sealed(slip: bytes, body: BinaryIO, identities: Sequence[Identity]) -> Iterator[bytes]:
    """Yield the authenticated chunks (64 KiB) of a sealed file; the first can be read alone.

    Raises:
        HeaderInvalid, NoMatch, HmacInvalid: the slip does not open.
        PayloadInvalid: the body is not the one that was sealed.
    """
    source = io.BytesIO(slip)
    header = read_header(source)
    if source.read(1):
        raise HeaderInvalid("something follows the header in the slip")
    return decrypt(_file_key(header, identities), body)


def seal_bytes(recipients: Sequence[Recipient], data: bytes, *, armored: bool = False) -> bytes:
    """Return a whole age file for something small."""
    sealed = seal(recipients, [data])
    whole = sealed.slip + b"".join(sealed.body)
    return enarmor(whole) if armored else whole


def open_bytes(data: bytes, identities: Sequence[Identity]) -> bytes:
    """Open a whole age file, armoured or not.

    Raises:
        SealError: the stage that failed says so by its class.
    """
    return b"".join(open_stream(data, identities))


def open_stream(data: bytes, identities: Sequence[Identity]) -> Iterator[bytes]:
    """Yield the authenticated chunks of a whole age file, armoured or not."""
    source = io.BytesIO(dearmor(data) if is_armored(data) else data)
    header = read_header(source)
    return decrypt(_file_key(header, identities), source)


def check_shape(slip: bytes, body_size: int) -> None:
    """Check without any key what can be: the slip's grammar, its stanzas, the body's length.

    Raises:
        HeaderInvalid: the slip is malformed or has a stanza that we do not write.
        PayloadInvalid: no body can have this length.
    """
    source = io.BytesIO(slip)
    header = read_header(source)
    if source.read(1) or header.encoded() != slip:
        raise HeaderInvalid("the slip is not exactly one header")
    for stanza in header.stanzas:
        if stanza.kind != hybrid.KIND:
            raise HeaderInvalid("the slip names a recipient of another kind than ours")
        hybrid.share_of(stanza)
    if not is_possible_size(body_size):
        raise PayloadInvalid("no body can have this length")


def _file_key(header: Header, identities: Sequence[Identity]) -> bytes:
    """Return the file key that one of the identities unwraps, when the header is authentic."""
    kinds = [stanza.kind for stanza in header.stanzas]
    if PASSPHRASE_KIND in kinds and len(kinds) > 1:
        raise HeaderInvalid("a passphrase stanza does not stand alone")
    for stanza in header.stanzas:
        for identity in identities:
            file_key = identity.unwrap(stanza)
            if file_key is not None:
                header.check(file_key)
                return file_key
    raise NoMatch("none of the identities opens this file")
