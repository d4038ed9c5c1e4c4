# SPDX-License-Identifier: Apache-2.0
"""Examine and clean one file of any kind: the media package's front door.

Examine reads the container and the facts; clean returns the medium upright, without metadata, and
confirmed by the second reader. Nothing leaves this module that was not confirmed.
"""

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from agent.media.child import Child
from agent.media.errors import Doubt, Malformed, TooBig, Unsupported
from agent.media.facts import MAX_PEOPLE, MediaFacts, PersonTag, Shape
from agent.media.model import UPRIGHT, Kind, Metadata, Walked
from agent.media.recipe import COPY_CHUNK, Recipe, RecipeReader
from agent.media.sniff import HEAD_BYTES, sniff
from agent.media.verify import verify
from agent.media.walk import bmp, gif, heif, jpeg, movie, png, tiff, webp

Walker = Callable[[BinaryIO], Walked]

WALKERS: Final[Mapping[Kind, Walker]] = {
    Kind.JPEG: jpeg.walk,
    Kind.PNG: png.walk,
    Kind.WEBP: webp.walk,
    Kind.GIF: gif.walk,
    Kind.BMP: bmp.walk,
    Kind.HEIF: heif.walk,
    Kind.AVIF: heif.walk,
    Kind.TIFF: tiff.walk,
    Kind.QUICKTIME: movie.walk,
    Kind.MP4: movie.walk,
    Kind.THREEGP: movie.walk,
}

REWRITTEN: Final = frozenset({Kind.TIFF})
"""Kinds whose walker only surveys; the clean file is written anew in the child."""


MAX_NOTES_BYTES: Final = 1 << 20
"""Bytes of an XMP file beside a medium; programs that keep every edit write some hundred KB."""
TURNED_BY_CONTAINER: Final = frozenset(
    {Kind.HEIF, Kind.AVIF, Kind.QUICKTIME, Kind.MP4, Kind.THREEGP}
)
"""Kinds whose container says itself how its pixels are turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """What a file is, and what its container gave."""

    kind: Kind
    walked: Walked


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected(Surveyed):
    """A surveyed file, and what it says of its device and of people."""

    facts: MediaFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanMedium:
    """A medium that is upright, without metadata and confirmed; its source must stay open."""

    kind: Kind
    width: int
    height: int
    recipe: Recipe
    source: BinaryIO
    turned: bool
    """Whether its pixels had to be turned and encoded again."""

    @property
    def size(self) -> int:
        """The length in bytes."""
        return self.recipe.size

    def open(self) -> BinaryIO:
        """Return the clean bytes as a seekable file."""
        return io.BufferedReader(RecipeReader(self.recipe, self.source), COPY_CHUNK)

    def chunks(self) -> Iterator[bytes]:
        """Yield the clean bytes from the start, at most 1 MiB at a time."""
        reader = RecipeReader(self.recipe, self.source)
        while data := reader.read(COPY_CHUNK):
            yield data


def kind_of(source: BinaryIO) -> Kind:
    """Return the kind of an open file by its first bytes."""
    source.seek(0)
    return sniff(source.read(HEAD_BYTES))


def survey(source: BinaryIO) -> Surveyed:
    """Read a file's container.

    Raises:
        Malformed, TooBig: it breaks its rules or our limits.
        Unsupported: nothing here can clean this kind.
    """
    kind = kind_of(source)
    walker = WALKERS.get(kind)
    if walker is None:
        raise Unsupported(f"{kind.label} files cannot be cleaned")
    return Surveyed(kind=kind, walked=walker(source))


def inspect(
    source: BinaryIO,
    child: Child,
    roots: Sequence[str] = (),
) -> Inspected:
    """Read a file's container and facts.

    `roots` are the policy's keyword roots: what stands below one names a person.

    Raises:
        Malformed, TooBig: the container breaks its rules or our limits.
        Unsupported: nothing here can clean this kind.
        ChildFailed: its metadata made the child fail.
    """
    found = survey(source)
    if found.walked.metadata.unread:
        raise TooBig("more metadata than can be read; people may be named in it")
    facts = child.facts(found.walked.metadata, _shape(found), roots)
    if len(facts.people) > MAX_PEOPLE:
        raise TooBig("more people are named than can be read")
    return Inspected(kind=found.kind, walked=found.walked, facts=facts)


def people_in_notes(
    untrusted_notes: Sequence[bytes], child: Child, roots: Sequence[str] = ()
) -> tuple[PersonTag, ...]:
    """Return the people named in XMP files that lie beside a medium; they prove no device.

    Raises:
        Malformed, TooBig: one cannot be read, so people may be named in it.
        ChildFailed: it made the child fail.
    """
    if any(len(notes) > MAX_NOTES_BYTES for notes in untrusted_notes):
        raise TooBig("more notes than can be read")
    unknown_shape = Shape(width=1, height=1, orientation=None)
    metadata = Metadata(untrusted_xmp=tuple(untrusted_notes))
    people = child.facts(metadata, unknown_shape, roots).people
    if len(people) > MAX_PEOPLE:
        raise TooBig("more people are named than can be read")
    return people


def _shape(found: Surveyed) -> Shape:
    """Return how the pixels lie; HEIF and AVIF turn them by properties of their own."""
    walked, turns_itself = found.walked, found.kind in TURNED_BY_CONTAINER
    orientation = None if turns_itself else walked.orientation
    return Shape(width=walked.width, height=walked.height, orientation=orientation)


def clean(surveyed: Surveyed, source: BinaryIO, child: Child) -> CleanMedium:
    """Return the clean medium of a surveyed file.

    Raises:
        Malformed, Unsupported: its pixels cannot be turned or written anew.
        ChildFailed: that made the child fail.
        Doubt: the second reader did not confirm it.
    """
    kind, walked = surveyed.kind, surveyed.walked
    turned = walked.orientation != UPRIGHT
    if turned or kind in REWRITTEN:
        walked, source = _redrawn(kind, walked, source, child)
    medium = CleanMedium(
        kind=kind,
        width=walked.width,
        height=walked.height,
        recipe=walked.recipe,
        source=source,
        turned=turned,
    )
    verify(kind, medium.open())
    return medium


def _redrawn(kind: Kind, walked: Walked, source: BinaryIO, child: Child) -> tuple[Walked, BinaryIO]:
    """Let the child write a picture anew, upright, and walk what comes back like any other file."""
    upright = io.BytesIO(
        child.turn(kind, RecipeReader(walked.recipe, source).read(), walked.orientation)
    )
    try:
        again = WALKERS[kind](upright)
    except Malformed as error:
        raise Doubt("the new picture cannot be read") from error
    wanted = {(walked.width, walked.height), (walked.height, walked.width)}
    if (again.width, again.height) not in wanted or again.orientation != UPRIGHT:
        raise Doubt("the new picture has another size")
    if again.frames != walked.frames:
        raise Doubt("the new picture has pages more or fewer")
    return again, upright
