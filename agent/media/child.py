# SPDX-License-Identifier: Apache-2.0
"""The parent's side of the child: start it, give it jobs, end it when it misbehaves.

The child is spawned, never forked, so it inherits no key and no open file. It stays warm between
jobs; after a crash, a time-out or an answer of the wrong shape it is ended and the next job gets a
new one. Whatever it answers is untrusted until checked.
"""

import base64
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

import agent
from agent.media import errors
from agent.media.errors import ChildFailed, MediaError
from agent.media.facts import MediaFacts, Shape, from_untrusted
from agent.media.frames import read_frame, write_frame
from agent.media.model import Kind, Metadata
from agent.media.seen import Seen, Sensitivity, Sight, sight_of
from agent.media.seen import from_untrusted as seen_from_untrusted

JOB_SECONDS: Final = 30.0
"""How long one job may take; turning or looking at 50 megapixels takes a second or two."""
_WHITE: Final = 255
_ROOT: Final = Path(agent.__file__).resolve().parent.parent
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, {root!r}); from agent.media.worker import main; main()"
)
_REFUSALS: Final = {
    kind.__name__: kind
    for kind in (errors.Malformed, errors.Unsupported, errors.TooBig, errors.ChildFailed)
}


class Child(AbstractContextManager["Child"]):
    """One warm child process."""

    def __init__(self, job_seconds: float = JOB_SECONDS, program: str = _PROGRAM) -> None:
        self._job_seconds = job_seconds
        self._program = program.format(root=str(_ROOT))
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Return the child; it starts with its first job."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the child."""
        self.close()

    def facts(
        self, metadata: Metadata, shape: Shape | None = None, roots: Sequence[str] = ()
    ) -> MediaFacts:
        """Return what the metadata says of the device and of people.

        Raises:
            Malformed: a part that may name people cannot be parsed.
            ChildFailed: it made the child fail.
        """
        job = {
            "job": "facts",
            "xmp": [_packed(packet) for packet in metadata.untrusted_xmp],
            "iptc": _packed(metadata.untrusted_iptc),
            "labels": [[key, _packed(value)] for key, value in metadata.untrusted_labels],
            "claims": _packed(metadata.untrusted_claims),
            "shape": None if shape is None else [shape.width, shape.height, shape.orientation],
            "roots": list(roots),
        }
        untrusted_answer, _ = self._ask(job, metadata.untrusted_exif or b"")
        return from_untrusted(untrusted_answer.get("facts") or {})

    def turn(self, kind: Kind, data: bytes, orientation: int) -> bytes:
        """Return a picture with its pixels upright; a TIFF is written anew in any case.

        Raises:
            Malformed: the pixels cannot be decoded.
            Unsupported: they cannot be encoded again as they are.
            ChildFailed: it made the child fail.
        """
        job = {"job": "turn", "kind": kind.name, "orientation": orientation}
        return self._ask(job, data)[1]

    def shape(self, kind: Kind, data: bytes) -> tuple[int, int]:
        """Decode a picture fully and return its width and height in pixels.

        Raises:
            Malformed: the pixels cannot be decoded.
            ChildFailed: it made the child fail.
        """
        untrusted_answer, _ = self._ask({"job": "shape", "kind": kind.name}, data)
        untrusted_size = (untrusted_answer.get("width"), untrusted_answer.get("height"))
        width, height = untrusted_size
        if not isinstance(width, int) or not isinstance(height, int):
            raise ChildFailed("the child's answer has another shape")
        return width, height

    def look(self, kind: Kind, data: bytes, sensitivity: Sensitivity | None) -> Seen:
        """Look at a clean picture once; without a sensitivity its faces are not looked for.

        Raises:
            Malformed: the pixels cannot be decoded.
            Unsupported: this computer cannot look at pictures of this kind.
            ChildFailed: it made the child fail.
        """
        threshold = None if sensitivity is None else sensitivity.value
        job = {"job": "look", "kind": kind.name, "threshold": threshold}
        untrusted_answer, _ = self._ask(job, data)
        return seen_from_untrusted(untrusted_answer)

    def cover(self, kind: Kind, data: bytes, places: Sequence[Sequence[float]]) -> bytes:
        """Return a clean picture as a new JPEG with places painted over in one colour.

        A place is left, top, width and height as fractions of the upright picture.

        Raises:
            Malformed: the pixels cannot be decoded.
            Unsupported: this computer cannot decode this kind, or it has many frames.
            ChildFailed: it made the child fail.
        """
        job = {"job": "cover", "kind": kind.name, "places": [list(place) for place in places]}
        return self._ask(job, data)[1]

    def unevenness(self, data: bytes, places: Sequence[Sequence[float]]) -> int:
        """Return by how much, at most, a covered JPEG differs from the cover's colour in a place.

        Raises:
            Malformed: the pixels cannot be decoded.
            ChildFailed: it made the child fail.
        """
        job = {"job": "unevenness", "places": [list(place) for place in places]}
        untrusted_answer, _ = self._ask(job, data)
        untrusted_steps = untrusted_answer.get("steps")
        if not isinstance(untrusted_steps, list) or len(untrusted_steps) != len(places):
            raise ChildFailed("the child's answer has another shape")
        if not all(type(step) is int and 0 <= step <= _WHITE for step in untrusted_steps):
            raise ChildFailed("the child's answer has another shape")
        return max(untrusted_steps, default=0)

    def sight(self) -> Sight:
        """Return whether the child can look for faces, or why not.

        Raises:
            ChildFailed: it failed even without a file.
        """
        untrusted_answer, _ = self._ask({"job": "sight"})
        return sight_of(untrusted_answer)

    @property
    def process_id(self) -> int | None:
        """The system's number of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def close(self) -> None:
        """End the child; it has nothing to save."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close_quietly(pipe)
            process.wait()

    def _ask(self, job: dict[str, Any], data: bytes = b"") -> tuple[dict[str, Any], bytes]:
        """Give the child one job and return its untrusted answer."""
        process = self._started()
        timer = threading.Timer(self._job_seconds, process.kill)
        timer.start()
        try:
            write_frame(cast(BinaryIO, process.stdin), job, data)
            untrusted_answer, result = read_frame(cast(BinaryIO, process.stdout))
        except (OSError, EOFError, ValueError, TypeError) as error:
            self.close()
            raise ChildFailed("the child that parses hostile bytes failed") from error
        finally:
            timer.cancel()
        if "refused" in untrusted_answer:
            raise _refusal(untrusted_answer)
        return untrusted_answer, result

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [sys.executable, "-I", "-B", "-c", self._program],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_bare_environment(),
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                close_fds=True,
            )
        return self._process


def _bare_environment() -> dict[str, str]:
    """Return the little that Python needs to start; Windows cannot do without its system root."""
    import os  # noqa: PLC0415 - one name, one use

    wanted = ("SYSTEMROOT", "LANG", "LC_ALL")
    return {name: os.environ[name] for name in wanted if name in os.environ}


def _refusal(untrusted_answer: dict[str, Any]) -> MediaError:
    """Return the child's refusal as an error of ours; its words are cut, its class is checked."""
    kind = _REFUSALS.get(str(untrusted_answer["refused"]), ChildFailed)
    return kind(str(untrusted_answer.get("why", ""))[:100])


def _packed(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def _close_quietly(pipe: Any) -> None:  # noqa: ANN401 - whatever Popen gives
    try:
        pipe.close()
    except OSError:
        return
