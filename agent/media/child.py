# SPDX-License-Identifier: Apache-2.0
"""The jobs of the child that knows media; its process is that of `agent.media.child_process`.

Whatever the child answers is untrusted until checked here.
"""

import base64
from collections.abc import Sequence
from typing import Final

from agent.media.child_process import ROOT as _ROOT
from agent.media.child_process import ChildProcess
from agent.media.errors import ChildFailed
from agent.media.facts import MediaFacts, Shape, from_untrusted
from agent.media.limits import CHILD_MEMORY_BYTES
from agent.media.model import Kind, Metadata
from agent.media.seen import Seen, Sensitivity, Sight, sight_of
from agent.media.seen import from_untrusted as seen_from_untrusted

JOB_SECONDS: Final = 30.0
"""How long one job may take; turning or looking at 50 megapixels takes a second or two."""
_WHITE: Final = 255
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, {root!r}); from agent.media.worker import main; main()"
)


class Child(ChildProcess):
    """One warm child process."""

    def __init__(self, job_seconds: float = JOB_SECONDS, program: str = _PROGRAM) -> None:
        super().__init__(program.format(root=str(_ROOT)), job_seconds, CHILD_MEMORY_BYTES)

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

    def preview(
        self, kind: Kind, data: bytes, side: int, place: Sequence[float] | None = None
    ) -> bytes:
        """Return a JPEG of a clean picture or of a place in it, at most so many pixels a side.

        Raises:
            Malformed: the pixels cannot be decoded.
            Unsupported: this computer cannot decode this kind.
            ChildFailed: it made the child fail.
        """
        where = None if place is None else list(place)
        job = {"job": "preview", "kind": kind.name, "side": side, "place": where}
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


def _packed(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")
