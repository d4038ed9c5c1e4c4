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

from agent import pipeline, upkeep
from agent.adapters.clock import Clock
from agent.bootstrap import Site
from agent.core.errors import UnavailableError
from agent.ports import Outcome, Ports
from agent.rounds import drain

_FIRST_WAIT: Final = 15.0
_LONGEST_WAIT: Final = 300.0


class _Hints(FileSystemEventHandler):
    """End a wait when something happens in an import folder."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take any event as a hint; what it says is not believed."""
        if event.event_type not in ("opened", "closed_no_write"):
            self._clock.wake()


def run(ports: Ports, clock: Clock, site: Site) -> None:
    """Work until asked to stop; whoever hosts it has configured the log.

    Raises:
        ConfigurationError, IntegrityError: it must not go on.
    """
    logger = structlog.get_logger()
    logger.info("agent.started", station=site.station.station)
    wait = _FIRST_WAIT
    with _stopped_by_signals(clock), _watched(site, clock):
        while not clock.stopped:
            try:
                _round(ports, clock, site)
            except UnavailableError as error:
                logger.warning("agent.waiting", code=error.code, seconds=wait)
                clock.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)
            else:
                wait = _FIRST_WAIT
                clock.rest(site.station.scan_seconds)
    logger.info("agent.stopped", station=site.station.station)


def _round(ports: Ports, clock: Clock, site: Site) -> None:
    """Work off the import folders once; a stop ends it after the file at hand."""
    for step in drain(ports, site.station.settle_seconds):
        if isinstance(step, Outcome) and not step.known:
            _log_photo(step)
        if clock.stopped:
            return
    pipeline.publish_ledger(ports)
    upkeep.release_spool(ports, site.spool_keep)


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


@contextmanager
def _watched(site: Site, clock: Clock) -> Iterator[None]:
    """Let the system tell us of changes; where it cannot, the periodic look suffices."""
    observer = Observer()
    try:
        for folder in site.import_folders:
            observer.schedule(_Hints(clock), str(folder.path), recursive=True)
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
