# SPDX-License-Identifier: Apache-2.0
"""WebP: pixels stay, everything else goes, and the second reader sees what should not be there."""

import struct
from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from agent.media.child import Child
from agent.media.cleaning import clean, inspect
from agent.media.errors import Doubt, Malformed, MediaError, TooBig
from agent.media.model import Kind
from agent.media.verify_webp import verify_webp
from agent.media.walk import webp
from tests.media.small_stills import (
    CANARY,
    DATED_PROFILE,
    WIDE_PROFILE,
    check_hostile,
    cleaned,
    drawn,
    saved,
    shown,
    spoilt,
)
from tests.media.webp_files import (
    EXIF,
    EXTENDED,
    LOSSY,
    SAMPLES,
    Chunk,
    chunks,
    joined,
    riff,
    spoilt_part,
)


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES.keys())
def sample(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param
    return data


def test_every_pixel_stays(sample: bytes) -> None:
    assert shown(cleaned(Kind.WEBP, sample)) == shown(sample)


def test_a_clean_file_stays_as_it_is(sample: bytes) -> None:
    clean_once = cleaned(Kind.WEBP, sample)
    assert cleaned(Kind.WEBP, clean_once) == clean_once


@pytest.mark.parametrize("name", sorted(webp.PICTURE | webp.ANIMATION))
def test_every_kept_chunk_is_needed(name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webp, "PICTURE", webp.PICTURE - {name})
    monkeypatch.setattr(webp, "ANIMATION", webp.ANIMATION - {name})
    worse = 0
    for data in SAMPLES.values():
        try:
            worse += shown(cleaned(Kind.WEBP, data)) != shown(data)
        except MediaError:
            worse += 1
    assert worse


@pytest.mark.parametrize("name", [b"EXIF", b"XMP ", b"ICCP", b"C2PA", b"XTRA", b"\0\0\0\0"])
def test_any_other_chunk_goes_from_any_place(name: bytes, sample: bytes) -> None:
    parts = chunks(sample)
    for place in range(1, len(parts) + 1):
        clean_file = cleaned(Kind.WEBP, riff([*parts[:place], (name, CANARY), *parts[place:]]))
        assert CANARY not in clean_file
        assert name not in clean_file or name == b"\0\0\0\0" or b"ICCP" in sample


def test_a_chunk_that_is_kept_by_mistake_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = chunks(EXTENDED)
    data = riff([parts[0], (b"XTRA", CANARY), *parts[2:]])
    assert CANARY not in cleaned(Kind.WEBP, data)
    monkeypatch.setattr(webp, "PICTURE", webp.PICTURE | {b"XTRA"})
    with pytest.raises(Doubt, match="not, or not so"):
        cleaned(Kind.WEBP, data)


def test_a_chunk_inside_a_frame_goes() -> None:
    def spied(name: bytes, content: bytes) -> Chunk:
        return name, content + joined([(b"XTRA", CANARY)]) if name == b"ANMF" else content

    data = riff([spied(*part) for part in chunks(SAMPLES["animated"])])
    assert data.count(CANARY) == 3
    assert cleaned(Kind.WEBP, data) == cleaned(Kind.WEBP, SAMPLES["animated"])


def test_what_stands_behind_the_riff_body_goes(sample: bytes) -> None:
    assert cleaned(Kind.WEBP, sample + CANARY) == cleaned(Kind.WEBP, sample)


def test_an_even_length_is_padded_with_zero() -> None:
    name, content = chunks(LOSSY)[0]
    odd = content + b"\0" * (1 - len(content) % 2)
    assert cleaned(Kind.WEBP, riff([(name, odd)], pad=b"S")) == riff([(name, odd)])


def test_a_missing_last_pad_byte_is_supplied() -> None:
    name, content = chunks(LOSSY)[0]
    odd = content + b"\0" * (1 - len(content) % 2)
    assert cleaned(Kind.WEBP, riff([(name, odd)], pad=b"")) == riff([(name, odd)])


def test_the_header_claims_only_what_remains(sample: bytes) -> None:
    parts = chunks(sample)
    if parts[0][0] != b"VP8X":
        assert chunks(cleaned(Kind.WEBP, sample)) == parts
        return
    flags = parts[0][1][0]
    claiming = riff([(b"VP8X", bytes([flags | 0xEC, 1, 2, 3]) + parts[0][1][4:]), *parts[1:]])
    assert chunks(cleaned(Kind.WEBP, claiming))[0][1][:4] == bytes([flags, 0, 0, 0])


def test_reserved_bits_of_a_frame_go() -> None:
    parts = chunks(SAMPLES["animated"])
    index = next(i for i, part in enumerate(parts) if part[0] == b"ANMF")
    frame = bytearray(parts[index][1])
    frame[15] |= 0xFC
    data = riff([*parts[:index], (b"ANMF", bytes(frame)), *parts[index + 1 :]])
    assert cleaned(Kind.WEBP, data) == cleaned(Kind.WEBP, SAMPLES["animated"])


def test_a_wide_profile_is_replaced_by_the_canonical_one() -> None:
    assert dict(chunks(SAMPLES["wide colours"]))[b"ICCP"] == DATED_PROFILE
    assert dict(chunks(cleaned(Kind.WEBP, SAMPLES["wide colours"])))[b"ICCP"] == WIDE_PROFILE


def test_an_srgb_profile_goes() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    clean_file = cleaned(Kind.WEBP, saved(drawn(), "WEBP", icc_profile=profile))
    assert [name for name, _ in chunks(clean_file)] == [b"VP8X", b"VP8 "]


def test_metadata_is_kept_apart_for_the_child() -> None:
    data = riff([*chunks(EXTENDED), (b"EXIF", b"Exif\0\0" + EXIF), (b"XMP ", CANARY)])
    walked = webp.walk(BytesIO(data))
    assert walked.metadata.untrusted_exif == EXIF
    assert walked.metadata.untrusted_xmp == (CANARY,)
    assert walked.orientation == 6
    assert walked.recipe.dropped == ("EXIF", "XMP")


def test_the_size_is_known() -> None:
    walked = webp.walk(BytesIO(SAMPLES["animated lossless"]))
    assert (walked.width, walked.height) == (20, 10)


def test_the_first_of_two_exif_chunks_counts() -> None:
    data = riff([*chunks(EXTENDED), (b"EXIF", EXIF), (b"EXIF", CANARY)])
    assert webp.walk(BytesIO(data)).metadata.untrusted_exif == EXIF


@pytest.mark.parametrize(
    ("canvas", "fits"), [((30, 16), True), ((29, 16), False), ((30, 15), False)]
)
def test_a_frame_may_touch_the_edge_of_the_canvas(canvas: tuple[int, int], fits: bool) -> None:
    sides = b"".join((side - 1).to_bytes(3, "little") for side in canvas)
    moved = spoilt_part(SAMPLES["animated"], b"ANMF", lambda c: b"\5\0\0\3\0\0" + c[6:])
    data = spoilt_part(moved, b"VP8X", lambda c: c[:4] + sides)
    if fits:
        assert shown(cleaned(Kind.WEBP, data)) == shown(data)
    else:
        with pytest.raises(Malformed):
            webp.walk(BytesIO(data))


def test_the_scale_of_a_lossy_picture_is_no_size() -> None:
    data = spoilt_part(LOSSY, b"VP8 ", lambda c: c[:7] + bytes([c[7] | 0x40]) + c[8:])
    assert webp.walk(BytesIO(data)).width == 37


def test_frames_are_counted() -> None:
    assert webp.walk(BytesIO(LOSSY)).frames == 1
    assert webp.walk(BytesIO(SAMPLES["animated"])).frames == 3


@pytest.fixture(scope="module")
def child() -> Iterator[Child]:
    with Child() as started:
        yield started


def upright(data: bytes, child: Child) -> bytes:
    source = BytesIO(data)
    return clean(inspect(source, child), source, child).open().read()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_lossless_picture_is_turned_without_loss(mode: str, child: Child) -> None:
    data = saved(drawn(mode=mode), "WEBP", lossless=True, exact=True, exif=EXIF)
    turned = Image.open(BytesIO(upright(data, child)))
    assert turned.tobytes() == drawn(mode=mode).transpose(Image.Transpose.ROTATE_270).tobytes()


def test_a_lossy_picture_is_turned_as_one(child: Child) -> None:
    data = saved(drawn(), "WEBP", quality=80, exif=EXIF, icc_profile=DATED_PROFILE)
    parts = chunks(upright(data, child))
    assert [name for name, _ in parts] == [b"VP8X", b"ICCP", b"VP8 "]
    assert parts[1][1] == WIDE_PROFILE


def test_an_animation_is_not_turned(child: Child) -> None:
    data = riff([*chunks(SAMPLES["animated"]), (b"EXIF", EXIF)])
    with pytest.raises(MediaError, match="animation"):
        upright(data, child)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_cut_file_is_refused_wherever_it_is_cut(name: str) -> None:
    for end in range(len(SAMPLES[name])):
        with pytest.raises(Malformed):
            webp.walk(BytesIO(SAMPLES[name][:end]))


ALPHA_HEADER, ALPHA, PIXELS = chunks(EXTENDED)
ANIMATION = chunks(SAMPLES["animated"])
BROKEN = {
    "no WEBP mark": LOSSY.replace(b"WEBP", b"WEBQ"),
    "no RIFF mark": b"RIFX" + LOSSY[4:],
    "no lossless pixels": riff([(b"VP8L", b"")]),
    "cut lossless pixels": riff([(b"VP8L", b"\x2f\0\0\0")]),
    "a loop behind its frames": riff([ANIMATION[0], *ANIMATION[2:], ANIMATION[1]]),
    "a huge chunk": LOSSY[:16] + b"\xff\xff\xff\xff" + LOSSY[20:],
    "no picture": riff([ALPHA_HEADER]),
    "an empty body": riff([]),
    "two pictures": riff([ALPHA_HEADER, PIXELS, PIXELS]),
    "two planes": riff([ALPHA_HEADER, ALPHA, ALPHA, PIXELS]),
    "a plane too late": riff([ALPHA_HEADER, PIXELS, ALPHA]),
    "a plane alone": riff([ALPHA_HEADER, ALPHA]),
    "a plane before lossless pixels": riff(
        [ALPHA_HEADER, ALPHA, chunks(saved(drawn(), "WEBP", lossless=True))[0]]
    ),
    "a plane without a header": riff([ALPHA, PIXELS]),
    "a late header": riff([PIXELS, ALPHA_HEADER]),
    "a short header": spoilt_part(EXTENDED, b"VP8X", lambda content: content[:9]),
    "a wide canvas": spoilt_part(EXTENDED, b"VP8X", lambda c: c[:4] + b"\x99" + c[5:]),
    "a delta frame": spoilt_part(LOSSY, b"VP8 ", lambda c: bytes([c[0] | 1]) + c[1:]),
    "no start code": spoilt_part(LOSSY, b"VP8 ", lambda c: c[:3] + b"\0" + c[4:]),
    "a long partition": spoilt_part(LOSSY, b"VP8 ", lambda c: c[:1] + b"\xff\xff" + c[3:]),
    "lossy pixels without size": spoilt_part(LOSSY, b"VP8 ", lambda c: c[:6] + bytes(4) + c[10:]),
    "lossy pixels without width": spoilt_part(LOSSY, b"VP8 ", lambda c: c[:6] + bytes(2) + c[8:]),
    "lossy pixels without height": spoilt_part(LOSSY, b"VP8 ", lambda c: c[:8] + bytes(2) + c[10:]),
    "a lossless version": spoilt_part(
        SAMPLES["lossless"], b"VP8L", lambda c: c[:4] + bytes([c[4] | 0x20]) + c[5:]
    ),
    "no lossless mark": spoilt_part(SAMPLES["lossless"], b"VP8L", lambda c: b"." + c[1:]),
    "a still in an animation": riff([*ANIMATION, PIXELS]),
    "a plane in an animation": riff([*ANIMATION, ALPHA]),
    "a frame without a loop": riff([part for part in ANIMATION if part[0] != b"ANIM"]),
    "a frame without a header": riff(ANIMATION[1:]),
    "a loop without frames": riff(ANIMATION[:2]),
    "two loops": riff([ANIMATION[0], ANIMATION[1], *ANIMATION[1:]]),
    "a short loop": spoilt_part(SAMPLES["animated"], b"ANIM", lambda c: c[:5]),
    "a short frame": spoilt_part(SAMPLES["animated"], b"ANMF", lambda c: c[:15]),
    "an empty frame": spoilt_part(SAMPLES["animated"], b"ANMF", lambda c: c[:16]),
    "a frame of another size": spoilt_part(
        SAMPLES["animated"], b"ANMF", lambda c: c[:6] + bytes([c[6] - 1]) + c[7:]
    ),
    "a frame too far right": spoilt_part(SAMPLES["animated"], b"ANMF", lambda c: b"\xff" + c[1:]),
    "a frame too low": spoilt_part(SAMPLES["animated"], b"ANMF", lambda c: c[:3] + b"\xff" + c[4:]),
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        webp.walk(BytesIO(data))


def test_a_canvas_beyond_the_limit_is_refused() -> None:
    data = spoilt_part(EXTENDED, b"VP8X", lambda c: c[:4] + b"\xff\x7f\0\xff\x7f\0")
    with pytest.raises(TooBig):
        webp.walk(BytesIO(data))


def test_metadata_beyond_the_limit_is_dropped_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    data = riff([*chunks(EXTENDED), (b"XMP ", CANARY)])
    monkeypatch.setattr(webp, "MAX_METADATA_BYTES", len(CANARY))
    assert webp.walk(BytesIO(data)).metadata.untrusted_xmp == (CANARY,)
    monkeypatch.setattr(webp, "MAX_METADATA_BYTES", len(CANARY) - 1)
    assert webp.walk(BytesIO(data)).metadata.untrusted_xmp == ()


def test_as_many_chunks_as_the_limit_are_read() -> None:
    assert webp.walk(BytesIO(riff([*chunks(LOSSY), *[(b"XTRA", b"")] * 99_999])))


def test_more_chunks_than_the_limit_are_refused() -> None:
    with pytest.raises(TooBig):
        webp.walk(BytesIO(riff([*chunks(LOSSY), *[(b"XTRA", b"")] * 100_000])))


def test_more_chunks_in_all_frames_than_the_limit_are_refused() -> None:
    many = joined([(b"XTRA", b"")] * 40_000)
    with pytest.raises(TooBig):
        webp.walk(BytesIO(spoilt_part(SAMPLES["animated"], b"ANMF", lambda c: c + many)))


CLEAN = {name: cleaned(Kind.WEBP, data) for name, data in SAMPLES.items()}
WIDE = chunks(CLEAN["wide colours"])
MOVING = CLEAN["animated"]
PLANTED = {
    "bytes behind": CLEAN["lossy"] + b"\0",
    "another length": CLEAN["lossy"][:4] + b"\0" + CLEAN["lossy"][5:],
    "no mark": b"RIFX" + CLEAN["lossy"][4:],
    "cut short": riff([chunks(CLEAN["lossy"])[0]])[:-2],
    "an Exif chunk": riff([*WIDE, (b"EXIF", EXIF)]),
    "an unknown chunk": riff([*WIDE, (b"XTRA", CANARY)]),
    "a pad byte": riff(
        [*WIDE[:2], (WIDE[2][0], WIDE[2][1] + b"\0" * (1 - len(WIDE[2][1]) % 2))], b"S"
    ),
    "a dated profile": riff([WIDE[0], (b"ICCP", DATED_PROFILE), WIDE[2]]),
    "a profile unclaimed": riff([(b"VP8X", b"\0" + WIDE[0][1][1:]), *WIDE[1:]]),
    "Exif claimed": riff([(b"VP8X", b"\x28" + WIDE[0][1][1:]), *WIDE[1:]]),
    **{
        f"reserved byte {at}": spoilt_part(
            CLEAN["wide colours"], b"VP8X", lambda c, at=at: c[:at] + b"\1" + c[at + 1 :]
        )
        for at in (1, 2, 3)
    },
    "a long header": riff([(b"VP8X", WIDE[0][1] + b"S"), *WIDE[1:]]),
    "a second picture": riff([*WIDE, WIDE[2]]),
    "a profile too late": riff([WIDE[0], WIDE[2], WIDE[1]]),
    "a lowest bit claimed": riff([(b"VP8X", b"\x21" + WIDE[0][1][1:]), *WIDE[1:]]),
    "a chunk longer than the file": CLEAN["lossy"][:16]
    + struct.pack("<I", len(CLEAN["lossy"]))
    + CLEAN["lossy"][20:],
    "a cut key frame": spoilt_part(CLEAN["lossy"], b"VP8 ", lambda c: c[:9]),
    "no start code": spoilt_part(CLEAN["lossy"], b"VP8 ", lambda c: c[:3] + b"S" + c[4:]),
    "cut lossless pixels": spoilt_part(CLEAN["lossless"], b"VP8L", lambda c: c[:5]),
    "a lossless version": spoilt_part(
        CLEAN["lossless"], b"VP8L", lambda c: c[:4] + b"\x20" + c[5:]
    ),
    "an empty plane": spoilt_part(CLEAN["transparent"], b"ALPH", lambda c: c[:1]),
    "a cut frame": spoilt_part(MOVING, b"ANMF", lambda c: c[:10]),
    "no key frame": spoilt_part(CLEAN["lossy"], b"VP8 ", lambda c: b"\1" + c[1:]),
    "no lossless mark": spoilt_part(CLEAN["lossless"], b"VP8L", lambda c: b"S" + c[1:]),
    "an alpha plane's reserved bits": spoilt_part(
        CLEAN["transparent"], b"ALPH", lambda c: bytes([c[0] | 0x40]) + c[1:]
    ),
    "a long loop": spoilt_part(MOVING, b"ANIM", lambda c: c + b"SS"),
    "a frame's reserved bits": spoilt_part(MOVING, b"ANMF", lambda c: c[:15] + b"\4" + c[16:]),
    "a chunk in a frame": spoilt_part(MOVING, b"ANMF", lambda c: c + joined([(b"XTRA", CANARY)])),
    "a frame without pixels": spoilt_part(MOVING, b"ANMF", lambda c: c[:16]),
}


@pytest.mark.parametrize("data", PLANTED.values(), ids=PLANTED.keys())
def test_the_second_reader_sees_what_is_planted(data: bytes) -> None:
    with pytest.raises(Doubt):
        verify_webp(BytesIO(data))


SHORTEST = {
    "lossy": riff([(b"VP8 ", b"\0\0\0\x9d\1\x2a\0\0\0\0")]),
    "lossless": riff([(b"VP8L", b"\x2f\0\0\0\x1f\0")]),
    "a plane": riff([(b"VP8X", b"\x10" + bytes(9)), (b"ALPH", b"\x3f\0"), PIXELS]),
    "all flags of a frame": spoilt_part(MOVING, b"ANMF", lambda c: c[:15] + b"\3" + c[16:]),
}


@pytest.mark.parametrize("data", SHORTEST.values(), ids=SHORTEST.keys())
def test_the_second_reader_is_no_stricter_than_the_format(data: bytes) -> None:
    verify_webp(BytesIO(data))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*SAMPLES.values()]).flatmap(spoilt))
def test_a_hostile_file_is_clean_or_refused_by_type(data: bytes) -> None:
    try:
        check_hostile(Kind.WEBP, data)
    except MediaError:
        return
