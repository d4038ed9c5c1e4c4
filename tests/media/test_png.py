# SPDX-License-Identifier: Apache-2.0
"""The PNG walker keeps what draws the picture and drops all else (PNG, third edition)."""

import struct
import zlib
from io import BytesIO
from typing import Final

import pytest
from PIL import Image, ImageCms

from agent.media.errors import Doubt, Malformed, TooBig
from agent.media.model import Walked
from agent.media.verify_png import verify_png
from agent.media.walk import png
from tests.media.stills import (
    AFTER_IHDR,
    CANARY,
    PNG_START,
    chunk,
    chunks_of,
    clean_bytes,
    drawn,
    exif_block,
    pixels,
    png_file,
    with_chunks,
)

XMP: Final = b"XML:com.adobe.xmp\0\0\0\0\0"
METADATA: Final = {
    "tEXt": chunk(b"tEXt", b"Author\0" + CANARY),
    "zTXt": chunk(b"zTXt", b"Author\0\0" + zlib.compress(CANARY)),
    "iTXt": chunk(b"iTXt", XMP + CANARY),
    "eXIf": chunk(b"eXIf", exif_block() + CANARY),
    "tIME": chunk(b"tIME", struct.pack(">H5B", 2031, 5, 4, 3, 2, 1)),
    "pHYs": chunk(b"pHYs", bytes(9)),
    "iCCP": chunk(b"iCCP", CANARY + b"\0\0" + zlib.compress(CANARY)),
    "sPLT": chunk(b"sPLT", CANARY),
    "hIST": chunk(b"hIST", CANARY),
    "caBX": chunk(b"caBX", CANARY),
    "meTa": chunk(b"meTa", CANARY),
    "iDOT": chunk(b"iDOT", CANARY),
    "unknown": chunk(b"a\0\1\2", CANARY),
}
HEAD: Final = struct.pack(">IIBBBBB", 48, 32, 8, 2, 0, 0, 0)


def walked(file: bytes) -> Walked:
    return png.walk(BytesIO(file))


def cleaned(file: bytes) -> bytes:
    """Return the clean file, confirmed by the second reader."""
    clean = clean_bytes(walked(file), file)
    verify_png(BytesIO(clean))
    return clean


def animation(frames: int = 3) -> bytes:
    out = BytesIO()
    first, *rest = [Image.new("RGB", (24, 16), (i * 60, 90, 0)) for i in range(frames)]
    first.save(out, "PNG", save_all=True, append_images=rest, duration=50)
    return out.getvalue()


def raw_picture(pixel_stream: bytes, head: bytes = HEAD) -> bytes:
    idat = chunk(b"IDAT", pixel_stream)
    return PNG_START + chunk(b"IHDR", head) + idat + chunk(b"IEND", b"")


def interlaced(depth: int, colour: int, size: tuple[int, int]) -> bytes:
    """Return an Adam7 picture of zeros: each pass with its own filter bytes (section 8.1)."""
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4))
    passes += ((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    stream = b""
    for left, top, across, down in passes:
        columns, rows = (
            len(range(start, end, step))
            for start, end, step in ((left, size[0], across), (top, size[1], down))
        )
        stream += bytes((1 + (columns * bits + 7) // 8) * rows) if columns else b""
    return raw_picture(
        zlib.compress(stream), struct.pack(">IIBBBBB", *size, depth, colour, 0, 0, 1)
    )


PICTURES: Final = {
    "RGB": png_file(),
    "RGBA": png_file("RGBA"),
    "grey": png_file("L"),
    "grey with alpha": png_file("LA"),
    "16-bit grey": png_file("I;16"),
    "one bit": png_file("1"),
    "palette": png_file("P"),
    "transparent palette": png_file("P", transparency=3),
    "transparent colour": png_file(transparency=(255, 0, 0)),
    "interlaced": interlaced(8, 2, (13, 9)),
    "interlaced, one pixel": interlaced(1, 0, (1, 1)),
    "interlaced, two bits": interlaced(2, 0, (5, 3)),
    "several data chunks": png_file(size=(400, 300)),
    "animation": animation(),
}


@pytest.mark.parametrize("kind", PICTURES)
def test_every_kind_of_picture_keeps_its_pixels(kind: str) -> None:
    assert pixels(cleaned(PICTURES[kind])) == pixels(PICTURES[kind])


@pytest.mark.parametrize("kind", PICTURES)
def test_a_clean_picture_is_left_as_it_is(kind: str) -> None:
    once = cleaned(PICTURES[kind])
    assert cleaned(once) == once


@pytest.mark.parametrize("name", METADATA)
def test_each_kind_of_metadata_goes_and_is_named(name: str) -> None:
    file = with_chunks(png_file(), METADATA[name])
    assert cleaned(file) == cleaned(png_file())
    assert name in walked(file).recipe.dropped


@pytest.mark.parametrize("name", METADATA)
def test_metadata_behind_the_pixels_goes_too(name: str) -> None:
    file = png_file()
    assert cleaned(file[:-12] + METADATA[name] + file[-12:]) == cleaned(file)


def test_what_follows_the_end_goes() -> None:
    file = png_file() + CANARY
    assert "after the end" in walked(file).recipe.dropped
    assert cleaned(file) == cleaned(png_file())


COLOURS: Final = {
    b"gAMA": struct.pack(">I", 45455),
    b"cHRM": struct.pack(">8I", *[30000] * 8),
    b"sRGB": b"\0",
    b"cICP": b"\1\15\0\1",
    b"sBIT": b"\5\6\5",
    b"bKGD": bytes(6),
    b"mDCV": bytes(24),
    b"cLLI": bytes(8),
}


@pytest.mark.parametrize("name", COLOURS)
def test_what_says_the_colours_is_kept_byte_for_byte(name: bytes) -> None:
    kept = chunk(name, COLOURS[name])
    assert kept in cleaned(with_chunks(png_file(), kept))


def test_an_animation_keeps_every_frame() -> None:
    with Image.open(BytesIO(cleaned(animation()))) as picture:
        assert getattr(picture, "n_frames", 1) == 3


def test_the_frames_of_an_animation_are_counted() -> None:
    assert walked(animation()).frames == 3


def test_an_unnamed_profile_is_rebuilt_without_its_texts() -> None:
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[4:8] = b"ACME"
    assert b"iCCP" not in cleaned(png_file(icc_profile=bytes(profile)))


def test_exif_is_handed_to_the_child() -> None:
    file = with_chunks(png_file(), chunk(b"eXIf", exif_block(6)))
    assert walked(file).metadata.untrusted_exif == exif_block(6)
    assert walked(file).orientation == 6


def test_exif_in_a_text_of_hexadecimals_is_handed_to_the_child() -> None:
    block = b"Exif\0\0" + exif_block(8)
    text = b"\nexif\n%8d\n" % len(block) + block.hex().encode() + b"\n"
    packed = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(text))
    assert walked(with_chunks(png_file(), packed)).metadata.untrusted_exif == exif_block(8)


@pytest.mark.parametrize("flag", [b"\0", b"\1"], ids=["plain", "compressed"])
def test_xmp_is_handed_to_the_child(flag: bytes) -> None:
    text = zlib.compress(CANARY) if flag == b"\1" else CANARY
    packet = chunk(b"iTXt", b"XML:com.adobe.xmp\0" + flag + b"\0en\0word\0" + text)
    assert walked(with_chunks(png_file(), packet)).metadata.untrusted_xmp == (CANARY,)


def test_the_size_is_that_of_the_header() -> None:
    found = walked(png_file(size=(48, 32)))
    assert (found.width, found.height) == (48, 32)


def flipped(file: bytes, at: int) -> bytes:
    return file[:at] + bytes((file[at] ^ 1,)) + file[at + 1 :]


def rows(count: int) -> bytes:
    return zlib.compress(bytes(count * (1 + 48 * 3)))


def split_data(stream: bytes) -> bytes:
    """Return a picture with its pixels in one chunk and a stray stream in the next."""
    return raw_picture(rows(32))[:-12] + chunk(b"IDAT", stream) + chunk(b"IEND", b"")


def spoilt_frame(spoil: bytes) -> bytes:
    file = animation()
    at = file.rindex(b"fdAT") - 4
    end = at + 12 + int.from_bytes(file[at : at + 4], "big")
    return file[:at] + chunk(b"fdAT", file[at + 8 : end - 4] + spoil) + file[end:]


def frame_control(width: int = 24, height: int = 16) -> tuple[bytes, bytes]:
    """Return the last frame control of the animation, and one of another size in its place."""
    content = [content for kind, content in chunks_of(animation()) if kind == b"fcTL"][-1]
    size = struct.pack(">II", width, height)
    return chunk(b"fcTL", content), chunk(b"fcTL", content[:4] + size + content[12:])


REFUSED: Final = {
    "another signature": b"\x89PNG\r\n\x1a\r" + png_file()[8:],
    "a wrong CRC in a kept chunk": flipped(png_file(), AFTER_IHDR - 1),
    "a wrong CRC in a dropped chunk": with_chunks(png_file(), flipped(METADATA["tEXt"], 9)),
    "no end": png_file()[:-12],
    "cut in the pixels": png_file()[:-40],
    "no header": PNG_START + chunk(b"IEND", b""),
    "the header second": PNG_START + METADATA["tEXt"] + png_file()[8:],
    "two headers": with_chunks(png_file(), chunk(b"IHDR", HEAD)),
    "a header of another length": PNG_START + chunk(b"IHDR", HEAD + b"\0") + png_file()[33:],
    "no pixels": PNG_START + chunk(b"IHDR", HEAD) + chunk(b"IEND", b""),
    "a picture without width": raw_picture(rows(32), bytes(4) + HEAD[4:]),
    "a chunk beyond the file": png_file()[:33] + b"\x7f\xff\xff\xfftEXt" + png_file()[33:],
    "pixels that cannot be inflated": raw_picture(b"\x78\x9c" + CANARY),
    "pixels that never end": raw_picture(rows(32)[:-8]),
    "data behind the end of the pixels": raw_picture(rows(32) + CANARY),
    "data behind the end in a chunk of its own": split_data(CANARY),
    "more rows than the picture has": raw_picture(rows(33)),
    "an unknown depth of colour": raw_picture(rows(32), HEAD[:8] + b"\5\2\0\0\0"),
    "a frame larger than the picture": animation().replace(*frame_control(width=25)),
    "a frame with more rows than it says": animation().replace(*frame_control(height=15)),
    "data behind the end of a frame": spoilt_frame(CANARY),
    "an end with content": png_file()[:-12] + chunk(b"IEND", CANARY),
    "a gamma of another length": with_chunks(png_file(), chunk(b"gAMA", bytes(5))),
    "empty": b"",
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_broken_png_is_refused(fault: str) -> None:
    with pytest.raises(Malformed):
        walked(REFUSED[fault])


def test_a_bomb_of_pixels_is_refused_before_it_is_inflated() -> None:
    bomb = zlib.compress(bytes(256 << 20), 1)
    with pytest.raises(Malformed, match="more"):
        walked(raw_picture(bomb))


def test_more_pixels_than_the_limit_are_refused() -> None:
    with pytest.raises(TooBig):
        walked(raw_picture(rows(32), b"\0\0\xff\xff\0\0\xff\xff" + HEAD[8:]))


def test_more_chunks_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "MAX_PARTS", 20)
    with pytest.raises(TooBig):
        walked(with_chunks(png_file(), *[METADATA["tIME"]] * 20))


def test_more_bytes_than_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "MAX_STILL_BYTES", 100)
    with pytest.raises(TooBig):
        walked(png_file())


def test_a_text_that_inflates_beyond_the_limit_is_not_handed_on() -> None:
    text = zlib.compress(bytes(17 << 20), 1)
    packet = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + text)
    assert walked(with_chunks(png_file(), packet)).metadata.untrusted_xmp == (b"",)


def needed_by() -> dict[bytes, bytes]:
    """Return a picture for each entry of the allow-list that has that chunk."""
    pictures = [PICTURES["transparent palette"], animation()]
    pictures += [with_chunks(png_file(), chunk(*colour)) for colour in COLOURS.items()]
    return {kind: file for file in pictures for kind, _ in chunks_of(file)}


@pytest.mark.parametrize("kind", sorted(png.KEPT))
def test_no_entry_of_the_allow_list_is_idle(kind: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = needed_by()[kind]
    before = cleaned(picture)
    monkeypatch.setattr(png, "KEPT", png.KEPT - {kind})
    assert clean_bytes(walked(picture), picture) != before


@pytest.mark.parametrize("name", METADATA)
def test_the_second_reader_stops_a_walker_that_keeps_metadata(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(png, "KEPT", png.KEPT | {METADATA[name][4:8]})
    with pytest.raises(Doubt):
        cleaned(with_chunks(png_file(), METADATA[name]))


def test_the_drawn_picture_has_no_two_turns_alike() -> None:
    turns = {drawn().transpose(turn).tobytes() for turn in Image.Transpose}
    assert len(turns | {drawn().tobytes()}) == 8
