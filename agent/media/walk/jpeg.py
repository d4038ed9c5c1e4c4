# SPDX-License-Identifier: Apache-2.0
"""Walk a JPEG and keep what draws the picture (ITU-T T.81 annex B), nothing else.

Kept: start, frame, Huffman and arithmetic tables, quantisation tables, restart interval, number of
lines, scans with their entropy-coded data, end; a JFIF header rebuilt to its 14 bytes; the first
12 bytes of Adobe's APP14, which say how CMYK and RGB files are to be read. Every other segment,
every stray byte between segments and everything after the end is dropped.
"""

import re
import struct
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from agent.media.errors import Malformed, TooBig, Unsupported
from agent.media.icc import canonical_profile
from agent.media.limits import MAX_METADATA_BYTES, MAX_PARTS, MAX_STILL_BYTES, check_pixels
from agent.media.model import Metadata, Walked
from agent.media.orientation import orientation_of
from agent.media.recipe import Extent, Piece, Recipe, checked

_SOI, _EOI, _SOS, _DHT, _DQT, _DNL, _DRI, _DAC = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0xDC, 0xDD, 0xCC
_APP0, _APP1, _APP2, _APP11, _APP13, _APP14, _APP15 = 0xE0, 0xE1, 0xE2, 0xEB, 0xED, 0xEE, 0xEF
_COM: Final = 0xFE
FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Frame headers that are kept: baseline, extended, progressive; the last two arithmetic."""
REFUSED_FRAMES: Final = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xC8, 0xCB, 0xCD, 0xCE, 0xCF})
TABLES: Final = frozenset({_DHT, _DAC, _DQT, _DRI, _DNL})
"""Segments that are kept byte for byte."""

_STANDALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_JFIF: Final = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_ADOBE_BYTES: Final = 12
_EXIF: Final = b"Exif\x00"
_XMP: Final = b"http://ns.adobe.com/xap/1.0/\x00"
_EXTENDED_XMP: Final = b"http://ns.adobe.com/xmp/extension/\x00"
_EXTENDED_HEADER: Final = 40
_HAS_EXTENDED: Final = re.compile(rb"HasExtendedXMP[\s='\">]{1,40}([0-9A-Fa-f]{32})")
_ICC: Final = b"ICC_PROFILE\x00"
_ICC_PART: Final = 65_519
_MAX_ICC_PARTS: Final = 255
_PHOTOSHOP: Final = b"Photoshop 3.0\x00"
_CLAIMS_ROOM: Final = 512 << 10
"""Bytes after which no more of a C2PA manifest (APP11) is kept: its actions stand early in it."""
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")


@dataclass(slots=True)
class _Found:
    """What the walk gathers: pieces that stay, kinds that go, metadata for the child."""

    pieces: list[Piece] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    size: tuple[int, int] | None = None
    scans: int = 0
    jfif: bool = False
    adobe: bool = False
    exif: bytes | None = None
    xmp: list[bytes] = field(default_factory=list)
    extended: dict[bytes, dict[int, bytes]] = field(default_factory=dict)
    icc: dict[int, bytes] = field(default_factory=dict)
    irb: bytes = b""
    claims: bytearray = field(default_factory=bytearray)


def walk(source: BinaryIO) -> Walked:
    """Return the recipe of a clean JPEG.

    Raises:
        Malformed: no frame, no scan, no end, or a segment that reaches outside the file.
        Unsupported: a lossless or hierarchical JPEG.
        TooBig: more pixels, bytes or segments than the limits.
    """
    source.seek(0)
    data = source.read(MAX_STILL_BYTES + 1)
    if len(data) > MAX_STILL_BYTES:
        raise TooBig("a still picture of more bytes than the limit")
    if data[:2] != b"\xff\xd8":
        raise Malformed("no start of image")
    found = _Found()
    end = _segments(data, found)
    if found.size is None or not found.scans:
        raise Malformed("no frame or no scan before the end of the image")
    if end < len(data):
        found.dropped.append("after the end")
    return _walked(found, len(data))


def _segments(data: bytes, found: _Found) -> int:
    """Go from marker to marker; return the position after the end of the image."""
    position = 2
    for _ in range(MAX_PARTS):
        marker, after = _next_marker(data, position, found)
        if marker == _EOI:
            return after
        if marker in _STANDALONE:
            raise Malformed("a restart marker outside a scan")
        length = _length(data, after)
        start, position = after - 2, after + length
        if marker == _SOS:
            position = _scan_end(data, position)
            found.scans += 1
            found.pieces.append(Extent(start, position - start))
        else:
            _segment(marker, start, data[after + 2 : position], found)
    raise TooBig("more segments than the limit")


def _next_marker(data: bytes, position: int, found: _Found) -> tuple[int, int]:
    """Find the next marker; fill bytes and stray bytes before it are dropped."""
    at = data.find(b"\xff", position)
    while 0 <= at < len(data) - 1 and data[at + 1] in (0x00, 0xFF):
        at = data.find(b"\xff", at + 1)
    if not 0 <= at < len(data) - 1:
        raise Malformed("no end of image")
    if at > position:
        found.dropped.append("stray bytes")
    return data[at + 1], at + 2


def _length(data: bytes, position: int) -> int:
    length = int.from_bytes(data[position : position + 2], "big")
    if length < 2 or position + length > len(data):
        raise Malformed("a segment reaches outside the file")
    return length


def _scan_end(data: bytes, position: int) -> int:
    """Return where the entropy-coded data of a scan ends: at the next real marker."""
    match = _MARKER.search(data, position)
    if match is None:
        raise Malformed("a scan without an end")
    end = match.start()
    while end > position and data[end - 1] == 0xFF:  # fill bytes before the marker
        end -= 1
    return end


def _segment(marker: int, start: int, content: bytes, found: _Found) -> None:
    """Keep, rebuild or drop one segment."""
    if marker in REFUSED_FRAMES:
        raise Unsupported("a lossless or hierarchical JPEG")
    if marker in FRAMES:
        _frame(content, found)
    if marker in FRAMES or marker in TABLES:
        found.pieces.append(Extent(start, len(content) + 4))
    elif marker == _APP0 and content[:5] == b"JFIF\x00":
        found.jfif = True
        if len(content) > 14:
            found.dropped.append("JFIF thumbnail")
    elif marker == _APP14 and content[:5] == b"Adobe" and len(content) >= _ADOBE_BYTES:
        if not found.adobe:
            found.pieces.append(b"\xff\xee\x00\x0e" + content[:_ADOBE_BYTES])
        found.adobe = True
    else:
        _drop(marker, content, found)


def _frame(content: bytes, found: _Found) -> None:
    if found.size is not None or len(content) < 6:
        raise Malformed("a second or a cut frame header")
    height, width = struct.unpack_from(">HH", content, 1)
    check_pixels(width, height)
    found.size = (width, height)


def _drop(marker: int, content: bytes, found: _Found) -> None:
    """Note what kind of segment goes, and keep metadata apart for the child."""
    name = {_COM: "COM"}.get(marker, "unknown")
    if _APP0 <= marker <= _APP15:
        name = f"APP{marker - _APP0}"
    if marker == _APP1:
        name = _keep_app1(content, found) or name
    elif marker == _APP2 and content.startswith(_ICC) and len(content) > len(_ICC) + 2:
        found.icc[content[len(_ICC)]] = content[len(_ICC) + 2 :]
        name = "APP2 ICC"
    elif marker == _APP13 and content.startswith(_PHOTOSHOP):
        found.irb += content[len(_PHOTOSHOP) :]
        name = "APP13 Photoshop"
    elif marker == _APP11 and len(found.claims) < _CLAIMS_ROOM:
        found.claims += content
    found.dropped.append(name)


def _keep_app1(content: bytes, found: _Found) -> str | None:
    """Keep Exif and XMP apart; return which it was."""
    if content.startswith(_EXIF):
        found.exif = found.exif or content[len(_EXIF) + 1 :]
        return "APP1 Exif"
    if content.startswith(_XMP):
        found.xmp.append(content[len(_XMP) :])
        return "APP1 XMP"
    if content.startswith(_EXTENDED_XMP):
        part = content[len(_EXTENDED_XMP) :]
        parts = found.extended.setdefault(part[: _EXTENDED_HEADER - 4], {})
        parts[int.from_bytes(part[_EXTENDED_HEADER - 4 : _EXTENDED_HEADER], "big")] = part[
            _EXTENDED_HEADER:
        ]
        return "APP1 Extended XMP"
    return None


def _walked(found: _Found, source_size: int) -> Walked:
    """Put the clean file together from what was found."""
    head: list[Piece] = [b"\xff\xd8"]
    if found.jfif:
        head.append(_JFIF)
    profile = canonical_profile(b"".join(found.icc[i] for i in sorted(found.icc)))
    head.extend(_profile_segments(profile))
    width, height = found.size or (0, 0)
    recipe = Recipe(
        pieces=(*head, *_merged(found.pieces), b"\xff\xd9"),
        dropped=tuple(dict.fromkeys(found.dropped)),
    )
    return Walked(
        recipe=checked(recipe, source_size),
        metadata=_metadata(found),
        width=width,
        height=height,
        orientation=orientation_of(found.exif),
    )


def _profile_segments(profile: bytes) -> list[bytes]:
    """Return a profile as numbered APP2 segments (ICC.1:2022 annex B.4)."""
    parts = [profile[at : at + _ICC_PART] for at in range(0, len(profile), _ICC_PART)]
    if len(parts) > _MAX_ICC_PARTS:
        raise TooBig("a colour profile of more parts than can be numbered")
    return [
        b"\xff\xe2" + struct.pack(">H", len(part) + 16) + _ICC + bytes((i, len(parts))) + part
        for i, part in enumerate(parts, 1)
    ]


def _metadata(found: _Found) -> Metadata:
    extended = [_joined(head, parts) for head, parts in sorted(found.extended.items())]
    packets = [packet for packet in (*found.xmp, *extended) if packet]
    fits = len(found.irb) <= MAX_METADATA_BYTES and not _lacks_an_extension(found, extended)
    return Metadata(
        unread=not fits or any(len(packet) > MAX_METADATA_BYTES for packet in packets),
        untrusted_exif=found.exif,
        untrusted_xmp=tuple(p for p in packets if len(p) <= MAX_METADATA_BYTES),
        untrusted_iptc=iptc_of(found.irb) if fits else None,
        untrusted_claims=bytes(found.claims[:_CLAIMS_ROOM]),
    )


def _joined(head: bytes, parts: dict[int, bytes]) -> bytes:
    """Return an Extended XMP (XMP part 3, 1.1.3.1) whose parts are all there; else nothing.

    Its head is the digest that the main packet names it by, and its length.
    """
    whole = bytearray()
    for offset in sorted(parts):
        if offset != len(whole):
            return b""
        whole += parts[offset]
    return bytes(whole) if len(whole) == int.from_bytes(head[32:36], "big") else b""


def _lacks_an_extension(found: _Found, extended: list[bytes]) -> bool:
    """Tell whether a part of an Extended XMP is missing: people may be named in it."""
    named = {digest for packet in found.xmp for digest in _HAS_EXTENDED.findall(packet)}
    there = {head[:32] for head in found.extended}
    return not all(extended) or not named <= there


def iptc_of(untrusted_irb: bytes) -> bytes | None:
    """Return the IPTC-IIM records in Photoshop image resources (resource 0x0404), or None."""
    position = 0
    while untrusted_irb[position : position + 4] == b"8BIM":
        resource = int.from_bytes(untrusted_irb[position + 4 : position + 6], "big")
        name_bytes = untrusted_irb[position + 6 : position + 7]
        position += 6 + (name_bytes[0] + 2 if name_bytes else 2) // 2 * 2
        size = int.from_bytes(untrusted_irb[position : position + 4], "big")
        content = untrusted_irb[position + 4 : position + 4 + size]
        if resource == 0x0404:
            return content
        position += 4 + (size + 1) // 2 * 2
    return None


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Join extents that touch, so that the clean file is read in few steps."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else b""
        if (
            isinstance(piece, Extent)
            and isinstance(last, Extent)
            and last.offset + last.length == piece.offset
        ):
            merged[-1] = Extent(last.offset, last.length + piece.length)
        else:
            merged.append(piece)
    return merged
