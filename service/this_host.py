# SPDX-License-Identifier: Apache-2.0
"""Which keeper of services this system has; the only module that chooses one."""

import sys
from typing import Final

from agent.core.errors import ConfigurationError
from service.hosts import Host

_SYSTEM: Final[str] = sys.platform


def host_of_this_system(account: str = "") -> Host:
    """Return this system's keeper of services, for its usual account or another one.

    Raises:
        ConfigurationError: this system has none that is known.
    """
    if _SYSTEM == "linux":
        from service.systemd.host import SystemdHost  # noqa: PLC0415 - Linux only

        return SystemdHost(account) if account else SystemdHost()
    if _SYSTEM == "darwin":
        from service.launchd.host import LaunchdHost  # noqa: PLC0415 - macOS only

        return LaunchdHost(account) if account else LaunchdHost()
    if _SYSTEM == "win32":
        from service.windows.host import WindowsHost  # noqa: PLC0415 - Windows only

        if account:
            raise ConfigurationError(
                "another account for the service is set in Windows itself",
                code="service.account",
                remedy="Set it in services.msc, tab Log On; renewing the service keeps it.",
            )
        return WindowsHost()
    raise ConfigurationError(
        "how this system keeps services is not known",
        code="service.no_manager",
        remedy="Start `photowarden run` with whatever starts programs here.",
    )
