# SPDX-License-Identifier: Apache-2.0
"""While somebody reviews a picture, no opened byte of it reaches a disk: server, database, browser.

The real server is traced, from the first page on, with every process that it starts. What it opens
for writing is a closed list. What the browser was shown is then looked for in every file that the
school's folder and the browser's profile hold. Each search is tried on something planted.
"""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Page

from tests.office.browsing import CHROMIUM, FLAGS, Served, playing, serve, sign_in
from tests.office.keys import OFFICE_PASSPHRASE, PASSPHRASE

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("strace") is None, reason="strace is absent"),
]
CALLS = "trace=open,openat,creat,rename,renameat,renameat2,link,linkat,memfd_create"
_WRITES = re.compile(r"(?:open|openat)\(.*O_(?:WRONLY|RDWR|CREAT)|(?:creat|memfd_create)\(")
_NEW_NAME = re.compile(r"(?:rename|link)\w*\(")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
ALLOWED = re.compile(
    r"(?:office/console(?:-ledger)?\.sqlite|state/[a-z-]+\.sqlite)(?:-wal|-shm|-journal)?"
    r"|office/console\.lock|state/agent\.lock|(?:vault|spool)/.*|state/spool/.*"
    r"|state/register\.age(?:\.[0-9a-f]{8}\.part)?|state/desk\.hint"
)
"""What may be written in the school's folder: databases, locks, sealed store, sealed register, and
the empty file whose time tells the agent to look at the desk."""
DEVICES = re.compile(r"/dev/(?:null|tty|urandom|shm/sem\.\S*|shm/sem\S*)|/proc/self/\S*")


def written(trace: Iterable[str]) -> Iterator[str]:
    """Yield the name of every file that a trace shows opened for writing, or given a new name."""
    for line in trace:
        if " = -1 " in line:
            continue
        names = _QUOTED.findall(line)
        if names and _WRITES.search(line):
            yield names[0]
        elif names and _NEW_NAME.search(line):
            yield names[-1]


def strange(trace: Iterable[str], folder: Path) -> set[str]:
    """Return what was written and may not be."""
    here = f"{folder}/"
    return {
        name
        for name in written(trace)
        if not DEVICES.fullmatch(name)
        and not (name.startswith(here) and ALLOWED.fullmatch(name.removeprefix(here)))
    }


def holding(folder: Path, part: bytes) -> list[str]:
    """Return the files below a folder that hold some bytes."""
    return [p.name for p in folder.rglob("*") if p.is_file() and part in p.read_bytes()]


@contextmanager
def traced(process: int, log: Path) -> Iterator[None]:
    """Trace a running process and whatever it starts."""
    command = ["strace", "-f", "-qq", "-s", "4096", "-e", CALLS, "-o", str(log), "-p", str(process)]
    with subprocess.Popen(command, stderr=subprocess.PIPE) as tracer:
        yield
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=30)


def unlock_as_the_head(page: Page, served: Served) -> None:
    sign_in(page, served, "hana", second=True)
    page.get_by_role("link", name="Pictures locked: unlock").click()
    page.get_by_role("button", name="Choose your passphrase").click()
    page.get_by_label("New passphrase").fill(PASSPHRASE)
    page.get_by_label("The same once more").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Open the office's key").click()
    page.get_by_label("Passphrase of the office's key").fill(OFFICE_PASSPHRASE)
    page.keyboard.press("Enter")
    page.get_by_label("Your passphrase").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Lock now").wait_for()


def look(page: Page, served: Served) -> bytes:
    """Look at the page of the picture; return the preview that came to the browser."""
    case = served.arguments["case"]
    with page.expect_response(lambda one: one.url.endswith("/preview")) as shown:
        page.goto(served.address + reverse("review:picture", args=[case]))
    assert shown.value.status == 200
    content = shown.value.body()
    assert content.startswith(b"\xff\xd8"), "the preview is a JPEG"
    return content


def test_no_opened_byte_reaches_a_disk(tmp_path: Path) -> None:
    log, profile = tmp_path / "trace", tmp_path / "profile"
    with serve(tmp_path / "site") as served, playing() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(profile), executable_path=CHROMIUM, args=FLAGS
        )
        page = context.new_page()
        with traced(served.process, log):
            unlock_as_the_head(page, served)
            content = look(page, served)
            page.goto(served.address + "/static/office/office.css")
        context.close()
    pixels = content[len(content) // 2 :][:48]
    trace = log.read_text("utf-8", "replace").splitlines()
    assert any(name.endswith("console.sqlite-wal") for name in written(trace)) or any(
        "console.sqlite" in line for line in trace
    ), "the trace saw nothing"
    assert strange(trace, served.folder) == set()
    assert holding(profile, b"pw-plain"), "the style sheet must be found"
    assert holding(profile, pixels) == []
    assert holding(served.folder, pixels) == []
    (served.folder / "office" / "planted").write_bytes(b"x" + content + b"x")
    assert holding(served.folder, pixels) == ["planted"]


def test_a_planted_file_is_seen(tmp_path: Path) -> None:
    log = tmp_path / "trace"
    program = (
        "import tempfile, os; os.write(tempfile.mkstemp()[0], b'x'); os.memfd_create('pixels');"
        f"open({str(tmp_path / 'office' / 'thumbnail.jpg')!r}, 'wb')"
    )
    (tmp_path / "office").mkdir()
    subprocess.run(
        ["strace", "-f", "-qq", "-e", CALLS, "-o", str(log), sys.executable, "-c", program],
        check=True,
    )
    found = strange(log.read_text("utf-8").splitlines(), tmp_path)
    assert "pixels" in found
    assert str(tmp_path / "office" / "thumbnail.jpg") in found
    assert any(Path(name).parent == Path(tempfile.gettempdir()) for name in found)
