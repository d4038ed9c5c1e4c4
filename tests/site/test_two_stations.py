# SPDX-License-Identifier: Apache-2.0
"""Two computers on one vault behind a real SMB server; one is killed and replaced, nothing lost.

Samba on the loopback address; each computer reaches it through a mount of its own (smbnetfs), with
its own session, its own cache and SMB's own refusals (no hard links).
"""

import hashlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image

from agent import bootstrap, elsewhere, enrolment
from agent import site as layout
from agent.cli.site_commands import first_records
from agent.core.checkpoint import Checkpoint
from agent.core.ledger_audit import audit_ledger
from agent.seal import identity_file
from agent.seal.notes import Verifier, verify
from agent.seal.sealing import open_bytes
from tests.site.conftest import PASSPHRASE, School, picture

fcntl = pytest.importorskip("fcntl")  # Windows has none, and no Samba either
PORT = 445
_TOOLS = ("smbd", "smbnetfs", "fusermount3")
_READY = (
    os.name == "posix"
    and os.geteuid() == 0
    and all(shutil.which(tool) for tool in _TOOLS)
    and Path("/dev/fuse").exists()
)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not _READY, reason="needs root, samba, smbnetfs and fuse3"),
]
_CONFIGURATION = """\
[global]
   server role = standalone server
   interfaces = lo
   bind interfaces only = yes
   smb ports = {port}
   state directory = {base}/run
   cache directory = {base}/run
   lock directory = {base}/run
   pid directory = {base}/run
   private dir = {base}/run
   ncalrpc dir = {base}/run
   log file = {base}/run/log
   map to guest = Bad User
   guest account = root
   load printers = no
   disable spoolss = yes
[vault]
   path = {base}/share
   read only = no
   guest ok = yes
   force user = root
"""


@dataclass
class Server:
    """A file server that can be switched off and on again."""

    base: Path
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def share(self) -> Path:
        return self.base / "share"

    def on(self) -> None:
        words = ["smbd", "-F", "--no-process-group", "-s", str(self.base / "smb.conf")]
        self.process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", PORT), 1):
                return
            time.sleep(0.1)
        pytest.fail("the file server does not answer")

    def off(self) -> None:
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@contextmanager
def mounted(base: Path) -> Iterator[Path]:
    """Mount the server's share as another computer does, with a session of its own.

    The share is bound to a folder of its own: in the root of smbnetfs every name seems to exist,
    the marks of cloud services among them.
    """
    home, mount, bound = base / "home", base / "mount", base / "vault"
    bound.mkdir(parents=True)
    (home / ".smb").mkdir(parents=True, mode=0o700)
    mount.mkdir()
    for name in ("smb.conf", "smbnetfs.conf"):
        (home / ".smb" / name).write_text("")
        (home / ".smb" / name).chmod(0o600)
    process = subprocess.Popen(
        ["smbnetfs", str(mount), "-f"],
        env={**os.environ, "HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        share = mount / "127.0.0.1" / "vault"
        for _ in range(100):
            if share.is_dir():
                break
            time.sleep(0.1)
        subprocess.run(["mount", "--bind", str(share), str(bound)], check=True)
        yield bound
    finally:
        subprocess.run(["umount", "-l", str(bound)], check=False)
        subprocess.run(["fusermount3", "-u", "-z", str(mount)], check=False)
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def only_server() -> Iterator[None]:
    """Let one test at a time have the port of SMB, whichever process of the suite runs it."""
    with Path(tempfile.gettempdir(), "photowarden-test-smb.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@pytest.fixture
def server(tmp_path: Path, only_server: None) -> Iterator[Server]:  # noqa: ARG001 - one at a time
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", PORT)) == 0:
            pytest.skip("another file server is running here")
    made = Server(tmp_path / "server")
    (made.base / "run").mkdir(parents=True)
    made.share.mkdir()
    text = _CONFIGURATION.format(port=PORT, base=made.base)
    (made.base / "smb.conf").write_text(text)
    made.on()
    try:
        yield made
    finally:
        made.off()


def moved_to(a_school: School, server: Server, share: Path) -> None:
    """Move a site's vault to the file server."""
    for part in a_school.vault.iterdir():
        shutil.move(part, server.share / part.name)
    a_school.vault.rmdir()
    settings = a_school.folder / "station.toml"
    settings.write_text(settings.read_text().replace('path = "vault"', f'path = "{share}"'))


def joined(first: School, name: str, share: Path) -> School:
    """Let another computer join and be enrolled."""
    site = bootstrap.load_site(first.folder)
    folder = first.base / name
    invitation = enrolment.read_invitation(enrolment.invite(site))
    plan = layout.JoinPlan(
        folder=folder, invitation=invitation, vault=str(share), settle_seconds=0.1
    )
    request = enrolment.join(plan)
    first_records(folder)
    enrolment.enrol(site, enrolment.read_request(request))
    return School(folder, first.base)


def start(school: School, command: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "service", command, "--site", str(school.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def fill(school: School, scenes: range) -> set[str]:
    """Drop pictures and return the digests of their pixels."""
    found = set()
    for scene in scenes:
        content = picture(scene)
        school.drop(f"camera-1/3B/{scene}.JPG", content)
        found.add(pixels(content))
    return found


def pixels(data: bytes) -> str:
    return hashlib.sha256(Image.open(io.BytesIO(data)).tobytes()).hexdigest()


def stored(first: School, server: Server) -> list[str]:
    """Return the digests of all pixels on the server, opened with the office's key."""
    identity = identity_file.read(
        (first.folder / layout.OFFICE_IDENTITY).read_bytes(), PASSPHRASE.encode()
    )
    found = []
    for slip in sorted((server.share / "slips" / "a").glob("??/*")):
        body = server.share / "bodies" / slip.name[:2] / slip.name
        packed = open_bytes(slip.read_bytes() + body.read_bytes(), [identity])
        with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
            medium = tar.extractfile(tar.getnames()[1])
            assert medium is not None
            found.append(pixels(medium.read()))
    return found


def originals(*schools: School) -> list[Path]:
    return [path for one in schools for path in (one.folder / "import").rglob("*.JPG")]


def test_both_store_at_once_and_the_server_may_go_away(
    a_school: School, server: Server, tmp_path: Path
) -> None:
    with mounted(tmp_path / "a") as at_first, mounted(tmp_path / "b") as at_second:
        moved_to(a_school, server, at_first)
        second = joined(a_school, "second", at_second)
        wanted = fill(a_school, range(1, 7)) | fill(second, range(11, 17))
        both = [start(one, "process") for one in (a_school, second)]
        done = [(one.wait(timeout=120), *one.communicate()) for one in both]
        assert [code for code, _, _ in done] == [0, 0], done
        assert sorted(stored(a_school, server)) == sorted(wanted)

        late = fill(second, range(21, 24))
        server.off()
        second.process(code=3)
        assert len(originals(second)) == len(late)
        server.on()
        deadline = time.monotonic() + 60
        while second.run("process").code != 0:
            assert time.monotonic() < deadline
        assert sorted(stored(a_school, server)) == sorted(wanted | late)

        for one in (a_school, second):
            found = one.run("verify", "--json")
            assert found.code == 0, found.err
            assert found.lines[0]["faults"] == []
        assert originals(a_school, second) == []


def test_what_the_office_says_reaches_the_other_computer_over_the_server(
    a_school: School, server: Server, tmp_path: Path
) -> None:
    with mounted(tmp_path / "a") as at_first, mounted(tmp_path / "b") as at_second:
        moved_to(a_school, server, at_first)
        second = joined(a_school, "second", at_second)
        second.drop("camera-1/1.JPG", picture(1))
        (line,) = second.process().values()
        assert line["verdict"] == "HOLD"
        here, there = (bootstrap.load_site(one.folder) for one in (a_school, second))
        deadline = time.monotonic() + 60
        while elsewhere.keep_up(here) or elsewhere.find_elsewhere(here, line["case"]) is None:
            assert time.monotonic() < deadline
            time.sleep(1)  # a mount may show an older folder for some seconds
        assert a_school.run("say", line["case"], "--person", "P01").code == 0
        while (listed := second.run("cases", "--json").lines)[0]["verdict"] != "KEEP":
            assert time.monotonic() < deadline, listed
            second.process()
        while elsewhere.keep_up(here) or waiting_for(here):
            assert time.monotonic() < deadline
            time.sleep(1)
        inbox = server.share / "inbox" / there.station.station
        assert list(inbox.iterdir()) == []


def waiting_for(site: bootstrap.Site) -> int:
    with bootstrap.open_desk(site) as desk:
        return len(desk.outgoing())


def test_a_computer_that_is_killed_is_replaced_and_nothing_is_lost(
    a_school: School, server: Server, tmp_path: Path
) -> None:
    with mounted(tmp_path / "a") as at_first, mounted(tmp_path / "b") as at_second:
        moved_to(a_school, server, at_first)
        second = joined(a_school, "second", at_second)
        wanted = fill(second, range(1, 17))
        secrets = [
            (one.folder / name).read_bytes().split()[-1]
            for one in (a_school, second)
            for name in (layout.STATION_IDENTITY, layout.STATION_SIGNER, layout.EVIDENCE_KEY)
        ]
        daemon = start(second, "run")
        deadline = time.monotonic() + 60
        while not list((server.share / "slips" / "b").glob("??/*")):
            assert time.monotonic() < deadline
            time.sleep(0.02)
        os.killpg(daemon.pid, signal.SIGKILL)
        daemon.communicate()

        third = joined(a_school, "third", at_second)
        left = originals(second)
        for path in left:
            third.drop(str(path.relative_to(second.folder / "import")), path.read_bytes())
        retired = bootstrap.load_site(second.folder)
        enrolment.retire(bootstrap.load_site(a_school.folder), retired.station.station)
        third.process()
        assert set(stored(a_school, server)) == wanted
        for one in (a_school, third):
            found = one.run("verify", "--json")
            assert found.code == 0, found.err
        ledger = server.share / "ledgers" / retired.station.station
        if (ledger / "checkpoint").exists():
            check_ledger(ledger, retired.station_verifier)
        for path in [path for path in server.share.rglob("*") if path.is_file()]:
            with suppress(FileNotFoundError):  # a part that the server has just let go
                content = path.read_bytes()
                assert not [secret for secret in secrets if secret in content]


def check_ledger(folder: Path, verifier: Verifier) -> None:
    """The killed computer's ledger is whole up to its checkpoint; its last files may be newer."""
    checkpoint = Checkpoint.parse(verify((folder / "checkpoint").read_bytes(), [verifier]))
    files = sorted((folder / "entries").glob("*.jsonl"))
    lines = [line for file in files for line in file.read_bytes().split(b"\n")[:-1]]
    assert audit_ledger(lines[: checkpoint.size], checkpoint).faults == ()
