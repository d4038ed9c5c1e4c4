# SPDX-License-Identifier: Apache-2.0
"""Measure the daemon that has nothing to do: processor time and memory of all its processes.

The daemon first works off a few pictures, so that everything which work loads has been loaded;
the time counts from when the process that opens pictures has gone.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import psutil

from agent import bootstrap, office
from agent import site as layout
from agent.core.errors import UnavailableError
from agent.demo import school

PICTURES: Final = 4
_SAMPLE_SECONDS: Final = 5.0
_QUIET_WITHIN: Final = 600.0
_MEBI: Final = 1 << 20

FirstRecords = Callable[[Path], None]
"""What makes the journal and the ledger of a new site."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What an idle daemon took: all its processes together, the greatest memory of any sample."""

    seconds: float
    cpu_seconds: float
    resident_mebibytes: float
    private_mebibytes: float
    processes: int
    wake_ups: int
    """How often its main thread gave the processor back: one that sleeps does not."""


def measure_idle(seconds: float, first_records: FirstRecords) -> Idle:
    """Run a daemon over a site of its own and measure it for a time.

    Raises:
        UnavailableError: it did not come to rest.
    """
    with tempfile.TemporaryDirectory(prefix="photowarden-bench-") as name:
        folder = _made_site(Path(name) / "site", first_records)
        with _daemon(folder) as daemon:
            _wait_for_rest(folder, daemon)
            return _measured(daemon, seconds)


def _made_site(folder: Path, first_records: FirstRecords) -> Path:
    plan = layout.SitePlan(
        folder=folder,
        school="Bench",
        passphrase=b"four words at random",
        rehearsal=True,
        settle_seconds=0.1,
        work_factor=6,
    )
    layout.create_site(plan)
    first_records(folder)
    site = bootstrap.load_site(folder)
    rows = list(enumerate(school.register_rows(date.today()), start=2))  # noqa: DTZ011 - a bench
    office.publish(site, office.plan_publication(site, rows))
    for number, story in enumerate(school.stories()[:PICTURES]):
        path = folder / "import" / "camera-1" / "3B" / f"{number}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(story.content)
    return folder


@contextmanager
def _daemon(folder: Path) -> Iterator[psutil.Process]:
    words = [sys.executable, "-m", "service", "--site", str(folder), "run"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:  # noqa: S603 - ours
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait()


def _wait_for_rest(folder: Path, daemon: psutil.Process) -> None:
    """Wait until the pictures are stored and the process that opened them has ended."""
    deadline = time.monotonic() + _QUIET_WITHIN
    bodies = folder / "vault" / "bodies"
    while len(list(bodies.glob("??/*"))) < PICTURES or daemon.children(recursive=True):
        if time.monotonic() > deadline or not daemon.is_running():
            raise UnavailableError(
                "the daemon did not come to rest",
                code="bench.restless",
                remedy="Run it on a computer that is not busy.",
            )
        time.sleep(1)


def _measured(daemon: psutil.Process, seconds: float) -> Idle:
    before, started = _taken(daemon), time.monotonic()
    resident = private = 0.0
    most = 1
    while time.monotonic() - started < seconds:
        time.sleep(min(_SAMPLE_SECONDS, seconds))
        everyone = [daemon, *daemon.children(recursive=True)]
        full = [process.memory_full_info() for process in everyone]
        resident = max(resident, sum(one.rss for one in full) / _MEBI)
        private = max(private, sum(one.uss for one in full) / _MEBI)
        most = max(most, len(everyone))
    after = _taken(daemon)
    return Idle(
        seconds=time.monotonic() - started,
        cpu_seconds=after[0] - before[0],
        resident_mebibytes=resident,
        private_mebibytes=private,
        processes=most,
        wake_ups=after[1] - before[1],
    )


def _taken(daemon: psutil.Process) -> tuple[float, int]:
    """Return processor seconds, those of ended children too, and voluntary switches so far."""
    times = daemon.cpu_times()
    seconds = times.user + times.system + times.children_user + times.children_system
    return seconds, daemon.num_ctx_switches().voluntary
