# SPDX-License-Identifier: Apache-2.0
"""Who can open sealed pictures, and everything that takes that away again."""

import pytest

from service.office.keyring import holding
from tests.office.keys import enter_unlocked


def held() -> int:
    return len(holding._KEYS)


@pytest.fixture(autouse=True)
def _nothing_held() -> None:
    holding.drop_all()


@pytest.mark.usefixtures("office_site")
def test_the_passphrase_unlocks_this_session_only() -> None:
    enter_unlocked("olive")
    assert held() == 1
