# SPDX-License-Identifier: Apache-2.0
"""TIFF: written anew in the child, in the same pixels and upright; the second reader checks."""

import struct
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, TiffImagePlugin

from agent.media import cleaning, decoders
from agent.media.child import Child
from agent.media.cleaning import clean, inspect
from agent.media.errors import ChildFailed, Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.facts import TagKind
from agent.media.tiff_writer import LAYOUTS
from agent.media.verify_tiff import verify_tiff
from agent.media.walk import tiff
from tests.media.small_stills import CANARY, DATED_PROFILE, drawn, saved, shown, spoilt

Tags = dict[int, object]
TEXTS = (269, 270, 271, 272, 285, 305, 306, 315, 316, 33432)
BLOCKS = (700, 33723, 34377, 37724, 42112, 50708, 65000)


def tagged(tags: Tags) -> TiffImagePlugin.ImageFileDirectory_v2:
    directory = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        directory[tag] = value
        if isinstance(value, bytes):
            directory.tagtype[tag] = 7
    return directory


def tiff_file(picture: Image.Image, tags: Tags | None = None, **options: object) -> bytes:
    return saved(picture, "TIFF", tiffinfo=tagged(tags or {}), **options)


def pages(count: int = 3, **options: object) -> bytes:
    drawings = [drawn().rotate(90 * turn) for turn in range(count)]
    return saved(drawings[0], "TIFF", save_all=True, append_images=drawings[1:], **options)


def big_endian(picture: Image.Image) -> bytes:
    """Return a deep grey picture as a big-endian TIFF of one strip, written by hand."""
    raw = picture.tobytes("raw", "I;16B")
    fields = [(256, picture.width), (257, picture.height), (258, 16), (262, 1)]
    fields += [(273, 8), (277, 1), (278, picture.height)]
    directory = struct.pack(">H", len(fields) + 1)
    directory += b"".join(struct.pack(">HHIHH", tag, 3, 1, value, 0) for tag, value in fields)
    directory += struct.pack(">HHII", 279, 4, 1, len(raw)) + bytes(4)
    return b"MM\0*" + struct.pack(">I", 8 + len(raw)) + raw + directory


SAMPLES = {
    **{mode: saved(drawn(mode=mode), "TIFF") for mode in ("1", "L", "LA", "RGB", "RGBA", "CMYK")},
    "P": saved(drawn().quantize(50), "TIFF"),
    "I;16": saved(drawn(mode="L").convert("I").convert("I;16"), "TIFF"),
    "lzw": saved(drawn(), "TIFF", compression="tiff_lzw"),
    "deflate": saved(drawn(), "TIFF", compression="tiff_adobe_deflate"),
    "jpeg": saved(drawn(), "TIFF", compression="jpeg"),
    "fax": saved(drawn(mode="1"), "TIFF", compression="group4"),
    "pages": pages(),
    "texts": tiff_file(drawn(), {tag: CANARY.decode() for tag in TEXTS}),
    "blocks": tiff_file(drawn(), dict.fromkeys(BLOCKS[1:], CANARY)),
    "wide colours": tiff_file(drawn(), icc_profile=DATED_PROFILE),
}


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as started:
        yield started


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES.keys())
def sample(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param
    return data


def rewritten(data: bytes, child: Child) -> bytes:
    source = BytesIO(data)
    return clean(inspect(source, child), source, child).open().read()


def test_every_pixel_of_every_page_stays(sample: bytes, child: Child) -> None:
    assert shown(rewritten(sample, child)) == shown(sample)


def test_a_clean_file_stays_as_it_is(sample: bytes, child: Child) -> None:
    clean_once = rewritten(sample, child)
    assert rewritten(clean_once, child) == clean_once


def test_deep_grey_is_read_from_big_endian_files(child: Child) -> None:
    grey = drawn(mode="L").convert("I").point(lambda level: level * 250).convert("I;16")
    with Image.open(BytesIO(rewritten(big_endian(grey), child))) as picture:
        assert (picture.mode, picture.tobytes()) == ("I;16", grey.tobytes())


@pytest.mark.parametrize("name", ["texts", "blocks", "wide colours"])
def test_nothing_that_was_written_beside_the_pixels_stays(name: str, child: Child) -> None:
    written = rewritten(SAMPLES[name], child)
    assert CANARY not in written
    assert DATED_PROFILE[24:36] not in written


def test_bytes_that_no_tag_names_go(child: Child) -> None:
    data = SAMPLES["RGB"]
    (offset,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, offset)
    directory = data[offset : offset + 6 + 12 * count]
    hidden = data[:4] + struct.pack("<I", len(data) + len(CANARY)) + data[8:] + CANARY + directory
    assert shown(hidden) == shown(data)
    assert rewritten(hidden, child) == rewritten(data, child)


def test_what_goes_is_named(child: Child) -> None:
    for name, dropped in (("texts", ("texts",)), ("wide colours", ("ICC",)), ("RGB", ())):
        source = BytesIO(SAMPLES[name])
        assert inspect(source, child).walked.recipe.dropped == dropped


@pytest.mark.parametrize("orientation", range(2, 9))
def test_every_page_comes_upright(orientation: int, child: Child) -> None:
    data = tiff_file(drawn(), {274: orientation}, save_all=True, append_images=[drawn()])
    written = rewritten(data, child)
    with Image.open(BytesIO(written)) as picture:
        assert 274 not in picture.tag_v2
    turned = drawn().transpose(decoders._TURNS[orientation])
    assert shown(written)[0][1:3] == (turned.size, turned.convert("RGBA").tobytes())


@pytest.mark.parametrize("mark", [{254: 1}, {254: 3}, {255: 2}], ids=str)
def test_a_preview_page_goes(mark: Tags, child: Child) -> None:
    whole, preview = drawn(), drawn((8, 5))
    preview.encoderinfo = {"tiffinfo": tagged(mark)}
    data = saved(whole, "TIFF", save_all=True, append_images=[preview, drawn((9, 9))])
    assert tiff.walk(BytesIO(data)).frames == 2
    assert [page[1] for page in shown(rewritten(data, child))] == [(37, 23), (9, 9)]


@pytest.mark.parametrize("kind", [1, 4])
def test_a_file_that_starts_with_a_preview_or_a_mask_is_refused(kind: int) -> None:
    with pytest.raises(Unsupported):
        tiff.walk(BytesIO(tiff_file(drawn(), {254: kind})))


@pytest.mark.parametrize("kind", sorted(tiff.PAGE_KINDS))
def test_every_kind_of_page_is_needed(kind: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tiff_file(drawn(), {254: kind})
    assert tiff.walk(BytesIO(data)).frames == 1
    monkeypatch.setattr(tiff, "PAGE_KINDS", tiff.PAGE_KINDS - {kind})
    with pytest.raises(Unsupported):
        tiff.walk(BytesIO(data))


@pytest.mark.parametrize("mode", LAYOUTS)
def test_every_layout_is_needed(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(decoders.rewritten_tiff(SAMPLES[mode])) == shown(SAMPLES[mode])
    fewer = {name: layout for name, layout in LAYOUTS.items() if name != mode}
    monkeypatch.setattr(decoders, "LAYOUTS", fewer)
    with pytest.raises(Unsupported):
        decoders.rewritten_tiff(SAMPLES[mode])


@pytest.mark.parametrize("mode", ["I", "F", "LAB", "YCbCr"])
def test_pixels_of_an_unusual_kind_are_refused(mode: str, child: Child) -> None:
    data = saved(Image.new(mode, (4, 3)), "TIFF")
    with pytest.raises(Unsupported):
        rewritten(data, child)


def retagged(data: bytes, tag: int, value: int) -> bytes:
    """Return a little-endian TIFF with another number in a tag of its first page."""
    (offset,) = struct.unpack_from("<I", data, 4)
    (count,) = struct.unpack_from("<H", data, offset)
    for at in range(offset + 2, offset + 2 + 12 * count, 12):
        if struct.unpack_from("<H", data, at) == (tag,):
            return data[: at + 8] + struct.pack("<I", value) + data[at + 12 :]
    raise AssertionError("no such tag")


def test_deep_grey_that_counts_from_white_is_refused(child: Child) -> None:
    with pytest.raises(Unsupported):
        rewritten(retagged(SAMPLES["I;16"], 262, 0), child)


def test_deep_colours_are_refused_not_cut() -> None:
    picture = Image.new("RGB", (2, 2))
    with pytest.raises(Unsupported):
        decoders._page(picture, bits=16, white_is_zero=False)


def test_pages_that_come_back_otherwise_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "write_tiff", lambda pages: [*pages] and SAMPLES["L"])
    with pytest.raises(Malformed, match="other pixels"):
        decoders.rewritten_tiff(SAMPLES["RGB"])


def test_a_page_that_was_lost_is_noticed(monkeypatch: pytest.MonkeyPatch, child: Child) -> None:
    first_only = decoders.rewritten_tiff(SAMPLES["RGB"])
    monkeypatch.setattr(child, "turn", lambda *_: first_only)
    with pytest.raises(Doubt, match="pages"):
        rewritten(SAMPLES["pages"], child)


def test_without_rewriting_the_second_reader_refuses(
    monkeypatch: pytest.MonkeyPatch, child: Child
) -> None:
    monkeypatch.setattr(cleaning, "REWRITTEN", frozenset())
    with pytest.raises(Doubt):
        rewritten(SAMPLES["texts"], child)


def test_all_pages_together_stay_within_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoders, "MAX_PIXELS", 3 * 37 * 23 - 1)
    with pytest.raises(TooBig):
        decoders.rewritten_tiff(SAMPLES["pages"])


def test_the_device_and_the_people_are_read_from_the_file(child: Child) -> None:
    keyword = b"\x1c\x02\x19\0\x0bAnna Munter"
    data = tiff_file(drawn(), {271: "Maker", 272: "Model 1", 33723: keyword})
    facts = inspect(BytesIO(data), child).facts
    assert (facts.make, facts.model) == ("Maker", "Model 1")
    assert [(tag.kind, tag.name) for tag in facts.people] == [(TagKind.KEYWORD, "Anna Munter")]


def test_people_in_photoshop_resources_are_read(child: Child) -> None:
    keyword = b"\x1c\x02\x19\0\x0bAnna Munter"
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(keyword)) + keyword
    data = tiff_file(drawn(), {34377: resource})
    assert [tag.name for tag in inspect(BytesIO(data), child).facts.people] == ["Anna Munter"]


def test_people_in_a_block_that_is_counted_in_words_are_read(child: Child) -> None:
    keyword = b"\x1c\x02\x19\0\x0bAnna Munter"
    data = tiff_file(drawn(), {33723: keyword})
    assert len(keyword) == 16
    entry = struct.pack("<HHI", 33723, 7, 16)
    assert entry in data
    counted = data.replace(entry, struct.pack("<HHI", 33723, 4, 4))
    assert [tag.name for tag in inspect(BytesIO(counted), child).facts.people] == ["Anna Munter"]


def test_what_goes_is_named_by_its_kind() -> None:
    data = tiff_file(drawn(), {700: CANARY, 33723: CANARY, 34377: CANARY, 65000: CANARY})
    dropped = tiff.walk(BytesIO(data)).recipe.dropped
    assert dropped == ("XMP", "IPTC", "Photoshop", "other tags")


def test_people_are_read_from_every_page(child: Child) -> None:
    later = drawn()
    later.encoderinfo = {"tiffinfo": tagged({33723: b"\x1c\x02\x19\0\x0bAnna Munter"})}
    data = saved(drawn(), "TIFF", save_all=True, append_images=[later])
    assert [tag.name for tag in inspect(BytesIO(data), child).facts.people] == ["Anna Munter"]


@pytest.mark.parametrize("limit", [30, len(CANARY) - 1])
def test_names_beyond_the_limit_are_not_passed_over(
    limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tiff_file(drawn(), {700: CANARY}, save_all=True, append_images=[drawn()])
    assert tiff.walk(BytesIO(data)).metadata.untrusted_xmp == (CANARY, CANARY)
    monkeypatch.setattr(tiff, "MAX_METADATA_BYTES", limit)
    with pytest.raises(TooBig):
        tiff.walk(BytesIO(data))


def test_a_large_file_is_asked_for_its_device(child: Child) -> None:
    data = tiff_file(Image.new("RGB", (2000, 1000)), {272: "Model 1"})
    assert len(data) > 5 << 20
    assert inspect(BytesIO(data), child).facts.model == "Model 1"


def test_a_cut_file_is_refused_wherever_it_is_cut(child: Child) -> None:
    data = SAMPLES["1"]
    for end in range(len(data)):
        with pytest.raises(MediaError):
            rewritten(data[:end], child)


def directory(*tags: tuple[int, int, int, int], following: int = 0, count: int = 0) -> bytes:
    rows = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return (
        b"II*\0\x08\0\0\0"
        + struct.pack("<H", count or len(tags))
        + rows
        + struct.pack("<I", following)
    )


SIZE = ((256, 3, 1, 4), (257, 3, 1, 3))
BROKEN: dict[str, tuple[bytes, type[MediaError]]] = {
    "no mark": (b"II+\0" + bytes(8), Malformed),
    "no page": (b"II*\0" + bytes(4), Malformed),
    "a page outside": (b"II*\0\xff\xff\xff\xff", Malformed),
    "pages in a ring": (directory(*SIZE, following=8), Malformed),
    "no width": (directory(SIZE[1]), Malformed),
    "two widths": (directory((256, 3, 2, 4), SIZE[1]), Malformed),
    "a width in words": (directory((256, 2, 1, 4), SIZE[1]), Malformed),
    "tags outside": (directory(*SIZE, count=99), Malformed),
    "too many tags": (directory(*SIZE, count=513), TooBig),
    "too many pixels": (directory((256, 4, 1, 60_000), (257, 4, 1, 60_000)), TooBig),
}


def test_the_size_is_known() -> None:
    walked = tiff.walk(BytesIO(SAMPLES["pages"]))
    assert (walked.width, walked.height) == (37, 23)


@pytest.mark.parametrize(("data", "refusal"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused(data: bytes, refusal: type[MediaError]) -> None:
    with pytest.raises(refusal):
        tiff.walk(BytesIO(data))


def test_more_pages_than_the_limit_are_refused() -> None:
    page = struct.pack("<H", 0)
    data = b"II*\0\x08\0\0\0" + b"".join(
        page + struct.pack("<I", 14 + 6 * number) for number in range(1001)
    )
    with pytest.raises(TooBig):
        tiff.walk(BytesIO(data))


def test_a_page_of_many_strips_is_confirmed(child: Child) -> None:
    data = saved(drawn((1201, 900)), "TIFF")
    written = rewritten(data, child)
    with Image.open(BytesIO(written)) as picture:
        assert len(picture.tag_v2[273]) == 4
    assert shown(written) == shown(data)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([SAMPLES["1"], SAMPLES["fax"], SAMPLES["lzw"], SAMPLES["deflate"]]).flatmap(
        spoilt
    )
)
def test_a_hostile_file_is_clean_or_refused_by_type(child: Child, data: bytes) -> None:
    try:
        written = rewritten(data, child)
    except ChildFailed:
        pytest.fail("a changed file must not end the child")
    except MediaError:
        return
    verify_tiff(BytesIO(written))
