# SPDX-License-Identifier: Apache-2.0
"""From the detector's maps to face boxes: our own arithmetic around the model, in the child.

CenterFace (Xu, Yan, Yang, Xi and others, 2019) says for each cell of 4 x 4 pixels how likely a
face's centre is there, the logarithm of its height and width in cells, and where in the cell the
centre is. A box is a row of five numbers: left, top, right, bottom in pixels, and the score.

One scale does not do: heads that fill a picture break into pieces in a fine pass, and distant ones
vanish in a coarse one. So the coarse pass gives the large faces, and a fine box that lies mostly
inside one is a piece of it.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

CELL: Final = 4
MAX_CANDIDATES: Final = 4000
"""The surest cells that are looked at; a hostile picture may have a million."""
MAX_OVERLAP: Final = 0.3
"""Of two boxes that share more of their union than this, the surer one counts."""
COARSE_LEAST: Final = 48.0
"""Pixels across, in the coarse pass, below which its boxes do not count."""
MAX_INSIDE: Final = 0.65
"""A fine box with more of its area than this inside one large face is a piece of it."""
_MAX_LOG: Final = 12.0
"""The logarithm of the largest side in cells that any picture can have."""


def boxes_of(heat: Floats, log_sides: Floats, offsets: Floats, threshold: float) -> Floats:
    """Return the boxes of one pass, each face once, surest first.

    Shapes: `heat` (h, w), `log_sides` and `offsets` (2, h, w), rows before columns.
    """
    rows, columns = np.nonzero(heat > threshold)
    scores = heat[rows, columns]
    surest = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    rows, columns, scores = rows[surest], columns[surest], scores[surest]
    height, width = np.exp(np.minimum(log_sides[:, rows, columns], _MAX_LOG)) * CELL
    down, across = offsets[:, rows, columns]
    left = (columns + across + 0.5) * CELL - width / 2
    top = (rows + down + 0.5) * CELL - height / 2
    boxes = np.stack([left, top, left + width, top + height, scores], axis=1)
    return each_once(boxes.astype(np.float32))


def each_once(boxes: Floats) -> Floats:
    """Return the boxes without those that a surer one covers, surest first."""
    waiting = boxes[np.argsort(-boxes[:, 4], kind="stable")]
    kept = []
    while len(waiting):
        best, waiting = waiting[:1], waiting[1:]
        kept.append(best)
        shared = _shared(best, waiting)[0]
        union = _areas(best) + _areas(waiting) - shared
        waiting = waiting[shared <= MAX_OVERLAP * union]
    return np.concatenate(kept) if kept else boxes[:0]


def together(fine: Floats, coarse: Floats, least: float) -> Floats:
    """Return the faces of both passes: large ones of the coarse pass, the others of the fine one.

    `least` is how many pixels across a box of the coarse pass must have at least.
    """
    large = coarse[coarse[:, 2] - coarse[:, 0] >= least]
    if not len(large):
        return fine
    inside = _shared(fine, large).max(axis=1, initial=0.0)
    pieces = inside > MAX_INSIDE * _areas(fine)
    return each_once(np.concatenate([fine[~pieces], large]))


def within(boxes: Floats, width: float, height: float) -> Floats:
    """Return the boxes cut to the picture, without those of which nothing is left."""
    cut = boxes.copy()
    cut[:, (0, 2)] = cut[:, (0, 2)].clip(0, width)
    cut[:, (1, 3)] = cut[:, (1, 3)].clip(0, height)
    return cut[_areas(cut) > 0]


def _areas(boxes: Floats) -> Floats:
    areas: Floats = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    return areas


def _shared(one: Floats, other: Floats) -> Floats:
    """Return the area that each box of one list shares with each of the other: (n, m)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:4], other[None, :, 2:4])
    shared: Floats = np.prod((high - low).clip(0), axis=2)
    return shared
