# SPDX-License-Identifier: Apache-2.0
"""Turn a hostile file into evidence and a medium to seal (port `Sanitiser`).

Whatever the media package refuses becomes a refusal in the evidence; the untouched bytes are then
sealed, so nothing is lost and nothing readable stays behind. Names and serials leave this module
as clues, except inside the details that are sealed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from agent.core.canonical import JsonValue
from agent.core.clues import ClueMaker
from agent.core.concerns import Concern
from agent.core.model import CaseId, Clue, Evidence, Look, Shot, Tag, TagSource
from agent.file_names import camera_time, is_an_editor, number_in, suggests_a_messenger
from agent.media.child import Child
from agent.media.cleaning import CleanMedium, clean, inspect, kind_of
from agent.media.errors import ChildFailed, Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.facts import MediaFacts, TagKind, to_plain
from agent.media.model import Family, Kind
from agent.media.seen import Seen, Sensitivity, small_faces
from agent.media.seen import to_plain as seen_to_plain
from agent.ports import Examined, Sighting

_READ: Final = 1 << 20
_PICTURE_NAMES: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".heic", ".heif", ".mov", ".mp4", ".m4v", ".gif", ".webp", ".tif"}
    | {".tiff", ".bmp", ".avif", ".3gp"}
)
_NEWER_THAN_DECODERS: Final = frozenset({Kind.HEIF, Kind.AVIF})
_SOURCES: Final = {
    TagKind.REGION: TagSource.REGION,
    TagKind.PERSON_IN_IMAGE: TagSource.PERSON_IN_IMAGE,
    TagKind.KEYWORD: TagSource.KEYWORD,
}


@dataclass(frozen=True, slots=True)
class _Clean:
    """A clean medium, ready to be sealed."""

    medium: CleanMedium

    @property
    def extension(self) -> str:
        return self.medium.kind.extension

    @property
    def size(self) -> int:
        return self.medium.size

    def chunks(self) -> Iterator[bytes]:
        return self.medium.chunks()


@dataclass(frozen=True, slots=True)
class _Untouched:
    """A file that cannot be cleaned, sealed as it is."""

    source: BinaryIO
    size: int
    extension: str

    def chunks(self) -> Iterator[bytes]:
        self.source.seek(0)
        yield from iter(lambda: self.source.read(_READ), b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Eyesight:
    """How pictures are looked at: how sure of a face, and which faces are small ones."""

    sensitivity: Sensitivity | None = Sensitivity.NORMAL
    """None where the school does not count faces."""
    small_share: float = 0.01
    """Of the picture's long side."""


class Sanitiser:
    """Examine files with one warm child."""

    def __init__(self, child: Child, clues: ClueMaker, eyesight: Eyesight | None = None) -> None:
        self._child = child
        self._clues = clues
        self._eyesight = eyesight or Eyesight()

    def examine(self, sighting: Sighting, source: BinaryIO) -> Examined | None:
        """Inspect, clean and verify one file; every refusal is part of the evidence.

        None when the disk or card could not be read: the file is tried again.
        """
        try:
            return self._examined(sighting, source)
        except OSError:
            return None

    def rest(self) -> None:
        """End the child, which holds decoders and the face detector in memory."""
        self._child.close()

    def _examined(self, sighting: Sighting, source: BinaryIO) -> Examined:
        size = sighting.identity.size
        case, kind = self._case(source), kind_of(source)
        facts, refusal, look, seen = MediaFacts(), None, None, None
        medium: _Clean | _Untouched = _Untouched(source, size, kind.extension)
        try:
            inspected = inspect(source, self._child)
            facts = inspected.facts
            cleaned = clean(inspected, source, self._child)
            seen = self._seen(cleaned)
            look = self._look(seen, inspected.walked.frames)
            medium = _Clean(cleaned)
        except MediaError as error:
            refusal = _concern(error, kind, sighting)
        return Examined(
            case=case,
            kind=kind.label,
            evidence=replace(
                self._evidence(sighting, facts, refusal),
                look=look,
                cards=() if seen is None else seen.cards,
            ),
            details=_details(facts, kind, refusal, seen),
            medium=medium,
        )

    def _seen(self, cleaned: CleanMedium) -> Seen | None:
        """Look at the pixels of a still; None where this computer cannot.

        A HEIF that is sound and cannot be decoded is newer than the decoder, not damaged.
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

    def _look(self, seen: Seen | None, frames: int) -> Look | None:
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

    def _case(self, source: BinaryIO) -> CaseId:
        digest = self._clues.case()
        source.seek(0)
        while chunk := source.read(_READ):
            digest.update(chunk)
        return digest.id()

    def _evidence(self, sighting: Sighting, facts: MediaFacts, refusal: Concern | None) -> Evidence:
        folders = PurePosixPath(sighting.shown).parts[:-1]
        return Evidence(
            shot=self._shot(sighting, facts),
            notes=_notes(PurePosixPath(sighting.shown).name, facts),
            serials=frozenset(map(self._clues.serial, facts.serials)),
            model=self._clues.model(facts.model) if facts.model else None,
            folders=frozenset(map(self._clues.folder, folders)),
            tags=tuple(
                Tag(source=_SOURCES[tag.kind], name=self._name(tag.name)) for tag in facts.people
            ),
            captured_on=_day_of(facts),
            refusal=refusal,
        )

    def _shot(self, sighting: Sighting, facts: MediaFacts) -> Shot | None:
        """Return the picture's place among those of its camera; none without a time or a body."""
        time = camera_time(facts.captured_at)
        *folders, name = PurePosixPath(sighting.shown).parts
        if time is None or not (facts.serials or facts.model):
            return None
        body = (min(facts.serials),) if facts.serials else (facts.model or "", *folders[:1])
        taken, offset = time
        return Shot(
            body=self._clues.body(*body), taken=taken, offset=offset, number=number_in(name)
        )

    def _name(self, name: str | None) -> Clue | None:
        return None if name is None else self._clues.name(name)


def _day_of(facts: MediaFacts) -> date | None:
    time = camera_time(facts.captured_at)
    return None if time is None else time[0].date()


def _notes(name: str, facts: MediaFacts) -> frozenset[Concern]:
    """Return what the file's name and the program that wrote it object to."""
    found = set()
    if suggests_a_messenger(name):
        found.add(Concern.DEVICE_MESSENGER)
    if facts.software is not None and is_an_editor(facts.software):
        found.add(Concern.DEVICE_EDITED)
    return frozenset(found)


def _concern(error: MediaError, kind: Kind, sighting: Sighting) -> Concern:
    """Return the concern that a refusal means.

    Bytes of no kind under the name of a picture are a damaged picture: its original stays.
    """
    if sighting.identity.size == 0:
        return Concern.MEDIA_EMPTY
    named_a_picture = PurePosixPath(sighting.shown).suffix.lower() in _PICTURE_NAMES
    if isinstance(error, Unsupported) and not (kind is Kind.UNKNOWN and named_a_picture):
        unverifiable = kind.family is Family.UNVERIFIABLE
        return Concern.MEDIA_UNVERIFIABLE if unverifiable else Concern.MEDIA_UNSUPPORTED
    for refused, concern in (
        (TooBig, Concern.MEDIA_TOO_LARGE),
        (Doubt, Concern.MEDIA_UNVERIFIED),
        (ChildFailed, Concern.MEDIA_UNDECODED),
    ):
        if isinstance(error, refused):
            return concern
    return Concern.MEDIA_UNREADABLE


def _details(
    facts: MediaFacts, kind: Kind, refusal: Concern | None, seen: Seen | None
) -> dict[str, JsonValue]:
    """Return what is sealed beside the medium; fractions become text for canonical JSON."""
    plain = to_plain(facts)
    people = [
        [source, name, None if box is None else [f"{part:.4f}" for part in box]]
        for source, name, box in plain["people"]
    ]
    return {
        **plain,
        "people": people,
        "faces": _face_details(seen),
        "format": "photowarden-facts/1",
        "kind": kind.label,
        "clean": refusal is None,
    }


def _face_details(seen: Seen | None) -> list[JsonValue] | None:
    """Return where faces are: left, top, width, height, score, as shares of the picture."""
    if seen is None or seen.faces is None:
        return None
    return [[f"{part:.4f}" for part in face] for face in seen_to_plain(seen)["faces"]]
