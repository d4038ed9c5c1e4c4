# SPDX-License-Identifier: Apache-2.0
"""Which part of a picture a covered place hides: pure geometry.

A place is a detected face or a box that somebody drew. It is made larger before it is painted over,
because hair, ears and chin tell who somebody is as well as eyes do. Afterwards the copy is looked
at again. What lies almost wholly within a cover of one colour is no face: on shoulders the cover
itself looks like a head. A face whose centre is in a place and that reaches out of the cover is one
that was covered too little.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

GROWTH: Final = 0.30
"""How much wider and higher than the place its cover is."""
HIDDEN: Final = 0.75
"""A box with this much of its area in one cover shows no more than the rim of a face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A box: fractions of the upright picture's width and height, from its top left."""

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        """Refuse what is no box, or not within the picture."""
        parts = (self.left, self.top, self.width, self.height)
        if not all(math.isfinite(part) and 0 <= part <= 1 for part in parts):
            raise ValueError("a place within the picture has four numbers from 0 to 1")
        if not (self.width and self.height):
            raise ValueError("a place has a width and a height")

    def holds(self, across: float, down: float) -> bool:
        """Tell whether a point lies in it."""
        return (
            self.left <= across <= self.left + self.width
            and self.top <= down <= self.top + self.height
        )


def grown(place: Place) -> Place:
    """Return the place with its cover's size, as far as the picture reaches."""
    left, width = _stretched(place.left, place.width)
    top, height = _stretched(place.top, place.height)
    return Place(left=left, top=top, width=width, height=height)


def is_hidden(face: Place, covers: Iterable[Place]) -> bool:
    """Tell whether one cover hides a face, or is itself what was taken for one."""
    return any(_shared(face, cover) >= HIDDEN * face.width * face.height for cover in covers)


def is_left(face: Place, places: Sequence[Place]) -> bool:
    """Tell whether a face is still to be seen in a place that was to be covered."""
    centre = (face.left + face.width / 2, face.top + face.height / 2)
    in_place = any(place.holds(*centre) for place in places)
    return in_place and not is_hidden(face, map(grown, places))


def _shared(one: Place, other: Place) -> float:
    width = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
    height = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
    return max(0.0, width) * max(0.0, height)


def _stretched(start: float, length: float) -> tuple[float, float]:
    more = length * GROWTH / 2
    low = max(0.0, start - more)
    return low, min(1.0, start + length + more) - low
