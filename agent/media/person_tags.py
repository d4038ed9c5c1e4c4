# SPDX-License-Identifier: Apache-2.0
"""Find people whom someone has named in a file's metadata. Runs in the child only.

Reads face regions, PersonInImage, and keywords in their many homes (XMP, IPTC, Windows). Nobody is
recognised: a tag is a word that a person or a program wrote before. XML is parsed with entities
refused (defusedxml), always by namespace.

A keyword may name anything, so it counts only where it equals a name on the register; but what
stands below a keyword root of the school's policy (such as "People") names a person, known or not.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from agent.media.errors import Malformed
from agent.media.face_regions import RDF, face_regions, one_for_each_face
from agent.media.facts import MAX_PEOPLE, PersonTag, Shape, TagKind, cleaned_text

_IPTC_EXTENSION: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_PEOPLE: Final = (f"{_IPTC_EXTENSION}PersonInImage", f"{_IPTC_EXTENSION}PersonName")
_KEYWORDS: Final = (
    "{http://purl.org/dc/elements/1.1/}subject",
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject",
    "{http://www.digikam.org/ns/1.0/}TagsList",
    "{http://ns.microsoft.com/photo/1.0/}LastKeywordXMP",
    "{http://ns.microsoft.com/photo/1.0}LastKeywordXMP",
)
_HIERARCHY_MARKS: Final = "|/"
_IIM_KEYWORD: Final = (2, 25)
_IIM_CHARACTER_SET: Final = (1, 90)
_IIM_LONGEST: Final = 64
"""Bytes of a keyword (IIM 4.2, dataset 2:25); programs cut a longer one there."""
_UTF8_CUT: Final = 3
"""Bytes that may be missing below that where the cut would have parted a character."""
_PARTED: Final = re.compile(rb"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_MENDED: Final = "."
"""What exiftool writes where the cut parted a character."""
_UTF8_ESCAPE: Final = b"\x1b%G"
MAX_TAGS: Final = 5 * MAX_PEOPLE
"""Namings of one file before repetitions go: programs write each person into up to five homes."""

Roots = frozenset[str]


def people_in_xmp(
    untrusted_packet: bytes, roots: Roots = frozenset(), shape: Shape | None = None
) -> list[PersonTag]:
    """Return the people named in one XMP packet.

    Raises:
        Malformed: it is not well-formed XML, or tries to define entities.
    """
    start, end = untrusted_packet.find(b"<"), untrusted_packet.rfind(b">")
    try:
        root = fromstring(untrusted_packet[start : end + 1], forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Malformed("XMP that cannot be parsed") from error
    keywords = (word for tag in _KEYWORDS for word in _texts(root, tag))
    return [*face_regions(root, shape), *_named(root), *_as_keywords(keywords, roots)]


def people_in_iptc(untrusted_records: bytes, roots: Roots = frozenset()) -> list[PersonTag]:
    """Return the keywords of IPTC-IIM records (IIM 4.2, section 1.5).

    One that is as long as IIM allows may have been cut: it names a person whom nobody can know.
    """
    utf8, words, at = False, [], 0
    while untrusted_records[at : at + 1] == b"\x1c" and len(untrusted_records) >= at + 5:
        key = (untrusted_records[at + 1], untrusted_records[at + 2])
        length = int.from_bytes(untrusted_records[at + 3 : at + 5], "big")
        value = untrusted_records[at + 5 : at + 5 + length]
        utf8 = utf8 or (key == _IIM_CHARACTER_SET and value == _UTF8_ESCAPE)
        if key == _IIM_KEYWORD:
            words.append(value)
        at += 5 + length
    return [tag for word in words for tag in _iim_keyword(word, roots, utf8=utf8)]


def people_in_xp_keywords(untrusted_value: bytes, roots: Roots = frozenset()) -> list[PersonTag]:
    """Return the keywords of Windows' XPKeywords (Exif tag 0x9C9E, UTF-16LE, semicolons)."""
    return list(_as_keywords(untrusted_value.decode("utf-16-le", "replace").split(";"), roots))


def merged(tags: Iterable[PersonTag]) -> tuple[PersonTag, ...]:
    """Return each naming once: a face by its place, everything else by kind and name.

    A cut keyword goes where another home of keywords has the whole of it. One more than the limit
    means that there are more.
    """
    listed = list(islice(tags, MAX_TAGS + 1))
    if len(listed) > MAX_TAGS:
        return tuple(listed[: MAX_PEOPLE + 1])
    faces = one_for_each_face(tag for tag in listed if tag.kind is TagKind.REGION)
    words = dict.fromkeys(tag for tag in listed if tag.kind is not TagKind.REGION)
    whole = [tag.name or "" for tag in words if tag.kind is not TagKind.CUT]
    kept = [tag for tag in words if tag.kind is not TagKind.CUT or not _is_begun(tag, whole)]
    return (*faces, *kept)[: MAX_PEOPLE + 1]


def normal_root(text: str) -> str:
    """Return a keyword root as roots are compared: NFC, case-folded, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def _is_begun(cut: PersonTag, whole: Iterable[str]) -> bool:
    begun = (cut.name or "").rstrip(_MENDED)
    return any(word.startswith(begun) for word in whole)


def _iim_keyword(word: bytes, roots: Roots, *, utf8: bool) -> Iterator[PersonTag]:
    if not _IIM_LONGEST - _UTF8_CUT <= len(word) <= _IIM_LONGEST:
        yield from _as_keywords([_decoded(word, utf8=utf8)], roots)
    elif name := cleaned_text(_decoded(_without_a_parted_end(word), utf8=utf8)):
        yield PersonTag(kind=TagKind.CUT, name=name)


def _without_a_parted_end(word: bytes) -> bytes:
    """Return a word without the first bytes of a character whose others were cut off."""
    parted = _PARTED.search(word)
    return word if parted is None or _is_utf8(word) else word[: parted.start()]


def _is_utf8(word: bytes) -> bool:
    try:
        word.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded(word: bytes, *, utf8: bool) -> str:
    try:
        return word.decode("utf-8")
    except UnicodeDecodeError:
        return word.decode("utf-8" if utf8 else "cp1252", "replace")


def _named(root: Element) -> Iterator[PersonTag]:
    for word in (word for tag in _PEOPLE for word in _texts(root, tag)):
        name = cleaned_text(word)
        if name:
            yield PersonTag(kind=TagKind.PERSON_IN_IMAGE, name=name)


def _as_keywords(words: Iterable[str], roots: Roots) -> Iterator[PersonTag]:
    """Yield each word, and the leaf of a hierarchy such as `People|Name`."""
    for word in words:
        *above, leaf = _steps(word)
        is_person = not roots.isdisjoint(map(normal_root, above))
        if above and (name := cleaned_text(word)):
            yield PersonTag(kind=TagKind.KEYWORD, name=name)
        if name := cleaned_text(leaf):
            kind = TagKind.HIERARCHY if is_person else TagKind.KEYWORD
            yield PersonTag(kind=kind, name=name)


def _steps(word: str) -> list[str]:
    """Return the steps of a hierarchy from its root to its leaf."""
    for mark in _HIERARCHY_MARKS[1:]:
        word = word.replace(mark, _HIERARCHY_MARKS[0])
    return word.split(_HIERARCHY_MARKS[0])


def _texts(root: Element, tag: str) -> Iterator[str]:
    """Yield the values of a property: as attribute, as text, or as items of a bag."""
    for element in root.iter():
        if tag in element.attrib:
            yield element.attrib[tag]
        if element.tag == tag:
            items = [item.text or "" for item in element.iter(f"{RDF}li")]
            yield from items or [element.text or ""]
