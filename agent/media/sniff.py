# SPDX-License-Identifier: Apache-2.0
"""What kind of file this is, by its first bytes alone; names and extensions prove nothing.

Rule: a kind is named only when its signature is unmistakable. RAW files dressed as TIFF are told
from TIFF by their maker's marks, because a TIFF is cleaned and a RAW is only sealed.
"""

import re
from typing import Final

from agent.media.model import Kind

HEAD_BYTES: Final = 4096
"""How many bytes of the beginning are enough."""

_SIGNATURES: Final = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"\x1aE\xdf\xa3", Kind.MATROSKA),
    (b"FUJIFILMCCD-RAW", Kind.RAW),
    (b"IIRO", Kind.RAW),
    (b"IIRS", Kind.RAW),
    (b"IIU\x00", Kind.RAW),
    (b"MMOR", Kind.RAW),
    (b"FOVb", Kind.RAW),
    (b"\x00MRM", Kind.RAW),
)
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"mif2"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_OLD_QUICKTIME: Final = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_RAW_MAKERS: Final = re.compile(
    rb"NIKON|SONY|PENTAX|SAMSUNG|Hasselblad|Phase One|Leaf|KODAK|EPSON|Mamiya|RICOH|Leica",
    re.IGNORECASE,
)
_TRANSPORT_PACKET: Final = 188
_BITMAP_HEADERS: Final = frozenset({40, 52, 56, 108, 124})
"""Lengths of the headers since Windows 3; older ones are not cleaned."""


def sniff(head: bytes) -> Kind:
    """Return the kind of a file that begins with `head` (up to HEAD_BYTES)."""
    signed = next((kind for start, kind in _SIGNATURES if head.startswith(start)), None)
    if signed is not None:
        return signed
    return _by_structure(head)


def _by_structure(head: bytes) -> Kind:
    """Tell the kinds that share a container with others."""
    if head[:4] in (b"II*\x00", b"MM\x00*"):
        return _tiff_or_raw(head)
    if head[4:8] == b"ftyp":
        return _by_brand(head)
    if head[:4] == b"RIFF":
        return {b"WEBP": Kind.WEBP, b"AVI ": Kind.AVI}.get(head[8:12], Kind.UNKNOWN)
    return Kind.QUICKTIME if head[4:8] in _OLD_QUICKTIME else _by_looks(head)


def _tiff_or_raw(head: bytes) -> Kind:
    """Tell a TIFF from the RAW formats built on it (CR2, NEF, ARW, DNG, PEF ...)."""
    dng_version = b"\x12\xc6" if head[:2] == b"II" else b"\xc6\x12"
    if head[8:10] == b"CR" or dng_version in head or _RAW_MAKERS.search(head):
        return Kind.RAW
    return Kind.TIFF


def _by_brand(head: bytes) -> Kind:
    """Tell the ISO base media files by their brands (ISO/IEC 14496-12 section 4.3)."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    brands = {major, *(head[i : i + 4] for i in range(16, length - 3, 4))}
    if major == b"crx ":
        return Kind.RAW
    if brands & _AVIF_BRANDS:
        return Kind.AVIF
    if brands & _HEIF_BRANDS:
        return Kind.HEIF
    if major == b"qt  ":
        return Kind.QUICKTIME
    return Kind.THREEGP if major[:2] == b"3g" else Kind.MP4


def _by_looks(head: bytes) -> Kind:
    """Tell the kinds that have no signature at the very start."""
    if _is_bitmap(head):
        return Kind.BMP
    if _is_transport_stream(head):
        return Kind.TRANSPORT_STREAM
    if b"<x:xmpmeta" in head or head.startswith(b"<?xpacket"):
        return Kind.XMP
    if b"<!DOCTYPE plist" in head and b"adjustment" in head:
        return Kind.ADJUSTMENT
    return Kind.UNKNOWN


def _is_bitmap(head: bytes) -> bool:
    """Tell a BMP by its mark and one of its headers; the size that it states may be wrong."""
    return (
        head[:2] == b"BM"
        and int.from_bytes(head[14:18], "little") in _BITMAP_HEADERS
        and int.from_bytes(head[26:28], "little") == 1
    )


def _is_transport_stream(head: bytes) -> bool:
    """Look for the sync byte of three packets, with or without the 4-byte prefix of AVCHD."""
    for start, step in ((0, _TRANSPORT_PACKET), (4, _TRANSPORT_PACKET + 4)):
        marks = head[start : start + 3 * step : step]
        if marks == b"GGG":
            return True
    return False
