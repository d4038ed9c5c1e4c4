# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: how large a ledger is and what its root is, as a text to sign (C2SP checkpoint).

    <origin>
    <size in decimal>
    <root hash in base64>

The fingerprint is what goes into the minutes: 12 groups of 5 digits over the whole text, long
enough that nobody can prepare two ledgers with one fingerprint.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from agent.core.merkle import HASH_BYTES

_GROUPS: Final = 12
_GROUP_DIGITS: Final = 5
_LINES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A ledger's origin, size in entries and root hash."""

    origin: str
    size: int
    root: bytes

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read a checkpoint.

        Raises:
            ValueError: it is not exactly what `text` writes; extension lines are refused.
        """
        lines = text.split("\n")
        if len(lines) != _LINES + 1 or lines[-1]:
            raise ValueError("a checkpoint has three lines")
        origin, size, root = lines[:_LINES]
        try:
            parsed = cls(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))
        except (ValueError, binascii.Error) as error:
            raise ValueError("a checkpoint with a malformed size or root") from error
        if parsed.text() != text or len(parsed.root) != HASH_BYTES or not origin:
            raise ValueError("a checkpoint that is not written canonically")
        return parsed

    def text(self) -> str:
        """Return the text that is signed."""
        root = base64.b64encode(self.root).decode("ascii")
        return f"{self.origin}\n{self.size}\n{root}\n"

    def fingerprint(self) -> str:
        """Return SHA-256 of the text, modulo 10^60, as 12 groups of 5 digits."""
        number = int.from_bytes(hashlib.sha256(self.text().encode()).digest(), "big")
        digits = f"{number % 10 ** (_GROUPS * _GROUP_DIGITS):0{_GROUPS * _GROUP_DIGITS}d}"
        starts = range(0, len(digits), _GROUP_DIGITS)
        return " ".join(digits[start : start + _GROUP_DIGITS] for start in starts)
