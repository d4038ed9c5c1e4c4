# SPDX-License-Identifier: Apache-2.0
"""A cleaned file as a recipe: which source bytes survive and which new bytes stand between them.

A walker reads a container and returns a recipe; it copies nothing. Whoever needs the clean bytes
reads them through `RecipeReader`, so a clean 4 GiB video exists only while it streams, and no
cleaned picture ever rests in a temporary file.

Rules: extents lie inside the source; a recipe never grows beyond its source by more than the
fixed headroom that `Recipe` states, so overlapping extents cannot multiply a hostile file.
"""

import io
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Final

from agent.media.errors import Malformed, TooBig

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

HEADROOM: Final = 65_536
"""How many bytes a clean file may outgrow its source by: rebuilt headers, canonical profiles."""

COPY_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Extent:
    """A run of source bytes that survives: offset and length in bytes."""

    offset: int
    length: int


Piece = bytes | Extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The clean file: its pieces in order, and the kinds of part that were dropped.

    `dropped` holds names of structures ("APP1 Exif", "tEXt"), never their values.
    """

    pieces: tuple[Piece, ...]
    dropped: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The clean file's length in bytes."""
        return sum(len(p) if isinstance(p, bytes) else p.length for p in self.pieces)


def checked(recipe: Recipe, source_size: int) -> Recipe:
    """Return the recipe if it stays inside its source and its headroom.

    Raises:
        Malformed: an extent reaches outside the source.
        TooBig: the clean file would outgrow its source, as overlapping extents would make it.
    """
    for piece in recipe.pieces:
        if (
            isinstance(piece, Extent)
            and not 0 <= piece.offset <= piece.offset + piece.length <= source_size
        ):
            raise Malformed("a part points outside the file")
    if recipe.size > source_size + HEADROOM:
        raise TooBig("the clean file would be larger than its source")
    return recipe


class RecipeReader(io.RawIOBase):
    """Read a recipe as a seekable binary file, straight from its source."""

    def __init__(self, recipe: Recipe, source: BinaryIO) -> None:
        self._source = source
        self._position = 0
        self._starts: list[int] = []
        self._pieces = [p for p in recipe.pieces if not isinstance(p, bytes) or p]
        self._size = 0
        for piece in self._pieces:
            self._starts.append(self._size)
            self._size += len(piece) if isinstance(piece, bytes) else piece.length

    def readable(self) -> bool:
        """Say that the clean file can be read."""
        return True

    def seekable(self) -> bool:
        """Say that the clean file can be read from any place."""
        return True

    def tell(self) -> int:
        """Return the present position, in bytes."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to a position, in bytes, and return it."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the start of the clean file")
        self._position = base + offset
        return self._position

    def read(self, size: int = -1, /) -> bytes:
        """Read up to `size` bytes, or all that is left.

        Raises:
            Malformed: the source ended while it was read.
        """
        wanted = max(0, self._size - self._position)
        wanted = wanted if size < 0 else min(size, wanted)
        parts: list[bytes] = []
        while wanted:
            parts.append(self._some(wanted))
            wanted -= len(parts[-1])
        return b"".join(parts)

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Read into a buffer and return how many bytes, as `io.BufferedReader` asks for them."""
        room = memoryview(buffer).cast("B")
        data = self.read(len(room))
        room[: len(data)] = data
        return len(data)

    def _some(self, wanted: int) -> bytes:
        """Read at most `wanted` bytes of the piece at the present position."""
        index = bisect_right(self._starts, self._position) - 1
        piece, inside = self._pieces[index], self._position - self._starts[index]
        if isinstance(piece, bytes):
            data = piece[inside : inside + wanted]
        else:
            self._source.seek(piece.offset + inside)
            data = self._source.read(min(wanted, piece.length - inside))
            if not data:
                raise Malformed("the source ended while it was read")
        self._position += len(data)
        return data


def chunks(recipe: Recipe, source: BinaryIO) -> Iterator[bytes]:
    """Yield the clean file in chunks of at most 1 MiB."""
    reader = RecipeReader(recipe, source)
    while data := reader.read(COPY_CHUNK):
        yield data
