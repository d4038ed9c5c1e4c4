# SPDX-License-Identifier: Apache-2.0
"""What the law may know, for a page: the register of a large school is opened once, not a page.

The registrar reads the newest snapshot each time and opens it only if it is another one. The time
is the console's, and is trusted only while the agent's records do not say that it is later.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from agent import bootstrap
from agent.core.model import Moment
from agent.ports import Clock, Looking, Registrar
from service.office.house import house

_REGISTRARS: Final[dict[Path, Registrar]] = {}


@dataclass(frozen=True, slots=True)
class _BothClocks:
    """The console's clock, in doubt while the agent's is."""

    console: Clock
    agent: Clock

    def now(self) -> Moment:
        moment = self.console.now()
        return replace(moment, trusted=moment.trusted and self.agent.now().trusted)

    def monotonic(self) -> float:
        return self.console.monotonic()

    def wait(self, seconds: float) -> None:
        self.console.wait(seconds)


@contextmanager
def open_looking() -> Iterator[Looking]:
    """Open what deciding needs, for looking only, by the console's clock.

    Raises:
        AgentError: there is no site, or its records cannot be read now.
    """
    site = house().site()
    with bootstrap.open_looking(site) as opened:
        registrar = _REGISTRARS.setdefault(site.folder, opened.registrar)
        clock = _BothClocks(house().clock, opened.clock)
        yield replace(opened, registrar=registrar, clock=clock)
