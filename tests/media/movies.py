# SPDX-License-Identifier: Apache-2.0
"""Build tiny recordings box by box, and read their samples back without the code under test."""

import struct
from dataclasses import dataclass
from itertools import zip_longest

CANARY = b"a secret of the school"
DATE = struct.pack(">II", 0xD7A4C3B1, 0xD7A4C3B2)
TURNED = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0x280000, 0, 0x40000000)
"""The matrix of a phone that was held upright."""
QUICKTIME = b"qt  \x20\x05\x03\x00qt  "
MP4 = b"mp41 \x13\x10\x18mp41"
THREEGP = b"3gp4\0\0\2\0" + b"3gp43gp5"


def box(kind: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return struct.pack(">I4s", len(body) + 8, kind) + body


def full(kind: bytes, *contents: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *contents)


def words(*numbers: int) -> bytes:
    return struct.pack(f">{len(numbers)}I", *numbers)


def picture(kind: bytes = b"jpeg", extensions: bytes = b"") -> bytes:
    """Return a description of pictures of 40 by 30, with vendor and encoder."""
    return box(
        kind,
        bytes(6) + b"\0\1" + b"\0\1\0\1ABCD" + words(512, 512),
        struct.pack(">HHIIIH", 40, 30, 0x480000, 0x480000, 0, 1),
        bytes((len(CANARY),)) + CANARY.ljust(31, b"\0"),
        b"\0\x18\xff\xff",
        extensions,
    )


def sound(kind: bytes = b"sowt", extensions: bytes = b"", version: int = 0) -> bytes:
    """Return a description of sound: two channels of 16 bits."""
    more = (b"", words(1, 2, 4, 2), words(72, 0, 0, 2, 0x7F000000, 16, 12, 4, 1))[version]
    head = struct.pack(">HH4sHHHHI", version, 3, b"ABCD", 2, 16, 0, 7, 16000 << 16)
    return box(kind, bytes(6) + b"\0\1", head, more, extensions)


@dataclass(frozen=True, kw_only=True)
class Track:
    """A track to be built; `tables` replaces or adds to what it would be given."""

    handler: bytes = b"vide"
    entry: bytes = b""
    chunks: tuple[tuple[bytes, ...], ...] = ()
    version: int = 0
    extra: bytes = b""
    tables: tuple[tuple[bytes, bytes], ...] = ()
    reference: bytes = full(b"url ", flags=1)

    def built(self, offsets: list[int], *, wide: bool) -> bytes:
        return box(
            b"trak",
            self._header(),
            box(b"tref", box(b"tmcd", words(3))),
            box(b"edts", full(b"elst", words(1, 3000, 0, 0x10000))),
            box(b"mdia", self._media_header(), _handler(self.handler), self._inner(offsets, wide)),
            self.extra,
        )

    def _header(self) -> bytes:
        dates = DATE if not self.version else b"\0\0\0\0" + DATE[:4] + b"\0\0\0\0" + DATE[4:]
        length = words(3000) if not self.version else words(0, 3000)
        return full(
            b"tkhd",
            dates + words(77, 0) + length + bytes(8) + struct.pack(">hhhh", 0, 0, 256, 0),
            TURNED + words(40 << 16, 30 << 16),
            version=self.version,
            flags=15,
        )

    def _media_header(self) -> bytes:
        dates = DATE if not self.version else b"\0\0\0\0" + DATE[:4] + b"\0\0\0\0" + DATE[4:]
        length = words(3000) if not self.version else words(0, 3000)
        fields = dates + words(1000) + length + b"\x15\xc7\0\7"
        return full(b"mdhd", fields, version=self.version)

    def _inner(self, offsets: list[int], wide: bool) -> bytes:
        tables = {**_tables(self, offsets, wide=wide), **dict(self.tables)}
        table = box(b"stbl", *(content for content in tables.values()))
        media = full(b"vmhd", b"\0\x40" + b"\x80\0" * 3, flags=1)
        media = media if self.handler == b"vide" else full(b"smhd", b"\0\7\0\0")
        data = full(b"hdlr", b"dhlralisappl", bytes(8), CANARY)
        references = box(b"dinf", full(b"dref", words(1), self.reference))
        return box(b"minf", media, data, references, table)


def _handler(handler: bytes) -> bytes:
    return full(b"hdlr", b"mhlr", handler, b"appl", bytes(8), bytes((len(CANARY),)), CANARY)


def _tables(track: Track, offsets: list[int], *, wide: bool) -> dict[bytes, bytes]:
    samples = [sample for chunk in track.chunks for sample in chunk]
    runs = b"".join(words(n, len(chunk), 1) for n, chunk in enumerate(track.chunks, 1))
    places = struct.pack(f">{len(offsets)}{'Q' if wide else 'I'}", *offsets)
    return {
        b"stsd": full(b"stsd", words(1), track.entry),
        b"stts": full(b"stts", words(1, len(samples), 100)),
        b"stss": full(b"stss", words(1, 1)),
        b"sdtp": full(b"sdtp", bytes(len(samples))),
        b"stsc": full(b"stsc", words(len(track.chunks)), runs),
        b"stsz": full(b"stsz", words(0, len(samples), *map(len, samples))),
        b"stco": full(b"co64" if wide else b"stco", words(len(offsets)), places),
    }


PICTURES = Track(
    entry=picture(),
    chunks=((b"first picture", b"second one"), (b"third",), (b"fourth picture",)),
    extra=box(b"udta", box(b"name", CANARY)) + box(b"meta", CANARY),
)
SOUND = Track(
    handler=b"soun",
    entry=sound(),
    chunks=((b"aaaabbbb", b"cccc"), (b"dddd", b"eeee"), (b"ffffgggg",)),
)
TIMED = Track(
    handler=b"meta",
    entry=box(b"mebx", bytes(6) + b"\0\1", box(b"keys", CANARY)),
    chunks=((b"where: " + CANARY,), (b"where again",)),
)
CODE = Track(
    handler=b"tmcd", entry=box(b"tmcd", bytes(6) + b"\0\1"), chunks=((b"\0\x0e\x71\x80" + CANARY,),)
)
TRACKS = (PICTURES, SOUND, TIMED, CODE)


def keys(*pairs: tuple[bytes, bytes]) -> bytes:
    """Return QuickTime's `meta` with keys and values."""
    names = b"".join(box(b"mdta", key) for key, _ in pairs)
    items = b"".join(
        box(words(number), box(b"data", words(1, 0), value))
        for number, (_, value) in enumerate(pairs, 1)
    )
    handler = full(b"hdlr", bytes(4), b"mdta", bytes(12), CANARY)
    return box(b"meta", handler, full(b"keys", words(len(pairs)), names), box(b"ilst", items))


def text(kind: bytes, value: bytes) -> bytes:
    """Return QuickTime's user data of one text."""
    return box(kind, struct.pack(">HH", len(value), 0x15C7), value)


PACKET = b"<a xmlns='b'>" + CANARY + b"</a>"
EMPTY_PACKET = b"<a/>"
APPLE = b"com.apple.quicktime."
LABELS = keys(
    (APPLE + b"make", b"Muster"),
    (APPLE + b"model", b"Tafel 3"),
    (APPLE + b"software", b"1.0"),
    (APPLE + b"creationdate", b"2026-05-04T10:11:12+0200"),
    (APPLE + b"location.ISO6709", b"+48.0000+002.0000/"),
    (APPLE + b"content.identifier", CANARY),
)
USER_DATA = box(
    b"udta",
    text(b"\xa9xyz", b"+48.0000+002.0000/"),
    text(b"\xa9mak", b"Other"),
    box(b"FIRM", CANARY),
    box(b"XMP_", PACKET),
    bytes(4),
)
XMP = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac"), EMPTY_PACKET)


def recording(
    *tracks: Track,
    brand: bytes | None = QUICKTIME,
    inside: bytes = LABELS + USER_DATA + box(b"free", CANARY),
    behind: bytes = XMP + box(b"free", CANARY) + box(b"SECR", CANARY),
    slack: bytes = b"slack",
    wide: bool = False,
    header_first: bool = False,
    moved: int = 0,
) -> bytes:
    """Return a recording whose chunks take turns, with slack between them; `moved` shifts them."""
    tracks = tracks or TRACKS
    first = b"" if brand is None else box(b"ftyp", brand)
    header_size = len(_header(tracks, [[0] * len(t.chunks) for t in tracks], inside, wide=wide))
    start = len(first) + (header_size if header_first else 0) + (16 if wide else 8) + moved
    media, offsets = b"", [[] for _ in tracks]
    for turn in zip_longest(*(t.chunks for t in tracks)):
        for number, chunk in enumerate(turn):
            if chunk is not None:
                offsets[number].append(start + len(media))
                media += b"".join(chunk) + slack
    header = _header(tracks, offsets, inside, wide=wide)
    store = box(b"mdat", media)
    if wide:
        store = words(1) + b"mdat" + struct.pack(">Q", len(media) + 16) + media
    return first + (header + store if header_first else store + header) + behind


def _header(
    tracks: tuple[Track, ...], offsets: list[list[int]], inside: bytes, *, wide: bool
) -> bytes:
    head = words(1000, 3000, 0x10000) + b"\1\0" + bytes(10) + TURNED + words(*range(6), 9)
    traks = (t.built(o, wide=wide) for t, o in zip(tracks, offsets, strict=True))
    return box(b"moov", full(b"mvhd", DATE, head), *traks, inside)


def boxes(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return the boxes that fill the data."""
    found, at = [], 0
    while at < len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        header = 8
        if size == 1:
            header, (size,) = 16, struct.unpack_from(">Q", data, at + 8)
        found.append((kind, data[at + header : at + size]))
        at += size or len(data)
    return found


def inner(data: bytes, *path: bytes) -> bytes:
    """Return the content of the first box on a path."""
    for kind in path:
        data = dict(reversed(boxes(data)))[kind]
    return data


def tracks_of(data: bytes) -> list[bytes]:
    """Return the content of the tracks."""
    return [content for kind, content in boxes(inner(data, b"moov")) if kind == b"trak"]


def handler_of(track: bytes) -> bytes:
    return inner(track, b"mdia", b"hdlr")[8:12]


def samples_of(data: bytes, track: bytes) -> list[bytes]:
    """Return the bytes of each sample of a track, read by its tables."""
    tables = dict(boxes(inner(track, b"mdia", b"minf", b"stbl")))
    uniform, count = struct.unpack_from(">II", tables[b"stsz"], 4)
    sizes = [uniform] * count if uniform else struct.unpack_from(f">{count}I", tables[b"stsz"], 12)
    wide = b"co64" in tables
    (chunks,) = struct.unpack_from(">I", tables[b"co64" if wide else b"stco"], 4)
    form = f">{chunks}{'Q' if wide else 'I'}"
    places = struct.unpack_from(form, tables[b"co64" if wide else b"stco"], 8)
    runs = list(struct.iter_unpack(">III", tables[b"stsc"][8:]))
    found: list[bytes] = []
    for number, start in enumerate(places, 1):
        per_chunk = [each for first, each, _ in runs if first <= number][-1]
        place = start
        for _ in range(per_chunk):
            size = sizes[len(found)]
            found.append(data[place : place + size])
            place += size
    return found


def kept_samples(data: bytes) -> list[tuple[bytes, list[bytes]]]:
    """Return (handler, samples) of each track of pictures or sound that has samples."""
    return [
        (handler_of(track), samples_of(data, track))
        for track in tracks_of(data)
        if handler_of(track) in (b"vide", b"soun")
    ]
