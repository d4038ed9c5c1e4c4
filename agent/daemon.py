# SPDX-License-Identifier: Apache-2.0
"""The daemon: look, process, wait, until asked to stop.

Events of the file system are hints that end a wait early; the periodic look is the truth. When the
storage is away the daemon waits longer each time and loses nothing; when our own records disagree
it stops.
"""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from agent import alerts, pipeline, upkeep
from agent.absorbing import note_strangers
from agent.adapters.clock import Clock
from agent.adapters.desk import HINT_SUFFIX
from agent.bootstrap import Site
from agent.core.case import Record
from agent.core.errors import AgentError, UnavailableError
from agent.core.troubles import Trouble
from agent.heartbeat import Heartbeat, troubles_of
from agent.ports import Outcome, Ports, Scan
from agent.rounds import drain
from agent.site import DESK

_FIRST_WAIT: Final = 15.0
_LONGEST_WAIT: Final = 300.0
_WARM_SECONDS: Final = 60.0
"""How long decoders stay in memory after the last file; the next file takes a moment longer."""


class _Hints(FileSystemEventHandler):
    """End a wait when something happens in an import folder, or to a file of this name."""

    def __init__(self, clock: Clock, name: str = "") -> None:
        self._clock = clock
        self._name = name

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take any event as a hint; what it says is not believed."""
        meant = str(event.src_path).endswith(self._name)
        if meant and event.event_type not in ("opened", "closed_no_write"):
            self._clock.wake()


def run(ports: Ports, clock: Clock, site: Site) -> None:
    """Work until asked to stop; whoever hosts it has configured the log.

    Raises:
        ConfigurationError, IntegrityError: it must not go on.
    """
    logger = structlog.get_logger()
    heart = Heartbeat(ports, site, clock.floor)
    gap = heart.begin()
    logger.info("agent.started", station=site.station.station)
    if gap is not None:
        logger.warning("agent.gap", seconds=int((gap.until - gap.since).total_seconds()))
    try:
        with _stopped_by_signals(clock), _watched(site, clock):
            _rounds(ports, clock, site, heart)
    except AgentError as error:
        heart.fail(error)
        raise
    heart.end()
    logger.info("agent.stopped", station=site.station.station)


def _rounds(ports: Ports, clock: Clock, site: Site, heart: Heartbeat) -> None:
    """Work round after round; wait longer each time while the storage is away."""
    wait = _FIRST_WAIT
    busy_at = clock.monotonic()
    undelivered: set[Trouble] = set()
    while not clock.stopped:
        try:
            worked, seen = _round(ports, clock, site)
        except UnavailableError as error:
            structlog.get_logger().warning("agent.waiting", code=error.code, seconds=wait)
            heart.worked()
            undelivered = _beaten(ports, site, heart, {*troubles_of(error), *undelivered})
            if wait == _LONGEST_WAIT:
                ports.sanitiser.rest()
            clock.wait(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
            continue
        wait = _FIRST_WAIT
        if worked:
            busy_at = clock.monotonic()
            heart.worked()
        elif clock.monotonic() - busy_at >= _WARM_SECONDS:
            ports.sanitiser.rest()
        undelivered = _beaten(ports, site, heart, {*seen, *undelivered})
        clock.rest(site.station.scan_seconds)


def _beaten(ports: Ports, site: Site, heart: Heartbeat, seen: set[Trouble]) -> set[Trouble]:
    """Say how the station is, and with that write to the office what it must know.

    Return what kept the message from going: it is told with the next health.
    """
    if not heart.beat(seen):
        return {Trouble.MAIL_REFUSED, Trouble.MAIL_UNAVAILABLE} & seen
    try:
        if alerts.tell(site, ports.clock.now()):
            structlog.get_logger().info("alert.sent")
    except AgentError as error:
        structlog.get_logger().warning("alert.failed", code=error.code)
        return set(troubles_of(error))
    return set()


def _round(ports: Ports, clock: Clock, site: Site) -> tuple[int, set[Trouble]]:
    """Work off the import folders once; a stop ends it after the file at hand.

    Return how many files were new, and what is wrong with the folders.
    """
    worked, seen = 0, set[Trouble]()
    for step in drain(ports, site.station.settle_seconds):
        if isinstance(step, Scan):
            seen.update(Trouble.of(code) for code in step.unreadable)
        elif not step.known:
            worked += 1
            _log_photo(step)
        if clock.stopped:
            return worked, seen
    if note_strangers(ports):
        seen.add(Trouble.POST_UNTRUSTED)
    for _, after in upkeep.review(ports):
        _log_again(after)
    pipeline.publish_ledger(ports)
    upkeep.release_spool(ports, site.spool_keep)
    return worked, seen


def _log_photo(outcome: Outcome) -> None:
    record = outcome.record
    structlog.get_logger().info(
        "photo.processed",
        case=record.case,
        kind=record.kind,
        verdict=record.ruling.verdict.name,
        concerns=[concern.code for concern in record.ruling.concerns],
        size=record.source.size,
        stored=outcome.stored,
        original=record.original.value,
    )


def _log_again(record: Record) -> None:
    structlog.get_logger().info(
        "photo.decided_again",
        case=record.case,
        verdict=record.ruling.verdict.name,
        concerns=[concern.code for concern in record.ruling.concerns],
    )


@contextmanager
def _watched(site: Site, clock: Clock) -> Iterator[None]:
    """Let the system tell us of changes; where it cannot, the periodic look suffices."""
    observer = Observer()
    try:
        for folder in site.import_folders:
            observer.schedule(_Hints(clock), str(folder.path), recursive=True)
        hint = (site.folder / DESK).with_suffix(HINT_SUFFIX)
        observer.schedule(_Hints(clock, hint.name), str(hint.parent))
        observer.start()
    except OSError:
        structlog.get_logger().warning("agent.no_hints")
        yield
        return
    try:
        yield
    finally:
        observer.stop()
        observer.join(timeout=5)


@contextmanager
def _stopped_by_signals(clock: Clock) -> Iterator[None]:
    """Stop cleanly on SIGTERM and SIGINT."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    wanted = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.signal(number, lambda *_: clock.stop()) for number in wanted}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
