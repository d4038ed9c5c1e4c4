# SPDX-License-Identifier: Apache-2.0
"""Measure the whole path beside a plain copy and a shell pipeline of well-known tools.

Every figure is the wall time of whole processes over the same files on the same disk, so what is
reported are ratios; the machine and its neighbours matter more than any absolute number.
"""

import io
import os
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import psutil
from PIL import Image

from agent import bootstrap, office
from agent import site as layout
from agent.demo import school
from agent.demo.exif_block import CameraSays, exif_block
from agent.ports import Ports
from agent.rounds import drain
from agent.seal.x25519 import X25519Identity

_PICTURE: Final = (4000, 3000)
_QUALITY: Final = 75
_TOOLS: Final = ("exiftool", "age", "sha256sum", "cp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way's wall seconds over all files, and its peak memory in bytes where it was watched."""

    name: str
    seconds: float
    peak: int | None = None


def make_pictures(folder: Path, count: int) -> int:
    """Write pictures of 12 megapixels with all that a camera adds; return their bytes in all."""
    noise = Image.effect_noise(_PICTURE, 30).convert("RGB")
    thumbnail = io.BytesIO()
    noise.resize((160, 120)).save(thumbnail, "JPEG")
    total, body = 0, b""
    for number in range(count):
        says = CameraSays(
            make=school.CANON.make,
            model=school.CANON.model,
            serial=school.CANON.serial,
            taken=f"2026:09:{number % 28 + 1:02d} 10:{number // 28:02d}:00",
            place=school.CANON.place,
            thumbnail=thumbnail.getvalue(),
        )
        exif = b"Exif\0\0" + exif_block(says)
        if not body:
            out = io.BytesIO()
            noise.save(out, "JPEG", quality=_QUALITY, exif=exif)
            body = out.getvalue().replace(exif, b"%EXIF%", 1)
        data = body.replace(b"%EXIF%", exif, 1)
        (folder / f"IMG_{number:04d}.JPG").write_bytes(data)
        total += len(data)
    return total


def copy_with_sync(source: Path, target: Path) -> Measured:
    """Copy every file and sync it: the least that keeping a file can cost."""
    target.mkdir()
    start = time.perf_counter()
    for path in sorted(source.iterdir()):
        with path.open("rb") as origin, (target / path.name).open("wb") as copy:
            shutil.copyfileobj(origin, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
    return Measured(name="copy and fsync", seconds=time.perf_counter() - start)


def shell_pipeline(source: Path, target: Path) -> Measured | None:
    """Strip, seal, digest and copy every file with exiftool, age, sha256sum and cp."""
    if not all(map(shutil.which, _TOOLS)):
        return None
    target.mkdir()
    recipient = str(X25519Identity.generate().recipient())
    script = (
        'for f in "$1"/*; do b="$2/$(basename "$f")"; exiftool -q -all= -o "$b.clean" "$f" && '
        'age -r "$3" -o "$b.age" "$b.clean" && sha256sum "$b.age" > "$b.sum" && '
        'cp "$b.age" "$b.stored" && rm "$b.clean" "$b.age"; done'
    )
    start = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own script over our own files
        ["/bin/sh", "-c", script, "sh", str(source), str(target), recipient], check=True
    )
    return Measured(name="exiftool | age | sha256sum | cp", seconds=time.perf_counter() - start)


def make_site(folder: Path, today: date) -> bootstrap.Site:
    """Make a site with the demonstration's register, ready for pictures of its camera."""
    plan = layout.SitePlan(
        folder=folder,
        school=school.SCHOOL,
        passphrase=b"only for measuring",
        rehearsal=True,
        settle_seconds=0.0,
        work_factor=10,
    )
    layout.create_site(plan)
    site = bootstrap.load_site(folder)
    rows = list(enumerate(school.register_rows(today), start=2))
    office.publish(site, office.plan_publication(site, rows))
    return site


def whole_path(site: bootstrap.Site, source: Path) -> Measured:
    """Run the agent as a process of its own over a copy of the files, watching its memory."""
    _fill(site, source)
    command = [sys.executable, "-m", "agent.cli", "process", "--json", "--site", str(site.folder)]
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, stdout=subprocess.DEVNULL, cwd=Path(__file__).resolve().parents[2]
    ) as process:
        peak = _watch(process)
    seconds = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError("the measured run failed")
    return Measured(name="photowarden process", seconds=seconds, peak=peak)


def stages(site: bootstrap.Site, source: Path) -> dict[str, float]:
    """Run once more in this process and return the seconds spent in each port's methods."""
    _fill(site, source)
    spent: dict[str, float] = defaultdict(float)
    with bootstrap.open_ports(site) as (ports, _):
        timed = _timed_ports(ports, spent)
        start = time.perf_counter()
        for _ in drain(timed, 0):
            pass
        spent["everything"] = time.perf_counter() - start
    return dict(spent)


def _fill(site: bootstrap.Site, source: Path) -> None:
    target = site.folder / "import" / "camera-1" / "3B"
    shutil.copytree(source, target, dirs_exist_ok=True)


def _watch(process: subprocess.Popen[bytes]) -> int:
    """Return the greatest memory (resident, bytes) of a process and its children together."""
    peak = 0
    while process.poll() is None:
        try:
            root = psutil.Process(process.pid)
            family = [root, *root.children(recursive=True)]
            peak = max(peak, sum(member.memory_info().rss for member in family))
        except psutil.Error:
            continue
        time.sleep(0.02)
    return peak


def _timed_ports(ports: Ports, spent: dict[str, float]) -> Ports:
    names = [field.name for field in fields(ports) if field.name not in ("policy", "clock")]
    timed: dict[str, Any] = {n: _Timed(getattr(ports, n), n, spent) for n in names}
    return replace(ports, **timed)


class _Timed:
    """Pass every call on to a port and add up the time that it takes."""

    def __init__(self, port: object, name: str, spent: dict[str, float]) -> None:
        self._port = port
        self._name = name
        self._spent = spent

    def __getattr__(self, method: str) -> Callable[..., Any]:
        inner = getattr(self._port, method)
        label = f"{self._name}.{method}"

        def timed(*values: object) -> Any:  # noqa: ANN401 - whatever the port gives
            start = time.perf_counter()
            try:
                result = inner(*values)
            finally:
                self._spent[label] += time.perf_counter() - start
            if isinstance(result, AbstractContextManager):
                return _passed_on(result)
            return result

        return timed


@contextmanager
def _passed_on(inner: AbstractContextManager[Any]) -> Iterator[Any]:
    with inner as value:
        yield value
