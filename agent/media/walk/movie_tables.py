# SPDX-License-Identifier: Apache-2.0
"""Read the sample tables of a track: where its chunks lie, how long they are, when they play.

The tables that a player needs are written anew from their numbers (ISO/IEC 14496-12 section 8.6
and 8.7): times, composition offsets, sync samples, samples of a chunk, sizes. What only helps
(dependencies, groups, shadow samples) goes. Rule: each entry counts for some sample, so nothing
can hide behind the last one.
"""

import sys
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from agent.media.errors import Malformed, TooBig
from agent.media.walk.boxes import Fields, full_box

MAX_ENTRIES: Final = 5_000_000
"""Entries of one table: the samples of a day of film."""
MAX_CHUNKS: Final = 1_000_000

_COMPACT_SIZES: Final = frozenset({4, 8, 16})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The sample tables of one track; offsets and lengths of its chunks in bytes."""

    written: bytes
    """Every table but the one with the offsets, as boxes."""
    offsets: "array[int]"
    lengths: "array[int]"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sizes:
    """The sizes of a track's samples: each its own, or one for all (in `unit` bytes a sample)."""

    count: int
    each: "array[int] | None" = None
    all: int = 0
    unit: tuple[int, int] = (1, 1)

    def written(self) -> bytes:
        """Return the box `stsz`."""
        head = self.all.to_bytes(4, "big") + self.count.to_bytes(4, "big")
        return full_box(b"stsz", 0, 0, head, b"" if self.each is None else big_endian(self.each))


def read_tables(
    parts: Mapping[bytes, memoryview], descriptions: int, unit: tuple[int, int]
) -> Tables:
    """Read the tables of a sample table box, taken apart.

    `descriptions` is how many sample descriptions there are. `unit` is (bytes, samples) of sound
    whose samples are said to have one byte each, as old QuickTime counts them; (1, 1) otherwise.

    Raises:
        Malformed: a table is missing, or the tables contradict one another.
        TooBig: more entries than the limits.
    """
    sizes = _sizes(parts, unit)
    offsets = _offsets(parts)
    runs, written = _runs(_needed(parts, b"stsc"), len(offsets), descriptions)
    lengths = array("Q", _lengths(sizes, runs))
    times = _run_lengths(parts, b"stts", sizes.count)
    if not times:
        raise Malformed("a track without times")
    tables = (
        times,
        _run_lengths(parts, b"ctts", sizes.count),
        _sync_samples(parts, sizes.count),
        written,
        sizes.written(),
    )
    return Tables(written=b"".join(tables), offsets=offsets, lengths=lengths)


def written_offsets(offsets: "array[int]", base: int, *, wide: bool) -> bytes:
    """Return the box with the places of the chunks, each `base` bytes further."""
    places = array("Q" if wide else "I", (base + offset for offset in offsets))
    count = len(places).to_bytes(4, "big")
    return full_box(b"co64" if wide else b"stco", 0, 0, count, big_endian(places))


def big_endian(numbers: "array[int]") -> bytes:
    """Return numbers as the file has them."""
    if sys.byteorder == "little":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()


def _numbers(fields: Fields, count: int, form: str = "I") -> "array[int]":
    """Take a table of numbers."""
    if count > MAX_ENTRIES:
        raise TooBig("a table of more entries than the limit")
    numbers = array(form)
    numbers.frombytes(fields.take(count * numbers.itemsize))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


def _needed(parts: Mapping[bytes, memoryview], kind: bytes) -> Fields:
    if kind not in parts:
        raise Malformed("a track without one of its tables")
    return Fields(parts[kind])


def _sizes(parts: Mapping[bytes, memoryview], unit: tuple[int, int]) -> _Sizes:
    if b"stsz" not in parts:
        return _compact_sizes(_needed(parts, b"stz2"))
    fields = Fields(parts[b"stsz"])
    fields.version_flags()
    size, count = fields.number(4), fields.number(4)
    if size:
        return _Sizes(count=count, all=size, unit=unit if size == 1 else (size, 1))
    return _Sizes(count=count, each=_numbers(fields, count))


def _compact_sizes(fields: Fields) -> _Sizes:
    """Read `stz2`; it is written as `stsz`."""
    fields.version_flags()
    width, count = fields.number(4), fields.number(4)
    if width not in _COMPACT_SIZES:
        raise Malformed("sizes of another width")
    if width == 4:
        pairs = _numbers(fields, (count + 1) // 2, "B")
        each = array("I", (half for pair in pairs for half in (pair >> 4, pair & 15)))[:count]
    else:
        each = array("I", _numbers(fields, count, "B" if width == 8 else "H"))
    return _Sizes(count=count, each=each)


def _offsets(parts: Mapping[bytes, memoryview]) -> "array[int]":
    wide = b"co64" in parts
    fields = _needed(parts, b"co64" if wide else b"stco")
    fields.version_flags()
    count = fields.number(4)
    if count > MAX_CHUNKS:
        raise TooBig("more chunks than the limit")
    return array("Q", _numbers(fields, count, "Q" if wide else "I"))


def _runs(fields: Fields, chunks: int, descriptions: int) -> tuple[list[tuple[int, int]], bytes]:
    """Return (chunks, samples of each) for every run of like chunks, and the box `stsc`."""
    fields.version_flags()
    count = fields.number(4)
    numbers = _numbers(fields, 3 * count)
    firsts, samples, used = numbers[::3], numbers[1::3], numbers[2::3]
    ends = [*firsts[1:], chunks + 1]
    lengths = [end - first for first, end in zip(firsts, ends, strict=True)] if count else []
    if (chunks and not count) or (count and firsts[0] != 1) or any(run < 1 for run in lengths):
        raise Malformed("chunks that are not counted in order")
    if not all(samples) or not all(1 <= number <= descriptions for number in used):
        raise Malformed("chunks without samples or description")
    written = full_box(b"stsc", 0, 0, count.to_bytes(4, "big"), big_endian(numbers))
    return list(zip(lengths, samples, strict=True)), written


def _lengths(sizes: _Sizes, runs: list[tuple[int, int]]) -> Iterator[int]:
    """Yield the length of each chunk in bytes."""
    if sum(chunks * samples for chunks, samples in runs) != sizes.count:
        raise Malformed("chunks and sizes of another number of samples")
    ends = None if sizes.each is None else array("Q", accumulate(sizes.each, initial=0))
    first = 0
    for chunks, samples in runs:
        for _ in range(chunks):
            if ends is None:
                yield _uniform_length(sizes, samples)
            else:
                yield ends[first + samples] - ends[first]
            first += samples


def _uniform_length(sizes: _Sizes, samples: int) -> int:
    length, rest = divmod(samples * sizes.unit[0], sizes.unit[1])
    if rest:
        raise Malformed("a chunk that ends inside a packet of sound")
    return length


def _run_lengths(parts: Mapping[bytes, memoryview], kind: bytes, samples: int) -> bytes:
    """Return `stts` or `ctts` anew: pairs of a number of samples and what holds for them."""
    if kind not in parts:
        return b""
    fields = Fields(parts[kind])
    version, _ = fields.version_flags()
    count = fields.number(4)
    pairs = _numbers(fields, 2 * count)
    total = sum(pairs[::2])
    if (
        version > 1
        or not all(pairs[::2])
        or total > samples
        or (kind == b"stts" and total < samples)
    ):
        raise Malformed("times of another number of samples")
    return full_box(kind, version, 0, count.to_bytes(4, "big"), big_endian(pairs))


def _sync_samples(parts: Mapping[bytes, memoryview], samples: int) -> bytes:
    """Return `stss` anew: the samples at which a player may start."""
    if b"stss" not in parts:
        return b""
    fields = Fields(parts[b"stss"])
    fields.version_flags()
    count = fields.number(4)
    numbers = _numbers(fields, count)
    steps = zip([0, *numbers], [*numbers, samples + 1], strict=True)
    if not all(before < after for before, after in steps):
        raise Malformed("sync samples that are not in order")
    return full_box(b"stss", 0, 0, count.to_bytes(4, "big"), big_endian(numbers))
