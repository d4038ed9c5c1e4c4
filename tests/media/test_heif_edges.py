# SPDX-License-Identifier: Apache-2.0
"""The edges of the HEIF walker and its second reader: last values that pass, first that do not."""

import struct
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest

from agent.media import verify_coded
from agent.media.errors import Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.recipe import RecipeReader
from agent.media.verify_heif import verify_heif
from agent.media.walk import heif, heif_coded, heif_writing
from agent.media.walk.boxes import box
from agent.media.walk.heif_coded import Use
from agent.media.walk.heif_properties import rewritten
from tests.media.heif_files import (
    MAIN,
    SIDE,
    File,
    Item,
    atom,
    auxiliary,
    coded,
    full,
    grid,
    named,
    pixels,
    simple,
    size,
    turn,
)
from tests.media.test_heif import ALPHA, cleaned

SEQUENCE = b"\x0a\x0b\0\0\0\x04\x3c\xff\xbc\xff\xf9\x80\x40"
"""An AV1 unit of the type of a sequence header."""


def chain(length: int) -> File:
    """Return a picture that is an identity of an identity ... of a coded one."""
    items = {MAIN + length: coded()}
    for step in range(length):
        items[MAIN + step] = Item(b"iden", b"", (size(),))
    return File(items, [(b"dimg", MAIN + i, (MAIN + i + 1,)) for i in range(length)])


def test_a_picture_may_be_made_from_pictures_three_times() -> None:
    assert cleaned(chain(3).made())


def test_a_picture_may_not_be_made_from_pictures_four_times() -> None:
    with pytest.raises(Malformed):
        cleaned(chain(4).made())


def many(count: int) -> File:
    """Return a grid of tiles of which each has a property of its own."""
    tiles = {
        100 + i: replace(coded(), properties=(*coded().properties, shape(i + 1)))
        for i in range(count)
    }
    recipe = struct.pack(">BBBBHH", 0, 0, 0, count - 1, SIDE * count, SIDE)
    main = Item(b"grid", recipe, (size(SIDE * count, SIDE),), embedded=True)
    return File({MAIN: main, **tiles}, [(b"dimg", MAIN, tuple(tiles))])


def shape(number: int) -> bytes:
    return atom(b"pasp", struct.pack(">II", number, number))


@pytest.mark.parametrize("count", [122, 123, 124, 150, 200])
def test_more_properties_than_seven_bits_can_number_are_kept(count: int) -> None:
    clean = cleaned(many(count).made())
    assert cleaned(clean) == clean
    assert clean.count(b"pasp") == count
    wide = named(clean, b"meta", b"iprp", b"ipma")[3]
    assert wide == (count + 4 > 127)


def test_a_grid_in_wide_numbers_is_kept() -> None:
    recipe = struct.pack(">BBBBII", 0, 1, 0, 1, 2 * SIDE, SIDE)
    main = Item(b"grid", recipe, (size(2 * SIDE, SIDE),), embedded=True)
    data = replace(grid(), items={**grid().items, MAIN: main}).made()
    clean = cleaned(data)
    assert pixels(clean) == pixels(data)
    assert named(clean, b"meta", b"idat") == recipe


def test_what_follows_the_recipe_of_a_grid_goes() -> None:
    main = grid().items[MAIN]
    longer = replace(main, content=main.content + b"Ms Invented")
    data = replace(grid(), items={**grid().items, MAIN: longer}).made()
    assert cleaned(data) == cleaned(grid().made())


def with_main(content: bytes) -> bytes:
    main = replace(grid().items[MAIN], content=content)
    return replace(grid(), items={**grid().items, MAIN: main}).made()


def test_unknown_flags_of_a_grid_are_cleared() -> None:
    content = grid().items[MAIN].content
    assert cleaned(with_main(content[:1] + b"\2" + content[2:])) == cleaned(grid().made())


def test_a_recipe_cut_short_is_refused() -> None:
    content = grid().items[MAIN].content
    for length in range(1, len(content)):
        with pytest.raises(Malformed):
            heif.walk(BytesIO(with_main(content[:length])))


def test_a_picture_across_the_end_of_mdat_is_refused() -> None:
    file = replace(simple(), behind=atom(b"free", bytes(50)))
    data = file.made()
    row = struct.pack(">HHHH", MAIN, 0, 0, 1)
    at = data.index(row) + len(row) + 8
    (length,) = struct.unpack_from(">Q", data, at)
    assert cleaned(data)
    longer = data[:at] + struct.pack(">Q", length + 1) + data[at + 8 :]
    with pytest.raises(Malformed, match="outside"):
        heif.walk(BytesIO(longer))


def test_a_picture_in_the_second_mdat_is_kept() -> None:
    file = simple()
    data, content = file.made(), coded().content
    start = data.index(content)
    moved = data.replace(struct.pack(">Q", start), struct.pack(">Q", len(data) + 8))
    assert cleaned(moved + atom(b"mdat", content)) == cleaned(data)


STRAY = {
    "inputs of a coded picture": (b"dimg", 3, (5,)),
    "a tile that is auxiliary to another": (b"auxl", 3, (5,)),
    "premultiplied by a tile": (b"prem", MAIN, (3,)),
}


@pytest.mark.parametrize("link", list(STRAY.values()), ids=list(STRAY))
def test_a_link_that_draws_nothing_goes(link: tuple[bytes, int, tuple[int, ...]]) -> None:
    stray = replace(grid(), references=[*grid().references, link])
    assert cleaned(stray.made()) == cleaned(grid().made())


def test_an_overlay_of_nothing_is_refused() -> None:
    recipe = struct.pack(">BB4HHH", 0, 0, 9, 99, 999, 65535, 100, 90)
    main = Item(b"iovl", recipe, (size(100, 90),), embedded=True)
    alpha = replace(coded(), properties=(*coded().properties, auxiliary(ALPHA)))
    file = File({MAIN: main}).with_item(9, alpha, (b"auxl", 9, (MAIN,)))
    with pytest.raises(Malformed, match="none"):
        heif.walk(BytesIO(file.made()))


def test_a_picture_with_an_external_base_is_refused() -> None:
    with pytest.raises(Unsupported):
        cleaned(replace(grid(), references=[*grid().references, (b"exbl", 3, (5,))]).made())


def test_a_main_picture_that_is_auxiliary_to_another_is_refused() -> None:
    with pytest.raises(Malformed, match="belongs"):
        cleaned(simple().with_item(9, coded(), (b"auxl", MAIN, (9,))).made())


def test_a_picture_outside_the_stored_part_of_the_index_is_refused() -> None:
    data = File({MAIN: replace(coded(), embedded=True)}).made()
    row = struct.pack(">HHHHQ", MAIN, 1, 0, 1, 0)
    at = data.index(row) + len(row)
    (length,) = struct.unpack_from(">Q", data, at)
    assert cleaned(data)
    with pytest.raises(Malformed, match="outside"):
        heif.walk(BytesIO(data[:at] + struct.pack(">Q", length + 1) + data[at + 8 :]))


def dropped(file: File) -> tuple[str, ...]:
    return heif.walk(BytesIO(file.made())).recipe.dropped


def test_nothing_is_named_where_nothing_goes() -> None:
    assert dropped(simple()) == ()
    assert dropped(grid()) == ()


def test_only_what_goes_is_named() -> None:
    assert dropped(replace(simple(), behind=atom(b"free", b"-"))) == ("free",)
    assert dropped(replace(simple(), behind=b"-")) == ("after the end",)
    assert dropped(simple(b"hvc1", full(b"udes", 0, 0, b"-"), shape(2))) == ("udes",)


@pytest.mark.parametrize("length", [4094, 4096, 9000])
def test_a_text_of_any_length_ends_in_an_answer(length: int) -> None:
    long = Item(b"mime", b"-", name=b"a" * length, after_name=b"text/plain\0")
    data = simple().with_item(9, long).made()
    if length < 4096:
        assert cleaned(data) == cleaned(simple().made())
    else:
        with pytest.raises(Malformed, match="too long"):
            heif.walk(BytesIO(data))


SETS = {
    "of another type": b"\x44\1\x80",
    "without content": b"\x42\1",
    "forbidden": b"\xc2\1\x80",
}


@pytest.mark.parametrize("parameter_set", list(SETS.values()), ids=list(SETS))
def test_a_parameter_set_that_is_none_is_refused(parameter_set: bytes) -> None:
    head = coded().properties[0][8:30]
    array = b"\1\x21\0\1" + struct.pack(">H", len(parameter_set)) + parameter_set
    with pytest.raises(Malformed):
        rewritten(b"hvcC", memoryview(head + array))


def test_the_smallest_parameter_set_is_kept() -> None:
    content = coded().properties[0][8:30] + b"\1\x21\0\1\0\3\x42\1\x80"
    assert rewritten(b"hvcC", memoryview(content)) == atom(b"hvcC", content)
    assert verify_coded.is_hevc_configuration(content)


def test_a_configuration_of_another_version_is_refused() -> None:
    content = b"\2" + coded().properties[0][9:]
    with pytest.raises(Malformed):
        rewritten(b"hvcC", memoryview(content))
    with pytest.raises(Unsupported):
        rewritten(b"av1C", memoryview(b"\x82\0\0\0"))


def test_a_configuration_without_parameter_sets_is_refused() -> None:
    with pytest.raises(Malformed):
        rewritten(b"hvcC", memoryview(coded().properties[0][8:30] + b"\0"))


def test_an_av1_configuration_keeps_its_sequence_header_alone() -> None:
    head, text = b"\x81\0\x0c\0", b"\x2a\3\4Ms"
    assert rewritten(b"av1C", memoryview(head + text + SEQUENCE)) == atom(b"av1C", head + SEQUENCE)
    assert verify_coded.is_av1_configuration(head + SEQUENCE)
    assert not verify_coded.is_av1_configuration(head + text + SEQUENCE)


def test_an_av1_configuration_of_more_units_than_the_limit_is_refused() -> None:
    head, text = b"\x81\0\x0c\0", b"\x2a\0"
    assert rewritten(b"av1C", memoryview(head + text * 100)) == atom(b"av1C", head)
    with pytest.raises(TooBig):
        rewritten(b"av1C", memoryview(head + text * 101))


AV1_FRAMES = {
    "with a size": b"\x32\2\xaa\xbb",
    "to the end": b"\x30\xaa\xbb",
    "with layers": b"\x36\x08\2\xaa\xbb",
    "with layers, to the end": b"\x34\x08\xaa\xbb",
    "of no length": b"\x32\0",
}


@pytest.mark.parametrize("frame", list(AV1_FRAMES.values()), ids=list(AV1_FRAMES))
def test_an_av1_unit_is_read_whole_by_both_readers(frame: bytes) -> None:
    found = list(heif_coded.units(b"av01", memoryview(SEQUENCE + frame)))
    assert [(unit.end, unit.use) for unit in found] == [
        (len(SEQUENCE), Use.SET_UP),
        (len(SEQUENCE + frame), Use.DRAW),
    ]
    assert verify_coded.is_av1_picture(SEQUENCE + frame)


def test_an_av1_unit_that_reaches_just_behind_the_end_is_refused_by_both_readers() -> None:
    with pytest.raises(Malformed):
        list(heif_coded.units(b"av01", memoryview(b"\x32\3\xaa\xbb")))
    assert not verify_coded.is_av1_picture(b"\x32\3\xaa\xbb")


def test_a_length_of_nine_bytes_is_refused() -> None:
    with pytest.raises(Malformed):
        list(heif_coded.units(b"av01", memoryview(b"\x32" + b"\x80" * 8 + b"\0")))


@pytest.mark.parametrize("width", [1, 2, 4])
def test_the_length_of_a_unit_has_as_many_bytes_as_the_configuration_says(width: int) -> None:
    item = coded()
    head = bytearray(item.properties[0])
    head[29] = head[29] & 0xFC | (width - 1)
    unit = b"\x28\1" + bytes(99)
    content = len(unit).to_bytes(width, "big") + unit
    text = (3).to_bytes(width, "big") + b"\x4e\1\5"
    main = replace(item, content=text + content, properties=(bytes(head), *item.properties[1:]))
    assert named(cleaned(File({MAIN: main}).made()), b"mdat") == content


@pytest.mark.parametrize("sizes", [b"\x00\x00", b"\x48\x40", b"\x80\x00"])
def test_locations_without_lengths_hold_no_picture(sizes: bytes) -> None:
    row = struct.pack(">HHHH", MAIN, 0, 0, 1) + bytes(64)
    with pytest.raises(MediaError):
        heif.walk(BytesIO(with_locations(full(b"iloc", 1, 0, sizes, b"\0\1", row))))


@pytest.mark.parametrize("sizes", [b"\x44\x00", b"\x44\x04", b"\x48\x80", b"\x84\x48", b"\x04\x40"])
def test_locations_of_every_known_shape_are_read(sizes: bytes) -> None:
    offset, length, base, index = (sizes[0] >> 4, sizes[0] & 15, sizes[1] >> 4, sizes[1] & 15)
    wanted = cleaned(simple().made())
    content = coded().content

    def row(start: int) -> bytes:
        low = 3 if base and offset else start if offset else 0
        head = struct.pack(">HHH", MAIN, 0, 0) + (start - low).to_bytes(base, "big") + b"\0\1"
        place = bytes(index) + low.to_bytes(offset, "big")
        return head + place + len(content).to_bytes(length, "big")

    parts = [full(b"iloc", 1, 0, sizes, b"\0\1", row(3))]
    start = with_locations(*parts).index(content)
    parts = [full(b"iloc", 1, 0, sizes, b"\0\1", row(start))]
    assert cleaned(with_locations(*parts)) == wanted


@pytest.mark.parametrize("version", [3, 4, 255])
def test_locations_of_a_later_version_are_refused(version: int) -> None:
    good = simple().made()
    at = good.index(b"iloc") + 4
    with pytest.raises(Malformed):
        heif.walk(BytesIO(good[:at] + bytes((version,)) + good[at + 1 :]))


def with_locations(locations: bytes) -> bytes:
    """Return a file whose `iloc` is another one."""
    data = simple().made()
    index = named(data, b"meta")
    at = index.index(b"iloc") - 4
    length = int.from_bytes(index[at : at + 4], "big")
    meta = full(b"meta", 0, 0, index[:at] + locations + index[at + length :])
    return data[: data.index(b"meta") - 4] + meta + atom(b"mdat", coded().content)


def test_a_reference_to_no_transparency_is_doubted() -> None:
    alpha = replace(coded(), properties=(*coded().properties, auxiliary(ALPHA)))
    data = grid().with_item(9, alpha, (b"auxl", 9, (MAIN,)), (b"prem", MAIN, (9,))).made()
    clean = cleaned(data)
    link = clean.index(b"prem") + 4
    assert struct.unpack_from(">HHH", clean, link) == (3, 1, 4)
    for name, target in ((b"prem", 1), (b"base", 4)):
        spoilt = clean[: link - 4] + name + struct.pack(">HHH", 3, 1, target) + clean[link + 6 :]
        with pytest.raises(Doubt):
            verify_heif(BytesIO(spoilt))


@pytest.mark.parametrize("colour", [bytes(6) + b"\1", bytes(6) + b"\x81", bytes(8), bytes(6)])
def test_code_points_of_another_shape_are_doubted(colour: bytes) -> None:
    clean = cleaned(simple(b"hvc1", atom(b"colr", b"nclx", bytes(7))).made())
    other = clean.replace(atom(b"colr", b"nclx", bytes(7)), atom(b"colr", b"nclx", colour))
    longer = len(colour) - 7
    for name in (b"ipco", b"iprp", b"meta"):
        at = other.index(name) - 4
        new = int.from_bytes(other[at : at + 4], "big") + longer
        other = other[:at] + struct.pack(">I", new) + other[at + 4 :]
    row = other.index(b"iloc") + 4 + 8 + 8
    start = int.from_bytes(other[row : row + 4], "big") + longer
    other = other[:row] + struct.pack(">I", start) + other[row + 4 :]
    with pytest.raises(Doubt, match="property"):
        verify_heif(BytesIO(other))


SPOILT: dict[str, Callable[[bytes], bytes]] = {
    "flags of a grid": lambda clean: changed(clean, b"idat", 1, 2),
    "version of a grid": lambda clean: changed(clean, b"idat", 0, 1),
    "a turn of four quarters": lambda clean: changed(clean, b"irot", 0, 4),
    "a third mirror": lambda clean: changed(clean, b"imir", 0, 2),
    "a version of an entry": lambda clean: changed(clean, b"infe", 0, 3),
    "a protected entry": lambda clean: changed(clean, b"infe", 7, 1),
    "a place without an offset": lambda clean: changed(clean, b"iloc", 5, 4),
    "another file": lambda clean: changed(clean, b"iloc", 13, 1),
}


def changed(clean: bytes, name: bytes, offset: int, value: int) -> bytes:
    at = clean.index(name) + 4 + offset
    assert clean[at] != value
    return clean[:at] + bytes((value,)) + clean[at + 1 :]


@pytest.mark.parametrize("spoil", list(SPOILT.values()), ids=list(SPOILT))
def test_a_spoilt_field_is_doubted(spoil: Callable[[bytes], bytes]) -> None:
    clean = cleaned(grid(turn(1), atom(b"imir", b"\1")).made())
    with pytest.raises(Doubt):
        verify_heif(BytesIO(spoil(clean)))


def test_a_property_that_no_item_has_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_stray(kind: bytes, *contents: bytes) -> bytes:
        return box(kind, *contents, *([shape(9)] if kind == b"ipco" else []))

    monkeypatch.setattr(heif_writing, "box", with_stray)
    data = simple().made()
    clean = RecipeReader(heif.walk(BytesIO(data)).recipe, BytesIO(data)).read()
    assert shape(9) in clean
    with pytest.raises(Doubt, match="unused"):
        verify_heif(BytesIO(clean))
