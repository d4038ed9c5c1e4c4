# SPDX-License-Identifier: Apache-2.0
"""What the service control manager may ask of the service, and what each request means to us.

Boundary: pure; numbers of winsvc.h, winuser.h and dbt.h.
"""

from enum import Enum
from typing import Final

STOP: Final = 1
INTERROGATE: Final = 4
SHUTDOWN: Final = 5
DEVICE_EVENT: Final = 11
POWER_EVENT: Final = 13
PRESHUTDOWN: Final = 15

ACCEPTED: Final = 0x001 | 0x040 | 0x100
"""SERVICE_ACCEPT_STOP, _POWEREVENT, _PRESHUTDOWN; device events come by their registration.

Pre-shutdown instead of shutdown: Windows then waits until the file at hand is finished.
"""

_DEVICE_ARRIVAL: Final = 0x8000
_RESUMED: Final = frozenset({0x07, 0x12})

START_PENDING: Final = 2
STOP_PENDING: Final = 3
RUNNING: Final = 4
STOPPED: Final = 1


class Reaction(Enum):
    """What the service does about a request."""

    STOP = "stop"
    WAKE = "wake"
    TELL = "tell"
    NOTHING = "nothing"


def reaction_to(control: int, event: int) -> Reaction:
    """Return what to do: end after the file at hand, look at once, tell the status, or nothing."""
    if control in (STOP, SHUTDOWN, PRESHUTDOWN):
        return Reaction.STOP
    if control == INTERROGATE:
        return Reaction.TELL
    arrived = control == DEVICE_EVENT and event == _DEVICE_ARRIVAL
    resumed = control == POWER_EVENT and event in _RESUMED
    return Reaction.WAKE if arrived or resumed else Reaction.NOTHING
