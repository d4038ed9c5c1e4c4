# SPDX-License-Identifier: Apache-2.0
"""The mutants that no test can kill, because they do what the module does, each with its reason."""

from typing import Final

EQUIVALENT: Final[dict[str, dict[str, str]]] = {}
