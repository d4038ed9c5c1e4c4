# SPDX-License-Identifier: Apache-2.0
"""A silent computer is noticed by the others, and a pause by the computer itself."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent import bootstrap, stations
from agent import site as layout
from agent.adapters.clock import Clock
from agent.core.health import HEALTH_FILE, SILENT, Health
from agent.core.ledger import Entry, EntryKind, decode_entry
from agent.core.model import Moment
from agent.core.troubles import Trouble
from agent.demo import school
from agent.heartbeat import EVERY, Heartbeat
from agent.ports import Ports
from tests.site.conftest import School, picture


class ShiftedClock(Clock):
    """The clock of this computer, some time later."""

    later = timedelta()

    def now(self) -> Moment:
        moment = super().now()
        return replace(moment, at=moment.at + self.later)

    def monotonic(self) -> float:
        return super().monotonic() + self.later.total_seconds()


@contextmanager
def working(site: bootstrap.Site) -> Iterator[tuple[Ports, ShiftedClock]]:
    with bootstrap.open_ports(site) as (ports, clock):
        shifted = ShiftedClock(clock._zone, clock.floor)
        yield replace(ports, clock=shifted), shifted


def entries(site: bootstrap.Site) -> list[Entry]:
    with bootstrap.open_ledger(site, read_only=True) as ledger:
        return [decode_entry(line) for line in ledger.lines()]


def kinds(site: bootstrap.Site) -> list[str]:
    return [entry.kind.code for entry in entries(site) if entry.kind.code.startswith("agent.")]


def heard(site: bootstrap.Site) -> Health:
    found = stations.own_health(site)
    assert isinstance(found, Health)
    return found


def test_a_start_and_a_stop_are_in_the_ledger_and_in_the_vault(loaded: bootstrap.Site) -> None:
    with working(loaded) as (ports, clock):
        heart = Heartbeat(ports, loaded, clock.floor)
        assert heart.begin() is None
        heart.beat()
        assert heard(loaded).seen == ()
        assert not heard(loaded).stopping
        heart.end()
    assert heard(loaded).stopping
    assert kinds(loaded) == ["agent.started", "agent.stopped"]
    in_vault = loaded.vault_folder / "ledgers" / loaded.station.station / HEALTH_FILE
    assert in_vault.read_bytes() == (loaded.folder / layout.HEALTH).read_bytes()


@pytest.mark.parametrize(("stops", "ended"), [(True, "stopped"), (False, "cut")])
def test_a_pause_of_three_days_is_told_and_recorded(
    loaded: bootstrap.Site, stops: bool, ended: str
) -> None:
    with working(loaded) as (ports, clock):
        first = Heartbeat(ports, loaded, clock.floor)
        first.begin()
        first.beat()
        if stops:
            first.end()
        since = heard(loaded).at
        clock.later = SILENT + timedelta(minutes=1)
        second = Heartbeat(ports, loaded, clock.floor)
        gap = second.begin()
        assert gap is not None
        second.beat()
    (recorded,) = [e for e in entries(loaded) if e.kind is EntryKind.AGENT_GAP]
    assert recorded.body["ended"] == ended
    assert recorded.body["since"] == since.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert heard(loaded).gap == gap


def test_a_pause_that_is_shorter_is_no_gap(loaded: bootstrap.Site) -> None:
    with working(loaded) as (ports, clock):
        Heartbeat(ports, loaded, clock.floor).begin()
        clock.later = SILENT - timedelta(hours=1)
        assert Heartbeat(ports, loaded, clock.floor).begin() is None


def test_a_lost_health_file_hides_no_gap(loaded: bootstrap.Site) -> None:
    """The ledger's latest time is a sign of life too."""
    with working(loaded) as (ports, clock):
        clock.later = SILENT
        gap = Heartbeat(ports, loaded, clock.floor).begin()
    assert gap is not None
    assert gap.cut


def test_health_is_written_at_a_bounded_rate(loaded: bootstrap.Site) -> None:
    path = loaded.folder / layout.HEALTH
    with working(loaded) as (ports, clock):
        heart = Heartbeat(ports, loaded, clock.floor)
        heart.begin()
        written = []
        for later, seen in (
            (0, ()),
            (1, (Trouble.IMPORT_UNREADABLE,)),  # changed, but within a minute
            (61, (Trouble.IMPORT_UNREADABLE,)),  # changed
            (200, (Trouble.IMPORT_UNREADABLE,)),  # as before
            (EVERY.total_seconds() + 62, (Trouble.IMPORT_UNREADABLE,)),  # time for one
        ):
            before = path.read_bytes() if path.exists() else b""
            clock.later = timedelta(seconds=later)
            heart.beat(seen)
            written.append(path.read_bytes() != before)
    assert written == [True, False, True, False, True]


def test_with_the_vault_away_the_health_stays_here(loaded: bootstrap.Site) -> None:
    away = loaded.vault_folder.with_name("away")
    with working(loaded) as (ports, clock):
        heart = Heartbeat(ports, loaded, clock.floor)
        heart.begin()
        loaded.vault_folder.rename(away)
        heart.beat()
        assert Trouble.VAULT_AWAY in heard(loaded).seen
        away.rename(loaded.vault_folder)
        clock.later = timedelta(minutes=2)
        heart.beat()
    assert heard(loaded).seen == ()


def test_a_vault_that_is_not_ours_gets_no_health(loaded: bootstrap.Site) -> None:
    marker = loaded.vault_folder / "vault.json"
    marker.write_bytes(marker.read_bytes().replace(b"photowarden-vault", b"somebodys-vaults"))
    with working(loaded) as (ports, clock):
        Heartbeat(ports, loaded, clock.floor).beat()
    assert heard(loaded).seen == (Trouble.VAULT_NOT_APPROVED,)
    assert not list(loaded.vault_folder.rglob(HEALTH_FILE))


def test_counts_are_those_of_the_journal(a_school: School, loaded: bootstrap.Site) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.drop("camera-9/3B/2.JPG", picture(2, school.PHONE))
    a_school.drop("camera-1/3B/3.JPG", picture(3)[:900])
    a_school.process()
    with working(loaded) as (ports, clock):
        Heartbeat(ports, loaded, clock.floor).beat()
    health = heard(loaded)
    assert (health.held, health.quarantined, health.backlog.waiting) == (1, 1, 0)
    assert health.register_version == 1


def test_what_waits_for_the_vault_is_counted(a_school: School, loaded: bootstrap.Site) -> None:
    away = a_school.vault.with_name("away")
    a_school.vault.rename(away)
    a_school.drop("camera-1/3B/1.JPG", picture())
    a_school.process(code=3)
    with working(loaded) as (ports, clock):
        Heartbeat(ports, loaded, clock.floor).beat()
    assert heard(loaded).backlog.waiting == 1


def test_a_clock_that_was_behind_leaves_no_lower_floor(loaded: bootstrap.Site) -> None:
    """An entry written under a wrong clock must not make that clock trusted at the next start."""
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    body = {"version": "0.1.0"}
    with bootstrap.open_ledger(loaded) as ledger:
        ledger.append([Entry(id="x.1", kind=EntryKind.AGENT_STARTED, at=long_ago, body=body)])
    with bootstrap.open_ports(loaded) as (_, clock):
        assert clock.floor is not None
        assert clock.floor.year > 2020


def test_a_clock_behind_the_ledger_is_told_and_starts_nothing(loaded: bootstrap.Site) -> None:
    ahead = datetime.now(tz=UTC) + timedelta(days=9)
    with bootstrap.open_ledger(loaded) as ledger:
        entry = Entry(id="x.1", kind=EntryKind.AGENT_STARTED, at=ahead, body={"version": "0.1.0"})
        ledger.append([entry])
    with working(loaded) as (ports, clock):
        heart = Heartbeat(ports, loaded, clock.floor)
        assert heart.begin() is None
        heart.beat()
        heart.end()
    assert kinds(loaded) == ["agent.started"]
    assert Trouble.CLOCK_UNTRUSTED in heard(loaded).seen


def start(a_school: School) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "service", "run", "--site", str(a_school.folder)],
        stderr=subprocess.PIPE,
    )


def test_status_shows_this_computer_and_what_the_daemon_said(a_school: School) -> None:
    with start(a_school) as daemon:
        path = a_school.folder / layout.HEALTH
        deadline = time.monotonic() + 30
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        (told,) = a_school.run("status", "--json").lines
        (own,) = told["stations"]
        assert (own["here"], own["troubles"], own["waiting"]) == (True, [], 0)
        daemon.send_signal(signal.SIGTERM)
        assert daemon.wait(timeout=30) == 0
    (told,) = a_school.run("status", "--json").lines
    assert told["stations"][0]["troubles"] == ["station.stopped"]


def test_a_daemon_that_must_not_go_on_says_so(a_school: School) -> None:
    a_school.drop("camera-1/3B/1.JPG", picture())
    marker = a_school.vault / "vault.json"
    shutil.copy(marker, a_school.base / "kept.json")
    marker.write_bytes(marker.read_bytes().replace(b"photowarden-vault", b"somebodys-vaults"))
    with start(a_school) as daemon:
        assert daemon.wait(timeout=60) == 2
    (told,) = a_school.run("status", "--json").lines
    assert "vault.not_approved" in told["stations"][0]["troubles"]


@pytest.mark.slow
def test_a_health_file_holds_no_word_of_the_school(a_school: School) -> None:
    with start(a_school) as daemon:
        path = a_school.folder / layout.HEALTH
        while not path.exists():
            time.sleep(0.05)
        os.kill(daemon.pid, signal.SIGTERM)
    text = path.read_text("utf-8").partition("\n")[0]
    assert set(json.loads(text)) == set(json.loads(heard_text()))
    assert "Larkfield" not in path.read_text("utf-8")


def heard_text() -> str:
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return Health(
        station="s" * 26,
        at=now,
        started_at=now,
        every=EVERY,
        version="0.1.0",
        free_mebibytes=1,
    ).text()
