# SPDX-License-Identifier: Apache-2.0
"""The sign of life: what this station says of itself, on its own disk and beside its ledger.

Written at most once a minute, at least every quarter of an hour while the daemon works, once more
when it stops. From it a silent computer is noticed by the others, and the next start knows how
long this one did not work. Codes, counts and times only (`agent.core.health`).
"""

import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from agent import bootstrap, durable, pipeline
from agent import site as layout
from agent.bootstrap import Site
from agent.core.case import State
from agent.core.concerns import Verdict
from agent.core.entries import gap_entry, started_entry, stopped_entry
from agent.core.errors import AgentError, UnavailableError
from agent.core.health import HEALTH_FILE, Backlog, Gap, Health, gap_between
from agent.core.register import NoRegister, Register
from agent.core.troubles import Trouble, in_order
from agent.media.seen import Sight
from agent.ports import Ports
from agent.stations import own_health

EVERY: Final = timedelta(minutes=15)
"""A health comes at least this often."""
AT_MOST: Final = 60.0
"""Seconds between two, however much changes."""
_MEBI: Final = 1 << 20


def program_version() -> str:
    """Return this program's version; 0.0 where it runs uninstalled."""
    try:
        return version("photowarden")
    except PackageNotFoundError:
        return "0.0"


class Heartbeat:
    """Say how this station is; the daemon's loop tells it what it noticed."""

    def __init__(self, ports: Ports, site: Site, floor: datetime | None) -> None:
        self._ports = ports
        self._site = site
        self._floor = floor
        self._sign: Callable[[str], bytes] = bootstrap.station_hand(site)
        self._started_at = ports.clock.now().at
        self._sight = bootstrap.sight_of(site)
        self._gap: Gap | None = None
        self._said: tuple[Trouble, ...] | None = None
        self._said_at = 0.0
        self._counts: tuple[int, int] | None = None
        self._answer: Register | NoRegister | None = None
        self._answered_at = 0.0

    def begin(self) -> Gap | None:
        """Record the start, and the gap before it if there was one; return that gap."""
        moment, before = self._ports.clock.now(), own_health(self._site)
        known = before if isinstance(before, Health) else None
        times = [known.at] if known else []
        last = max([*times, *([self._floor] if self._floor else [])], default=None)
        found = None
        if moment.trusted and last is not None:
            found = gap_between(last, moment.at, stopped=known is not None and known.stopping)
        self._gap = found or (known.gap if known else None)
        if moment.trusted:
            entries = [started_entry(self._started_at, program_version())]
            self._ports.ledger.append([gap_entry(found), *entries] if found else entries)
        return found

    def worked(self) -> None:
        """Note that cases changed, so that they are counted again."""
        self._counts = None

    def beat(self, seen: Iterable[Trouble] = ()) -> bool:
        """Say how the station is, if it is time or something changed; return whether it said so."""
        troubles = in_order([*seen, *self._noticed()])
        age = self._ports.clock.monotonic() - self._said_at
        changed = troubles != self._said
        now = self._said is None or age >= EVERY.total_seconds() or (changed and age >= AT_MOST)
        if now:
            self._say(troubles)
        return now

    def fail(self, error: AgentError) -> None:
        """Say at once what makes the daemon end."""
        self._say(in_order([*troubles_of(error), *self._noticed()]))

    def end(self) -> None:
        """Say goodbye, and record the stop."""
        moment = self._ports.clock.now()
        if moment.trusted:
            self._ports.ledger.append([stopped_entry(moment.at, self._started_at)])
        troubles = self._said or ()
        try:
            if Trouble.VAULT_AWAY not in troubles:
                pipeline.publish_ledger(self._ports)
        except UnavailableError as error:
            troubles = in_order([*troubles, *troubles_of(error)])
        self._say(troubles, stopping=True)

    def _noticed(self) -> Iterable[Trouble]:
        moment = self._ports.clock.now()
        if not moment.trusted:
            yield Trouble.CLOCK_UNTRUSTED
        if self._sight not in (None, Sight.READY):
            yield Trouble.DETECTOR_MISSING
        answer = self._register()
        if not isinstance(answer, Register):
            yield from _with_code(answer.concern.code)

    def _register(self) -> Register | NoRegister:
        """Return the register; a good one is asked for once a health, for the network's sake."""
        age = self._ports.clock.monotonic() - self._answered_at
        if not isinstance(self._answer, Register) or age >= EVERY.total_seconds():
            self._answer = self._ports.registrar.register(self._ports.clock.now())
            self._answered_at = self._ports.clock.monotonic()
        return self._answer

    def _say(self, troubles: tuple[Trouble, ...], *, stopping: bool = False) -> None:
        """Write the health into the vault where that is there, and here in any case."""
        self._said_at = self._ports.clock.monotonic()
        note = self._note(troubles, stopping=stopping)
        if not {Trouble.VAULT_AWAY, Trouble.VAULT_NOT_APPROVED} & set(troubles):
            try:
                self._ports.vault.check()
                self._ports.vault.put_ledger({HEALTH_FILE: note})
            except AgentError as error:
                more = tuple(troubles_of(error)) or (Trouble.VAULT_AWAY,)
                troubles = in_order([*troubles, *more])
                note = self._note(troubles, stopping=stopping)
        self._said = troubles
        with suppress(OSError):  # a full disk makes the round itself fail, which says it better
            durable.replace(self._site.folder / layout.HEALTH, [note], private=True)

    def _note(self, troubles: tuple[Trouble, ...], *, stopping: bool) -> bytes:
        return self._sign(self._health(troubles, stopping=stopping).text())

    def _health(self, troubles: tuple[Trouble, ...], *, stopping: bool) -> Health:
        moment = self._ports.clock.now()
        answer = self._register()
        register = answer if isinstance(answer, Register) else None
        if self._counts is None:
            counts = self._ports.journal.verdicts()
            self._counts = (counts.get(Verdict.HOLD, 0), counts.get(Verdict.QUARANTINE, 0))
        return Health(
            station=self._site.station.station,
            at=moment.at,
            started_at=self._started_at,
            every=EVERY,
            stopping=stopping,
            version=program_version(),
            held=self._counts[0],
            quarantined=self._counts[1],
            backlog=_backlog(self._ports),
            register_version=register.version if register else None,
            register_until=register.valid_until if register else None,
            free_mebibytes=_free(self._site, vault=Trouble.VAULT_AWAY not in troubles),
            gap=self._gap,
            seen=troubles,
        )


def troubles_of(error: AgentError) -> Iterable[Trouble]:
    """Return the trouble that an error means; a storage that is away, whatever it calls itself."""
    if error.code == "vault.busy":
        yield Trouble.VAULT_AWAY
    yield from _with_code(error.code)


def _with_code(code: str) -> Iterable[Trouble]:
    return [trouble for trouble in Trouble if trouble.code == code]


def _backlog(ports: Ports) -> Backlog:
    unfinished = ports.journal.unfinished()
    waiting = [r.arrived_at for r in unfinished if r.state is State.SEALED]
    blocked = [r.arrived_at for r in unfinished if r.state is State.RECORDED]
    return Backlog(
        waiting=len(waiting),
        oldest=min(waiting, default=None),
        blocked=len(blocked),
        oldest_blocked=min(blocked, default=None),
    )


def _free(site: Site, *, vault: bool) -> int:
    """Return the free mebibytes of the fuller disk; some shares do not say how large they are."""
    found = [shutil.disk_usage(site.folder).free]
    if vault:
        with suppress(OSError):
            usage = shutil.disk_usage(site.vault_folder)
            found += [usage.free] if usage.total else []
    return min(found) // _MEBI
