# SPDX-License-Identifier: Apache-2.0
"""Say where faces are in a picture, with the CenterFace model. Runs in the child only.

The model file has three outputs: where faces are, how large, and where in a cell. Nothing here asks
for, computes or keeps anything by which a face could be recognised. Its digest is fixed here and
checked before it is loaded; `tests/tools/centerface.py` says how the file was made.
"""

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image

from agent.media.face_boxes import COARSE_LEAST, Floats, boxes_of, together, within
from agent.media.seen import MAX_FACES, FaceBox, Sight

MODEL: Final = Path(__file__).with_name("data") / "centerface.onnx"
MODEL_SHA256: Final = "433f08bbcadf43a464bedba283a7db6e3cc41c39ae1f99251976f9b9cd8004ef"
OUTPUTS: Final = ("537", "538", "539")
"""Heat map, logarithm of the sides, place in the cell."""
FINE_SIDE: Final = 2048
COARSE_SIDE: Final = 640
COARSE_THRESHOLD: Final = 0.35
FEW: Final = 2
"""With fewer faces than this, a picture may lie on its side and is looked at in all four turns."""
TURNED_HINT: Final = 0.25
"""In the quick look at each turn; what it hints at must then be found in full."""
TURNED_THRESHOLD: Final = 0.50
_INPUT: Final = "input.1"
_STEP: Final = 32
"""Sides of the model's input are multiples of this."""
_THREADS: Final = 2
_SILENT: Final = 4


class Blind(Exception):  # noqa: N818 - an answer about this computer
    """Faces cannot be looked for here; `sight` says why."""

    def __init__(self, sight: Sight) -> None:
        super().__init__(sight.code)
        self.sight = sight


def sight() -> Sight:
    """Return whether faces can be looked for on this computer, or why not."""
    try:
        _session()
    except Blind as blind:
        return blind.sight
    return Sight.READY


def faces_in(picture: Image.Image, threshold: float) -> tuple[FaceBox, ...]:
    """Return the faces of an upright RGB picture, from left to right.

    Raises:
        Blind: the model or the package that runs it is missing or damaged.
    """
    found = _upright_faces(picture, threshold)
    if len(found) < FEW:
        found = max(found, _lying_faces(picture), key=len)
    return tuple(sorted(found, key=lambda face: (face.left, face.top)))


def _upright_faces(picture: Image.Image, threshold: float) -> list[FaceBox]:
    """Return the faces of both passes, surest first."""
    boxes = _boxes(picture, FINE_SIDE, threshold)
    if max(picture.size) > COARSE_SIDE:
        coarse = _boxes(picture, COARSE_SIDE, COARSE_THRESHOLD)
        boxes = together(boxes, coarse, COARSE_LEAST * max(picture.size) / COARSE_SIDE)
    return [_face(row, picture) for row in within(boxes, *picture.size)[:MAX_FACES]]


def _lying_faces(picture: Image.Image) -> list[FaceBox]:
    """Return the faces of a picture that lies on its side or head: a quick look at each turn."""
    small = picture.copy()
    small.thumbnail((FINE_SIDE, FINE_SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    looked = {turn: len(_boxes(small.transpose(turn), COARSE_SIDE, TURNED_HINT)) for turn in _BACK}
    turn = max(looked, key=lambda one: looked[one])
    if not looked[turn]:
        return []
    return [_BACK[turn](face) for face in _upright_faces(small.transpose(turn), TURNED_THRESHOLD)]


def _boxes(picture: Image.Image, side: int, threshold: float) -> Floats:
    """Return the boxes of one pass, in pixels of the picture; it is only ever made smaller."""
    scale = min(1.0, side / max(picture.size))
    width, height = (max(1, round(length * scale)) for length in picture.size)
    small = picture.resize((width, height), Image.Resampling.BILINEAR, reducing_gap=2.0)
    heat, log_sides, offsets = _session().run(list(OUTPUTS), {_INPUT: _input(small)})
    boxes = boxes_of(heat[0, 0], log_sides[0], offsets[0], threshold)
    boxes[:, (0, 2)] *= picture.width / width
    boxes[:, (1, 3)] *= picture.height / height
    return boxes


def _input(picture: Image.Image) -> Floats:
    """Return the model's input: (1, 3, height, width), 0 to 255, black beyond the picture."""
    width, height = (-(-length // _STEP) * _STEP for length in picture.size)
    pixels = np.zeros((1, 3, height, width), np.float32)
    pixels[0, :, : picture.height, : picture.width] = np.asarray(picture).transpose(2, 0, 1)
    return pixels


def _face(row: Floats, picture: Image.Image) -> FaceBox:
    left, top, right, bottom, score = map(float, row)
    return FaceBox(
        left=left / picture.width,
        top=top / picture.height,
        width=min(1.0, (right - left) / picture.width),
        height=min(1.0, (bottom - top) / picture.height),
        score=min(1.0, score),
    )


def _from_left(face: FaceBox) -> FaceBox:
    """Return where a face of the picture turned by 90 degrees to the left is in the picture."""
    left = max(0.0, 1 - face.top - face.height)
    return FaceBox(left=left, top=face.left, width=face.height, height=face.width, score=face.score)


def _from_head(face: FaceBox) -> FaceBox:
    """Return where a face of the picture turned by 180 degrees is in the picture."""
    return _from_left(_from_left(face))


def _from_right(face: FaceBox) -> FaceBox:
    """Return where a face of the picture turned by 90 degrees to the right is in the picture."""
    return _from_left(_from_head(face))


_BACK: Final = {
    Image.Transpose.ROTATE_90: _from_left,
    Image.Transpose.ROTATE_180: _from_head,
    Image.Transpose.ROTATE_270: _from_right,
}


@cache
def _session() -> Any:  # noqa: ANN401 - onnxruntime has no types
    """Load the model once a child.

    Raises:
        Blind: it is missing or damaged, or what runs it is.
    """
    model = _model()
    try:
        import onnxruntime  # noqa: PLC0415 - large, and on Windows it may fail to load

        onnxruntime.set_default_logger_severity(_SILENT)
        onnxruntime.disable_telemetry_events()
        return onnxruntime.InferenceSession(
            model, _options(onnxruntime), providers=["CPUExecutionProvider"]
        )
    except Exception as error:
        raise Blind(Sight.RUNTIME_MISSING) from error


def _model() -> bytes:
    try:
        model = MODEL.read_bytes()
    except OSError as error:
        raise Blind(Sight.MODEL_MISSING) from error
    if hashlib.sha256(model).hexdigest() != MODEL_SHA256:
        raise Blind(Sight.MODEL_DAMAGED)
    return model


def _options(onnxruntime: Any) -> Any:  # noqa: ANN401 - onnxruntime has no types
    """Return how the model runs: few threads that sleep between pictures, memory given back."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(_THREADS, os.cpu_count() or 1)
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = _SILENT
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options
