# SPDX-License-Identifier: Apache-2.0
"""The agent works under the limits of its systemd unit, and those limits are real.

Simulated where no systemd is process 1; `limits.py` says what of the unit is done and what is not.
"""

import ctypes.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent import bootstrap
from service.belongings import of_site
from service.systemd.unit import unit_text
from tests.shared import REPOSITORY
from tests.site.conftest import School, picture

_READY = (
    sys.platform == "linux"
    and os.geteuid() == 0
    and shutil.which("systemd-analyze") is not None
    and shutil.which("unshare") is not None
    and ctypes.util.find_library("seccomp") is not None
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _READY, reason="needs root, systemd-analyze, unshare and libseccomp"),
]
PROBE = """
import ctypes, json, os, socket, sys
def tried(what):
    try:
        what()
    except OSError as error:
        return error.errno
    return 0
def both():
    import mmap
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
def call(number):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(number, 0, 0, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "refused")
site = sys.argv[1]
print(json.dumps({
    "write a setting": tried(lambda: open(site + "/station.toml", "a")),
    "write a key": tried(lambda: open(site + "/keys/x", "w")),
    "write elsewhere": tried(lambda: open(sys.argv[2] + "/x", "w")),
    "write its state": tried(lambda: open(site + "/state/probe", "w")),
    "list the office": tried(lambda: os.listdir(site + "/office")),
    "open a socket": tried(lambda: socket.socket(socket.AF_INET)),
    "open a local socket": tried(lambda: socket.socket(socket.AF_UNIX)),
    "write and execute memory": tried(both),
    "mount": tried(lambda: call(165)),
    "trace": tried(lambda: call(101)),
    "load a module": tried(lambda: call(175)),
    "make a namespace": tried(lambda: call(272)),
    "become another account": tried(lambda: os.setuid(1)),
}))
"""


def limited(a_school: School, *program: str) -> "subprocess.CompletedProcess[str]":
    unit = a_school.base / "photowarden.service"
    unit.write_text(unit_text(of_site(bootstrap.load_site(a_school.folder)), "photowarden"))
    launcher = str(REPOSITORY / "tests" / "service" / "limits.py")
    words = ["unshare", "--mount", "--net", "--ipc", "--uts", sys.executable, launcher, str(unit)]
    return subprocess.run(
        [*words, sys.executable, *program],
        cwd=REPOSITORY,
        env={**os.environ, "PHOTOWARDEN_SITE": str(a_school.folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def test_the_agent_works_under_its_units_limits(a_school: School) -> None:
    for number in range(1, 4):
        a_school.drop(f"camera-1/3B/{number}.JPG", picture(number))
    done = limited(a_school, "-B", "-m", "service", "process", "--json")
    assert done.returncode == 0, done.stderr
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["stored"] for line in told] == [True] * 3
    assert {line["original"] for line in told} == {"deleted"}
    assert {concern for line in told for concern in line["concerns"]} <= {"people.too_many_faces"}
    assert a_school.run("verify").code == 0


def test_the_limits_are_real(a_school: School, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = limited(a_school, "-c", PROBE, str(a_school.folder), str(elsewhere))
    assert done.returncode == 0, done.stderr
    refused = json.loads(done.stdout)
    allowed = {name for name, error in refused.items() if error == 0}
    wanted = {"write its state", "open a local socket"}
    if "cannot deny memory" in done.stderr:
        wanted |= {"write and execute memory"}
    assert allowed - {"make a namespace"} == wanted
