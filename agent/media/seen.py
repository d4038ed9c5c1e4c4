# SPDX-License-Identifier: Apache-2.0
"""What a look at a picture's pixels may say: where faces are, two digests, texts of class cards.

Plain values that cross the pipe as JSON. A face is a place and how sure the detector is of it;
there is no field for anything by which one face could be told from another.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from agent.media.card_texts import of_cards
from agent.media.errors import ChildFailed
from agent.media.limits import MAX_SIDE

MAX_FACES: Final = 1000
"""Faces of one picture that are listed; a hall full of people has some hundreds."""
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_OUTLINE: Final = re.compile(r"[0-9a-f]{16}")
_MAX_CODES: Final = 64


class Sensitivity(Enum):
    """How sure the detector must be of a face; the less sure, the more pictures are held."""

    CAREFUL = 0.20
    NORMAL = 0.30
    TOLERANT = 0.50


class Sight(Enum):
    """Whether this computer can look at pictures, or why not: (code, sentence, remedy)."""

    READY = ("ready", "Faces are counted and class cards are read.", "")
    MODEL_MISSING = (
        "faces.model_missing",
        "Faces cannot be counted, because the model file is missing.",
        "Install Photowarden again from its lock file.",
    )
    MODEL_DAMAGED = (
        "faces.model_damaged",
        "Faces cannot be counted, because the model file is not the one that was shipped.",
        "Install Photowarden again from its lock file, and find out who changed the file.",
    )
    RUNTIME_MISSING = (
        "faces.runtime_missing",
        "Faces cannot be counted, because the program that runs the model does not start.",
        "Install the newest Visual C++ runtime (on Windows), then Photowarden from its lock file.",
    )
    READER_MISSING = (
        "faces.reader_missing",
        "Pictures cannot be looked at, because the reader of class cards does not start.",
        "Install Photowarden again from its lock file.",
    )
    HEIF_MISSING = (
        "faces.heif_missing",
        "HEIC pictures cannot be looked at, because their decoder does not start.",
        "Install Photowarden again from its lock file; until then set iPads to Most Compatible.",
    )

    def __init__(self, code: str, sentence: str, remedy: str) -> None:
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceBox:
    """Where a face is: fractions of the upright picture's width and height, from its top left."""

    left: float
    top: float
    width: float
    height: float
    score: float = 1.0
    """How sure the detector is, 0 to 1."""

    def __post_init__(self) -> None:
        """Refuse what is no box inside a picture."""
        parts = (self.left, self.top, self.width, self.height, self.score)
        if not all(math.isfinite(part) and 0 <= part <= 1 for part in parts):
            raise ValueError("a box that is not within the picture")
        if not (self.width and self.height):
            raise ValueError("a box without an area")

    def size(self, width: int, height: int) -> float:
        """Return the face's size in pixels: the geometric mean of its sides."""
        return math.sqrt(self.width * width * self.height * height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look gave. `pixels` is the SHA-256 (hex) of the decoded pixels and their size."""

    width: int
    height: int
    pixels: str
    outline: int | None = None
    """A 64-bit difference hash of the whole scene; None where the scene has too few edges."""
    faces: tuple[FaceBox, ...] | None = None
    """From left to right; None where they could not be looked for."""
    cards: tuple[str, ...] = ()


def small_faces(seen: Seen, share: float) -> int:
    """Count the faces smaller than this share of the picture's long side."""
    least = share * max(seen.width, seen.height)
    return sum(face.size(seen.width, seen.height) < least for face in seen.faces or ())


def to_plain(seen: Seen) -> dict[str, Any]:
    """Return a look as values that JSON can hold."""
    faces = None if seen.faces is None else [_box_to_plain(face) for face in seen.faces]
    return {
        "size": [seen.width, seen.height],
        "pixels": seen.pixels,
        "outline": None if seen.outline is None else f"{seen.outline:016x}",
        "faces": faces,
        "cards": list(seen.cards),
    }


def from_untrusted(untrusted_plain: Mapping[str, Any]) -> Seen:
    """Return the look in a child's answer.

    Raises:
        ChildFailed: the answer has another shape; the child is no longer itself.
    """
    try:
        width, height = untrusted_plain["size"]
        return Seen(
            width=_side(width),
            height=_side(height),
            pixels=_matching(_DIGEST, untrusted_plain["pixels"]),
            outline=_outline(untrusted_plain["outline"]),
            faces=_faces(untrusted_plain["faces"]),
            cards=of_cards(map(_text, untrusted_plain["cards"][:_MAX_CODES])),
        )
    except (LookupError, TypeError, ArithmeticError, ValueError, AttributeError) as error:
        raise ChildFailed("what the child saw has another shape") from error


def sight_of(untrusted_plain: Mapping[str, Any]) -> Sight:
    """Return what the child says it can see with.

    Raises:
        ChildFailed: the answer is none of those.
    """
    untrusted_code = untrusted_plain.get("sight")
    found = next((sight for sight in Sight if sight.code == untrusted_code), None)
    if found is None:
        raise ChildFailed("the child's answer has another shape")
    return found


def _box_to_plain(face: FaceBox) -> list[float]:
    return [face.left, face.top, face.width, face.height, face.score]


def _faces(untrusted_faces: Sequence[Sequence[Any]] | None) -> tuple[FaceBox, ...] | None:
    if untrusted_faces is None:
        return None
    if not isinstance(untrusted_faces, list) or len(untrusted_faces) > MAX_FACES:
        raise ValueError("no list of faces, or one beyond the limit")
    return tuple(map(_face, untrusted_faces))


def _face(untrusted_face: Sequence[Any]) -> FaceBox:
    left, top, width, height, score = map(_fraction, untrusted_face)
    return FaceBox(left=left, top=top, width=width, height=height, score=score)


def _fraction(untrusted_value: object) -> float:
    if isinstance(untrusted_value, bool) or not isinstance(untrusted_value, int | float):
        raise TypeError("not a number")
    return float(untrusted_value)


def _side(untrusted_value: object) -> int:
    if isinstance(untrusted_value, bool) or not isinstance(untrusted_value, int):
        raise TypeError("not a number of pixels")
    if not 0 < untrusted_value <= MAX_SIDE:
        raise ValueError("not the side of a picture")
    return untrusted_value


def _outline(untrusted_value: object) -> int | None:
    return None if untrusted_value is None else int(_matching(_OUTLINE, untrusted_value), 16)


def _matching(pattern: re.Pattern[str], untrusted_value: object) -> str:
    text = _text(untrusted_value)
    if not pattern.fullmatch(text):
        raise ValueError("not a digest")
    return text


def _text(untrusted_value: object) -> str:
    if not isinstance(untrusted_value, str):
        raise TypeError("not a text")
    return untrusted_value
