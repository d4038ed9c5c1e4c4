# SPDX-License-Identifier: Apache-2.0
"""Sample descriptions: each box that a coding needs stays, without whatever else it may say."""

from collections.abc import Callable
from io import BytesIO

import pytest

from agent.media import verify_movie_codecs as second
from agent.media.errors import Doubt, Malformed, MediaError, TooBig, Unsupported
from agent.media.model import Kind
from agent.media.recipe import RecipeReader
from agent.media.verify_movie import verify_movie
from agent.media.walk import movie, movie_codecs
from tests.media.movies import (
    CANARY,
    Track,
    box,
    full,
    inner,
    picture,
    recording,
    sound,
    tracks_of,
    words,
)
from tests.media.small_stills import DATED_PROFILE, WIDE_PROFILE, cleaned

SPS, PPS, SPS_EXTENSION = b"\x67sequence", b"\x68pic", b"\x6dext"


def counted(*sets: bytes, first: int = 0) -> bytes:
    inside = b"".join(len(one).to_bytes(2, "big") + one for one in sets)
    return bytes((first | len(sets),)) + inside


def avc(*, profile: int = 77, tail: bytes = b"") -> bytes:
    return bytes((1, profile, 0, 31, 0xFF)) + counted(SPS, first=0xE0) + counted(PPS, PPS) + tail


def hevc(*, more: bytes = b"", arrays: int = 1) -> bytes:
    return b"\1" + bytes(20) + b"\x03" + bytes((arrays,)) + b"\x21\0\1\0\4\x42\1ab" + more


def described(tag: int, content: bytes, *, padded: bool = False) -> bytes:
    """Return a descriptor whose length has one byte, or four as many writers have it."""
    length = b"\x80\x80\x80" if padded else b""
    return bytes((tag,)) + length + bytes((len(content),)) + content


def stream(
    specific: bytes = b"\x12\x10",
    *,
    form: int = 0x40,
    flags: bytes = b"\0",
    more: bytes = b"",
    padded: bool = False,
) -> bytes:
    coding = bytes((form, 0x15)) + bytes(11) + described(5, specific, padded=padded) + more
    inside = b"\0\7" + flags + described(4, coding, padded=padded) + described(6, b"\2") + more
    return bytes(4) + described(3, inside, padded=padded)


PLAIN_STREAM = bytes(4) + described(
    3, bytes(3) + described(4, b"\x40\x15" + bytes(11) + described(5, b"\x12\x10")) + b"\6\1\2"
)
LAYOUT = bytes(4) + words(0, 0, 1) + words(1, 0, 0, 0, 0)
WAVE = (
    box(b"frma", b"mp4a")
    + box(b"mp4a", b"\0\0\0\0")
    + box(b"enda", b"\0\1")
    + box(b"esds", PLAIN_STREAM)
    + box(b"alac", bytes(4) + b"cookie of twenty-four by")
    + box(bytes(4))
)

KEPT: dict[str, list[tuple[bytes, bytes]]] = {
    "avcC": [
        (avc(), avc()),
        (avc(tail=CANARY), avc()),
        (avc(profile=100), avc(profile=100)),
        (
            avc(profile=100, tail=b"\xfd\xf8\xf8" + counted(SPS_EXTENSION) + CANARY),
            avc(profile=100, tail=b"\xfd\xf8\xf8" + counted(SPS_EXTENSION)),
        ),
    ],
    "hvcC": [
        (hevc(), hevc()),
        (hevc(more=b"\x27\0\1\0\x18\x4e\1" + CANARY, arrays=2), hevc()),
    ],
    "av1C": [(b"\x81\0\x0c\0", b"\x81\0\x0c\0"), (b"\x81\0\x0c\0\x2a\2hi", b"\x81\0\x0c\0")],
    "vpcC": [(b"\1\0\0\0\0\x1f\x80\2\2\2\0\5" + CANARY, b"\1\0\0\0\0\x1f\x80\2\2\2\0\0")],
    "esds": [
        (PLAIN_STREAM, PLAIN_STREAM),
        (stream(), PLAIN_STREAM),
        (stream(padded=True), PLAIN_STREAM),
        (stream(more=described(0x43, CANARY)), PLAIN_STREAM),
        (stream(flags=b"\xa0\0\1\0\2"), PLAIN_STREAM),
        (stream() + CANARY, PLAIN_STREAM),
    ],
    "dvcC": [(b"\1\0\x10\x25\x13" + CANARY[:19], b"\1\0\x10\x25\x10" + bytes(19))],
    "dvvC": [(b"\1\0\x10\x25\x13" + CANARY[:19], b"\1\0\x10\x25\x10" + bytes(19))],
    "d263": [(b"APPL\1\x0a\0", bytes(5) + b"\x0a\0")],
    "damr": [(b"APPL\1\x81\xff\0\1", bytes(5) + b"\x81\xff\0\1")],
    "colr": [
        (b"nclc\0\1\0\1\0\1" + CANARY, b"nclc\0\1\0\1\0\1"),
        (b"nclx\0\1\0\1\0\1\xff" + CANARY, b"nclx\0\1\0\1\0\1\x80"),
        (b"prof" + DATED_PROFILE, b"prof" + WIDE_PROFILE),
    ],
    "clap": [(words(*range(8)) + CANARY, words(*range(8)))],
    "pasp": [(words(1, 1) + CANARY, words(1, 1))],
    "fiel": [(b"\1\0" + CANARY, b"\1\0")],
    "gama": [(words(0x23333) + CANARY, words(0x23333))],
    "clli": [(words(7) + CANARY, words(7))],
    "mdcv": [(bytes(24) + CANARY, bytes(24))],
    "dac3": [(b"\x10\x3d\x40" + CANARY, b"\x10\x3d\x40")],
    "dec3": [
        (b"\7\0\x20\x0f\0\1\x10" + CANARY, b"\7\0\x20\x0f\0\1\x10"),
        (b"\7\0ab\0", b"\7\0ab\0"),
    ],
    "dOps": [
        (bytes(10) + b"\0" + CANARY, bytes(11)),
        (b"\0\2" + bytes(8) + b"\1\1\1\0\1" + CANARY, b"\0\2" + bytes(8) + b"\1\1\1\0\1"),
    ],
    "alac": [(bytes(4) + CANARY[:20] + bytes(4) + CANARY, bytes(4) + CANARY[:20] + bytes(4))],
    "chan": [(LAYOUT + CANARY, LAYOUT)],
    "wave": [
        (WAVE, WAVE),
        (box(b"SECR", CANARY) + WAVE[:-8], WAVE),
        (WAVE[:-8] + bytes(4), WAVE),
    ],
}
SOUNDS = frozenset({"damr", "dac3", "dec3", "dOps", "alac", "chan", "wave"})


def holding(kind: str, content: bytes) -> bytes:
    extension = box(kind.encode(), content)
    if kind in SOUNDS:
        entry, handler = sound(b"mp4a", extension), b"soun"
    else:
        entry, handler = picture(b"avc1", extension), b"vide"
    return recording(Track(handler=handler, entry=entry, chunks=((b"one", b"two"),)))


def kept(data: bytes) -> bytes:
    """Return what is left behind the fields of the first description."""
    left = cleaned(Kind.QUICKTIME, data)
    entries = inner(tracks_of(left)[0], b"mdia", b"minf", b"stbl", b"stsd")[8:]
    return entries[8 + (78 if entries[4:8] == b"avc1" else 28) :]


CASES = [(kind, *pair) for kind, pairs in KEPT.items() for pair in pairs]


@pytest.mark.parametrize(("kind", "content", "wanted"), CASES)
def test_a_box_of_the_coding_stays_without_more(kind: str, content: bytes, wanted: bytes) -> None:
    assert kept(holding(kind, content)) == box(kind.encode(), wanted)


def test_every_box_on_the_list_is_proven() -> None:
    assert {kind.decode() for kind in movie_codecs.WRITERS} == set(KEPT)


@pytest.mark.parametrize("kind", KEPT)
def test_each_entry_of_the_list_is_needed(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {one: writer for one, writer in movie_codecs.WRITERS.items() if one != kind.encode()}
    monkeypatch.setattr(movie_codecs, "WRITERS", rest)
    assert kept(holding(kind, KEPT[kind][0][0])) == b""


@pytest.mark.parametrize("kind", KEPT)
def test_a_walker_that_keeps_a_whole_box_is_seen(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def careless(name: bytes, fields: object) -> bytes:
        return box(name, bytes(fields.rest()) + CANARY)

    monkeypatch.setattr(movie_codecs, "WRITERS", {**movie_codecs.WRITERS, kind.encode(): careless})
    with pytest.raises(Doubt):
        kept(holding(kind, KEPT[kind][0][1]))


def test_a_walker_that_keeps_an_unknown_box_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(name: bytes, fields: object) -> bytes:
        return box(name, fields.rest())

    monkeypatch.setattr(movie_codecs, "WRITERS", {**movie_codecs.WRITERS, b"SECR": careless})
    with pytest.raises(Doubt):
        kept(holding("SECR", CANARY))


@pytest.mark.parametrize("kind", KEPT)
def test_each_shape_of_the_second_reader_is_needed(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = holding(kind, KEPT[kind][0][0])
    rest = {one: shape for one, shape in second._SHAPES.items() if one != kind}
    monkeypatch.setattr(second, "_SHAPES", rest)
    with pytest.raises(Doubt):
        kept(data)


@pytest.mark.parametrize("kind", [b"SECR", b"free", b"uuid", b"btrt", b"st3d", b"SA3D", b"hfov"])
def test_a_box_off_the_list_goes(kind: bytes) -> None:
    content = bytes(16) + CANARY
    assert kept(holding(kind.decode(), content)) == b""


def test_a_profile_that_says_srgb_goes() -> None:
    assert kept(holding("colr", b"prof" + CANARY)) == b""


def test_four_zeros_may_end_a_description() -> None:
    entry = picture(b"avc1", box(b"pasp", words(1, 1)) + bytes(4))
    data = recording(Track(entry=entry, chunks=((b"one",),)))
    assert kept(data) == box(b"pasp", words(1, 1))


def test_user_data_of_mpeg4_video_go() -> None:
    data = b"\0\0\1\xb0\1\0\0\1\xb2" + CANARY + b"\0\0\1\x20pictures"
    specific = b"\0\0\1\xb0\1\0\0\1\x20pictures"
    left = kept(holding("esds", stream(data, form=0x20)))
    assert specific in left
    assert CANARY not in left


@pytest.mark.parametrize(
    ("kind", "content", "error", "words_of_it"),
    [
        ("avcC", b"\2" + avc()[1:], Malformed, "another version"),
        ("avcC", avc()[:12], Malformed, "ends inside"),
        ("avcC", avc().replace(PPS, b"\x06" + PPS[1:]), Malformed, "another kind"),
        ("hvcC", hevc(arrays=0), Malformed, "without parameter sets"),
        ("esds", bytes(4) + b"\4\0", Malformed, "without its descriptor"),
        ("esds", bytes(4) + described(3, bytes(3) + b"\6\0"), Malformed, "without its coding"),
        ("esds", bytes(4) + b"\3\xff\xff\xff\xff\1", Malformed, "no end"),
        ("esds", stream(flags=b"\x40"), Unsupported, "another file"),
        ("vpcC", bytes(12), Unsupported, "another version"),
        ("chan", bytes(4) + words(0, 0, 9), Malformed, "ends inside"),
        ("pasp", b"", Malformed, "ends inside"),
    ],
)
def test_a_box_that_breaks_its_rules_is_refused(
    kind: str, content: bytes, error: type[MediaError], words_of_it: str
) -> None:
    with pytest.raises(error, match=words_of_it):
        movie.walk(BytesIO(holding(kind, content)))


def test_a_configuration_of_endless_length_is_too_big(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movie_codecs, "MAX_SPECIFIC", 1)
    with pytest.raises(TooBig):
        movie.walk(BytesIO(holding("esds", stream())))


def _every_description() -> bytes:
    """Return a clean recording in which every kind of box stands, the profile apart."""
    pictures = [box(k.encode(), v[0][0]) for k, v in KEPT.items() if k not in SOUNDS]
    sounds = [box(k.encode(), v[0][0]) for k, v in KEPT.items() if k in SOUNDS]
    return cleaned(
        Kind.QUICKTIME,
        recording(
            Track(entry=picture(b"avc1", b"".join(pictures)), chunks=((b"one",),)),
            Track(handler=b"soun", entry=sound(b"mp4a", b"".join(sounds), 1), chunks=((b"two",),)),
        ),
    )


@pytest.mark.parametrize("change", [0x01, 0x41, 0x80, 0xFF])
def test_what_the_second_reader_passes_the_walker_keeps(change: int) -> None:
    """Any byte that may be another one is one that the walker takes from the source as it is."""
    clean = _every_description()
    for place in range(len(clean)):
        data = clean[:place] + bytes((clean[place] ^ change,)) + clean[place + 1 :]
        _passes_only_what_is_kept(data, verify_movie)


def _passes_only_what_is_kept(data: bytes, verifier: Callable[[BytesIO], None]) -> None:
    try:
        verifier(BytesIO(data))
    except Doubt:
        return
    walked = movie.walk(BytesIO(data))
    assert RecipeReader(walked.recipe, BytesIO(data)).read() == data


def test_several_descriptions_stay() -> None:
    entries = full(b"stsd", words(2), picture(b"avc1"), picture(b"hvc1"))
    runs = full(b"stsc", words(2), words(1, 1, 1), words(2, 1, 2))
    tables = ((b"stsd", entries), (b"stsc", runs))
    data = recording(Track(chunks=((b"one",), (b"two",)), tables=tables))
    left = inner(tracks_of(cleaned(Kind.QUICKTIME, data))[0], b"mdia", b"minf", b"stbl", b"stsd")
    assert (left[4:8], left[12:16], left[98:102]) == (words(2), b"avc1", b"hvc1")
