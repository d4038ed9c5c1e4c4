# SPDX-License-Identifier: Apache-2.0
"""What every test stands on: no network, no site of this computer's, no skip that hides a fault."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.shared import SHARED

REQUIRE_SHARED = "PHOTOWARDEN_REQUIRE_SHARED"
_ABSENT = "the shared material is absent"

settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")


@pytest.fixture(autouse=True)
def no_site_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("PHOTOWARDEN_")]:
        if name != REQUIRE_SHARED:
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def no_network_beyond_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: tuple[str, int]) -> None:
        if self.family != getattr(socket, "AF_UNIX", None) and address[0] not in (
            "127.0.0.1",
            "::1",
            "localhost",
        ):
            raise AssertionError("a test reached for the network")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip for absent shared material into a failure where it must be there."""
    report = yield
    wanted = os.environ.get(REQUIRE_SHARED) == "1" and SHARED.exists()
    if wanted and report.skipped and _ABSENT in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"skipped although ../shared is there: {item.nodeid}"
    return report


@pytest.fixture
def private_tmp(tmp_path: Path) -> Path:
    """A folder below the test's own, as deep as a site would be."""
    folder = tmp_path / "place"
    folder.mkdir()
    return folder
