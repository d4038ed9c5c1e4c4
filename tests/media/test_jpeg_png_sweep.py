# SPDX-License-Identifier: Apache-2.0
"""Every JPEG and PNG of the shared corpus is cleaned and confirmed, or refused by type."""

from collections import Counter
from io import BytesIO

import pytest

from agent.media.errors import MediaError
from agent.media.model import Kind
from agent.media.recipe import RecipeReader
from agent.media.sniff import HEAD_BYTES, sniff
from agent.media.verify import verify
from agent.media.walk import jpeg, png
from tests.shared import shared_folder

WALKERS = {Kind.JPEG: jpeg.walk, Kind.PNG: png.walk}


@pytest.mark.shared
def test_every_still_is_clean_or_refused_by_type() -> None:
    answers: Counter[str] = Counter()
    for path in sorted(shared_folder("corpus").rglob("*")):
        if not path.is_file():
            continue
        data = path.read_bytes()
        kind = sniff(data[:HEAD_BYTES])
        if kind not in WALKERS:
            continue
        try:
            walked = WALKERS[kind](BytesIO(data))
            clean = RecipeReader(walked.recipe, BytesIO(data)).read()
            verify(kind, BytesIO(clean))
            again = WALKERS[kind](BytesIO(clean))
            assert RecipeReader(again.recipe, BytesIO(clean)).read() == clean
            answers["clean"] += 1
        except MediaError as error:
            answers[f"{type(error).__name__}: {error}"] += 1
    assert answers["clean"] > 100
