# SPDX-License-Identifier: Apache-2.0
"""A look at the pixels, as evidence: counts for the rules, boxes for the sealed facts.

What the child saw stays plain until here; digests leave this module as clues. Boxes go into the
details that are sealed, and nowhere else.
"""

from dataclasses import dataclass
from typing import Final

from agent.core.canonical import JsonValue
from agent.core.clues import ClueMaker
from agent.core.model import Look
from agent.media.child import Child
from agent.media.cleaning import CleanMedium
from agent.media.errors import Malformed, Unsupported
from agent.media.model import Family, Kind
from agent.media.seen import FaceBox, Seen, Sensitivity, small_faces

_NEWER_THAN_DECODERS: Final = frozenset({Kind.HEIF, Kind.AVIF})


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyesight:
    """How pictures are looked at: how sure of a face, and which faces are small ones."""

    sensitivity: Sensitivity | None = Sensitivity.NORMAL
    """None where the school does not count faces."""
    small_share: float = 0.01
    """Of the picture's long side."""


class Eyes:
    """Look at clean pictures with one warm child."""

    def __init__(self, child: Child, clues: ClueMaker, eyesight: Eyesight) -> None:
        self._child = child
        self._clues = clues
        self._eyesight = eyesight

    def see(self, cleaned: CleanMedium) -> Seen | None:
        """Look at the pixels of a still; None where this computer cannot.

        A HEIF that is sound and cannot be decoded is newer than the decoder, not damaged.

        Raises:
            Malformed: the pixels cannot be decoded.
            ChildFailed: they made the child fail.
        """
        if cleaned.kind.family is not Family.STILL:
            return None
        try:
            data = cleaned.open().read()
            return self._child.look(cleaned.kind, data, self._eyesight.sensitivity)
        except Unsupported:
            return None
        except Malformed:
            if cleaned.kind in _NEWER_THAN_DECODERS:
                return None
            raise

    def look(self, seen: Seen | None, frames: int = 1) -> Look | None:
        """Return what counts of a look; of many frames only the first was seen."""
        if seen is None:
            return None
        known = seen.faces is not None and frames == 1
        return Look(
            faces=len(seen.faces or ()) if known else None,
            small_faces=small_faces(seen, self._eyesight.small_share) if known else 0,
            pixels=self._clues.pixels(seen.pixels),
            outline=None if seen.outline is None else self._clues.outline(seen.outline),
        )


def face_details(seen: Seen | None) -> list[JsonValue] | None:
    """Return where faces are: left, top, width, height, score, as shares of the picture."""
    if seen is None or seen.faces is None:
        return None
    return [_details_of(face) for face in seen.faces]


def _details_of(face: FaceBox) -> list[JsonValue]:
    parts = (face.left, face.top, face.width, face.height, face.score)
    return [f"{part:.4f}" for part in parts]
