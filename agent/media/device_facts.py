# SPDX-License-Identifier: Apache-2.0
"""Read the device facts from metadata, with exifread. Runs in the child only.

Serial numbers of the body come from BodySerialNumber (Exif 2.31 tag 0xA431), from maker notes that
exifread decodes (Canon, Nikon, Fujifilm, Olympus, Panasonic), and from XMP `aux:SerialNumber`.
A lens has a serial too; it proves nothing about the camera and is not read.
"""

import io
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import exifread

from agent.media.edit_marks import says_it_was_edited, tools_in
from agent.media.exif_blocks import blocks_in
from agent.media.facts import MediaFacts, PersonTag, Shape, cleaned_text
from agent.media.model import Metadata
from agent.media.person_tags import (
    merged,
    normal_root,
    people_in_iptc,
    people_in_xmp,
    people_in_xp_keywords,
)

_BODY_SERIALS: Final = (
    "EXIF BodySerialNumber",
    "MakerNote SerialNumber",
    "MakerNote InternalSerialNumber",
    "MakerNote CameraSerialNumber",
    "Image CameraSerialNumber",
)
_PROCESSING_SOFTWARE: Final = "Image Tag 0x000B"
"""The library has no name for it."""
_XMP_SERIAL: Final = re.compile(
    rb"aux:SerialNumber(?:\s*=\s*[\"']([^\"'<>]{1,64})[\"']|>([^<>]{1,64})<)"
)
_XMP_MODEL: Final = re.compile(rb"tiff:Model(?:\s*=\s*[\"']([^\"'<>]{1,64})[\"']|>([^<>]{1,64})<)")
_XMP_MAKE: Final = re.compile(rb"tiff:Make(?:\s*=\s*[\"']([^\"'<>]{1,64})[\"']|>([^<>]{1,64})<)")
_EXIF_TIME: Final = re.compile(r"(\d{4})[:\-](\d\d)[:\-](\d\d)[ T](\d\d:\d\d:\d\d)")
_XMP_TAG, _XP_KEYWORDS = 0x02BC, 0x9C9E
_NOT_A_SERIAL: Final = re.compile(r"[0\s]*")

Tags = Mapping[str, Any]


def read_facts(
    metadata: Metadata, shape: Shape | None = None, roots: frozenset[str] = frozenset()
) -> MediaFacts:
    """Return what the metadata says of the device and of people.

    `roots` are the keyword roots of the school's policy, below which keywords name people.

    Raises:
        Malformed: XMP that cannot be parsed: people may be named in it, so nothing is known.
    """
    tags = _exif_tags(metadata.untrusted_exif)
    labels = {key.lower(): value for key, value in metadata.untrusted_labels}
    xmp = b"\n".join(metadata.untrusted_xmp)
    return MediaFacts(
        make=_first(_tag(tags, "Image Make"), _label(labels, "make"), _match(_XMP_MAKE, xmp)),
        model=_first(_tag(tags, "Image Model"), _label(labels, "model"), _match(_XMP_MODEL, xmp)),
        serials=_serials(tags, xmp),
        software=_first(_tag(tags, "Image Software"), _label(labels, "software")),
        tools=tools_in(xmp, _tag(tags, _PROCESSING_SOFTWARE)),
        edited=says_it_was_edited(xmp, metadata.untrusted_claims),
        screen="screenshot" in (_tag(tags, "EXIF UserComment") or "").lower(),
        captured_at=_captured_at(tags) or _label(labels, "creationdate"),
        has_gps=any(name.startswith("GPS ") for name in tags) or _has_place(labels),
        people=merged(_people(metadata, shape, frozenset(map(normal_root, roots)))),
    )


def _exif_tags(untrusted_exif: bytes | None) -> Tags:
    """Return exifread's tags; a broken block gives none, as if the camera had said nothing."""
    if not untrusted_exif:
        return {}
    try:
        found: Tags = exifread.process_file(
            io.BytesIO(untrusted_exif), details=True, extract_thumbnail=False
        )
    except Exception:  # noqa: BLE001 - exifread raises anything on hostile bytes
        return {}
    return found


def _tag(tags: Tags, name: str) -> str | None:
    return cleaned_text(str(tags[name])) if name in tags else None


def _label(labels: Mapping[str, bytes], word: str) -> str | None:
    """Return a QuickTime-style value whose key ends with a word."""
    for key, value in labels.items():
        if key.rpartition(".")[2].strip("\N{COPYRIGHT SIGN}") in (word, word[:3]):
            return cleaned_text(value.decode("utf-8", "replace"))
    return None


def _has_place(labels: Mapping[str, bytes]) -> bool:
    return any("location" in key or "xyz" in key for key in labels)


def _match(pattern: re.Pattern[bytes], xmp: bytes) -> str | None:
    found = pattern.search(xmp)
    return cleaned_text((found[1] or found[2]).decode("utf-8", "replace")) if found else None


def _first(*values: str | None) -> str | None:
    return next(filter(None, values), None)


def _serials(tags: Tags, xmp: bytes) -> tuple[str, ...]:
    """Return the serials of the body, each once; blanks and zeros are what cameras without say."""
    said = [_tag(tags, name) for name in _BODY_SERIALS] + [_match(_XMP_SERIAL, xmp)]
    real = (serial for serial in said if serial and not _NOT_A_SERIAL.fullmatch(serial))
    return tuple(dict.fromkeys(real))


def _captured_at(tags: Tags) -> str | None:
    """Return the capture time in ISO 8601, with the offset where the camera gave one."""
    match = _EXIF_TIME.match(_tag(tags, "EXIF DateTimeOriginal") or "")
    if match is None:
        return None
    offset = _tag(tags, "EXIF OffsetTimeOriginal") or ""
    known = re.fullmatch(r"[+-]\d\d:\d\d", offset)
    return f"{match[1]}-{match[2]}-{match[3]}T{match[4]}{offset if known else ''}"


def _people(metadata: Metadata, shape: Shape | None, roots: frozenset[str]) -> Iterable[PersonTag]:
    for packet in metadata.untrusted_xmp:
        yield from people_in_xmp(packet, roots, shape)
    if metadata.untrusted_iptc:
        yield from people_in_iptc(metadata.untrusted_iptc, roots)
    blocks = blocks_in(metadata.untrusted_exif or b"", (_XMP_TAG, _XP_KEYWORDS))
    if _XMP_TAG in blocks and blocks[_XMP_TAG] not in metadata.untrusted_xmp:
        yield from people_in_xmp(blocks[_XMP_TAG], roots, shape)
    if _XP_KEYWORDS in blocks:
        yield from people_in_xp_keywords(blocks[_XP_KEYWORDS], roots)
