# SPDX-License-Identifier: Apache-2.0
"""The child's program: parse hostile bytes, answer plain values, and nothing else.

It gives up what it does not need before it loads any decoder: no more memory than the limit, no
file of more than no bytes, no core dump, few open files. It reads jobs from its standard input and
answers on its standard output; it knows no key, no network, and no file but its own program and the
model that finds faces.
"""

import base64
import sys
from collections.abc import Callable
from typing import Any, BinaryIO, Final

from agent.media.errors import Malformed, MediaError
from agent.media.frames import read_frame, write_frame
from agent.media.limits import CHILD_MEMORY_BYTES
from agent.media.model import Kind, Metadata

MEMORY_BYTES: Final = CHILD_MEMORY_BYTES
_OPEN_FILES: Final = 64


def limit_myself(memory_bytes: int | None = None) -> None:
    """Give up memory, files and core dumps beyond the limits; POSIX only.

    Windows has no such call; there the parent watches the clock and the memory.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - POSIX only

    for what, most in (
        (resource.RLIMIT_AS, memory_bytes or MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        resource.setrlimit(what, (most, most))


def serve(jobs: BinaryIO, answers: BinaryIO) -> None:
    """Answer jobs until the parent closes the pipe."""
    while True:
        try:
            job, data = read_frame(jobs)
        except EOFError:
            return
        try:
            answer, result = _JOBS[job["job"]](job, data)
        except MediaError as error:
            answer, result = {"refused": type(error).__name__, "why": str(error)}, b""
        except MemoryError:
            answer, result = {"refused": "ChildFailed", "why": "memory"}, b""
        write_frame(answers, answer, result)


def _facts(job: dict[str, Any], exif: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.device_facts import read_facts  # noqa: PLC0415 - after the limits, if needed
    from agent.media.facts import Shape, to_plain  # noqa: PLC0415 - the same

    shape = None
    if job.get("shape") is not None:
        width, height, orientation = job["shape"]
        shape = Shape(width=width, height=height, orientation=orientation)
    roots = frozenset(job.get("roots", ()))
    return {"facts": to_plain(read_facts(_metadata(job, exif), shape, roots))}, b""


def _turn(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.decoders import turn  # noqa: PLC0415 - after the limits, if needed

    return {}, turn(Kind[job["kind"]], data, job["orientation"])


def _shape(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.decoders import shape  # noqa: PLC0415 - after the limits, if needed

    width, height = shape(Kind[job["kind"]], data)
    return {"width": width, "height": height}, b""


def _look(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.eyes import look  # noqa: PLC0415 - after the limits, if needed
    from agent.media.seen import to_plain  # noqa: PLC0415 - the same

    return to_plain(look(Kind[job["kind"]], data, job["threshold"])), b""


def _cover(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.painting import cover  # noqa: PLC0415 - after the limits, if needed

    return {}, cover(Kind[job["kind"]], data, job["places"])


def _preview(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.preview import preview  # noqa: PLC0415 - after the limits, if needed

    return {}, preview(Kind[job["kind"]], data, job["side"], job["place"])


def _unevenness(job: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.painting import unevenness  # noqa: PLC0415 - after the limits, if needed

    return {"steps": unevenness(data, job["places"])}, b""


def _sight(_job: dict[str, Any], _data: bytes) -> tuple[dict[str, Any], bytes]:
    from agent.media.eyes import sight  # noqa: PLC0415 - after the limits, if needed

    return {"sight": sight().code}, b""


def _metadata(job: dict[str, Any], exif: bytes) -> Metadata:
    def unpacked(value: str | None) -> bytes | None:
        return None if value is None else base64.b64decode(value)

    try:
        return Metadata(
            untrusted_exif=exif or None,
            untrusted_xmp=tuple(base64.b64decode(packet) for packet in job["xmp"]),
            untrusted_iptc=unpacked(job["iptc"]),
            untrusted_labels=tuple((key, base64.b64decode(value)) for key, value in job["labels"]),
            untrusted_claims=unpacked(job["claims"]) or b"",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Malformed("metadata of another shape") from error


_JOBS: Final[dict[str, Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]]] = {
    "facts": _facts,
    "turn": _turn,
    "shape": _shape,
    "look": _look,
    "cover": _cover,
    "preview": _preview,
    "unevenness": _unevenness,
    "sight": _sight,
}


def main() -> None:
    """Run as the child."""
    limit_myself()
    serve(sys.stdin.buffer, sys.stdout.buffer)
