# SPDX-License-Identifier: Apache-2.0
"""The child may crash, hang, eat memory or lie: one file is refused, and the next one works."""

import os
import signal
import struct
import sys
import zlib
from collections.abc import Iterator
from typing import Final

import pytest

from agent.media import child as child_module
from agent.media.child import Child
from agent.media.errors import ChildFailed, Malformed, TooBig, Unsupported
from agent.media.facts import MediaFacts, from_untrusted, to_plain
from agent.media.model import Kind, Metadata
from tests.media.stills import PNG_START, chunk, exif_block, jpeg_file, png_file

EXIF: Final = Metadata(untrusted_exif=exif_block(6))
START: Final = "import sys; sys.path.insert(0, {root!r}); "
ANSWER: Final = (
    "from agent.media.frames import read_frame, write_frame; read_frame(sys.stdin.buffer); "
)


@pytest.fixture
def child() -> Iterator[Child]:
    with Child() as one:
        yield one


def of_program(statements: str, job_seconds: float = 30.0) -> Child:
    """Return a child that does something else than its work, after it was given a job."""
    return Child(job_seconds, START + ANSWER + statements)


def repaired(child: Child) -> Child:
    """Give the child its true program, as if only the one job had gone wrong."""
    child._program = child_module._PROGRAM.format(root=str(child_module._ROOT))
    return child


MISDEEDS: Final = {
    "it is killed": "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    "it exits": "sys.exit(0)",
    "it raises": "raise SystemError",
    "garbage": "sys.stdout.buffer.write(b'?' * 64)",
    "half a frame": "sys.stdout.buffer.write(bytes(5))",
    "no JSON": "sys.stdout.buffer.write(bytes((0,0,0,1)) + bytes(8) + b'?')",
    "JSON nested without end": (
        "sys.stdout.buffer.write((90000).to_bytes(4, 'big') + bytes(8) + b'[' * 90000)"
    ),
    "a list": "sys.stdout.buffer.write(bytes((0,0,0,2)) + bytes(8) + b'[]')",
    "a huge message": "sys.stdout.buffer.write(b'\\xff' * 4 + bytes(8))",
    "huge data": "sys.stdout.buffer.write(bytes(4) + b'\\xff' * 8)",
    "facts of another shape": "write_frame(sys.stdout.buffer, dict(facts=[1]))",
    "no facts": "write_frame(sys.stdout.buffer, dict())",
    "an unknown refusal": "write_frame(sys.stdout.buffer, dict(refused='SystemExit'))",
}


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_a_child_that_misbehaves_fails_its_file(misdeed: str) -> None:
    with of_program(MISDEEDS[misdeed]) as child, pytest.raises(ChildFailed):
        child.facts(EXIF)


def test_a_child_that_hangs_is_ended_after_its_time() -> None:
    slow = of_program("import time; time.sleep(600)", job_seconds=0.2)
    with slow as child, pytest.raises(ChildFailed):
        child.facts(EXIF)


def test_after_a_crash_the_next_file_works() -> None:
    with of_program("sys.exit(1)") as child:
        with pytest.raises(ChildFailed):
            child.facts(EXIF)
        assert repaired(child).shape(Kind.PNG, png_file()) == (48, 32)


def test_after_a_hang_the_next_file_works() -> None:
    with of_program("import time; time.sleep(600)", job_seconds=0.2) as child:
        with pytest.raises(ChildFailed):
            child.facts(EXIF)
        child._job_seconds = 30.0
        assert repaired(child).shape(Kind.PNG, png_file()) == (48, 32)


@pytest.mark.skipif(sys.platform == "win32", reason="signals are of POSIX")
def test_a_child_that_was_killed_between_jobs_is_started_anew(child: Child) -> None:
    child.shape(Kind.PNG, png_file())
    process = child._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert child.shape(Kind.PNG, png_file()) == (48, 32)


def test_a_child_stays_warm_between_jobs(child: Child) -> None:
    child.shape(Kind.PNG, png_file())
    process = child._process
    child.shape(Kind.JPEG, jpeg_file())
    assert child._process is process


def test_a_refusal_leaves_the_child_alive(child: Child) -> None:
    child.shape(Kind.PNG, png_file())
    process = child._process
    with pytest.raises(Malformed):
        child.shape(Kind.PNG, b"no picture")
    child.shape(Kind.PNG, png_file())
    assert child._process is process


def test_closing_ends_the_process() -> None:
    with Child() as child:
        child.shape(Kind.PNG, png_file())
        process = child._process
    assert process is not None
    assert process.returncode is not None


GREEDY: Final = (
    "import agent.media.worker as w; w.MEMORY_BYTES = 256 << 20; w.limit_myself(); "
    "w._JOBS['shape'] = lambda job, data: ({{}}, bytes(1 << 30)); "
    "w.serve(sys.stdin.buffer, sys.stdout.buffer)"
)


@pytest.mark.skipif(sys.platform == "win32", reason="the memory limit is of POSIX")
def test_a_memory_bomb_fails_its_file_and_the_child_lives() -> None:
    with Child(program=START + GREEDY) as child:
        with pytest.raises(ChildFailed, match="memory"):
            child.shape(Kind.PNG, png_file())
        assert child.facts(EXIF) == MediaFacts()


WRITING: Final = (
    "import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); f.flush(); "
    "write_frame(sys.stdout.buffer, dict(refused='Malformed', why='written'))"
)


def test_without_its_limits_the_child_could_write_a_file() -> None:
    with of_program(WRITING) as child, pytest.raises(Malformed, match="written"):
        child.facts(EXIF)


@pytest.mark.skipif(sys.platform == "win32", reason="the file limit is of POSIX")
def test_a_child_cannot_write_a_file() -> None:
    limits = "from agent.media.worker import limit_myself; limit_myself(); "
    with of_program(limits + WRITING) as child, pytest.raises(ChildFailed):
        child.facts(EXIF)


def test_a_child_inherits_no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVENTED_SECRET", "1")
    tell = "import os; write_frame(sys.stdout.buffer, {{'refused': 'Malformed', 'why': "
    with of_program(tell + "' '.join(os.environ)}})") as child, pytest.raises(Malformed) as told:
        child.facts(EXIF)
    assert "INVENTED_SECRET" not in str(told.value)


def bomb() -> bytes:
    """Return a PNG that says 65,535 pixels on each side."""
    head = struct.pack(">IIBBBBB", 65_535, 65_535, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return PNG_START + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_refused(child: Child) -> None:
    with pytest.raises(Malformed):
        child.shape(Kind.PNG, bomb())


@pytest.mark.parametrize("claimed", [Kind.JPEG, Kind.WEBP, Kind.TIFF])
def test_a_picture_is_opened_with_the_decoder_of_its_kind_only(child: Child, claimed: Kind) -> None:
    with pytest.raises(Malformed):
        child.shape(claimed, png_file())


def test_a_kind_without_a_decoder_is_refused(child: Child) -> None:
    with pytest.raises(Unsupported):
        child.turn(Kind.MP4, b"", 6)


def test_a_truncated_picture_is_not_filled_up(child: Child) -> None:
    with pytest.raises(Malformed):
        child.shape(Kind.JPEG, jpeg_file(size=(400, 300))[:-2000])


@pytest.mark.parametrize("refusal", [Malformed, Unsupported, TooBig])
def test_a_refusal_crosses_the_pipe_as_its_own_class(refusal: type[Exception]) -> None:
    say = f"write_frame(sys.stdout.buffer, dict(refused='{refusal.__name__}', why='w' * 900))"
    with of_program(say) as child, pytest.raises(refusal) as told:
        child.facts(EXIF)
    assert str(told.value) == "w" * 100


SOUND: Final = to_plain(MediaFacts(make="Invented"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("make", 1),
        ("serials", None),
        ("serials", {}),
        ("serials", [1]),
        ("people", [1]),
        ("people", [["region", None]]),
        ("people", [["friend", None, None]]),
        ("people", [["region", 1, None]]),
        ("people", [["region", None, [1, 2, 3]]]),
        ("people", [["region", None, ["a", 2, 3, 4]]]),
        ("people", [["region", None, [10**400, 2, 3, 4]]]),
        ("people", [["region", None, [float("nan"), 2, 3, 4]]]),
    ],
)
def test_facts_of_another_shape_are_a_failure_of_the_child(key: str, value: object) -> None:
    with pytest.raises(ChildFailed):
        from_untrusted({**SOUND, key: value})


def test_sound_facts_come_back_as_they_were() -> None:
    assert from_untrusted(SOUND) == MediaFacts(make="Invented")
