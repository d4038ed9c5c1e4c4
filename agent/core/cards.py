# SPDX-License-Identifier: Apache-2.0
"""Class cards: what the code on a card says, and whether this school printed it.

    PW1:C:ABCDEFGHIJKL:26:ABCDEFGHIJKLMNOP

Version, kind, opaque id (12 letters of base32), school year ("26" is 2026-27), and HMAC-SHA256 (RFC
2104) over all before it, cut to 80 bits: 38 characters, which fit a QR code of version 2. The id is
a keyed digest too, so a lost card says nothing about anybody, not even to who holds the ledger.
Whoever prints cards and whoever reads them share one key, which comes with the register.

A card that is withdrawn makes room for the next one of the same class: its id counts one further.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Container
from dataclasses import dataclass
from enum import Enum
from typing import Final

KEY_BYTES: Final = 32
ID_LETTERS: Final = 12
END_ID: Final = "END" + "A" * (ID_LETTERS - 3)
_TAG_BYTES: Final = 10
_DOMAIN: Final = b"photowarden-card/1:"
_ID_DOMAIN: Final = b"photowarden-card-id/1:"
_FORMAT: Final = re.compile(r"(PW1:([CPE]):([A-Z2-7]{12}):(\d\d)):([A-Z2-7]{16})")
_OURS: Final = "PW1:"


class CardKind(Enum):
    """What a card stands for: a class or group, one child, the end of a sitting."""

    CLASS = "C"
    CHILD = "P"
    END = "E"


class NotOurs(Enum):
    """Why a code counts for nothing: no card at all, or one that somebody else made."""

    FOREIGN = "foreign"
    FORGED = "forged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A card that this school printed."""

    kind: CardKind
    id: str
    year: str


def key_of(text: str) -> bytes:
    """Return the key in the line of a key file.

    Raises:
        ValueError: it is none.
    """
    key = bytes.fromhex(text.strip())
    if len(key) != KEY_BYTES:
        raise ValueError(f"the key of class cards must have {KEY_BYTES} bytes")
    return key


def card_id(kind: CardKind, reference_id: str, key: bytes, earlier: int = 0) -> str:
    """Return the id on the card of a roster or person, after so many that were withdrawn."""
    if kind is CardKind.END:
        return END_ID
    said = f"{kind.value}:{reference_id}:{earlier}".encode("ascii")
    digest = hmac.new(key, _ID_DOMAIN + said, hashlib.sha256).digest()
    return base64.b32encode(digest).decode("ascii")[:ID_LETTERS]


def card_ids(kind: CardKind, reference_id: str, key: bytes, withdrawn: Container[str]) -> list[str]:
    """Return the ids of all cards of a roster or person; the last one is the one that counts."""
    ids: list[str] = []
    while not ids or (ids[-1] in withdrawn and kind is not CardKind.END):
        ids.append(card_id(kind, reference_id, key, len(ids)))
    return ids


def card_text(card: Card, key: bytes) -> str:
    """Return what the card's code says."""
    body = f"PW1:{card.kind.value}:{card.id}:{card.year}"
    return f"{body}:{_tag(body, key)}"


def read_card(text: str, key: bytes) -> Card | NotOurs:
    """Return the card of a code, or why it is none; without a key no card counts."""
    if not text.startswith(_OURS):
        return NotOurs.FOREIGN
    found = _FORMAT.fullmatch(text)
    if found is None or not key or not hmac.compare_digest(found[5], _tag(found[1], key)):
        return NotOurs.FORGED
    return Card(kind=CardKind(found[2]), id=found[3], year=found[4])


def _tag(body: str, key: bytes) -> str:
    digest = hmac.new(key, _DOMAIN + body.encode("ascii"), hashlib.sha256).digest()
    return base64.b32encode(digest[:_TAG_BYTES]).decode("ascii")
