# SPDX-License-Identifier: Apache-2.0
"""Where a marked face lies in the upright picture, and when two marks are of one face."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent.media.decoders import _TURNS
from agent.media.face_regions import face_regions, one_for_each_face, turned_box
from agent.media.facts import Box, PersonTag, Shape, TagKind
from agent.media.person_tags import people_in_xmp
from tests.media.test_facts import xmp

SPACES: Final = "xmlns:stDim='http://ns.adobe.com/xap/1.0/sType/Dimensions#'"
MARKED: Final = (0.1, 0.2, 0.2, 0.1)


def a_packet(size: tuple[int, int] | None = None, name: str = "Tia Invent") -> bytes:
    """Return a packet with one MWG region, drawn on a picture of some size."""
    applied = ""
    if size is not None:
        applied = (
            f"<mwg-rs:AppliedToDimensions {SPACES} stDim:w='{size[0]}' stDim:h='{size[1]}'"
            " stDim:unit='pixel'/>"
        )
    left, top, width, height = MARKED
    area = (
        f"<mwg-rs:Area stArea:x='{left + width / 2}' stArea:y='{top + height / 2}'"
        f" stArea:w='{width}' stArea:h='{height}'/>"
    )
    return xmp(
        f"<mwg-rs:Regions rdf:parseType='Resource'>{applied}<mwg-rs:RegionList><rdf:Bag>"
        f"<rdf:li><rdf:Description mwg-rs:Name='{name}' mwg-rs:Type='Face'>{area}"
        "</rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>"
    )


def box_of(packet: bytes, shape: Shape | None) -> Box | None:
    (tag,) = people_in_xmp(packet, shape=shape)
    assert tag.name == "Tia Invent"
    return tag.box


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_box_turns_with_its_pixels(orientation: int) -> None:
    left, top, width, height = MARKED
    stored = Image.new("L", (200, 100))
    stored.paste(255, (20, 20, 60, 30))
    upright = stored if orientation == 1 else stored.transpose(_TURNS[orientation])
    x, y, wide, high = turned_box(MARKED, orientation)
    expected = (x * upright.width, y * upright.height)
    expected += ((x + wide) * upright.width, (y + high) * upright.height)
    assert upright.getbbox() == pytest.approx(expected, abs=0.6)
    assert (left + width, top + height) == pytest.approx((0.3, 0.3))


@pytest.mark.parametrize(
    "size", [(400, 300), (4000, 3000), None], ids=["same", "resized", "unsaid"]
)
def test_a_region_of_the_stored_pixels_is_turned_upright(size: tuple[int, int] | None) -> None:
    shape = Shape(width=400, height=300, orientation=6)
    assert box_of(a_packet(size), shape) == pytest.approx(turned_box(MARKED, 6))


def test_a_region_of_the_upright_picture_stays() -> None:
    shape = Shape(width=400, height=300, orientation=6)
    assert box_of(a_packet((300, 400)), shape) == pytest.approx(MARKED)


def test_a_region_of_another_picture_keeps_its_name_and_loses_its_box() -> None:
    assert box_of(a_packet((400, 400)), Shape(width=400, height=300, orientation=1)) is None


def test_a_container_that_turns_by_itself_keeps_names_and_no_box() -> None:
    assert box_of(a_packet((400, 300)), Shape(width=400, height=300, orientation=None)) is None


@pytest.mark.parametrize("size", [(0, 0), (-4, 3)])
def test_a_size_that_is_none_is_as_if_it_was_not_said(size: tuple[int, int]) -> None:
    shape = Shape(width=400, height=300, orientation=1)
    assert box_of(a_packet(size), shape) == pytest.approx(MARKED)


def a_region(name: str | None, box: Box | None = MARKED) -> PersonTag:
    return PersonTag(kind=TagKind.REGION, name=name, box=box)


NEAR: Final = (0.11, 0.21, 0.2, 0.1)
AWAY: Final = (0.6, 0.6, 0.2, 0.1)


@pytest.mark.parametrize(
    ("marks", "faces"),
    [
        ([a_region("A"), a_region("A", NEAR)], 1),
        ([a_region("A"), a_region(None, NEAR)], 1),
        ([a_region(None), a_region(None, NEAR)], 1),
        ([a_region("A"), a_region("A", None)], 1),
        ([a_region("A"), a_region("A", AWAY)], 2),
        ([a_region("A"), a_region("B", NEAR)], 2),
        ([a_region("A"), a_region(None, AWAY)], 2),
        ([a_region(None, None), a_region(None, None)], 2),
        ([a_region("A"), a_region(None, None)], 2),
        ([a_region(None, (0, 0, 0, 0)), a_region(None, (0, 0, 0, 0))], 2),
    ],
)
def test_two_marks_are_one_face_only_where_that_is_shown(
    marks: list[PersonTag], faces: int
) -> None:
    assert len(one_for_each_face(marks)) == faces
    assert len(one_for_each_face(marks[::-1])) == faces


def test_a_name_goes_before_none() -> None:
    assert one_for_each_face([a_region(None, NEAR), a_region("A")]) == [a_region("A")]


BOXES = st.none() | st.tuples(*[st.floats(-2, 2)] * 4)
REGIONS = st.lists(
    st.builds(a_region, st.sampled_from(["A", "B", None]), BOXES | st.just(MARKED)), max_size=8
)


@given(REGIONS)
def test_no_name_is_lost_and_no_face_made_up(regions: list[PersonTag]) -> None:
    kept = one_for_each_face(regions)
    assert {tag.name for tag in kept} - {None} == {tag.name for tag in regions} - {None}
    assert len(kept) <= len(regions)
    assert bool(kept) == bool(regions)


@given(BOXES.filter(bool), st.sampled_from(range(1, 9)))
def test_a_turned_box_keeps_its_size(box: Box, orientation: int) -> None:
    turned = turned_box(box, orientation)
    assert sorted(turned[2:]) == sorted(box[2:])


def test_regions_without_a_type_and_without_a_name_are_faces() -> None:
    packet = a_packet(name="").replace(b" mwg-rs:Name='' mwg-rs:Type='Face'", b"")
    (tag,) = people_in_xmp(packet)
    assert (tag.kind, tag.name, tag.box) == (TagKind.REGION, None, pytest.approx(MARKED))


def test_nothing_marks_nobody() -> None:
    from xml.etree.ElementTree import Element  # noqa: PLC0415 - one use

    assert face_regions(Element("x"), None) == []
