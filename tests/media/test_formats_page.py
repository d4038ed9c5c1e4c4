# SPDX-License-Identifier: Apache-2.0
"""docs/formats.md says what is done today, and counts what became of real files."""

from pathlib import Path

import pytest

from agent.bench.formats import formats_page
from agent.media.cleaning import WALKERS
from agent.media.model import Kind
from tests.shared import REPOSITORY, shared_folder

PAGE = REPOSITORY / "docs" / "formats.md"


@pytest.mark.parametrize("kind", Kind)
def test_the_page_names_every_kind(kind: Kind) -> None:
    assert f"| {kind.label} |" in PAGE.read_text("utf-8")


def test_an_empty_folder_gives_the_same_words(tmp_path: Path) -> None:
    words = formats_page(tmp_path).partition("## Real files")[0]
    assert PAGE.read_text("utf-8").startswith(words)
    assert all(f"| {kind.label} |" in words for kind in WALKERS)


@pytest.mark.shared
def test_the_counts_are_those_of_the_real_files() -> None:
    assert PAGE.read_text("utf-8") == formats_page(shared_folder() / "corpus")
