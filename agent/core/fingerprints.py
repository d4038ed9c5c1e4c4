# SPDX-License-Identifier: Apache-2.0
"""Find an old fingerprint in a present ledger: the state that a paper in the minutes stands for.

Pure. A ledger that was changed before that state cannot contain it again: that would take a second
text with the same 60 digits of SHA-256.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from agent.core.checkpoint import Checkpoint
from agent.core.ledger import EntryKind
from agent.core.ledger_lines import read_line
from agent.core.merkle import Frontier, leaf_hash

DIGITS: Final = 60


def typed_digits(text: str) -> str:
    """Return the 60 digits that somebody typed, whatever stands between the groups.

    Raises:
        ValueError: they are not 60 digits.
    """
    digits = re.sub(r"[\s.,-]", "", text)
    if not (digits.isascii() and digits.isdecimal() and len(digits) == DIGITS):
        raise ValueError("a fingerprint has 12 groups of 5 digits")
    return digits


def states(lines: Iterable[bytes], origin: str) -> Iterator[Checkpoint]:
    """Yield every state that a ledger was ever in, from empty to the present one."""
    frontier = Frontier()
    yield Checkpoint(origin=origin, size=0, root=frontier.root())
    for line in lines:
        frontier = frontier.appended(leaf_hash(line))
        yield Checkpoint(origin=origin, size=frontier.size, root=frontier.root())


def find_state(lines: Iterable[bytes], origin: str, digits: str) -> Checkpoint | None:
    """Return the state that has a fingerprint; None where the ledger was never in it."""
    for state in states(lines, origin):
        if state.fingerprint().replace(" ", "") == digits:
            return state
    return None


def root_at(lines: Iterable[bytes], size: int) -> bytes | None:
    """Return the root that a ledger had at a size; None where it is shorter."""
    frontier = Frontier()
    for line in islice(lines, size):
        frontier = frontier.appended(leaf_hash(line))
    return frontier.root() if frontier.size == size else None


def witnessed(lines: Iterable[bytes], size: int) -> dict[str, tuple[int, bytes]]:
    """Return what the first `size` entries say of other ledgers, newest: size and root of each."""
    found: dict[str, tuple[int, bytes]] = {}
    for line in islice(lines, size):
        if EntryKind.LEDGER_WITNESSED.code.encode() in line:
            body = read_line(line).body
            claim = (int(str(body["entries"])), bytes.fromhex(str(body["root"])))
            found[str(body["ledger"])] = claim
    return found
