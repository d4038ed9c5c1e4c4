# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962 section 2.1 (RFC 9162): one root that stands for every entry.

`Frontier` is the tree's right edge, enough to append and to compute the root. Proofs show that an
entry is in a tree, and that a tree is the beginning of a larger one.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The tree's size and the roots of its perfect subtrees along the right edge, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def appended(self, leaf: bytes) -> "Frontier":
        """Return the frontier with one more leaf hash."""
        peaks, size = [*self.peaks, leaf], self.size
        while size & 1:
            right = peaks.pop()
            peaks.append(node_hash(peaks.pop(), right))
            size >>= 1
        return Frontier(self.size + 1, tuple(peaks))

    def root(self) -> bytes:
        """Return the root hash."""
        if not self.peaks:
            return EMPTY_ROOT
        *rest, root = self.peaks
        for peak in reversed(rest):
            root = node_hash(peak, root)
        return root


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    """Return the frontier of a tree over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier = frontier.appended(leaf)
    return frontier


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root of a tree over these leaf hashes."""
    return frontier_of(leaves).root()


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the path from a leaf to the root (RFC 6962 section 2.1.1).

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < len(leaves):
        raise ValueError("no such leaf")
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*inclusion_proof(leaves[:split], index), root_of(leaves[split:]))
    return (*inclusion_proof(leaves[split:], index - split), root_of(leaves[:split]))


def consistency_proof(leaves: Sequence[bytes], size: int) -> tuple[bytes, ...]:
    """Return the proof that the first `size` leaves begin this tree (RFC 6962 section 2.1.2).

    Raises:
        ValueError: the older tree is empty or larger.
    """
    if not 0 < size <= len(leaves):
        raise ValueError("the older tree must be neither empty nor larger")
    return _consistency(leaves, size, known=True)


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> bool:
    """Tell whether a leaf stands at an index of a tree of this size and root."""
    if not 0 <= index < size or any(len(part) != HASH_BYTES for part in (leaf, *proof)):
        return False
    computed, last = leaf, size - 1
    for part in proof:
        if last == 0:
            return False
        if index & 1 or index == last:
            computed = node_hash(part, computed)
            while not index & 1 and index:
                index, last = index >> 1, last >> 1
        else:
            computed = node_hash(computed, part)
        index, last = index >> 1, last >> 1
    return last == 0 and computed == root


def verify_consistency(
    old_size: int, new_size: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes
) -> bool:
    """Tell whether a tree is the beginning of another (RFC 9162 section 2.1.4.2).

    An empty old tree proves nothing and is refused.
    """
    if not 0 < old_size <= new_size or any(len(part) != HASH_BYTES for part in proof):
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    parts = list(proof)
    if old_size & (old_size - 1) == 0:
        parts.insert(0, old_root)
    if not parts:
        return False
    return _climb(old_size - 1, new_size - 1, parts) == (old_root, new_root)


def _climb(old: int, new: int, parts: list[bytes]) -> tuple[bytes, bytes] | None:
    """Recompute the old and the new root from a consistency proof; None where it does not fit."""
    while old & 1:
        old, new = old >> 1, new >> 1
    old_root = new_root = parts[0]
    for part in parts[1:]:
        if new == 0:
            return None
        if old & 1 or old == new:
            old_root, new_root = node_hash(part, old_root), node_hash(part, new_root)
            while not old & 1 and old:
                old, new = old >> 1, new >> 1
        else:
            new_root = node_hash(new_root, part)
        old, new = old >> 1, new >> 1
    return (old_root, new_root) if new == 0 else None


def _consistency(leaves: Sequence[bytes], size: int, *, known: bool) -> tuple[bytes, ...]:
    if size == len(leaves):
        return () if known else (root_of(leaves),)
    split = _split(len(leaves))
    if size <= split:
        return (*_consistency(leaves[:split], size, known=known), root_of(leaves[split:]))
    return (*_consistency(leaves[split:], size - split, known=False), root_of(leaves[:split]))


def _split(size: int) -> int:
    """Return the largest power of two below a size."""
    return 1 << (size - 1).bit_length() - 1
