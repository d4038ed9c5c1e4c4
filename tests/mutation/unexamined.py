# SPDX-License-Identifier: Apache-2.0
"""Mutants that live and that nobody has judged yet: a test is missing, or a reason is."""

from typing import Final

UNEXAMINED: Final[dict[str, tuple[str, ...]]] = {}
