# SPDX-License-Identifier: Apache-2.0
"""The clock of this computer (port `Clock`): the only module that asks for the time.

A clock is trusted while it is not before a floor: the newest time that our own records prove. A
school PC with an empty battery starts in the past; dates of permissions would then be judged wrong.
"""

import threading
import time
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from agent.core.model import Moment

TOLERANCE: Final = timedelta(minutes=5)
"""How far the clock may be behind the floor: clocks are set back a little when they are set."""


class Clock:
    """Tell the time in the school's zone; `stop` ends every wait, `wake` a rest."""

    def __init__(self, zone: ZoneInfo, floor: datetime | None = None) -> None:
        self._zone = zone
        self._floor = floor
        self._stop = threading.Event()
        self._woken = threading.Event()

    @property
    def floor(self) -> datetime | None:
        """The newest time that our own records prove."""
        return self._floor

    def now(self) -> Moment:
        """Return the present moment; it is not trusted while it is before the floor."""
        local = datetime.now(tz=self._zone)  # noqa: TID251 - this is the clock
        trusted = self._floor is None or local >= self._floor - TOLERANCE
        utc = local.astimezone(ZoneInfo("UTC")).replace(microsecond=0)
        return Moment(at=utc, today=local.date(), trusted=trusted)

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        """Wait, or return at once when the agent is asked to stop."""
        self._stop.wait(seconds)

    def rest(self, seconds: float) -> None:
        """Wait until woken, stopped or the time is over."""
        if not self.stopped:
            self._woken.wait(seconds)
        self._woken.clear()

    def wake(self) -> None:
        """End a rest early."""
        self._woken.set()

    def stop(self) -> None:
        """End every wait and rest, now and from now on."""
        self._stop.set()
        self._woken.set()

    @property
    def stopped(self) -> bool:
        """Whether the agent was asked to stop."""
        return self._stop.is_set()
