# SPDX-License-Identifier: Apache-2.0
"""Mutants that live and that nobody has judged yet: a test is missing, or a reason is."""

import json
from pathlib import Path
from typing import Final

UNEXAMINED: Final[dict[str, list[str]]] = json.loads(
    Path(__file__).with_suffix(".json").read_text("utf-8")
)
