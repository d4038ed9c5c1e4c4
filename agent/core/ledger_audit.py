# SPDX-License-Identifier: Apache-2.0
"""Check a ledger from its lines alone: the tree, the ids, the kinds, and an older checkpoint.

Pure: whoever has the lines and a checkpoint that was verified can run it, on any computer.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from agent.core.checkpoint import Checkpoint
from agent.core.ledger import Entry, decode_entry
from agent.core.merkle import Frontier, leaf_hash


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerAudit:
    """What an audit found: the entries in order, and what is wrong in plain words."""

    entries: tuple[Entry, ...]
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def audit_ledger(
    lines: Iterable[bytes], checkpoint: Checkpoint, older: Checkpoint | None = None
) -> LedgerAudit:
    """Recompute the tree over the lines and compare it with one checkpoint, and an older one."""
    frontier, entries, faults, ids = Frontier(), [], [], set()
    roots = {0: frontier.root()}
    for number, line in enumerate(lines):
        frontier = frontier.appended(leaf_hash(line))
        roots[number + 1] = frontier.root()
        try:
            entry = decode_entry(line)
        except ValueError as error:
            faults.append(f"entry {number}: {error}")
            continue
        if entry.id in ids:
            faults.append(f"entry {number}: its id stands in the ledger already")
        ids.add(entry.id)
        entries.append(entry)
    faults += [
        f"the {claim.size} entries of a signed checkpoint are not the ones here"
        for claim in (checkpoint, older)
        if claim is not None and roots.get(claim.size) != claim.root
    ]
    if frontier.size != checkpoint.size:
        faults.append(f"{frontier.size} entries are here, the checkpoint has {checkpoint.size}")
    return LedgerAudit(entries=tuple(entries), faults=tuple(faults))
