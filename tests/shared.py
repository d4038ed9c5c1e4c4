# SPDX-License-Identifier: Apache-2.0
"""Where the shared material lies: real files, public vectors and an oracle, beside the checkout."""

from pathlib import Path
from typing import Final

import pytest

REPOSITORY: Final = Path(__file__).resolve().parent.parent
SHARED: Final = REPOSITORY.parent / "shared"


def shared_folder(*parts: str) -> Path:
    """Return a folder of the shared material, or skip the test and say what is absent."""
    folder = SHARED.joinpath(*parts)
    if not folder.exists():
        pytest.skip(f"the shared material is absent: {'/'.join(('..', 'shared', *parts))}")
    return folder
