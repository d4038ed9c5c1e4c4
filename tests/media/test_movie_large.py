# SPDX-License-Identifier: Apache-2.0
"""A recording of more than 4 GiB is cleaned and sealed in the memory of a small one."""

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.media.recipe import RecipeReader, chunks
from agent.media.verify_movie import verify_movie
from agent.media.walk import movie
from agent.seal.hybrid import HybridIdentity
from agent.seal.sealing import seal
from tests.media.movies import MP4, Track, box, full, inner, picture, recording, words
from tests.shared import REPOSITORY

CHUNK = 1 << 20
COUNT = 4100
GAP = 5
LIMIT = 64 << 20
LAST = b"the last picture"


def write_large(path: Path) -> None:
    """Write a sparse recording of chunks of 1 MiB with gaps, its places beyond 32 bits."""
    start = 8 + len(MP4) + 16
    places = [start + number * (CHUNK + GAP) for number in range(COUNT)]
    tables = {
        b"stts": words(1, COUNT, 100),
        b"stsc": words(1, 1, 1, 1),
        b"stsz": words(CHUNK, COUNT),
    }
    plain = [(kind, full(kind, content)) for kind, content in tables.items()]
    offsets = b"".join(place.to_bytes(8, "big") for place in places)
    plain += [(b"stco", full(b"co64", words(COUNT), offsets)), (b"stss", b"")]
    header = inner(recording(Track(entry=picture(), tables=tuple(plain))), b"moov")
    length = COUNT * (CHUNK + GAP)
    with path.open("wb") as file:
        file.write(box(b"ftyp", MP4) + words(1) + b"mdat" + (length + 16).to_bytes(8, "big"))
        file.seek(places[-1] + CHUNK - len(LAST))
        file.write(LAST)
        file.seek(start + length)
        file.write(box(b"moov", header))


def peak() -> int:
    """Return the most memory that this process ever held, in bytes."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


class Seen:
    """What passed by on its way to the seal: how many bytes, and the last of them."""

    size, end = 0, b""

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self.size, self.end = self.size + len(piece), piece[-len(LAST) :]
            yield piece


def measure(path: Path) -> Iterator[object]:
    """Clean and seal a recording; yield growth of memory, size, end, and if it stays so."""
    recipient = HybridIdentity.generate().recipient()
    before = peak()
    with path.open("rb") as source:
        walked = movie.walk(source)
        verify_movie(io.BufferedReader(RecipeReader(walked.recipe, source)))
        seen = Seen()
        sealed = seal([recipient], seen.passing(chunks(walked.recipe, source)))
        sealed_size = sum(map(len, sealed.body))
        size, end = seen.size, seen.end
        yield peak() - before
        yield size - walked.recipe.size
        yield sealed_size > size
        yield size - COUNT * CHUNK > 0
        yield end == LAST
        again = movie.walk(io.BufferedReader(RecipeReader(walked.recipe, source)))
        yield again.recipe.pieces[0] == walked.recipe.pieces[0]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured on Linux")
def test_a_recording_of_4_gib_takes_the_memory_of_a_small_one(tmp_path: Path) -> None:
    large = tmp_path / "large.mov"
    write_large(large)
    code = (
        "import sys; from pathlib import Path; from tests.media.test_movie_large import measure;"
        "print(*measure(Path(sys.argv[1])))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code, str(large)],
        check=True,
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
    )
    grown, missing, is_sealed, is_longer, is_whole, stays = answer.stdout.split()
    assert int(grown) < LIMIT
    assert missing == "0"
    assert {is_sealed, is_longer, is_whole, stays} == {"True"}
