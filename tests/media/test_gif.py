# SPDX-License-Identifier: Apache-2.0
"""GIF: pixels, times and loop stay, everything else goes, and the second reader sees the rest."""

import struct
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from agent.media.errors import Doubt, Malformed, MediaError, TooBig
from agent.media.model import Kind
from agent.media.verify_gif import verify_gif
from agent.media.walk import gif
from tests.media.small_stills import CANARY, check_hostile, cleaned, drawn, saved, shown, spoilt

XMP_TRAILER = b"\1" + bytes(range(255, -1, -1)) + b"\0"
LOOP = b"!\xff\x0bNETSCAPE2.0\3\1\7\0\0"
CONTROL = b"!\xf9\4\0\5\0\0\0"


def screen(version: bytes = b"GIF89a", size: tuple[int, int] = (2, 1)) -> bytes:
    """Return a header and a palette of black and white."""
    return version + struct.pack("<HHBBB", *size, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"


def image(codes: bytes = b"\2\x44\x0a\0", table: bytes = b"") -> bytes:
    """Return an image of two pixels, by default in codes of three bits: clear, 0, 1, end."""
    return b"," + struct.pack("<HHHHB", 0, 0, 2, 1, 0x80 if table else 0) + table + b"\2" + codes


def blocks(content: bytes) -> bytes:
    parts = [content[at : at + 255] for at in range(0, len(content), 255)]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def application(name: bytes, content: bytes) -> bytes:
    return b"!\xff\x0b" + name + content


def animated(loop: int = 7) -> bytes:
    frames = [drawn((20, 10)).rotate(turn).quantize(16) for turn in (0, 90, 180)]
    return saved(
        frames[0], "GIF", save_all=True, append_images=frames[1:], duration=[70, 150, 40], loop=loop
    )


PALETTED = drawn().quantize(8)
SAMPLES = {
    "still": saved(PALETTED, "GIF"),
    "interlaced": saved(PALETTED, "GIF", interlace=True),
    "transparent": saved(PALETTED, "GIF", transparency=2),
    "grey": saved(drawn(mode="L"), "GIF"),
    "animated": animated(),
    "two pixels": screen() + image() + b";",
    "an own table": screen() + image(table=b"\xff\0\0\0\xff\0") + b";",
    "no shared table": screen()[:10] + b"\x7f\0\0" + image(table=b"\xff\0\0\0\xff\0") + b";",
    "a control": screen() + LOOP + CONTROL + image() + CONTROL + image() + b";",
}
TINY = SAMPLES["two pixels"]
HEAD, REST = screen(), image() + b";"


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES.keys())
def sample(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param
    return data


def test_every_pixel_and_every_time_stays(sample: bytes) -> None:
    assert shown(cleaned(Kind.GIF, sample)) == shown(sample)


def test_a_clean_file_stays_as_it_is(sample: bytes) -> None:
    clean_once = cleaned(Kind.GIF, sample)
    assert cleaned(Kind.GIF, clean_once) == clean_once


@pytest.mark.parametrize("version", sorted(gif.VERSIONS))
def test_every_version_is_read(version: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = screen(version) + REST
    assert cleaned(Kind.GIF, data) == data
    monkeypatch.setattr(gif, "VERSIONS", gif.VERSIONS - {version})
    with pytest.raises(Malformed):
        gif.walk(BytesIO(data))


@pytest.mark.parametrize("name", sorted(gif.LOOPS))
def test_a_loop_is_written_anew(name: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    data = HEAD + application(name, b"\3\1\7\0" + blocks(CANARY)) + REST
    assert cleaned(Kind.GIF, data) == HEAD + LOOP + REST
    monkeypatch.setattr(gif, "LOOPS", gif.LOOPS - {name})
    assert cleaned(Kind.GIF, data) == HEAD + REST


def test_an_application_that_is_kept_by_mistake_loses_its_data(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = HEAD + application(b"CAMERA  1.0", b"\3\1\7\0" + blocks(CANARY)) + REST
    assert cleaned(Kind.GIF, data) == TINY
    monkeypatch.setattr(gif, "LOOPS", gif.LOOPS | {b"CAMERA  1.0"})
    assert cleaned(Kind.GIF, data) == HEAD + LOOP + REST


def test_the_loop_of_an_animation_stays() -> None:
    with Image.open(BytesIO(cleaned(Kind.GIF, animated(loop=4)))) as picture:
        assert picture.info["loop"] == 4


DROPPED = {
    "comment": b"!\xfe" + blocks(CANARY * 20),
    "plain text": b"!\1\x0c" + bytes(12) + blocks(CANARY),
    "unknown extension": b"!\x77" + blocks(CANARY),
    "application data": application(b"ICCRGBG1012", blocks(CANARY)),
    "XMP": application(b"XMP DataXMP", b"<x>" + CANARY + b"</x>" + XMP_TRAILER),
}


@pytest.mark.parametrize("name", DROPPED)
@pytest.mark.parametrize("place", ["before", "behind"])
def test_what_draws_nothing_goes(name: str, place: str) -> None:
    data = HEAD + (DROPPED[name] + REST if place == "before" else REST[:-1] + DROPPED[name] + b";")
    assert cleaned(Kind.GIF, data) == TINY
    assert gif.walk(BytesIO(data)).recipe.dropped == (name,)


def test_a_second_loop_goes() -> None:
    assert cleaned(Kind.GIF, HEAD + LOOP + LOOP + REST) == HEAD + LOOP + REST


@pytest.mark.parametrize("content", [b"\3\2\7\0\0", b"\5\2\1\0\0\0\0"], ids=["id", "buffer"])
def test_what_a_loop_extension_says_besides_goes(content: bytes) -> None:
    assert cleaned(Kind.GIF, HEAD + application(b"NETSCAPE2.0", content) + REST) == TINY


def test_a_name_that_is_cut_by_a_block_is_no_name() -> None:
    hidden = b"!\xff\x0cNETSCAPE2.0" + b"S" + b"\3\1\7\0\0"
    assert cleaned(Kind.GIF, HEAD + hidden + REST) == TINY


def test_the_control_of_a_text_goes_with_it() -> None:
    data = HEAD + CONTROL + DROPPED["plain text"] + REST
    assert cleaned(Kind.GIF, data) == TINY


def test_a_control_waits_for_its_image_across_a_comment() -> None:
    data = HEAD + CONTROL + DROPPED["comment"] + REST
    assert cleaned(Kind.GIF, data) == HEAD + CONTROL + REST


def test_a_control_without_an_image_goes() -> None:
    assert cleaned(Kind.GIF, HEAD + REST[:-1] + CONTROL + b";") == TINY


def test_the_last_of_two_controls_counts() -> None:
    other = CONTROL.replace(b"\5", b"\6")
    assert cleaned(Kind.GIF, HEAD + other + CONTROL + REST) == HEAD + CONTROL + REST


def test_what_stands_behind_the_trailer_goes(sample: bytes) -> None:
    assert cleaned(Kind.GIF, sample + CANARY) == cleaned(Kind.GIF, sample)


def test_one_byte_behind_the_trailer_is_noted() -> None:
    assert gif.walk(BytesIO(TINY)).recipe.dropped == ()
    assert gif.walk(BytesIO(TINY + b"S")).recipe.dropped == ("after the end",)


def test_the_size_is_that_of_the_screen() -> None:
    walked = gif.walk(BytesIO(SAMPLES["still"]))
    assert (walked.width, walked.height) == (37, 23)


def test_a_missing_trailer_is_supplied(sample: bytes) -> None:
    assert cleaned(Kind.GIF, sample[:-1]) == cleaned(Kind.GIF, sample)


@pytest.mark.parametrize("stored", [b"<x/>" + XMP_TRAILER, blocks(b"<x/>")], ids=["raw", "blocks"])
def test_xmp_is_kept_apart_for_the_child(stored: bytes) -> None:
    walked = gif.walk(BytesIO(HEAD + application(b"XMP DataXMP", stored) + REST))
    assert walked.metadata.untrusted_xmp == (b"<x/>",)


@pytest.mark.parametrize("bits", [1, 8])
def test_codes_of_one_to_eight_bits_are_read(bits: int) -> None:
    data = HEAD + REST.replace(b"\2\2\x44", bytes([bits]) + b"\2\x44")
    assert cleaned(Kind.GIF, data) == data


def test_frames_are_counted() -> None:
    assert gif.walk(BytesIO(SAMPLES["animated"])).frames == 3


def test_a_cut_file_is_refused_or_complete(sample: bytes) -> None:
    for end in range(len(sample)):
        try:
            clean_file = cleaned(Kind.GIF, sample[:end])
        except Malformed:
            continue
        assert end == len(sample) - 1 or shown(clean_file)[0] == shown(sample)[0]


BROKEN = {
    "another version": b"GIF90a" + TINY[6:],
    "no image": HEAD + b";",
    "a cut screen": HEAD[:12],
    "a cut table": HEAD[:-1],
    "no screen": screen(size=(0, 1)) + REST,
    "bytes between blocks": HEAD + b"\0" + REST,
    "codes of nine bits": HEAD + REST.replace(b"\2\2\x44", b"\x09\2\x44"),
    "codes of no bits": HEAD + REST.replace(b"\2\2\x44", b"\0\2\x44"),
    "an image without size": HEAD + REST.replace(b"\2\0\1\0", b"\0\0\1\0", 1),
    "a long sub-block": HEAD + image(b"\xff\x44\x0a\0") + b";",
    "a control of five bytes": HEAD + b"!\xf9\5\0\5\0\0\0\0" + REST,
    "a control that goes on": HEAD + b"!\xf9\4\0\5\0\0" + blocks(CANARY) + REST,
    "a control in two blocks": HEAD + b"!\xf9\1\0\2\0\0\0" + REST,
    "a cut extension": HEAD + REST[:-1] + b"!",
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        gif.walk(BytesIO(data))


def test_a_screen_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TooBig):
        gif.walk(BytesIO(screen(size=(65_535, 65_535)) + REST))


def test_more_blocks_than_the_limit_are_refused() -> None:
    with pytest.raises(TooBig):
        gif.walk(BytesIO(HEAD + b"!\xfe\0" * 100_000 + REST))


PLANTED = {
    "another version": b"GIF90a" + TINY[6:],
    "bytes behind": TINY + b"S",
    "no trailer": TINY[:-1],
    "bytes between blocks": HEAD + b"\0" + REST,
    "a comment": HEAD + DROPPED["comment"] + REST,
    "plain text": HEAD + DROPPED["plain text"] + REST,
    "XMP": HEAD + DROPPED["XMP"] + REST,
    "another application": HEAD + application(b"ANIMEXTS1.0", b"\3\1\0\0\0") + REST,
    "a loop that goes on": HEAD + LOOP[:-1] + blocks(CANARY) + REST,
    "two loops": HEAD + LOOP + LOOP + REST,
    "a control that goes on": HEAD + CONTROL[:-1] + blocks(CANARY) + REST,
    "a control with no end": HEAD + CONTROL[:-1] + b"\1" + REST[1:],
    "a loop of another name": HEAD + b"!\xff\x0bANIMEXTS1.0\3\1" + REST,
    "a control alone": HEAD + image() + CONTROL + b";",
    "two controls": HEAD + CONTROL + CONTROL + REST,
    "a cut image": HEAD + REST[:12],
    "a cut table": HEAD[:-1],
}


@pytest.mark.parametrize("data", PLANTED.values(), ids=PLANTED.keys())
def test_the_second_reader_sees_what_is_planted(data: bytes) -> None:
    with pytest.raises(Doubt):
        verify_gif(BytesIO(data))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([*SAMPLES.values(), HEAD + DROPPED["XMP"] + REST]).flatmap(spoilt))
def test_a_hostile_file_is_clean_or_refused_by_type(data: bytes) -> None:
    try:
        check_hostile(Kind.GIF, data)
    except MediaError:
        return
