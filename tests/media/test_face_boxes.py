# SPDX-License-Identifier: Apache-2.0
"""The arithmetic around the detector: maps to boxes, each face once, two passes together."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.media.face_boxes import (
    MAX_CANDIDATES,
    MAX_OVERLAP,
    Floats,
    boxes_of,
    each_once,
    together,
    within,
)


def maps(height: int, width: int) -> tuple[Floats, Floats, Floats]:
    heat = np.zeros((height, width), np.float32)
    return heat, np.zeros((2, height, width), np.float32), np.zeros((2, height, width), np.float32)


def rows(*boxes: tuple[float, ...]) -> Floats:
    return np.array(boxes, np.float32).reshape(-1, 5)


def test_a_cell_becomes_a_box_around_its_centre() -> None:
    heat, log_sides, offsets = maps(8, 16)
    heat[3, 10] = 0.9
    log_sides[:, 3, 10] = np.log((5, 4))  # height and width in cells
    offsets[:, 3, 10] = (0.25, -0.25)  # down and across
    (box,) = boxes_of(heat, log_sides, offsets, 0.3)
    assert box == pytest.approx((33, 5, 49, 25, 0.9), rel=1e-5)


def test_a_cell_counts_only_above_the_threshold() -> None:
    heat, log_sides, offsets = maps(4, 4)
    heat[1, 1] = 0.3
    assert len(boxes_of(heat, log_sides, offsets, 0.3)) == 0
    assert len(boxes_of(heat, log_sides, offsets, 0.29)) == 1


def test_a_hostile_map_is_cut_and_stays_finite() -> None:
    heat, log_sides, offsets = maps(200, 200)
    heat[:] = np.linspace(0.5, 1, heat.size, dtype=np.float32).reshape(heat.shape)
    log_sides[:] = 1e30
    boxes = boxes_of(heat, log_sides, offsets, 0.3)
    assert 0 < len(boxes) <= MAX_CANDIDATES
    assert np.isfinite(boxes).all()


def test_of_two_boxes_on_one_face_the_surer_counts() -> None:
    found = each_once(rows((1, 0, 11, 10, 0.5), (0, 0, 10, 10, 0.9), (50, 0, 60, 10, 0.4)))
    assert found[:, 4] == pytest.approx((0.9, 0.4))


def test_neighbours_that_touch_are_two_faces() -> None:
    assert len(each_once(rows((0, 0, 10, 10, 0.9), (6, 0, 16, 10, 0.8)))) == 2
    assert len(each_once(rows((0, 0, 10, 10, 0.9), (4, 0, 14, 10, 0.8)))) == 1


boxes = st.lists(
    st.tuples(*[st.integers(0, 40)] * 2, *[st.integers(1, 30)] * 2, st.integers(1, 100)),
    max_size=12,
)


@given(boxes)
def test_what_is_left_hardly_overlaps_and_nothing_is_invented(
    drawn: list[tuple[int, ...]],
) -> None:
    given_rows = rows(*((x, y, x + w, y + h, s / 100) for x, y, w, h, s in drawn))
    found = each_once(given_rows)
    assert {tuple(row) for row in found.tolist()} <= {tuple(row) for row in given_rows.tolist()}
    assert len(found) >= bool(len(drawn))
    for i, one in enumerate(found):
        for other in found[i + 1 :]:
            low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:4], other[2:4])
            shared = np.prod((high - low).clip(0))
            union = np.prod(one[2:4] - one[:2]) + np.prod(other[2:4] - other[:2]) - shared
            assert shared <= MAX_OVERLAP * union * 1.0001


def test_a_large_face_takes_the_place_of_its_pieces() -> None:
    pieces = rows((10, 10, 60, 60, 0.9), (50, 50, 95, 95, 0.8), (200, 0, 220, 20, 0.7))
    found = together(pieces, rows((0, 0, 100, 100, 0.6)), least=48)
    assert sorted(found[:, 4].tolist()) == pytest.approx([0.6, 0.7])


def test_a_small_face_of_the_coarse_pass_does_not_count() -> None:
    fine = rows((10, 10, 20, 20, 0.9))
    assert together(fine, rows((0, 0, 47, 60, 0.99)), least=48) is fine
    assert len(together(fine, rows((100, 0, 148, 60, 0.99)), least=48)) == 2


def test_a_fine_box_that_only_reaches_into_a_large_face_stays() -> None:
    large = rows((0, 0, 100, 100, 0.9))
    assert len(together(rows((36, 0, 136, 100, 0.5)), large, least=48)) == 1  # the same face
    assert len(together(rows((90, 0, 110, 20, 0.5)), large, least=48)) == 2  # half inside
    assert len(together(rows((86, 0, 106, 20, 0.5)), large, least=48)) == 1  # 70 % inside


def test_boxes_are_cut_to_the_picture() -> None:
    found = within(
        rows((-5, -5, 5, 5, 0.9), (90, 90, 120, 130, 0.8), (101, 0, 110, 9, 0.7)), 100, 99
    )
    assert found[:, :4].tolist() == [[0, 0, 5, 5], [90, 90, 100, 99]]
