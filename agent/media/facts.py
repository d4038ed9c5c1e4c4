# SPDX-License-Identifier: Apache-2.0
"""What the child may say about a file: device facts, person tags, a picture's shape.

Plain values that cross the pipe as JSON. Every text is a claim by a hostile file: cleaned of
control characters, cut to length, and worth no more than a clue.
"""

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from agent.media.errors import ChildFailed

MAX_TEXT: Final = 128
MAX_PEOPLE: Final = 500
MAX_TOOLS: Final = 16


class TagKind(Enum):
    """Where a person is named; a plain keyword may name anything."""

    REGION = "region"
    PERSON_IN_IMAGE = "person_in_image"
    HIERARCHY = "hierarchy"
    """A keyword below a root under which the school keeps people."""
    CUT = "cut"
    """A keyword of which only the beginning may be left."""
    KEYWORD = "keyword"


Box = tuple[float, float, float, float]
"""Left, top, width, height, as fractions of a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Width and height of the pixels as stored, and the Exif orientation that makes them upright.

    The orientation is None where the container turns the picture in its own way.
    """

    width: int
    height: int
    orientation: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTag:
    """One naming of a person; a region of a face without a name has none.

    `box` is of the upright picture; None where it may be somewhere else.
    """

    kind: TagKind
    name: str | None
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFacts:
    """What a file says of its device and of people."""

    make: str | None = None
    model: str | None = None
    serials: tuple[str, ...] = ()
    """Serial numbers of the camera body; never those of a lens."""
    software: str | None = None
    tools: tuple[str, ...] = ()
    """Other programs that say of themselves that they wrote it."""
    edited: bool = False
    """Whether something in it says that somebody changed the picture."""
    screen: bool = False
    """Whether it says that it is a picture of a screen."""
    captured_at: str | None = None
    """As the camera wrote it, in ISO 8601; with an offset only if the camera knew it."""
    has_gps: bool = False
    people: tuple[PersonTag, ...] = ()


def cleaned_text(untrusted_text: str) -> str | None:
    """Return a text without control characters, cut to length; None where nothing is left."""
    kept = "".join(c for c in untrusted_text if unicodedata.category(c)[0] != "C")
    return " ".join(kept.split())[:MAX_TEXT] or None


def to_plain(facts: MediaFacts) -> dict[str, Any]:
    """Return facts as values that JSON can hold."""
    return {
        "make": facts.make,
        "model": facts.model,
        "serials": list(facts.serials),
        "software": facts.software,
        "tools": list(facts.tools),
        "edited": facts.edited,
        "screen": facts.screen,
        "captured_at": facts.captured_at,
        "has_gps": facts.has_gps,
        "people": [
            [tag.kind.value, tag.name, None if tag.box is None else list(tag.box)]
            for tag in facts.people
        ],
    }


def from_untrusted(untrusted_plain: Mapping[str, Any]) -> MediaFacts:
    """Return the facts in a child's answer.

    Raises:
        ChildFailed: the answer has another shape; the child is no longer itself.
    """
    try:
        return MediaFacts(
            make=_text(untrusted_plain["make"]),
            model=_text(untrusted_plain["model"]),
            serials=tuple(filter(None, map(_text, untrusted_plain["serials"][:MAX_PEOPLE]))),
            software=_text(untrusted_plain["software"]),
            tools=tuple(filter(None, map(_text, untrusted_plain["tools"][:MAX_TOOLS]))),
            edited=untrusted_plain["edited"] is True,
            screen=untrusted_plain["screen"] is True,
            captured_at=_text(untrusted_plain["captured_at"]),
            has_gps=untrusted_plain["has_gps"] is True,
            people=tuple(map(_tag, untrusted_plain["people"][: MAX_PEOPLE + 1])),
        )
    except (LookupError, TypeError, ArithmeticError, ValueError, AttributeError) as error:
        raise ChildFailed("the child's facts have another shape") from error


def _text(untrusted_value: object) -> str | None:
    if untrusted_value is None:
        return None
    if not isinstance(untrusted_value, str):
        raise TypeError("not a text")
    return cleaned_text(untrusted_value)


def _tag(untrusted_tag: list[Any]) -> PersonTag:
    kind, name, box = untrusted_tag
    left, top, width, height = map(float, box) if box else (0.0, 0.0, 0.0, 0.0)
    if not all(map(math.isfinite, (left, top, width, height))):
        raise ValueError("a box without an end")
    return PersonTag(
        kind=TagKind(kind), name=_text(name), box=(left, top, width, height) if box else None
    )
