# SPDX-License-Identifier: Apache-2.0
"""What every operating system's keeper of services must be able to do for the agent.

    Windows   service control manager    `service.windows.host`
    Linux     systemd
    macOS     launchd

Boundary: words only, no system. One agent a computer: the service has one fixed name, so that two
installations can never work on one site. Errors are those of `agent.core.errors`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol


class Standing(Enum):
    """How the service stands."""

    ABSENT = "absent"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """What the system says of the service; `account` and `at_boot` are empty where it is absent."""

    standing: Standing
    at_boot: bool = False
    account: str = ""
    """The account that it runs as, in the system's own words."""
    exit_code: int | None = None
    """What it ended with the last time, where the system remembers; 0 is a clean stop."""


class Host(Protocol):
    """The system's keeper of services. Every call may be repeated."""

    def explain(self, site: Path) -> Sequence[str]:
        """Return, in sentences, what `install` would do to this computer; nothing is done.

        Raises:
            ConfigurationError: the site is not one.
        """
        ...

    def install(self, site: Path) -> None:
        """Register the service for a site, to start with the computer; what is there is renewed.

        It is not started. Its account gets the site's folders and the import folders, no more.

        Raises:
            ConfigurationError: this account may not do that, or the site is not one.
        """
        ...

    def uninstall(self) -> None:
        """Stop the service and take it away; the site stays as it is.

        Raises:
            ConfigurationError: this account may not do that.
            UnavailableError: it did not stop in time.
        """
        ...

    def start(self) -> None:
        """Start the service and wait until it runs.

        Raises:
            ConfigurationError: it is absent, or refuses its settings.
            UnavailableError: it did not come up in time.
        """
        ...

    def stop(self) -> None:
        """Stop the service and wait until it has finished the file at hand.

        Raises:
            UnavailableError: it did not stop in time.
        """
        ...

    def status(self) -> ServiceStatus:
        """Return how the service stands; never raises for an absent one."""
        ...
