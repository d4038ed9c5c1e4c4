# SPDX-License-Identifier: Apache-2.0
"""Face regions in XMP: who is marked, and where in the upright picture. Runs in the child only.

Reads MWG regions (MWG guidelines 2.0, section 5.9: `x`, `y` are an area's centre) and those of
Microsoft (`Rectangle` starts top left). Both are fractions of the picture as it was when somebody
marked the faces. A region without a name is a face without a name; one of a pet, a focus point or a
bar code is nobody.

Rule: a box that may be somewhere else is left out; the name and the face always count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from xml.etree.ElementTree import Element

from agent.media.facts import Box, PersonTag, Shape, TagKind, cleaned_text

RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_MWG: Final = "{http://www.metadataworkinggroup.com/schemas/regions/}"
_AREAS: Final = (
    "{http://ns.adobe.com/xmp/sType/Area#}",
    "{http://ns.adobe.com/xap/1.0/sType/Area#}",
)
_DIMENSIONS: Final = (
    "{http://ns.adobe.com/xap/1.0/sType/Dimensions#}",
    "{http://ns.adobe.com/xmp/sType/Dimensions#}",
)
_MP_REGION: Final = "{http://ns.microsoft.com/photo/1.2/t/Region#}"
_MP_INFO: Final = "{http://ns.microsoft.com/photo/1.2/t/RegionInfo#}"
_NOBODY: Final = frozenset({"pet", "focus", "barcode"})
_SAME_FACE: Final = 0.5
"""Shared part of two boxes from which they mark one face, in two notations."""
_SAME_ASPECT: Final = 0.02
"""How far two ratios of width and height may differ; a picture that was only resized keeps its."""
_SWAPS_SIDES: Final = frozenset({5, 6, 7, 8})


def face_regions(root: Element, shape: Shape | None) -> list[PersonTag]:
    """Return each face that is marked, once; boxes are of the upright picture.

    Without a shape boxes stay as the file has them.
    """
    return [*_mwg(root, shape), *(_upright(tag, shape, None) for tag in _microsoft(root))]


def one_for_each_face(regions: Iterable[PersonTag]) -> list[PersonTag]:
    """Return regions without those that mark the face of another one a second time.

    Programs write one face in several notations; a name goes before none. Two faces that bear one
    name stay two, and so does every region whose place is not known, unless a name tells it.
    """
    kept: list[PersonTag] = []
    for region in sorted(regions, key=lambda one: one.name is None):
        if not any(_is_same_face(region, other) for other in kept):
            kept.append(region)
    return kept


def _is_same_face(region: PersonTag, other: PersonTag) -> bool:
    if None not in (region.name, other.name) and region.name != other.name:
        return False
    if region.box is None or other.box is None:
        return region.name is not None and region.name == other.name
    return _shared(region.box, other.box) >= _SAME_FACE


def _shared(one: Box, other: Box) -> float:
    """Return how much of two boxes together both of them cover, from 0 to 1."""
    wide = min(one[0] + one[2], other[0] + other[2]) - max(one[0], other[0])
    high = min(one[1] + one[3], other[1] + other[3]) - max(one[1], other[1])
    both = max(0.0, wide) * max(0.0, high)
    whole = one[2] * one[3] + other[2] * other[3] - both
    return both / whole if whole > 0 else 0.0


def _mwg(root: Element, shape: Shape | None) -> Iterator[PersonTag]:
    for info in root.iter(f"{_MWG}Regions"):
        applied = _applied_to(info)
        for item in _items(info, f"{_MWG}RegionList"):
            values = dict(_fields(item))
            if values.get(f"{_MWG}Type", "Face").lower() not in _NOBODY:
                name = cleaned_text(values.get(f"{_MWG}Name", ""))
                tag = PersonTag(kind=TagKind.REGION, name=name, box=_centred_box(values))
                yield _upright(tag, shape, applied)


def _microsoft(root: Element) -> Iterator[PersonTag]:
    for item in _items(root, f"{_MP_INFO}Regions"):
        values = dict(_fields(item))
        yield PersonTag(
            kind=TagKind.REGION,
            name=cleaned_text(values.get(f"{_MP_REGION}PersonDisplayName", "")),
            box=_box(values.get(f"{_MP_REGION}Rectangle", "").split(",")),
        )


def _items(root: Element, list_tag: str) -> Iterator[Element]:
    """Yield the items of a list itself; what stands deeper belongs to one of them."""
    for listing in root.iter(list_tag):
        for bag in listing:
            yield from (item for item in bag if item.tag == f"{RDF}li")


def _fields(item: Element) -> Iterator[tuple[str, str]]:
    """Yield a structure's fields, whichever of the RDF spellings it uses; nested areas too."""
    for element in item.iter():
        yield from element.attrib.items()
        if element is not item and element.text and element.text.strip():
            yield element.tag, element.text.strip()


def _applied_to(info: Element) -> tuple[float, float] | None:
    """Return width and height of the picture that the regions were drawn on, where it is said."""
    values = {key: value for one in info.iter() for key, value in _own_fields(one)}
    for space in _DIMENSIONS:
        try:
            width, height = float(values[space + "w"]), float(values[space + "h"])
        except (KeyError, ValueError):
            continue
        if width > 0 and height > 0:
            return width, height
    return None


def _own_fields(element: Element) -> Iterator[tuple[str, str]]:
    yield from element.attrib.items()
    if element.text and element.text.strip():
        yield element.tag, element.text.strip()


def _upright(tag: PersonTag, shape: Shape | None, applied: tuple[float, float] | None) -> PersonTag:
    """Return a region with its box in the upright picture, or without one.

    Regions are of the pixels as they are stored, before any turning; a program that has drawn them
    on the upright picture says so by the size of it. A picture of another aspect was cut since.
    """
    if tag.box is None or shape is None:
        return tag
    if shape.orientation is None:
        return replace(tag, box=None)
    if applied is None or _is_near(_aspect(applied), shape.width / shape.height):
        return replace(tag, box=turned_box(tag.box, shape.orientation))
    on_upright = shape.orientation in _SWAPS_SIDES and _is_near(
        _aspect(applied), shape.height / shape.width
    )
    return tag if on_upright else replace(tag, box=None)


def _aspect(size: tuple[float, float]) -> float:
    return size[0] / size[1]


def _is_near(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME_ASPECT * other


def turned_box(box: Box, orientation: int) -> Box:
    """Return a box of stored pixels in the picture that is upright by an Exif orientation."""
    left, top, width, height = box
    right, under = 1 - left - width, 1 - top - height
    places = {
        2: (right, top),
        3: (right, under),
        4: (left, under),
        5: (top, left),
        6: (under, left),
        7: (under, right),
        8: (top, right),
    }
    x, y = places.get(orientation, (left, top))
    return (x, y, height, width) if orientation in _SWAPS_SIDES else (x, y, width, height)


def _centred_box(values: dict[str, str]) -> Box | None:
    for area in _AREAS:
        box = _box([values.get(area + key, "") for key in "xywh"])
        if box is not None:
            x, y, width, height = box
            return x - width / 2, y - height / 2, width, height
    return None


def _box(parts: list[str]) -> Box | None:
    try:
        left, top, width, height = map(float, parts)
    except ValueError:
        return None
    sound = all(-2 <= value <= 2 for value in (left, top, width, height))
    return (left, top, width, height) if sound else None
