# SPDX-License-Identifier: Apache-2.0
"""Find people whom someone has named in a file's metadata. Runs in the child only.

Reads MWG and Microsoft face regions, PersonInImage, and keywords in their many homes (XMP, IPTC,
Windows). Nobody is recognised: a tag is a word that a person or a program wrote before. XML is
parsed with entities refused (defusedxml), always by namespace.
"""

from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from agent.media.errors import Malformed
from agent.media.facts import MAX_PEOPLE, PersonTag, TagKind, cleaned_text

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_MWG: Final = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_AREA: Final = "{http://ns.adobe.com/xmp/sType/Area#}"
_AREA_OLD: Final = "{http://ns.adobe.com/xap/1.0/sType/Area#}"
_MP_REGION: Final = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_MP_INFO: Final = "{http://ns.microsoft.com/photo/1.2/t/RegionInfo#}"
_PERSON_IN_IMAGE: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}PersonInImage"
_KEYWORDS: Final = (
    "{http://purl.org/dc/elements/1.1/}subject",
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject",
    "{http://www.digikam.org/ns/1.0/}TagsList",
    "{http://ns.microsoft.com/photo/1.0/}LastKeywordXMP",
    "{http://ns.microsoft.com/photo/1.0}LastKeywordXMP",
)
_HIERARCHY_MARKS: Final = ("|", "/")
_NOBODY: Final = frozenset({"pet", "focus", "barcode"})
_IIM_KEYWORD: Final = (2, 25)
_IIM_CHARACTER_SET: Final = (1, 90)
_UTF8_ESCAPE: Final = b"\x1b%G"


def people_in_xmp(untrusted_packet: bytes) -> list[PersonTag]:
    """Return the people named in one XMP packet.

    Raises:
        Malformed: it is not well-formed XML, or tries to define entities.
    """
    start, end = untrusted_packet.find(b"<"), untrusted_packet.rfind(b">")
    try:
        root = fromstring(untrusted_packet[start : end + 1], forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed("XMP that cannot be parsed") from error
    return [*_mwg_regions(root), *_microsoft_regions(root), *_named(root), *_keywords(root)]


def people_in_iptc(untrusted_records: bytes) -> list[PersonTag]:
    """Return the keywords of IPTC-IIM records (IIM 4.2, section 1.5)."""
    utf8, words, at = False, [], 0
    while untrusted_records[at : at + 1] == b"\x1c" and len(untrusted_records) >= at + 5:
        key = (untrusted_records[at + 1], untrusted_records[at + 2])
        length = int.from_bytes(untrusted_records[at + 3 : at + 5], "big")
        value = untrusted_records[at + 5 : at + 5 + length]
        utf8 = utf8 or (key == _IIM_CHARACTER_SET and value == _UTF8_ESCAPE)
        if key == _IIM_KEYWORD:
            words.append(value)
        at += 5 + length
    return list(_as_keywords(_decoded(word, utf8=utf8) for word in words))


def people_in_xp_keywords(untrusted_value: bytes) -> list[PersonTag]:
    """Return the keywords of Windows' XPKeywords (Exif tag 0x9C9E, UTF-16LE, semicolons)."""
    return list(_as_keywords(untrusted_value.decode("utf-16-le", "replace").split(";")))


def merged(tags: Iterable[PersonTag]) -> tuple[PersonTag, ...]:
    """Return tags with repetitions of one name in one place left out."""
    return tuple(dict.fromkeys(tags))[: MAX_PEOPLE + 1]


def _decoded(word: bytes, *, utf8: bool) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return word.decode("utf-8" if utf8 else "cp1252", "replace")


def _mwg_regions(root: Element) -> Iterator[PersonTag]:
    """Yield face regions (MWG guidelines 2.0 section 5.9); `x`, `y` are the area's centre."""
    for regions in root.iter(f"{_MWG}RegionList"):
        for item in regions.iter(f"{_RDF}li"):
            values = dict(_fields(item))
            kind = values.get(f"{_MWG}Type", "Face")
            if kind.lower() in _NOBODY or not any(key.startswith(_MWG) for key in values):
                continue
            yield PersonTag(
                kind=TagKind.REGION,
                name=cleaned_text(values.get(f"{_MWG}Name", "")),
                box=_centred_box(values),
            )


def _microsoft_regions(root: Element) -> Iterator[PersonTag]:
    """Yield people tags of Windows Live and Microsoft Photos; `Rectangle` starts top left."""
    for regions in root.iter(f"{_MP_INFO}Regions"):
        for item in regions.iter(f"{_RDF}li"):
            values = dict(_fields(item))
            name = values.get(f"{_MP_REGION}PersonDisplayName", "")
            yield PersonTag(
                kind=TagKind.REGION,
                name=cleaned_text(name),
                box=_box(values.get(f"{_MP_REGION}Rectangle", "").split(",")),
            )


def _named(root: Element) -> Iterator[PersonTag]:
    for word in _texts(root, _PERSON_IN_IMAGE):
        name = cleaned_text(word)
        if name:
            yield PersonTag(kind=TagKind.PERSON_IN_IMAGE, name=name)


def _keywords(root: Element) -> Iterator[PersonTag]:
    for tag in _KEYWORDS:
        yield from _as_keywords(_texts(root, tag))


def _as_keywords(words: Iterable[str]) -> Iterator[PersonTag]:
    """Yield each word, and the leaf of a hierarchy such as `People|Name`."""
    for word in words:
        leaf = word
        for mark in _HIERARCHY_MARKS:
            leaf = leaf.rpartition(mark)[2]
        for text in dict.fromkeys((word, leaf)):
            name = cleaned_text(text)
            if name:
                yield PersonTag(kind=TagKind.KEYWORD, name=name)


def _texts(root: Element, tag: str) -> Iterator[str]:
    """Yield the values of a property: as attribute, as text, or as items of a bag."""
    for element in root.iter():
        if tag in element.attrib:
            yield element.attrib[tag]
        if element.tag == tag:
            items = [item.text or "" for item in element.iter(f"{_RDF}li")]
            yield from items or [element.text or ""]


def _fields(item: Element) -> Iterator[tuple[str, str]]:
    """Yield a structure's fields, whichever of the RDF spellings it uses; nested areas too."""
    for element in item.iter():
        yield from element.attrib.items()
        if element is not item and element.text and element.text.strip():
            yield element.tag, element.text.strip()


def _centred_box(values: dict[str, str]) -> tuple[float, float, float, float] | None:
    for area in (_AREA, _AREA_OLD):
        box = _box([values.get(area + key, "") for key in "xywh"])
        if box is not None:
            x, y, width, height = box
            return x - width / 2, y - height / 2, width, height
    return None


def _box(parts: list[str]) -> tuple[float, float, float, float] | None:
    try:
        left, top, width, height = map(float, parts)
    except ValueError:
        return None
    sound = all(-2 <= value <= 2 for value in (left, top, width, height))
    return (left, top, width, height) if sound else None
