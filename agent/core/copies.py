# SPDX-License-Identifier: Apache-2.0
"""Copies: when two pictures count as one scene, whatever happened to the bytes in between.

The outline is a 64-bit difference hash of the whole scene, permuted and masked under a station's
key: distances stay what they were, and the hash says nothing to whoever lacks the key. It is no
template of a face. A near match only ever makes a verdict stricter.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from agent.core.model import CaseId, Clue, Look

MAX_DISTANCE: Final = 4
"""Bits in which a resized or re-encoded copy may differ; other pictures differ in 17 and more."""

_EVERY_FIFTH: Final = sum(1 << bit for bit in range(0, 64, MAX_DISTANCE + 1))


def is_copy(one: Look, other: Look) -> bool:
    """Tell whether two looks are of the same pixels, or of the same scene."""
    if one.pixels == other.pixels:
        return True
    if one.outline is None or other.outline is None:
        return False
    return (one.outline ^ other.outline).bit_count() <= MAX_DISTANCE


class Scenes:
    """The looks of many cases, in which copies are found without comparing with each of them.

    An outline is cut into one part more than bits may differ, so every copy has a part in common.
    """

    def __init__(self) -> None:
        self._looks: dict[CaseId, Look] = {}
        self._pixels: defaultdict[Clue, set[CaseId]] = defaultdict(set)
        self._parts: defaultdict[tuple[int, int], set[CaseId]] = defaultdict(set)

    def add(self, case: CaseId, look: Look) -> None:
        """Add the look of a case; the same bytes always look the same."""
        self._looks[case] = look
        self._pixels[look.pixels].add(case)
        for part in _parts_of(look):
            self._parts[part].add(case)

    def copies(self, look: Look) -> list[CaseId]:
        """Return the cases of the same pixels or the same scene, in order."""
        found = set(self._pixels.get(look.pixels, ()))
        for part in _parts_of(look):
            found |= {c for c in self._parts.get(part, ()) if is_copy(look, self._looks[c])}
        return sorted(found)


def _parts_of(look: Look) -> Iterator[tuple[int, int]]:
    """Yield each part of an outline with its place: of 64 bits, every fifth."""
    if look.outline is None:
        return
    for first in range(MAX_DISTANCE + 1):
        yield first, look.outline & (_EVERY_FIFTH << first)
