# SPDX-License-Identifier: Apache-2.0
"""Hostile HEIF files end in a clean picture or a typed answer, within bounds of work and size."""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agent.media.errors import Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.recipe import HEADROOM, RecipeReader
from agent.media.verify_heif import verify_heif
from agent.media.walk import boxes, heif, heif_content, heif_items, heif_writing
from tests.media.heif_files import (
    MAIN,
    File,
    atom,
    coded,
    encoded_avif,
    encoded_heic,
    full,
    grid,
    simple,
)
from tests.media.test_heif import DIRTY, EXIF, XMP, overlay, turned_identity

SEEDS: list[Callable[[], bytes]] = [
    lambda: encoded_heic("RGBA"),
    lambda: encoded_avif("RGBA"),
    lambda: grid().with_item(9, EXIF, (b"cdsc", 9, (MAIN,))).with_item(11, XMP).made(),
    lambda: overlay().made(),
    lambda: turned_identity().made(),
    lambda: DIRTY["gain map"]().made(),
    lambda: replace(simple(b"av01"), store_header="long").made(),
]


def tried(data: bytes) -> bytes | None:
    """Return the confirmed clean file, or nothing where the file is refused by type."""
    try:
        recipe = heif.walk(BytesIO(data)).recipe
    except MediaError:
        return None
    clean = RecipeReader(recipe, BytesIO(data)).read()
    assert len(clean) <= len(data) + HEADROOM
    verify_heif(BytesIO(clean))
    return clean


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Change, insert, delete or double a few runs of a good file, mostly in its index."""
    data = bytearray(draw(st.sampled_from(SEEDS))())
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, min(len(data) - 1, draw(st.sampled_from([600, 10_000])))))
        run = draw(st.binary(min_size=1, max_size=4))
        match draw(st.sampled_from(["change", "insert", "delete", "double", "number"])):
            case "change":
                data[at : at + len(run)] = run
            case "insert":
                data[at:at] = run
            case "delete":
                del data[at : at + len(run)]
            case "double":
                data[at:at] = data[at : at + draw(st.integers(1, 200))]
            case _:
                data[at : at + 4] = struct.pack(">I", draw(st.integers(0, 40) | st.just(2**32 - 1)))
        data = data or bytearray(b"\0")
    return bytes(data)


@settings(max_examples=500, deadline=None)
@given(mutated(), st.integers(0, 700), st.binary(min_size=1, max_size=4))
def test_the_second_reader_answers_with_doubt_alone(data: bytes, at: int, run: bytes) -> None:
    clean = tried(data) or data
    for spoilt in (data, clean[:at], clean[:at] + run + clean[at + len(run) :]):
        try:
            verify_heif(BytesIO(spoilt))
        except Doubt:
            continue


def test_an_index_without_its_properties_is_doubted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif_writing, "_properties", lambda _picture: atom(b"iprp"))
    data = grid().made()
    clean = RecipeReader(heif.walk(BytesIO(data)).recipe, BytesIO(data)).read()
    with pytest.raises(Doubt):
        verify_heif(BytesIO(clean))


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
@example(b"")
@example(atom(b"ftyp", b"heic", bytes(4)))
def test_a_mutated_file_is_refused_or_confirmed_and_stable(data: bytes) -> None:
    clean = tried(data)
    assert clean is None or tried(clean) == clean


def test_most_seeds_and_some_mutants_get_through() -> None:
    assert all(tried(seed()) for seed in SEEDS)
    data = grid().made()
    changed = (data[:at] + b"\0" + data[at + 1 :] for at in range(len(data)))
    assert sum(tried(one) is not None for one in changed) > 100


@given(st.binary(max_size=200))
def test_noise_in_the_index_is_refused_by_type(noise: bytes) -> None:
    assert tried(atom(b"ftyp", b"heic", bytes(4)) + full(b"meta", 0, 0, noise)) is None


def with_locations(file: File, places: dict[int, list[tuple[int, int]]]) -> bytes:
    """Return a file whose items lie elsewhere; its index keeps its length."""
    data = file.made()
    for number, place in places.items():
        row = struct.pack(">HHHH", number, 0, 0, len(place))
        at = data.index(row, data.index(b"iloc")) + len(row)
        for offset, length in place:
            data = data[:at] + struct.pack(">QQ", offset, length) + data[at + 16 :]
            at += 16
    return data


def test_overlapping_items_cannot_multiply_a_file() -> None:
    big = replace(coded(), content=coded().content + nal(b"\x28\1" + bytes(200_000)))
    file = replace(grid(), items={**grid().items, 3: big, 5: replace(coded(), pieces=2)})
    start, length = file.made().index(b"mdat") + 4, len(big.content)
    assert tried(file.made())
    with pytest.raises(TooBig):
        heif.walk(BytesIO(with_locations(file, {5: [(start, length), (start, length)]})))


def nal(unit: bytes) -> bytes:
    return struct.pack(">I", len(unit)) + unit


OUTSIDE = {
    "behind the end": lambda data: (len(data), 10),
    "across the end": lambda data: (len(data) - 5, 10),
    "in the index": lambda data: (data.index(b"meta"), 50),
    "in the header of mdat": lambda data: (data.index(b"mdat"), 50),
    "far away": lambda _data: (2**63, 2**63),
}


@pytest.mark.parametrize("place", list(OUTSIDE.values()), ids=list(OUTSIDE))
def test_an_item_outside_the_stored_data_is_refused(
    place: Callable[[bytes], tuple[int, int]],
) -> None:
    file = simple()
    data = with_locations(file, {MAIN: [place(file.made())]})
    with pytest.raises((Malformed, TooBig)):
        heif.walk(BytesIO(data))


def test_an_item_of_length_zero_is_refused() -> None:
    file = simple()
    data = with_locations(file, {MAIN: [(len(file.made()) - 20, 0)]})
    with pytest.raises(Unsupported):
        heif.walk(BytesIO(data))


def more_index(data: bytes, part: bytes) -> bytes:
    return grown(data, b"meta", part)


def more_associations(data: bytes) -> bytes:
    part = full(b"ipma", 0, 1, struct.pack(">IHB", 1, MAIN, 0))
    return grown(data, b"iprp", part)


def grown(data: bytes, name: bytes, part: bytes) -> bytes:
    """Append a part to a box inside the index, and to the index itself."""
    at = data.index(name) - 4
    length = int.from_bytes(data[at : at + 4], "big")
    longer = data[: at + length] + part + data[at + length :]
    for start in {at, data.index(b"meta") - 4}:
        new = int.from_bytes(data[start : start + 4], "big") + len(part)
        longer = longer[:start] + struct.pack(">I", new) + longer[start + 4 :]
    return longer


TWICE: dict[str, Callable[[bytes], bytes]] = {
    "an index part": lambda data: more_index(data, full(b"pitm", 0, 0, b"\0\1")),
    "an entry": lambda data: grown(data, b"iinf", full(b"infe", 2, 0, b"\0\7\0\0hvc1\0")),
    "an association": more_associations,
}


@pytest.mark.parametrize("doubled", list(TWICE.values()), ids=list(TWICE))
def test_a_file_that_says_one_thing_twice_is_refused(doubled: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Malformed, match="twice"):
        heif.walk(BytesIO(doubled(simple().made())))


LIMITS: list[tuple[object, str, int]] = [
    (heif, "MAX_INDEX_BYTES", 100),
    (heif, "MAX_OUTER_BOXES", 2),
    (heif_items, "MAX_ITEMS", 2),
    (heif_items, "MAX_EXTENTS", 2),
    (heif_content, "MAX_PARTS", 1),
]


@pytest.mark.parametrize(("module", "name", "limit"), LIMITS)
def test_a_limit_holds(
    module: object, name: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, limit)
    with pytest.raises(TooBig):
        heif.walk(BytesIO(grid().made()))


def test_as_many_units_as_the_limit_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif_content, "MAX_PARTS", 2)
    assert tried(grid().made())


def test_metadata_is_kept_up_to_its_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heif, "MAX_METADATA_BYTES", len(XMP.content))
    file = simple().with_item(9, XMP).with_item(11, XMP)
    assert len(heif.walk(BytesIO(file.made())).metadata.untrusted_xmp) == 1


def found(data: bytes, limit: int = 10) -> list[tuple[bytes, bytes]]:
    return [
        (box.kind, data[box.content : box.end])
        for box in boxes.boxes(BytesIO(data), 0, len(data), limit)
    ]


def inside(data: bytes, limit: int = 10) -> list[tuple[bytes, bytes]]:
    return [(kind, bytes(content)) for kind, content in boxes.children(memoryview(data), limit)]


Reader = Callable[..., Iterable[tuple[bytes, bytes]]]
READERS: list[Reader] = [found, inside]


@given(st.lists(st.tuples(st.binary(min_size=4, max_size=4), st.binary(max_size=40)), max_size=8))
def test_boxes_are_read_as_they_were_written(written: list[tuple[bytes, bytes]]) -> None:
    wanted = [(kind, content) for kind, content in written if kind != b"uuid"]
    data = b"".join(boxes.box(kind, content) for kind, content in wanted)
    assert found(data) == inside(data) == wanted


@pytest.mark.parametrize("read", READERS)
def test_a_64_bit_size_is_read(read: Reader) -> None:
    data = struct.pack(">I4sQ", 1, b"mdat", 19) + b"abc" + boxes.box(b"free")
    assert read(data) == [(b"mdat", b"abc"), (b"free", b"")]


def test_the_last_box_of_a_file_may_leave_its_size_open() -> None:
    assert found(struct.pack(">I4s", 0, b"mdat") + b"abc") == [(b"mdat", b"abc")]


def test_no_inner_box_may_leave_its_size_open() -> None:
    with pytest.raises(Malformed):
        inside(struct.pack(">I4s", 0, b"mdat") + b"abc")


@pytest.mark.parametrize("read", READERS)
def test_the_type_of_a_uuid_box_is_part_of_its_header(read: Reader) -> None:
    assert read(boxes.box(b"uuid", bytes(16), b"abc")) == [(b"uuid", b"abc")]


def ill() -> Iterator[bytes]:
    yield b"\0\0\0"
    yield struct.pack(">I3s", 7, b"abc")
    yield struct.pack(">I4s", 7, b"free")
    yield struct.pack(">I4s", 9, b"free")
    yield struct.pack(">I4sQ", 1, b"free", 15)
    yield struct.pack(">I4sQ", 1, b"free", 2**64 - 1)
    yield struct.pack(">I4sQ", 1, b"free", 2**56 + 16)
    yield struct.pack(">I4s", 1, b"free")
    yield boxes.box(b"uuid", bytes(15))
    yield boxes.box(b"free") + b"\0"


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("data", list(ill()))
def test_a_box_that_does_not_fit_is_refused(read: Reader, data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)


@pytest.mark.parametrize("read", READERS)
def test_more_boxes_than_the_limit_are_refused(read: Reader) -> None:
    assert len(list(read(boxes.box(b"free") * 3, 3))) == 3
    with pytest.raises(TooBig):
        read(boxes.box(b"free") * 4, 3)


def test_a_parent_over_the_limit_is_not_read_whole() -> None:
    data = boxes.box(b"moov", bytes(9))
    (parent,) = boxes.boxes(BytesIO(data), 0, len(data))
    assert boxes.read_content(BytesIO(data), parent, 9) == bytes(9)
    with pytest.raises(TooBig):
        boxes.read_content(BytesIO(data), parent, 8)
    with pytest.raises(Malformed):
        boxes.read_content(BytesIO(data[:-1]), parent, 9)


def test_a_header_states_the_size_of_its_content() -> None:
    assert boxes.box_header(b"mdat", 3) + b"abc" == boxes.box(b"mdat", b"abc")
    assert boxes.box_header(b"mdat", 2**32 - 8) == struct.pack(">I4sQ", 1, b"mdat", 2**32 + 8)
