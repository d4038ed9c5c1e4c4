# SPDX-License-Identifier: Apache-2.0
"""Class cards: what the code on a card says, and whether this school printed it.

    PW1:C:ABCDEFGHIJKL:26:ABCDEFGHIJKLMNOP

Version, kind, opaque id (12 letters of base32), school year ("26" is 2026-27), and HMAC-SHA256 (RFC
2104) over all before it, cut to 80 bits: 38 characters, which fit a QR code of version 2. A lost
card says nothing about anybody. Whoever prints cards and whoever reads them share one key, which
comes with the register.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

ID_LETTERS: Final = 12
END_ID: Final = "END" + "A" * (ID_LETTERS - 3)
_TAG_BYTES: Final = 10
_DOMAIN: Final = b"photowarden-card/1:"
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


def card_id(kind: CardKind, reference_id: str) -> str:
    """Return the id on the card of a roster or person: the start of its random id."""
    return END_ID if kind is CardKind.END else reference_id[:ID_LETTERS].upper()


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
