# SPDX-License-Identifier: Apache-2.0
"""The page of codes is what the list says, and the list says enough."""

import re

import pytest

from agent.core.codes_page import codes_page
from agent.core.concerns import Concern, Verdict
from tests.shared import REPOSITORY


def test_the_page_is_up_to_date() -> None:
    assert (REPOSITORY / "docs" / "codes.md").read_text("utf-8") == codes_page()


@pytest.mark.parametrize("concern", Concern)
def test_a_concern_says_why_and_what_to_do(concern: Concern) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z_]+", concern.code)
    assert concern.sentence.endswith(".")
    assert concern.remedy.endswith(".")
    assert concern.severity is not Verdict.KEEP
    assert Concern.of(concern.code) is concern
