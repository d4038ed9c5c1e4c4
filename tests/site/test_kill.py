# SPDX-License-Identifier: Apache-2.0
"""kill -9 at any moment on real disks: a second run completes, nothing is lost or stored twice."""

import hashlib
import io
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from tests.site.conftest import School, picture

FILES = {f"camera-1/3B/{scene}.JPG": picture(scene) for scene in range(1, 13)}


def start(a_school: School, *prefix: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "agent.cli", "process", "--site", str(a_school.folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def pixels(data: bytes) -> str:
    return hashlib.sha256(Image.open(io.BytesIO(data)).tobytes()).hexdigest()


def check_complete(a_school: School) -> None:
    """Every picture is stored exactly once, opens, and is the picture that was dropped."""
    told = a_school.run("cases", "--json").lines
    assert [line["verdict"] for line in told] == ["KEEP"] * len(FILES)
    assert list((a_school.folder / "vault").rglob("*.part")) == []
    found = a_school.run("verify", "--json")
    assert found.code == 0, found.err
    assert (found.lines[0]["objects"], found.lines[0]["unlisted"]) == (len(FILES), 0)
    assert not list((a_school.folder / "import").rglob("*.JPG"))
    opened = sorted(pixels(a_school.opened(line["case"])) for line in told[:3])
    wanted = {pixels(content) for content in FILES.values()}
    assert set(opened) <= wanted


def fill(a_school: School) -> None:
    for place, content in FILES.items():
        a_school.drop(place, content)


@pytest.mark.slow
@pytest.mark.parametrize("tenths", range(3, 21))
def test_a_kill_at_any_moment_is_mended(a_school: School, tenths: int) -> None:
    fill(a_school)
    process = start(a_school)
    time.sleep(tenths * 0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for place, content in FILES.items():
        path = a_school.folder / "import" / place
        assert not path.exists() or path.read_bytes() == content
    a_school.process()
    check_complete(a_school)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is absent")
@pytest.mark.parametrize("call", ["fsync", "link", "unlink", "fdatasync"])
@pytest.mark.parametrize("when", [1, 2, 3, 5, 8, 13, 21, 34])
def test_a_kill_at_a_system_call_is_mended(a_school: School, call: str, when: int) -> None:
    """Die inside the very calls that make things durable or make them go."""
    fill(a_school)
    names = {"link": "link,linkat", "unlink": "unlink,unlinkat"}.get(call, call)
    process = start(
        a_school,
        *("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={names}"),
        *("-e", f"inject={names}:signal=KILL:when={when}"),
    )
    process.wait(timeout=120)
    a_school.process()
    check_complete(a_school)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is absent")
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EDQUOT"])
@pytest.mark.parametrize("when", [2, 5, 9, 14])
def test_a_write_or_sync_that_fails_loses_nothing(a_school: School, error: str, when: int) -> None:
    fill(a_school)
    process = start(
        a_school,
        *("strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync"),
        *("-e", f"inject=fsync:error={error}:when={when}"),
    )
    assert process.wait(timeout=120) in (0, 3)
    for place, content in FILES.items():
        path = a_school.folder / "import" / place
        assert not path.exists() or path.read_bytes() == content
    a_school.process()
    check_complete(a_school)
