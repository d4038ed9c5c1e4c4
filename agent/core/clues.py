# SPDX-License-Identifier: Apache-2.0
"""Clues: keyed digests by which evidence and register can be compared and neither can be read.

A clue is HMAC-SHA256 (RFC 2104) of a label and a text in normal form, cut to 130 bits. The key
stays on the station, so the same name has another clue on every PC. Names are few, so whoever holds
the key can try them all: the key is as secret as the journal is private.
"""

import base64
import hashlib
import hmac
import unicodedata
from typing import Final

from agent.core.model import CaseId, Clue

KEY_BYTES: Final = 32
_APOSTROPHES: Final = str.maketrans({"\N{RIGHT SINGLE QUOTATION MARK}": "'", "`": "'"})
_CLUE_LETTERS: Final = 26


def normal_form(text: str) -> str:
    """Return a text as names are compared: NFC, case-folded, single spaces, one apostrophe."""
    folded = unicodedata.normalize("NFC", text.translate(_APOSTROPHES)).casefold()
    return " ".join(unicodedata.normalize("NFC", folded).split())


class ClueMaker:
    """Turn names, serials, models, folders, places and bytes into clues under one station's key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the evidence key must have {KEY_BYTES} bytes")
        self._key = key

    def __repr__(self) -> str:
        """Return a text without the key."""
        return "ClueMaker(key hidden)"

    def name(self, text: str) -> Clue:
        """Return the clue of a person's name."""
        return self._clue("name", normal_form(text))

    def serial(self, text: str) -> Clue:
        """Return the clue of a device's serial number."""
        return self._clue("serial", normal_form(text))

    def model(self, text: str) -> Clue:
        """Return the clue of a device's model."""
        return self._clue("model", normal_form(text))

    def folder(self, text: str) -> Clue:
        """Return the clue of one folder on the way to a file."""
        return self._clue("folder", normal_form(text))

    def place(self, raw: bytes) -> Clue:
        """Return the clue of a file's place, byte for byte as the system names it."""
        return Clue(_short(self._digest("place", raw)))

    def body(self, *parts: str) -> Clue:
        """Return the clue of a camera body: its serial, or its model and the way it came."""
        return self._clue("body", "\0".join(map(normal_form, parts)))

    def pixels(self, digest: str) -> Clue:
        """Return the clue of a digest of decoded pixels."""
        return self._clue("pixels", digest)

    def outline(self, bits: int) -> int:
        """Return a 64-bit outline with its bits moved and turned over; distances stay."""
        moved = sum(1 << to for to, at in enumerate(self._order()) if bits >> at & 1)
        return moved ^ int.from_bytes(self._digest("outline", b"mask")[:8], "big")

    def _order(self) -> list[int]:
        return sorted(range(64), key=lambda at: self._digest("outline", bytes([at])))

    def case(self) -> "CaseHash":
        """Return a running digest that becomes the case id of the bytes fed to it."""
        return CaseHash(self._key)

    def _clue(self, label: str, text: str) -> Clue:
        return Clue(_short(self._digest(label, text.encode("utf-8", "surrogatepass"))))

    def _digest(self, label: str, data: bytes) -> bytes:
        return hmac.digest(self._key, label.encode() + b"\0" + data, "sha256")


class CaseHash:
    """The case id of a medium, computed as its bytes pass by."""

    def __init__(self, key: bytes) -> None:
        self._hash = hmac.new(key, b"case\0", hashlib.sha256)

    def update(self, data: bytes) -> None:
        """Feed the next bytes."""
        self._hash.update(data)

    def id(self) -> CaseId:
        """Return the case id of everything fed so far."""
        return CaseId(_short(self._hash.digest()))


def _short(digest: bytes) -> str:
    return base64.b32encode(digest).decode("ascii").lower()[:_CLUE_LETTERS]
