# SPDX-License-Identifier: Apache-2.0
"""Fuzz one walker with atheris, guided by coverage, for a bounded time.

    python tests/fuzz/walkers.py JPEG SEEDS -max_total_time=20

SEEDS is a folder that gets the first files; the rest are options of libFuzzer. Whatever a walker
raises must be a `MediaError`; what it lets through must stay within its headroom, the second
reader may only confirm or doubt it, and cleaning what is clean must change nothing.
"""

import io
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["agent.media"]):
    from agent.media.cleaning import WALKERS
    from agent.media.errors import Doubt, MediaError
    from agent.media.model import Kind
    from agent.media.recipe import HEADROOM, RecipeReader
    from agent.media.verify import verify

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.fuzz.seeds import seeds_of


def one_input(kind: Kind, data: bytes) -> None:
    """Walk one file, and whatever is let through once more."""
    source = io.BytesIO(data)
    try:
        walked = WALKERS[kind](source)
        clean = RecipeReader(walked.recipe, source).read()
    except MediaError:
        return
    if len(clean) > len(data) + HEADROOM:
        raise AssertionError("the clean file outgrew its source")
    try:
        verify(kind, io.BytesIO(clean))
    except Doubt:
        return
    again = WALKERS[kind](io.BytesIO(clean))
    if RecipeReader(again.recipe, io.BytesIO(clean)).read() != clean:
        raise AssertionError("cleaning what is clean changed it")


def main() -> None:
    """Run libFuzzer on the walker that the command line names."""
    program, name, folder, *options = sys.argv
    kind, seeds = Kind[name], Path(folder)
    seeds.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds_of(kind)):
        (seeds / f"seed-{number}").write_bytes(seed)
    atheris.Setup([program, str(seeds), *options], lambda data: one_input(kind, data))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
