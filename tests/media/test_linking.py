# SPDX-License-Identifier: Apache-2.0
"""Covered faces cannot be linked: the nearest neighbour of a cover is a guess.

Who has another picture of the same moment covers it likewise and looks for the nearest one by
normalised correlation at 32 x 32 pixels. Behind a mosaic, a blur or a mean colour the faces are
found again far above chance; behind our covers they are not. The first three are planted faults:
the test sees them.
"""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from agent.media import painting
from agent.media.child import Child
from agent.media.model import Kind
from agent.media.seen import Sensitivity
from tests.shared import shared_folder

SIDE: Final = 96
GRID: Final = 32
DRAWN: Final = 60
WHOLE: Final = (0.0, 0.0, 1.0, 1.0)

Faces = list[Image.Image]
Treatment = Callable[[Image.Image], Image.Image]


def drawn_faces() -> Faces:
    """Return smooth patterns, no two alike, as faces are once they are small."""
    random = np.random.default_rng(7)
    coarse = random.integers(30, 226, (DRAWN, 12, 12, 3), np.uint8)
    return [Image.fromarray(one).resize((SIDE, SIDE), Image.Resampling.BICUBIC) for one in coarse]


def marked_faces(folder: Path) -> Faces:
    """Return the faces that the detector finds in real pictures, each cut out."""
    found: Faces = []
    with Child() as child:
        for path in sorted(folder.glob("*.jpg")):
            seen = child.look(Kind.JPEG, path.read_bytes(), Sensitivity.NORMAL)
            with Image.open(path) as picture:
                for face in seen.faces or ():
                    left, top = face.left * seen.width, face.top * seen.height
                    right = left + face.width * seen.width
                    box = (left, top, right, top + face.height * seen.height)
                    found.append(picture.convert("RGB").resize((SIDE, SIDE), box=box))
    return found


def another_view(face: Image.Image) -> Image.Image:
    """Return what an attacker has: shifted by 5 %, larger, brighter, saved again."""
    shifted = face.transform(
        face.size, Image.Transform.AFFINE, (0.95, 0, 0.05 * SIDE, 0, 0.95, 0.02 * SIDE)
    )
    brighter = ImageEnhance.Brightness(shifted).enhance(1.1)
    out = io.BytesIO()
    brighter.resize((SIDE * 5 // 4, SIDE * 5 // 4)).save(out, "JPEG", quality=70)
    return Image.open(out).convert("RGB").resize((SIDE, SIDE))


def mosaic(face: Image.Image) -> Image.Image:
    small = face.resize((6, 6), Image.Resampling.BOX)
    return small.resize(face.size, Image.Resampling.NEAREST)


def blur(face: Image.Image) -> Image.Image:
    return face.filter(ImageFilter.GaussianBlur(SIDE / 6))


def mean_colour(face: Image.Image) -> Image.Image:
    return face.resize((1, 1), Image.Resampling.BOX).resize(face.size)


def our_cover(face: Image.Image) -> Image.Image:
    out = io.BytesIO()
    face.save(out, "PNG")
    return Image.open(io.BytesIO(painting.cover(Kind.PNG, out.getvalue(), [WHOLE]))).convert("RGB")


def vectors(faces: Faces) -> NDArray[np.float64]:
    """Return each face as its 32 x 32 colours around their mean, of length one where it can."""
    rows = np.array([np.asarray(f.resize((GRID, GRID)), np.float64).ravel() for f in faces])
    around = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(around, axis=1, keepdims=True)
    return np.divide(around, lengths, out=np.zeros_like(around), where=lengths > 1e-9)


def linked(faces: Faces, treat: Treatment) -> float:
    """Return which share of treated faces is nearest to the same face, treated in another view.

    Of several that are equally near, one is a guess, and counts as a share of one.
    """
    published = vectors([treat(face) for face in faces])
    gallery = vectors([treat(another_view(face)) for face in faces])
    hits = 0.0
    for number, row in enumerate(published):
        distances = np.square(gallery - row).sum(axis=1)
        nearest = np.flatnonzero(np.isclose(distances, distances.min()))
        hits += (number in nearest) / len(nearest)
    return hits / len(faces)


@pytest.fixture(scope="module", params=["drawn", pytest.param("real", marks=pytest.mark.shared)])
def faces(request: pytest.FixtureRequest) -> Faces:
    return (
        drawn_faces()
        if request.param == "drawn"
        else marked_faces(shared_folder("corpus", "faces"))
    )


def test_covered_faces_are_linked_at_chance(faces: Faces) -> None:
    assert len(faces) >= 20
    assert linked(faces, our_cover) == pytest.approx(1 / len(faces))


def test_uncovered_faces_are_linked(faces: Faces) -> None:
    assert linked(faces, lambda face: face) > 0.9


TOLD: Final = {"mosaic": (mosaic, 0.7), "blur": (blur, 0.7), "mean colour": (mean_colour, 0.1)}


@pytest.mark.parametrize("way", TOLD)
def test_the_measure_sees_what_is_computed_from_a_face(way: str, faces: Faces) -> None:
    """A planted fault each: a cover that is a function of the face."""
    treat, least = TOLD[way]
    assert linked(faces, treat) > max(least, 2 / len(faces))
