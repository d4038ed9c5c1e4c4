# SPDX-License-Identifier: Apache-2.0
"""What goes into the Windows Event Log: numbers of a closed list, codes and counts, no words.

    1 started   2 stopped   10 waiting (the storage is away; at most once an hour)
    20 refused (a setting)  21 integrity (our records disagree)  22 fault (ours)

Administrators' tools watch for the numbers. The text is `Photowarden: <word> code=... seconds=...`;
a value that is no code is hidden, as in the log file.

Boundary: pure but for the one function that is given to write an entry.
"""

import re
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from agent.core.errors import AgentError

_INFORMATION: Final = 4
_WARNING: Final = 2
_ERROR: Final = 1
_CODE: Final = re.compile(r"[A-Za-z0-9_.:\-]{1,64}")
_QUIET_SECONDS: Final = 3600.0


class Event(Enum):
    """One kind of entry: its number, its weight for Windows."""

    STARTED = (1, _INFORMATION)
    STOPPED = (2, _INFORMATION)
    WAITING = (10, _WARNING)
    REFUSED = (20, _ERROR)
    INTEGRITY = (21, _ERROR)
    FAULT = (22, _ERROR)


_LINES: Final = {
    "agent.started": Event.STARTED,
    "agent.stopped": Event.STOPPED,
    "agent.waiting": Event.WAITING,
}
_FAMILIES: Final = {2: Event.REFUSED, 3: Event.WAITING, 4: Event.INTEGRITY}

Write = Callable[[int, int, str], None]
"""Takes number, weight and text of an entry."""


class EventLog:
    """Turn lines of the log and errors into entries."""

    def __init__(self, write: Write, monotonic: Callable[[], float]) -> None:
        self._write = write
        self._monotonic = monotonic
        self._waiting_since: float | None = None

    def see(self, line: Mapping[str, Any]) -> None:
        """Take a line of the log; most are nobody's business here."""
        event = _LINES.get(str(line.get("event")))
        if event is None or (event is Event.WAITING and not self._is_news()):
            return
        counts = {name: line[name] for name in ("code", "seconds") if name in line}
        self._tell(event, counts)

    def error(self, error: AgentError) -> None:
        """Tell why the service ends."""
        self._tell(_FAMILIES.get(error.exit_code, Event.FAULT), {"code": error.code})

    def fault(self, kind: str, place: str) -> None:
        """Tell of a fault of ours by its class and place, never by its message."""
        self._tell(Event.FAULT, {"code": kind, "place": place})

    def _tell(self, event: Event, values: Mapping[str, object]) -> None:
        number, weight = event.value
        told = [f"{name}={_safe(value)}" for name, value in values.items()]
        self._write(number, weight, " ".join([f"Photowarden: {event.name.lower()}", *told]))

    def _is_news(self) -> bool:
        """Tell whether the last such entry is an hour old."""
        now = self._monotonic()
        if self._waiting_since is not None and now - self._waiting_since < _QUIET_SECONDS:
            return False
        self._waiting_since = now
        return True


def _safe(value: object) -> str:
    text = str(value)
    return text if _CODE.fullmatch(text) else "(hidden)"
