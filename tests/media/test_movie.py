# SPDX-License-Identifier: Apache-2.0
"""Recordings: pictures and sound stay to the byte, and nothing else is left around them."""

import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest

from agent.media.child import Child
from agent.media.cleaning import clean, inspect
from agent.media.errors import MediaError
from agent.media.model import Kind
from agent.media.recipe import Extent
from agent.media.sniff import HEAD_BYTES, sniff
from agent.media.walk import movie
from tests.media.movies import (
    CANARY,
    CODE,
    DATE,
    EMPTY_PACKET,
    MP4,
    PACKET,
    PICTURES,
    SOUND,
    THREEGP,
    TIMED,
    TURNED,
    Track,
    box,
    boxes,
    full,
    handler_of,
    inner,
    kept_samples,
    recording,
    sound,
    tracks_of,
    words,
)
from tests.media.small_stills import cleaned, leaks, planted
from tests.shared import shared_folder

KINDS = frozenset({Kind.QUICKTIME, Kind.MP4, Kind.THREEGP})
SAMPLES = {
    "QuickTime": recording(),
    "MP4": recording(brand=MP4),
    "3GP": recording(brand=THREEGP),
    "old QuickTime": recording(brand=None),
    "header first": recording(header_first=True),
    "64-bit places": recording(wide=True),
    "version 1": recording(
        Track(entry=PICTURES.entry, chunks=PICTURES.chunks, version=1), SOUND, header_first=True
    ),
    "sound alone": recording(SOUND),
    "no slack": recording(PICTURES, SOUND, slack=b""),
}
MOVIE = SAMPLES["QuickTime"]


def clean_movie(data: bytes) -> bytes:
    return cleaned(Kind.QUICKTIME, data)


@pytest.fixture(params=SAMPLES.values(), ids=SAMPLES.keys())
def sample(request: pytest.FixtureRequest) -> bytes:
    data: bytes = request.param
    return data


def test_every_sample_stays(sample: bytes) -> None:
    assert kept_samples(clean_movie(sample)) == kept_samples(sample)


def test_no_word_is_left(sample: bytes) -> None:
    assert CANARY not in clean_movie(sample)


def test_no_date_is_left(sample: bytes) -> None:
    left = clean_movie(sample)
    assert DATE[:4] not in left
    assert DATE[4:] not in left


def test_a_clean_recording_stays_as_it_is(sample: bytes) -> None:
    again = clean_movie(sample)
    assert clean_movie(again) == again


def test_the_header_stands_before_the_media(sample: bytes) -> None:
    assert [kind for kind, _ in boxes(clean_movie(sample))] == [b"ftyp", b"moov", b"mdat"]


def test_the_media_hold_the_samples_and_no_byte_more(sample: bytes) -> None:
    left = clean_movie(sample)
    media = sum(len(one) for _, samples in kept_samples(left) for one in samples)
    assert len(inner(left, b"mdat")) == media


def test_the_kind_stays(sample: bytes) -> None:
    left = clean_movie(sample)
    assert sniff(left[:HEAD_BYTES]) == sniff(sample[:HEAD_BYTES])


def test_only_pictures_and_sound_are_left() -> None:
    assert [handler_of(track) for track in tracks_of(clean_movie(MOVIE))] == [b"vide", b"soun"]


def test_chunks_stay_in_the_order_of_the_source() -> None:
    media = inner(clean_movie(MOVIE), b"mdat")
    order = [b"first picturesecond one", b"aaaabbbbcccc", b"third", b"ddddeeee"]
    assert media == b"".join([*order, b"fourth picture", b"ffffgggg"])


def test_neighbouring_chunks_become_one_extent() -> None:
    walked = movie.walk(BytesIO(SAMPLES["no slack"]))
    assert sum(isinstance(piece, Extent) for piece in walked.recipe.pieces) == 1


def test_the_turn_stays_in_the_container() -> None:
    header = inner(tracks_of(clean_movie(MOVIE))[0], b"tkhd")
    assert header[40:76] == TURNED
    assert movie.walk(BytesIO(MOVIE)).orientation == 1


def test_the_edit_list_stays() -> None:
    edits = inner(tracks_of(clean_movie(MOVIE))[0], b"edts", b"elst")
    assert edits == words(0, 1, 3000, 0, 0x10000)


def test_the_size_is_that_of_the_pictures() -> None:
    walked = movie.walk(BytesIO(MOVIE))
    assert (walked.width, walked.height, walked.frames) == (40, 30, 1)


def test_sound_alone_has_no_size() -> None:
    walked = movie.walk(BytesIO(SAMPLES["sound alone"]))
    assert (walked.width, walked.height) == (0, 0)


def test_the_names_of_what_was_dropped_are_none_of_the_file() -> None:
    dropped = movie.walk(BytesIO(MOVIE)).recipe.dropped
    assert set(dropped) == {
        *("uuid", "free", "meta", "udta", "unknown box"),
        "track that is neither pictures nor sound",
    }


def test_the_language_is_undetermined() -> None:
    header = inner(tracks_of(clean_movie(MOVIE))[1], b"mdia", b"mdhd")
    assert header[20:] == b"\x55\xc4\0\0"


def test_tracks_are_numbered_anew() -> None:
    left = clean_movie(MOVIE)
    numbers = [struct.unpack_from(">I", inner(t, b"tkhd"), 12)[0] for t in tracks_of(left)]
    assert numbers == [1, 2]
    assert inner(left, b"moov", b"mvhd")[-4:] == words(3)


def test_a_track_without_samples_goes() -> None:
    none = ((b"stts", full(b"stts", words(0))), (b"stss", b""))
    empty = Track(handler=b"soun", entry=sound(), tables=none)
    assert len(tracks_of(clean_movie(recording(PICTURES, empty)))) == 1


def test_only_samples_of_a_dropped_track_go() -> None:
    left = clean_movie(recording(TIMED, PICTURES, CODE))
    assert b"where" not in left
    assert b"first picture" in left


def test_a_length_over_32_bits_stays() -> None:
    long = full(b"mdhd", bytes(16) + words(1000, 9, 5) + b"\x15\xc7\0\0", version=1)
    media = inner(tracks_of(MOVIE)[0], b"mdia")
    short = box(b"mdhd", dict(boxes(media))[b"mdhd"])
    data = recording(PICTURES, inside=b"", header_first=False).replace(short, long)
    data = resized(data, len(long) - len(short), b"moov", b"trak", b"mdia")
    header = inner(tracks_of(clean_movie(data))[0], b"mdia", b"mdhd")
    assert header[20:32] == words(1000, 9, 5)


def resized(data: bytes, more: int, *path: bytes) -> bytes:
    """Return the file with the first box of each type on a path said to be so much longer."""
    for kind in path:
        at = data.index(kind) - 4
        data = data[:at] + words(struct.unpack_from(">I", data, at)[0] + more) + data[at + 4 :]
    return data


@pytest.mark.parametrize(("version", "size"), [(0, 4), (1, 4), (2, 4)])
def test_old_sound_counts_a_frame_as_one_byte(version: int, size: int) -> None:
    frames = b"0123456789abcdef"
    sizes = full(b"stsz", words(1, len(frames) // size))
    track = Track(
        handler=b"soun",
        entry=sound(b"sowt" if version < 2 else b"lpcm", version=version),
        chunks=((frames[:8],), (frames[8:],)),
        tables=(
            (b"stsz", sizes),
            (b"stsc", full(b"stsc", words(1, 1, 2, 1))),
            (b"stts", full(b"stts", words(1, 4, 1))),
            (b"stss", b""),
        ),
    )
    assert inner(clean_movie(recording(track)), b"mdat") == frames


@pytest.mark.parametrize(
    ("width", "packed"), [(4, b"\x58\x50"), (8, b"\5\x08\5"), (16, b"\0\5\0\x08\0\5")]
)
def test_compact_sizes_become_plain_ones(width: int, packed: bytes) -> None:
    compact = full(b"stz2", words(width, 3), packed)
    track = Track(
        entry=PICTURES.entry,
        chunks=((b"first", b"a second"), (b"third",)),
        tables=((b"stsz", compact),),
    )
    ((_, samples),) = kept_samples(clean_movie(recording(track)))
    assert samples == [b"first", b"a second", b"third"]


def test_the_child_reads_device_place_and_time() -> None:
    with Child() as child:
        facts = inspect(BytesIO(MOVIE), child).facts
    assert (facts.make, facts.model, facts.software) == ("Muster", "Tafel 3", "1.0")
    assert facts.has_gps
    assert facts.captured_at == "2026-05-04T10:11:12+0200"


def test_without_labels_the_header_says_when() -> None:
    data = recording(inside=b"", behind=b"")
    assert movie.walk(BytesIO(data)).metadata.untrusted_labels == (
        ("header.creationdate", b"2018-08-23T20:04:01+00:00"),
    )


def test_packets_go_to_the_child() -> None:
    packets = movie.walk(BytesIO(MOVIE)).metadata.untrusted_xmp
    assert set(packets) == {PACKET, EMPTY_PACKET}


def test_user_data_that_cannot_be_read_are_no_reason_to_refuse() -> None:
    broken = box(b"udta", words(3) + b"nope") + box(b"meta", b"\0\0\0\0\xff\xff")
    assert CANARY not in clean_movie(recording(inside=broken))


def test_the_front_door_confirms_a_recording() -> None:
    with Child() as child:
        medium = clean(inspect(BytesIO(MOVIE), child), BytesIO(MOVIE), child)
    assert not medium.turned
    assert b"".join(medium.chunks()) == clean_movie(MOVIE)


def recordings() -> list[Path]:
    found = []
    for path in sorted(shared_folder("corpus").rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(HEAD_BYTES)
            if sniff(head) in KINDS:
                found.append(path)
    return found


@pytest.mark.shared
def test_every_recording_of_the_corpus_is_clean_or_refused_by_type(tmp_path: Path) -> None:
    cleaned_files = 0
    for path in recordings():
        data = path.read_bytes()
        try:
            left = clean_movie(data)
        except MediaError:
            continue
        cleaned_files += 1
        assert kept_samples(left) == kept_samples(data)
        assert clean_movie(left) == left
        (tmp_path / "left.mov").write_bytes(left)
        assert not leaks(tmp_path / "left.mov")
    assert cleaned_files >= 5


@pytest.mark.shared
def test_nothing_that_the_oracle_plants_is_left(tmp_path: Path) -> None:
    planted(tmp_path, "mp4,mov")
    clips = sorted(tmp_path.glob("clip.*"))
    if not clips:
        pytest.skip("the tool that plants canaries has no encoder of recordings here")
    for clip in clips:
        data = clip.read_bytes()
        left = clean_movie(data)
        assert kept_samples(left) == kept_samples(data)
        clip.write_bytes(left)
        assert not _leaks_beside_codec_text(clip, tmp_path / "manifest.json")


def _leaks_beside_codec_text(path: Path, manifest: Path) -> str:
    """Return what the oracle finds but for what the encoder wrote between the coded pictures."""
    tool = shared_folder("tools") / "leakcheck.py"
    told = ["--allow-codec-text", "--manifest", str(manifest), str(path)]
    answer = subprocess.run([sys.executable, str(tool), *told], check=False, capture_output=True)
    return "" if answer.returncode == 0 else (answer.stdout + answer.stderr).decode()


@pytest.mark.shared
def test_the_oracle_finds_nothing_in_a_clean_recording(tmp_path: Path) -> None:
    path = tmp_path / "left.mov"
    path.write_bytes(clean_movie(MOVIE))
    assert not leaks(path)
