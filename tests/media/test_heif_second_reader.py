# SPDX-License-Identifier: Apache-2.0
"""The second reader of HEIF doubts what the walker must never write; and the two agree otherwise.

Faults are planted in the walker itself, one at a time: a list with an entry more lets something
through, and the second reader, which knows nothing of that list, must see it.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.media import verify_coded, verify_heif
from agent.media.errors import Doubt, MediaError
from agent.media.recipe import RecipeReader
from agent.media.walk import (
    heif,
    heif_coded,
    heif_properties,
    heif_rebuilding,
    heif_selection,
    heif_writing,
)
from agent.media.walk.boxes import Fields, box
from agent.media.walk.heif_coded import Use
from tests.media.heif_files import (
    MAIN,
    File,
    atom,
    atoms,
    auxiliary,
    coded,
    full,
    grid,
    named,
    simple,
    turn,
)
from tests.media.test_heif import ALPHA, DEPTH, DIRTY, overlay, turned_identity

Patch = Callable[[pytest.MonkeyPatch], None]


def walked(data: bytes) -> bytes:
    return RecipeReader(heif.walk(BytesIO(data)).recipe, BytesIO(data)).read()


def is_confirmed(clean: bytes) -> bool:
    try:
        verify_heif.verify_heif(BytesIO(clean))
    except Doubt:
        return False
    return True


def rich() -> File:
    """Return a file that has every property on the list, and transparency."""
    alpha = replace(coded(), properties=(*coded().properties, auxiliary(ALPHA)))
    more = (
        atom(b"pasp", struct.pack(">II", 1, 1)),
        atom(b"colr", b"nclx", struct.pack(">HHHB", 1, 13, 6, 128)),
        atom(b"clli", bytes(4)),
        atom(b"mdcv", bytes(24)),
        atom(b"clap", struct.pack(">8i", 30, 1, 20, 1, -17, 1, -22, 1)),
        atom(b"imir", b"\1"),
        turn(3),
    )
    return simple(b"hvc1", *more).with_item(9, alpha, (b"auxl", 9, (MAIN,)), (b"prem", MAIN, (9,)))


def scalable() -> File:
    return simple(b"av01", atom(b"lsel", b"\0\0"), atom(b"a1op", b"\0"))


FILES = [simple, grid, overlay, turned_identity, rich, scalable, lambda: simple(b"av01")]


@pytest.mark.parametrize("file", FILES)
def test_a_byte_more_or_less_anywhere_is_doubted(file: Callable[[], File]) -> None:
    clean = walked(file().made())
    assert is_confirmed(clean)
    for at in range(len(clean) + 1):
        assert not is_confirmed(clean[:at] + b"\0" + clean[at:])
        assert at == len(clean) or not is_confirmed(clean[:at] + clean[at + 1 :])


def test_a_changed_byte_is_doubted_wherever_it_is_no_value_of_the_picture() -> None:
    clean = walked(grid().made())
    properties, recipe = clean.index(b"ipco") + 4, clean.index(b"idat") + 4
    ends = clean.index(b"ipma") - 4, clean.index(b"mdat") - 4
    values = {*range(properties, ends[0]), *range(recipe, ends[1])}
    for at in set(range(clean.index(b"mdat") + 4)) - values:
        assert not is_confirmed(clean[:at] + bytes((clean[at] ^ 0x55,)) + clean[at + 1 :])


@pytest.mark.parametrize("name", list(DIRTY))
def test_a_dirty_file_is_doubted(name: str) -> None:
    assert not is_confirmed(DIRTY[name]().made())


def copied(kind: bytes, fields: Fields) -> bytes:
    return box(kind, fields.rest())


def with_writer(kind: bytes) -> Patch:
    return lambda patch: patch.setattr(
        heif_properties, "WRITERS", {**heif_properties.WRITERS, kind: copied}
    )


def with_more(module: object, name: str, more: object) -> Patch:
    return lambda patch: patch.setattr(module, name, getattr(module, name) | more)


def with_value(module: object, name: str, value: object) -> Patch:
    return lambda patch: patch.setattr(module, name, value)


def with_depth() -> File:
    return DIRTY["depth"]()


def with_tone_map() -> File:
    file = overlay()
    return replace(file, items={**file.items, MAIN: replace(file.items[MAIN], kind=b"tmap")})


def both(*patches: Patch) -> Patch:
    def apply(patch: pytest.MonkeyPatch) -> None:
        for one in patches:
            one(patch)

    return apply


PLANTED: dict[str, tuple[Patch, Callable[[], File]]] = {
    "a description is kept": (with_writer(b"udes"), DIRTY["description"]),
    "a profile is copied": (with_writer(b"colr"), DIRTY["profile"]),
    "a configuration is copied": (with_writer(b"hvcC"), DIRTY["text in the configuration"]),
    "an AV1 configuration is copied": (with_writer(b"av1C"), DIRTY["metadata in AV1"]),
    "a subtype is copied": (
        with_writer(b"auxC"),
        lambda: simple().with_item(
            9,
            replace(
                coded(), properties=(*coded().properties, full(b"auxC", 0, 0, ALPHA, b"\0text"))
            ),
            (b"auxl", 9, (MAIN,)),
        ),
    ),
    "depth passes for transparency": (
        both(
            with_more(heif_properties, "ALPHA", {DEPTH}),
            with_more(heif_selection, "ALPHA", {DEPTH}),
        ),
        with_depth,
    ),
    "supplemental information is kept": (
        with_more(heif_coded, "HEVC_USES", {39: Use.SET_UP}),
        DIRTY["text between the units"],
    ),
    "AV1 metadata is kept": (
        with_more(heif_coded, "AV1_USES", {5: Use.SET_UP}),
        DIRTY["metadata in AV1"],
    ),
    "AV1 padding is kept": (
        with_more(heif_coded, "AV1_USES", {15: Use.DRAW}),
        DIRTY["metadata in AV1"],
    ),
    "a text is a parameter set": (
        with_more(heif_properties, "HEVC_USES", {39: Use.SET_UP}),
        DIRTY["text in the configuration"],
    ),
    "a turn need not be known": (
        with_value(heif_writing, "ESSENTIAL", frozenset()),
        lambda: simple(b"hvc1", turn()),
    ),
    "the handler has a name": (
        with_value(
            heif_writing, "_HANDLER", full(b"hdlr", 0, 0, bytes(4), b"pict", bytes(12), b"!\0")
        ),
        simple,
    ),
    "tiles are pictures of their own": (with_value(heif_writing, "_HIDDEN", 0), grid),
    "another brand": (with_value(heif_writing, "_BRANDS", {b"heic": (b"heic", b"MiHB")}), simple),
    "another picture is kept": (
        with_value(heif, "kept_items", lambda index: tuple(sorted(index.entries))),
        DIRTY["another picture"],
    ),
    "a thumbnail is kept": (
        with_value(heif, "kept_items", lambda index: tuple(sorted(index.entries))),
        DIRTY["thumbnail"],
    ),
    "a picture made in another way": (
        both(
            with_more(heif_selection, "DERIVED", {b"tmap"}),
            with_more(heif_rebuilding, "DERIVED", {b"tmap"}),
        ),
        with_tone_map,
    ),
}


@pytest.mark.parametrize(("plant", "file"), list(PLANTED.values()), ids=list(PLANTED))
def test_a_fault_of_the_walker_is_seen(
    plant: Patch, file: Callable[[], File], monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(monkeypatch)
    assert not is_confirmed(walked(file().made()))


@pytest.mark.parametrize("name", list(PLANTED))
def test_without_the_fault_it_is_clean_or_refused(name: str) -> None:
    try:
        clean = walked(PLANTED[name][1]().made())
    except MediaError:
        return
    assert is_confirmed(clean)


def said(data: bytes) -> set[bytes]:
    return {kind for kind, _ in atoms(named(data, b"meta", b"iprp", b"ipco"))}


@pytest.mark.parametrize("kind", sorted(heif_properties.WRITERS))
def test_a_property_that_is_off_the_list_is_missed(
    kind: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = rich() if kind not in (b"av1C", b"lsel", b"a1op") else scalable()
    data = file.made()
    assert kind in said(walked(data))
    shorter = {one: write for one, write in heif_properties.WRITERS.items() if one != kind}
    monkeypatch.setattr(heif_properties, "WRITERS", shorter)
    assert not keeps(data, kind)


def keeps(data: bytes, kind: bytes) -> bool:
    try:
        return kind in said(walked(data))
    except MediaError:
        return False


def test_both_readers_have_the_same_list_of_properties() -> None:
    assert {kind.decode() for kind in heif_properties.WRITERS} == verify_heif._SHAPES.keys()
    assert {kind.decode() for kind in heif_properties.ESSENTIAL} == verify_heif._MUST_KNOW


@pytest.mark.parametrize("kind", range(64))
def test_both_readers_keep_the_same_hevc_units(kind: int) -> None:
    slice_, unit = b"\0\0\0\3\x28\1\x80", bytes((0, 0, 0, 3, kind << 1, 1, 0x80))
    (found,) = heif_coded.units(b"hvc1", memoryview(unit), 4)
    kept = found.use is not Use.TELL
    assert kept is verify_coded.is_hevc_picture(slice_ + unit, 4)
    assert (found.use is Use.DRAW) is verify_coded.is_hevc_picture(unit, 4)


@pytest.mark.parametrize("kind", range(16))
def test_both_readers_keep_the_same_av1_units(kind: int) -> None:
    frame, unit = b"\x32\1\0", bytes((kind << 3 | 2, 1, 0))
    (found,) = heif_coded.units(b"av01", memoryview(unit))
    kept = found.use is not Use.TELL
    assert kept is verify_coded.is_av1_picture(frame + unit)
    assert (found.use is Use.DRAW) is verify_coded.is_av1_picture(unit)


UNITS = {
    "nothing": b"",
    "a unit cut short": b"\0\0\0\x09\x28\1\x80",
    "a unit without content": b"\0\0\0\2\x28\1",
    "the forbidden bit": b"\0\0\0\3\xa8\1\x80",
    "parameters alone": b"\0\0\0\3\x42\1\x80",
}
CONFIGURATIONS = {
    "cut short": bytes(22),
    "of another version": b"\2" + bytes(22),
    "without parameter sets": b"\1" + bytes(22),
    "with another unit in an array": b"\1" + bytes(21) + b"\1\x21\0\1\0\3\x44\1\0",
    "with text": b"\1" + bytes(21) + b"\1\x27\0\1\0\3\x4e\1\0",
    "with more behind": b"\1" + bytes(22) + b"\0",
}
AV1_UNITS = {
    "nothing": b"",
    "a unit cut short": b"\x32\5\0",
    "the forbidden bit": b"\xb2\1\0",
    "the reserved bit": b"\x33\1\0",
    "parameters alone": b"\x0a\1\0",
}


@pytest.mark.parametrize("content", list(UNITS.values()), ids=list(UNITS))
def test_hevc_units_are_doubted(content: bytes) -> None:
    assert not verify_coded.is_hevc_picture(content, 4)


@pytest.mark.parametrize("content", list(CONFIGURATIONS.values()), ids=list(CONFIGURATIONS))
def test_an_hevc_configuration_is_doubted(content: bytes) -> None:
    assert not verify_coded.is_hevc_configuration(content)


@pytest.mark.parametrize("content", list(AV1_UNITS.values()), ids=list(AV1_UNITS))
def test_av1_units_are_doubted(content: bytes) -> None:
    assert not verify_coded.is_av1_picture(content)


@given(st.integers(0, 2**56 - 1))
def test_both_readers_read_the_same_length(length: int) -> None:
    groups = [length >> shift & 0x7F for shift in range(0, 56, 7)]
    groups = groups[: max(1, -(-length.bit_length() // 7))]
    content = bytes(group | 0x80 for group in groups[:-1]) + bytes(groups[-1:])
    assert verify_coded._av1_length(content, 0) == (length, len(content))
    assert heif_coded._leb128(Fields(memoryview(content))) == length


def broken() -> Iterator[tuple[str, bytes]]:
    clean = walked(grid().made())
    yield "empty", b""
    yield "no picture", clean[:24]
    yield "twice", clean + clean
    yield "a box more", clean + atom(b"free", b"")
    yield "no main picture", clean.replace(b"pitm\0\0\0\0\0\3", b"pitm\0\0\0\0\0\1")
    yield "another item type", clean.replace(b"grid", b"Anna")
    yield "another reference", clean.replace(b"dimg", b"cdsc")
    yield "an overlapping item", overlapping(clean)


def overlapping(clean: bytes) -> bytes:
    """Let the first tile reach one byte into the second."""
    at = clean.index(b"iloc") + 12 + 12
    length = int.from_bytes(clean[at : at + 4], "big")
    return clean[:at] + struct.pack(">I", length + 1) + clean[at + 4 :]


@pytest.mark.parametrize(("_name", "data"), list(broken()))
def test_a_broken_file_is_doubted(_name: str, data: bytes) -> None:
    assert not is_confirmed(data)
