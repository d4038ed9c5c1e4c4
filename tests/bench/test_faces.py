# SPDX-License-Identifier: Apache-2.0
"""What the bench says of the detector is true: marks are read, hits counted, limits kept."""

import sys
from pathlib import Path

import pytest

from agent.bench import faces as bench
from agent.media.child import Child
from agent.media.model import Kind
from agent.media.seen import Sensitivity
from tests.shared import shared_folder

MARKS = """<dataset><images>
<image file='a.jpg'><box top='10' left='20' width='30' height='40'/></image>
<image file='../b.jpg'/><image file='absent.jpg'/></images></dataset>"""
MOST_BYTES = 900 << 20


def test_marks_are_read_beside_their_pictures(tmp_path: Path) -> None:
    (tmp_path / "marks.xml").write_text(MARKS)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(b"")
    assert bench.marked_in(tmp_path) == [
        bench.Marked(path=tmp_path / "a.jpg", faces=((20, 10, 30, 40),)),
        bench.Marked(path=tmp_path / "b.jpg", faces=()),
    ]


FACE = (100.0, 100.0, 50.0, 50.0)


@pytest.mark.parametrize(
    ("boxes", "found"),
    [
        ([FACE], 1),
        ([(80.0, 80.0, 90.0, 90.0)], 1),
        ([], 0),
        ([(160.0, 100.0, 50.0, 50.0)], 0),
        ([(100.0, 20.0, 50.0, 50.0)], 0),
        ([(120.0, 120.0, 10.0, 10.0)], 0),
        ([(0.0, 0.0, 250.0, 250.0)], 0),
    ],
)
def test_a_face_is_found_by_a_box_on_it_of_its_size(boxes: list[bench.Box], found: int) -> None:
    assert bench.found_of([FACE], boxes) == found


def test_each_face_needs_a_box_of_its_own() -> None:
    assert bench.found_of([FACE, FACE], [FACE]) == 1


@pytest.mark.shared
def test_every_marked_face_is_found_and_few_boxes_lie_elsewhere() -> None:
    """Measured: 24 of 24; the 3 elsewhere are people in the background whom nobody marked."""
    pictures = bench.marked_in(shared_folder("corpus", "faces"))
    assert sum(len(one.faces) for one in pictures) == 24
    by_way = {score.way: score for score in bench.scores(pictures)}
    normal = by_way["photowarden, normal (0.30)"]
    assert normal.found == 24
    assert normal.elsewhere <= 3
    assert by_way["photowarden, tolerant (0.50)"].found >= 22


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.skipif(sys.platform != "linux", reason="the peak is kept by Linux")
def test_a_look_at_12_megapixels_keeps_to_its_memory() -> None:
    pictures = bench.marked_in(shared_folder("corpus", "faces"))
    large = bench._large(pictures)
    with Child() as child:
        for _ in range(2):
            assert len(child.look(Kind.JPEG, large, Sensitivity.NORMAL).faces or ()) > 60
        assert 0 < bench._peak(child.process_id or 0) < MOST_BYTES
