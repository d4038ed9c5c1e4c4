# SPDX-License-Identifier: Apache-2.0
"""Copies: when two pictures count as one scene, whatever happened to the bytes in between.

The outline is a 64-bit difference hash of the whole scene, permuted and masked under a station's
key: distances stay what they were, and the hash says nothing to whoever lacks the key. It is no
template of a face. A near match only ever makes a verdict stricter.
"""

from typing import Final

from agent.core.model import Look

MAX_DISTANCE: Final = 4
"""Bits in which a resized or re-encoded copy may differ; other pictures differ in 17 and more."""


def is_copy(one: Look, other: Look) -> bool:
    """Tell whether two looks are of the same pixels, or of the same scene."""
    if one.pixels == other.pixels:
        return True
    if one.outline is None or other.outline is None:
        return False
    return (one.outline ^ other.outline).bit_count() <= MAX_DISTANCE
