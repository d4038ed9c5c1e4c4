# SPDX-License-Identifier: Apache-2.0
"""Choose the items of a HEIF file that make up its main picture, and refuse what cannot be kept.

Rule: an item stays only if the main picture cannot be drawn without it, or is transparent by it.
"""

from typing import Final

from agent.media.errors import Malformed, Unsupported
from agent.media.limits import check_pixels
from agent.media.walk.heif_items import Index
from agent.media.walk.heif_properties import ALPHA, auxiliary_type, size_of

CODED: Final = frozenset({b"hvc1", b"av01"})
"""The types of coded pictures that can be kept."""
DERIVED: Final = frozenset({b"grid", b"iden", b"iovl"})
"""The types of pictures made from others that can be kept."""
MAX_DERIVATIONS: Final = 4
"""How many times a picture may be made from pictures: a turned overlay of grids is three."""


def kept_items(index: Index) -> tuple[int, ...]:
    """Return the main picture, what it is made from, and the transparency of either, in order.

    Raises:
        Malformed: one of them is not there, or a picture is made from itself.
        Unsupported: one of them is of an unknown type, protected or predicted from another.
        TooBig: one of them has more pixels than the limit.
    """
    if index.targets(b"thmb", index.primary) or index.targets(b"auxl", index.primary):
        raise Malformed("a main picture that belongs to another")  # readers differ on which to show
    kept = made_from(index, {index.primary})
    auxiliary = index.references.get(b"auxl", {})
    kept |= made_from(
        index,
        {i for i, masters in auxiliary.items() if kept & set(masters) and is_alpha(index, i)},
    )
    for item in kept:
        _check(index, item)
    return tuple(sorted(kept))


def made_from(index: Index, pictures: set[int]) -> set[int]:
    """Return pictures and, level by level, the pictures that they are made from.

    Raises:
        Malformed: one of them is not there, or a picture is made from itself.
    """
    found: set[int] = set()
    level = pictures
    for _ in range(MAX_DERIVATIONS):
        if not level <= index.entries.keys():
            raise Malformed("a picture that is not there")
        found |= level
        made = (item for item in level if index.entries[item].kind in DERIVED)
        level = {source for item in made for source in index.targets(b"dimg", item)}
    if level:
        raise Malformed("a picture made from pictures too many times, or from itself")
    return found


def is_alpha(index: Index, item: int) -> bool:
    """Tell whether an item is the transparency of another."""
    return any(
        one.kind == b"auxC" and auxiliary_type(one.content) in ALPHA
        for one in index.properties.get(item, ())
    )


def _check(index: Index, item: int) -> None:
    """Make sure that a picture can be kept as it is."""
    entry = index.entries[item]
    if entry.kind not in CODED | DERIVED or entry.protected:
        raise Unsupported("a picture that needs an unknown or protected item")
    if index.targets(b"pred", item) or index.targets(b"exbl", item):
        raise Unsupported("a picture that is predicted from another one")
    for one in index.properties.get(item, ()):
        if one.kind == b"ispe":
            check_pixels(*size_of(one.content))
