# SPDX-License-Identifier: Apache-2.0
"""Make a redacted copy: paint over places, clean, and prove that nobody is seen there.

Everything happens in memory and in the child; no clear pixel touches a disk. What comes out is
examined like any other medium, under its own case id, and names the case that it was made of.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from agent.core.canonical import JsonValue
from agent.core.clues import ClueMaker
from agent.core.covering import Place, grown, is_hidden, is_left
from agent.core.model import CaseId
from agent.eyesight import Eyes, Eyesight, face_details
from agent.media.child import Child
from agent.media.cleaning import clean, kind_of, survey
from agent.media.errors import MediaError
from agent.media.model import Kind
from agent.media.seen import FaceBox, Seen, Sensitivity
from agent.ports import Examined, NotCovered, OpenedCase

TOLERANCE: Final = 2
"""Levels of 255 by which a decoded cover may differ from its colour."""
_READ: Final = 1 << 20
_KEPT: Final = ("format", "make", "model", "serials", "software", "captured_at", "has_gps")
"""What is true of the original is true of its copy, except who is in it."""


@dataclass(frozen=True, slots=True)
class _InMemory:
    """Clean bytes that are in memory already."""

    content: bytes = field(repr=False)
    extension: str = Kind.JPEG.extension

    @property
    def size(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        source = io.BytesIO(self.content)
        yield from iter(lambda: source.read(_READ), b"")


class Coverer:
    """Cover places of opened pictures with one warm child."""

    def __init__(self, child: Child, clues: ClueMaker, eyesight: Eyesight | None = None) -> None:
        sight = eyesight or Eyesight()
        self._child = child
        self._clues = clues
        self._sensitivity = sight.sensitivity or Sensitivity.NORMAL
        self._eyes = Eyes(child, clues, replace(sight, sensitivity=self._sensitivity))

    def cover(self, opened: OpenedCase, places: Sequence[Place]) -> Examined | NotCovered:
        """Return the redacted copy of an opened picture, or why there is none."""
        covers = [grown(place) for place in places]
        fractions = [(c.left, c.top, c.width, c.height) for c in covers]
        try:
            content = self._painted(opened.content, fractions)
            seen = self._child.look(Kind.JPEG, content, self._sensitivity)
            uneven = self._child.unevenness(content, fractions)
        except MediaError:
            return NotCovered.UNREADABLE
        if seen.faces is None:
            return NotCovered.NOT_CHECKED
        if not places or uneven > TOLERANCE:
            return NotCovered.NOT_ONE_COLOUR
        if any(is_left(_place_of(face), places) for face in seen.faces):
            return NotCovered.FACE_LEFT
        shown = tuple(face for face in seen.faces if not is_hidden(_place_of(face), covers))
        return self._examined(opened, content, replace(seen, faces=shown), fractions)

    def _painted(self, content: bytes, fractions: Sequence[Sequence[float]]) -> bytes:
        """Return the clean, confirmed bytes of the painted copy.

        Raises:
            MediaError: the picture cannot be decoded, or its copy not be confirmed.
        """
        painted = self._child.cover(kind_of(io.BytesIO(content)), content, fractions)
        source = io.BytesIO(painted)
        return clean(survey(source), source, self._child).open().read()

    def _examined(
        self,
        opened: OpenedCase,
        content: bytes,
        seen: Seen,
        fractions: Sequence[Sequence[float]],
    ) -> Examined:
        digest = self._clues.case()
        digest.update(content)
        evidence = replace(
            opened.evidence,
            look=self._eyes.look(seen),
            cards=seen.cards,
            tags=(),
            refusal=None,
            parent=opened.case,
        )
        return Examined(
            case=digest.id(),
            kind=Kind.JPEG.label,
            evidence=evidence,
            details=_details(opened.details, seen, opened.case, fractions),
            medium=_InMemory(content),
        )


def _place_of(face: FaceBox) -> Place:
    return Place(left=face.left, top=face.top, width=face.width, height=face.height)


def _details(
    original: Mapping[str, JsonValue],
    seen: Seen,
    parent: CaseId,
    fractions: Sequence[Sequence[float]],
) -> dict[str, JsonValue]:
    """Return the facts to seal: those of the original, without the people who were named in it."""
    return {
        **{key: original[key] for key in _KEPT if key in original},
        "kind": Kind.JPEG.label,
        "clean": True,
        "people": [],
        "faces": face_details(seen),
        "parent": parent,
        "covered": [[f"{part:.4f}" for part in cover] for cover in fractions],
    }
