# SPDX-License-Identifier: Apache-2.0
"""Collect what a recording says of its device, place and time, for the child to read.

Three dialects: QuickTime user data (a copyright sign and three letters), QuickTime and Android
keys (`meta` with `keys` and `ilst`), and the date of the movie header. All of it is dropped from
the recording, so what cannot be read here is no reason to refuse it: it is passed over.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from agent.media.errors import Malformed, TooBig
from agent.media.walk.boxes import Fields, children
from agent.media.walk.movie_codecs import extensions

MAX_LABELS: Final = 200
MAX_LABEL_BYTES: Final = 4096

_NAMES: Final[Mapping[bytes, str]] = {
    b"\xa9mak": "make",
    b"\xa9mod": "model",
    b"\xa9swr": "software",
    b"\xa9day": "creationdate",
    b"\xa9xyz": "location",
    b"loci": "location",
}
_HEADER_DATE: Final = "header.creationdate"
_EPOCH: Final = datetime(1904, 1, 1, tzinfo=UTC)
_LATEST: Final = 1 << 33

Label = tuple[str, bytes]


def labels(movie: memoryview) -> tuple[Label, ...]:
    """Return (key, value) pairs of a movie box, of which the first of a meaning counts."""
    found: list[Label] = []
    with suppress(Malformed, TooBig):
        for kind, content in children(movie):
            _collect(kind, content, found)
    found.sort(key=lambda label: label[0] == _HEADER_DATE)
    return tuple(found[:MAX_LABELS])


def packet_in(user_data: memoryview) -> bytes | None:
    """Return the XMP packet of a `udta` box, if it has one."""
    with suppress(Malformed, TooBig):
        return next((bytes(c) for kind, c in extensions(user_data) if kind == b"XMP_"), None)
    return None


def _collect(kind: bytes, content: memoryview, found: list[Label]) -> None:
    """Add the labels of one box of a movie."""
    with suppress(Malformed, TooBig):
        if kind == b"udta":
            found.extend(_in_user_data(content))
        elif kind == b"meta":
            found.extend(_in_meta(content))
        elif kind == b"mvhd":
            found.extend(_header_date(Fields(content)))


def _in_user_data(content: memoryview) -> Iterator[Label]:
    for kind, value in extensions(content):
        if kind in _NAMES:
            yield _NAMES[kind], bytes(value[4 : 4 + MAX_LABEL_BYTES])
        elif kind == b"meta":
            yield from _in_meta(value)


def _in_meta(content: memoryview) -> Iterator[Label]:
    """Read `meta`, which QuickTime writes without a version and MP4 with one."""
    parts = dict(extensions(content if bytes(content[4:8]) == b"hdlr" else content[4:]))
    keys = list(_keys(parts[b"keys"])) if b"keys" in parts else []
    for kind, item in extensions(parts.get(b"ilst", memoryview(b""))):
        number = int.from_bytes(kind, "big")
        name = keys[number - 1] if 0 < number <= len(keys) else _NAMES.get(kind)
        value = dict(children(item)).get(b"data", memoryview(b""))
        if name is not None:
            yield name, bytes(value[8 : 8 + MAX_LABEL_BYTES])


def _keys(content: memoryview) -> Iterator[str]:
    for _, name in children(content[8:], MAX_LABELS):
        yield bytes(name[:MAX_LABEL_BYTES]).decode("utf-8", "replace")


def _header_date(fields: Fields) -> Iterator[Label]:
    """Return when a movie header says that it was recorded: seconds since 1904, UTC."""
    version, _ = fields.version_flags()
    seconds = fields.number(8 if version == 1 else 4)
    if 0 < seconds < _LATEST:
        date = (_EPOCH + timedelta(seconds=seconds)).isoformat()
        yield _HEADER_DATE, date.encode("ascii")
