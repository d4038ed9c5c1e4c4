# SPDX-License-Identifier: Apache-2.0
"""Work off the import folders: look, process what has settled, look again, until nothing is new."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from agent import pipeline
from agent.absorbing import absorb
from agent.core.case import FileIdentity
from agent.core.errors import UnavailableError
from agent.ports import Outcome, Ports, Scan

_PATIENCE_SETTLINGS: Final = 8
_LOOK_AGAIN_SECONDS: Final = 0.25


def drain(ports: Ports, settle_seconds: float) -> Iterator[Outcome | Scan]:
    """Yield an outcome for every file that settles in time, then the last look at the folders.

    Files that still grow after several settling times are left for the next run; so are files
    that changed while they were read.

    Raises:
        UnavailableError: the vault is away; raised when everything is safely sealed.
    """
    away = _recovered(ports)
    done: set[FileIdentity] = set()
    patience = ports.clock.monotonic() + 1 + _PATIENCE_SETTLINGS * settle_seconds
    while True:
        scan = ports.inbox.scan()
        fresh = [s for s in scan.settled if s.identity not in done]
        before = len(done)
        try:
            for outcome in pipeline.process(ports, fresh):
                done.add(outcome.source)
                yield outcome
                away = _absorbed(ports) or away
        except UnavailableError as error:
            away = error
        if len(done) > before:
            continue
        if not (fresh or scan.settling) or ports.clock.monotonic() > patience:
            break
        ports.clock.wait(_LOOK_AGAIN_SECONDS)
    if away is not None:
        raise away
    yield replace(scan, left=len(fresh))


def _absorbed(ports: Ports) -> UnavailableError | None:
    """Take in what was put on the desk meanwhile; a long round keeps nobody waiting."""
    try:
        for _ in absorb(ports):
            pass
    except UnavailableError as error:
        return error
    return None


def _recovered(ports: Ports) -> UnavailableError | None:
    """Finish interrupted cases; an absent vault does not keep new files from being sealed."""
    try:
        pipeline.recover(ports)
    except UnavailableError as error:
        return error
    return _absorbed(ports)
