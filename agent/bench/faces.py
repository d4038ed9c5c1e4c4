# SPDX-License-Identifier: Apache-2.0
"""Measure the face detector on marked pictures, and one look at a picture of 12 megapixels.

The marks are the boxes in a folder's XML files, as dlib's tools write them. Our way runs in the
child, as the agent runs it. Beside it stands the same model as the programs of others run it: one
pass over the picture in its own size. Each way has a process of its own, so its peak memory is its
own; all figures come from one run.
"""

import io
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self
from xml.etree.ElementTree import Element

import psutil
from defusedxml.ElementTree import parse
from PIL import Image

from agent.media.child import Child
from agent.media.model import Kind
from agent.media.seen import FaceBox, Sensitivity

ONE_PASS: Final = "the model alone, one pass, 0.20"  # noqa: S105 - no secret
_LARGE: Final = (4000, 3000)
_TILE: Final = (1000, 750)
_ROUNDS: Final = 5
_SIZES: Final = (0.2, 5.0)
"""A box is on a face if its area is at least and at most this much of the marked one."""
_PROGRAM: Final = """
import io, json, sys, time
sys.path.insert(0, {root!r})
from PIL import Image
from agent.media import detector
for line in sys.stdin:
    with Image.open(line.strip()) as picture:
        start = time.perf_counter()
        colour = picture.convert("RGB")
        rows = detector._boxes(colour, max(colour.size), 0.20)
        seconds = time.perf_counter() - start
    boxes = [[float(part) for part in row] for row in rows]
    print(json.dumps(dict(boxes=boxes, seconds=seconds)), flush=True)
"""

Box = tuple[float, float, float, float]
"""Left, top, width, height in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """One picture and where people have marked faces in it."""

    path: Path
    faces: tuple[Box, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One way over all pictures: marked faces found, boxes elsewhere, median seconds a picture."""

    way: str
    marked: int
    found: int
    elsewhere: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One way over one large picture: median seconds, faces, peak bytes of its process."""

    way: str
    seconds: float
    faces: int
    peak: int


def marked_in(folder: Path) -> list[Marked]:
    """Return the pictures of a folder that its XML files mark, in the order of their names."""
    found: dict[str, list[Box]] = {}
    for file in sorted(folder.glob("*.xml")):
        root = parse(file).getroot()
        for image in () if root is None else root.iter("image"):
            boxes = found.setdefault(Path(image.attrib["file"]).name, [])
            boxes += [_box(box) for box in image.iter("box")]
    return [
        Marked(path=folder / name, faces=tuple(boxes))
        for name, boxes in sorted(found.items())
        if (folder / name).is_file()
    ]


def _box(element: Element) -> Box:
    left, top, width, height = (
        float(element.attrib[key]) for key in ("left", "top", "width", "height")
    )
    return left, top, width, height


def scores(pictures: Sequence[Marked]) -> list[Score]:
    """Return how each sensitivity does on marked pictures, and the model alone beside them."""
    ours = []
    with Child() as child:
        child.look(Kind.JPEG, pictures[0].path.read_bytes(), Sensitivity.NORMAL)
        for sensitivity in Sensitivity:
            timed = [_ours(child, one.path, sensitivity) for one in pictures]
            way = f"photowarden, {sensitivity.name.lower()} ({sensitivity.value:.2f})"
            ours.append(_score(way, pictures, timed))
    with _OnePass() as alone:
        alone.boxes(pictures[0].path)
        return [*ours, _score(ONE_PASS, pictures, [alone.boxes(one.path) for one in pictures])]


Timed = tuple[list[Box], float]


def _ours(child: Child, path: Path, sensitivity: Sensitivity) -> Timed:
    data = path.read_bytes()
    start = time.perf_counter()
    seen = child.look(Kind.JPEG, data, sensitivity)
    seconds = time.perf_counter() - start
    return [_in_pixels(face, seen.width, seen.height) for face in seen.faces or ()], seconds


def _in_pixels(face: FaceBox, width: int, height: int) -> Box:
    return face.left * width, face.top * height, face.width * width, face.height * height


def _score(way: str, pictures: Iterable[Marked], timed: Sequence[Timed]) -> Score:
    pairs = list(zip(pictures, timed, strict=True))
    hits = [found_of(one.faces, boxes) for one, (boxes, _) in pairs]
    return Score(
        way=way,
        marked=sum(len(one.faces) for one, _ in pairs),
        found=sum(hits),
        elsewhere=sum(len(boxes) for _, (boxes, _) in pairs) - sum(hits),
        seconds=statistics.median(seconds for _, (_, seconds) in pairs),
    )


def found_of(marked: Iterable[Box], boxes: Iterable[Box]) -> int:
    """Count the marked faces that have a box of their own: its centre in them, of their size."""
    left = list(boxes)
    found = 0
    for face in marked:
        mine = next((box for box in left if _is_on(box, face)), None)
        if mine is not None:
            left.remove(mine)
            found += 1
    return found


def _is_on(box: Box, face: Box) -> bool:
    across, down = box[0] + box[2] / 2, box[1] + box[3] / 2
    within = face[0] <= across <= face[0] + face[2] and face[1] <= down <= face[1] + face[3]
    least, most = _SIZES
    return within and least <= box[2] * box[3] / (face[2] * face[3]) <= most


def costs(pictures: Sequence[Marked], folder: Path) -> list[Cost]:
    """Return what one look at 12 megapixels of people costs each way; `folder` takes the file."""
    large = folder / "large.jpg"
    large.write_bytes(_large(pictures))
    with Child() as child:
        ours = [_ours(child, large, Sensitivity.NORMAL) for _ in range(_ROUNDS + 1)][1:]
        peaks = [_peak(child.process_id or 0)]
    with _OnePass() as alone:
        others = [alone.boxes(large) for _ in range(_ROUNDS + 1)][1:]
        peaks.append(alone.peak())
    return [
        _cost("photowarden, normal, the whole look", ours, peaks[0]),
        _cost(ONE_PASS, others, peaks[1]),
    ]


def _cost(way: str, timed: Sequence[Timed], peak: int) -> Cost:
    seconds = statistics.median(seconds for _, seconds in timed)
    return Cost(way=way, seconds=seconds, faces=len(timed[0][0]), peak=peak)


def _large(pictures: Sequence[Marked]) -> bytes:
    """Return a JPEG of 12 megapixels that is made of the pictures."""
    whole = Image.new("RGB", _LARGE)
    columns = _LARGE[0] // _TILE[0]
    for number in range(columns * (_LARGE[1] // _TILE[1])):
        with Image.open(pictures[number % len(pictures)].path) as picture:
            tile = picture.convert("RGB").resize(_TILE)
        whole.paste(tile, (number % columns * _TILE[0], number // columns * _TILE[1]))
    out = io.BytesIO()
    whole.save(out, "JPEG", quality=90)
    return out.getvalue()


class _OnePass:
    """A process that runs the model once over each picture, in the picture's own size."""

    def __enter__(self) -> Self:
        root = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", _PROGRAM.format(root=str(root))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def boxes(self, path: Path) -> Timed:
        """Return the boxes in a picture, and the seconds that they took."""
        if self._process.stdin is None or self._process.stdout is None:
            raise ValueError("a process without pipes")
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer: Mapping[str, list[list[float]]] = json.loads(self._process.stdout.readline())
        rows = [(r[0], r[1], r[2] - r[0], r[3] - r[1]) for r in answer["boxes"]]
        return rows, float(str(answer["seconds"]))

    def peak(self) -> int:
        """Return the peak memory of the process in bytes."""
        return _peak(self._process.pid)


def _peak(pid: int) -> int:
    """Return the peak memory of a process in bytes; what it has now where nobody keeps the peak."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) << 10
    memory = psutil.Process(pid).memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))
