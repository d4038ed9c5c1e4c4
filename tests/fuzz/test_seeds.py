# SPDX-License-Identifier: Apache-2.0
"""The fuzzer begins with files that a walker lets through, else it would fuzz the first refusal."""

import io

import pytest

from agent.media.cleaning import WALKERS, kind_of
from agent.media.model import Kind
from tests.fuzz.seeds import seeds_of


@pytest.mark.parametrize("kind", WALKERS)
def test_every_walker_has_seeds_that_it_lets_through(kind: Kind) -> None:
    seeds = seeds_of(kind)
    assert seeds
    for seed in seeds:
        assert kind_of(io.BytesIO(seed)) is kind
        assert WALKERS[kind](io.BytesIO(seed)).recipe.size > 0
