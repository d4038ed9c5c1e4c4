# SPDX-License-Identifier: Apache-2.0
"""Draw small pictures, clean them, and ask whoever knows: for WebP, GIF, BMP and TIFF."""

import subprocess
import sys
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from hypothesis import strategies as st
from PIL import Image, ImageSequence

from agent.media.cleaning import WALKERS
from agent.media.icc import _known
from agent.media.model import Kind
from agent.media.recipe import HEADROOM, RecipeReader
from agent.media.verify import verify
from tests.shared import shared_folder

CANARY = b"a secret of the school"
WIDE_PROFILE = _known()[1][2]
"""The canonical profile for Display P3."""
DATED_PROFILE = WIDE_PROFILE[:24] + b"\x07\xcb\0\x0b\0\x0d" + WIDE_PROFILE[30:]
"""The same colours, from a camera that noted the time."""


def drawn(size: tuple[int, int] = (37, 23), mode: str = "RGB") -> Image.Image:
    """Return a picture of which no two turns are alike; sizes are odd."""
    bands = [Image.linear_gradient("L").rotate(turn).resize(size) for turn in (0, 90, 180, 270)]
    if mode == "CMYK":
        return Image.merge("CMYK", bands)
    return Image.merge("RGBA", bands).convert(mode)


def saved(picture: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def shown(data: bytes) -> list[tuple[str, tuple[int, int], bytes, object]]:
    """Return what a viewer makes of a file: of each frame its mode, size, pixels and time."""
    with Image.open(BytesIO(data)) as picture:
        return [
            (frame.mode, frame.size, _pixels(frame), frame.info.get("duration"))
            for frame in ImageSequence.Iterator(picture)
        ]


def _pixels(frame: Image.Image) -> bytes:
    """Return colours, not indices, except where a conversion would cut them."""
    exact = frame.mode.startswith("I") or frame.mode == "CMYK"
    return frame.tobytes() if exact else frame.convert("RGBA").tobytes()


def cleaned(kind: Kind, data: bytes) -> bytes:
    """Walk a file and return its clean bytes, confirmed by the second reader."""
    walked = WALKERS[kind](BytesIO(data))
    clean = RecipeReader(walked.recipe, BytesIO(data)).read()
    verify(kind, BytesIO(clean))
    return clean


def check_hostile(kind: Kind, data: bytes) -> None:
    """Clean a hostile file; what comes out is no larger than it may be, and clean for good."""
    clean = cleaned(kind, data)
    assert len(clean) <= len(data) + HEADROOM
    assert cleaned(kind, clean) == clean


def spoilt(data: bytes) -> st.SearchStrategy[bytes]:
    """Return files with up to six bytes changed, perhaps cut, perhaps with a piece repeated."""
    place = st.integers(0, len(data) - 1)
    edits = st.lists(st.tuples(place, st.integers(0, 255)), max_size=6)
    return st.builds(_spoil, st.just(data), edits, st.none() | place, st.none() | place)


def _spoil(
    data: bytes, edits: Sequence[tuple[int, int]], cut: int | None, again: int | None
) -> bytes:
    changed = bytearray(data)
    for place, value in edits:
        changed[place] = value
    if again is not None:
        changed[again:again] = changed[again : again + 16]
    return bytes(changed[:cut])


def planted(folder: Path, kinds: str) -> Path:
    """Let the shared tool plant its canaries into files of these kinds; return their folder."""
    tool = shared_folder("tools") / "plant.py"
    command = [sys.executable, str(tool), str(folder), "--only", kinds, "--no-exiftool"]
    subprocess.run(command, check=True, capture_output=True)
    return folder


def leaks(path: Path, manifest: Path | None = None) -> str:
    """Return what the oracle says is left in a file, beside a canonical colour profile."""
    tool = shared_folder("tools") / "leakcheck.py"
    told = ["--manifest", str(manifest)] if manifest else []
    command = [sys.executable, str(tool), "--allow-icc", *told, str(path)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    lines = [line for line in answer.stdout.splitlines() if "exiftool: ICC_Profile:" not in line]
    only_profile = answer.returncode == 1 and len(lines) == 1
    return "" if answer.returncode == 0 or only_profile else answer.stdout + answer.stderr
