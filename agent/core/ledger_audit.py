# SPDX-License-Identifier: Apache-2.0
"""Check a ledger from its lines alone: the tree, the ids, the kinds, and older checkpoints.

Pure: whoever has the lines and a checkpoint that was verified can run it, on any computer. Nothing
is kept but the tree's right edge and eight bytes an id, so a million entries fit anywhere.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from agent.core.checkpoint import Checkpoint
from agent.core.ledger_lines import Line, read_line
from agent.core.merkle import Frontier, leaf_hash

Visit = Callable[[Line], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAudit:
    """What an audit found: how many entries are sound, and what is wrong in plain words."""

    entries: int
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def audit_ledger(
    lines: Iterable[bytes],
    checkpoint: Checkpoint,
    *older: Checkpoint | None,
    visit: Visit = lambda _line: None,
) -> LedgerAudit:
    """Recompute the tree over the lines and compare it with a checkpoint and with older ones.

    `visit` is given each sound entry, in order, while the lines are read.
    """
    reading = _Reading(visit)
    claims = [claim for claim in (checkpoint, *older) if claim is not None]
    wanted = {claim.size for claim in claims}
    roots = {0: Frontier().root()}
    for line in lines:
        reading.take(line)
        if reading.frontier.size in wanted:
            roots[reading.frontier.size] = reading.frontier.root()
    faults = reading.faults
    faults += [
        f"the {claim.size} entries of a signed checkpoint are not the ones here"
        for claim in claims
        if roots.get(claim.size) != claim.root
    ]
    size = reading.frontier.size
    if size != checkpoint.size:
        faults.append(f"{size} entries are here, the checkpoint has {checkpoint.size}")
    return LedgerAudit(entries=reading.sound, faults=tuple(faults))


class _Reading:
    """The state of an audit: the tree so far, what was seen, what is wrong."""

    def __init__(self, visit: Visit) -> None:
        self.frontier = Frontier()
        self.faults: list[str] = []
        self.sound = 0
        self._ids: set[int] = set()
        self._visit = visit

    def take(self, line: bytes) -> None:
        """Add one line to the tree, and look at what it says."""
        number = self.frontier.size
        self.frontier = self.frontier.appended(leaf_hash(line))
        try:
            entry = read_line(line)
        except ValueError as error:
            self.faults.append(f"entry {number}: {error}")
            return
        if self._seen(entry.id):
            self.faults.append(f"entry {number}: its id stands in the ledger already")
        else:
            self.sound += 1
            self._visit(entry)

    def _seen(self, identifier: str) -> bool:
        """Tell whether an id was there before; 64 bits of a digest a million times never meet."""
        digest = hashlib.blake2b(identifier.encode(), digest_size=8).digest()
        short = int.from_bytes(digest, "big")
        known = short in self._ids
        self._ids.add(short)
        return known
