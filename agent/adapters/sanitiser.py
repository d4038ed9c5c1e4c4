# SPDX-License-Identifier: Apache-2.0
"""Turn a hostile file into evidence and a medium to seal (port `Sanitiser`).

Whatever the media package refuses becomes a refusal in the evidence; the untouched bytes are then
sealed, so nothing is lost and nothing readable stays behind. Names and serials leave this module
as clues, except inside the details that are sealed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePosixPath
from typing import BinaryIO, Final

from agent.core.canonical import JsonValue
from agent.core.clues import ClueMaker
from agent.core.concerns import Concern
from agent.core.model import CaseId, Clue, Evidence, Shot, Tag, TagSource
from agent.eyesight import Eyes, Eyesight, face_details
from agent.file_names import (
    camera_time,
    is_an_editor,
    number_in,
    suggests_a_messenger,
    suggests_a_phone,
    suggests_a_screen,
    suggests_an_edit,
)
from agent.media.child import Child
from agent.media.cleaning import CleanMedium, clean, inspect, kind_of, people_in_notes
from agent.media.errors import ChildFailed, Doubt, MediaError, TooBig, Unsupported
from agent.media.facts import MediaFacts, PersonTag, TagKind, to_plain
from agent.media.model import Family, Kind
from agent.media.seen import Seen
from agent.ports import Examined, Sighting

_READ: Final = 1 << 20
_PICTURE_NAMES: Final = frozenset(
    {".jpg", ".jpeg", ".png", ".heic", ".heif", ".mov", ".mp4", ".m4v", ".gif", ".webp", ".tif"}
    | {".tiff", ".bmp", ".avif", ".3gp"}
)
_SOURCES: Final = {
    TagKind.REGION: TagSource.REGION,
    TagKind.PERSON_IN_IMAGE: TagSource.PERSON_IN_IMAGE,
    TagKind.HIERARCHY: TagSource.HIERARCHY,
    TagKind.CUT: TagSource.CUT,
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


class Sanitiser:
    """Examine files with one warm child."""

    def __init__(
        self,
        child: Child,
        clues: ClueMaker,
        eyesight: Eyesight | None = None,
        keyword_roots: Sequence[str] = (),
    ) -> None:
        self._child = child
        self._clues = clues
        self._eyes = Eyes(child, clues, eyesight or Eyesight())
        self._roots = tuple(keyword_roots)

    def examine(
        self, sighting: Sighting, source: BinaryIO, notes: tuple[bytes, ...] = ()
    ) -> Examined | None:
        """Inspect, clean and verify one file; every refusal is part of the evidence.

        What its notes say of people is added. None when the disk or card could not be read: the
        file is tried again.
        """
        try:
            examined = self._examined(sighting, source)
        except OSError:
            return None
        return examined if not notes else self._noted(examined, notes)

    def _noted(self, examined: Examined, untrusted_notes: tuple[bytes, ...]) -> Examined:
        """Return what was examined with the people whom files of notes beside it name."""
        evidence = examined.evidence
        try:
            people = people_in_notes(untrusted_notes, self._child, self._roots)
        except MediaError:
            unread = evidence.notes | {Concern.PEOPLE_NOTES_UNREADABLE}
            return replace(examined, evidence=replace(evidence, notes=unread))
        named = replace(evidence, tags=self._tags(people))
        return replace(
            examined,
            evidence=evidence.joined(named),
            details={**examined.details, "people_in_notes": _people_details(people)},
        )

    def rest(self) -> None:
        """End the child, which holds decoders and the face detector in memory."""
        self._child.close()

    def _examined(self, sighting: Sighting, source: BinaryIO) -> Examined:
        size = sighting.identity.size
        case, kind = self._case(source), kind_of(source)
        facts, refusal, look, seen = MediaFacts(), None, None, None
        medium: _Clean | _Untouched = _Untouched(source, size, kind.extension)
        try:
            inspected = inspect(source, self._child, self._roots)
            facts = inspected.facts
            cleaned = clean(inspected, source, self._child)
            seen = self._eyes.see(cleaned)
            look = self._eyes.look(seen, inspected.walked.frames)
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

    def _case(self, source: BinaryIO) -> CaseId:
        digest = self._clues.case()
        source.seek(0)
        while chunk := source.read(_READ):
            digest.update(chunk)
        return digest.id()

    def _evidence(self, sighting: Sighting, facts: MediaFacts, refusal: Concern | None) -> Evidence:
        folders = _folders(sighting)
        return Evidence(
            shot=self._shot(sighting, facts),
            notes=_notes(PurePosixPath(sighting.shown).name, facts),
            serials=frozenset(map(self._clues.serial, facts.serials)),
            model=self._clues.model(facts.model) if facts.model else None,
            folders=frozenset(map(self._clues.folder, folders)),
            tags=self._tags(facts.people),
            captured_on=_day_of(facts),
            refusal=refusal,
        )

    def _shot(self, sighting: Sighting, facts: MediaFacts) -> Shot | None:
        """Return the picture's place among those of its camera; none without a time or a body."""
        time = camera_time(facts.captured_at)
        folders, name = _folders(sighting), PurePosixPath(sighting.shown).name
        if time is None or not (facts.serials or facts.model):
            return None
        body = (min(facts.serials),) if facts.serials else (facts.model or "", *folders[:1])
        taken, offset = time
        return Shot(
            body=self._clues.body(*body), taken=taken, offset=offset, number=number_in(name)
        )

    def _tags(self, people: Iterable[PersonTag]) -> tuple[Tag, ...]:
        return tuple(Tag(source=_SOURCES[tag.kind], name=self._name(tag.name)) for tag in people)

    def _name(self, name: str | None) -> Clue | None:
        return None if name is None else self._clues.name(name)


def _folders(sighting: Sighting) -> tuple[str, ...]:
    """Return the names of the folders on the way to a file; its device's own goes first."""
    device = (sighting.device,) if sighting.device else ()
    return (*device, *PurePosixPath(sighting.shown).parts[:-1])


def _day_of(facts: MediaFacts) -> date | None:
    time = camera_time(facts.captured_at)
    return None if time is None else time[0].date()


def _notes(name: str, facts: MediaFacts) -> frozenset[Concern]:
    """Return what the file's name and the programs that wrote it object to."""
    tools = filter(None, (facts.software, *facts.tools))
    edited = facts.edited or suggests_an_edit(name) or any(map(is_an_editor, tools))
    told = {
        Concern.DEVICE_MESSENGER: suggests_a_messenger(name),
        Concern.DEVICE_PHONE_NAME: suggests_a_phone(name),
        Concern.DEVICE_SCREENSHOT: facts.screen or suggests_a_screen(name),
        Concern.DEVICE_EDITED: edited,
    }
    return frozenset(concern for concern, is_told in told.items() if is_told)


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
    return {
        **to_plain(facts),
        "people": _people_details(facts.people),
        "faces": face_details(seen),
        "format": "photowarden-facts/1",
        "kind": kind.label,
        "clean": refusal is None,
    }


def _people_details(people: Iterable[PersonTag]) -> list[JsonValue]:
    """Return who is named: where the name stands, the name, and the box of a face."""
    return [
        [tag.kind.value, tag.name, None if tag.box is None else [f"{part:.4f}" for part in tag.box]]
        for tag in people
    ]
