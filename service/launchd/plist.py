# SPDX-License-Identifier: Apache-2.0
"""The property list of the launchd daemon: a pure function (launchd.plist(5))."""

import plistlib
from typing import Final

from service.belongings import Belongings

LABEL: Final = "photowarden.agent"
ACCOUNT: Final = "_photowarden"
_UMASK: Final = 0o077


def plist_text(has: Belongings, account: str) -> str:
    """Return the property list: no shell, own account, low priority, no crash dump."""
    limits = {"Core": 0, "NumberOfFiles": 4096}
    wanted = {
        "Label": LABEL,
        "ProgramArguments": list(has.program),
        "WorkingDirectory": str(has.site),
        "UserName": account,
        "RunAtLoad": True,
        "KeepAlive": {"SuccessfulExit": False},
        "ThrottleInterval": 60,
        "ExitTimeOut": 90,
        "ProcessType": "Background",
        "LowPriorityIO": True,
        "LowPriorityBackgroundIO": True,
        "Nice": 10,
        "Umask": _UMASK,
        "AbandonProcessGroup": False,
        "SoftResourceLimits": limits,
        "HardResourceLimits": limits,
        "StandardErrorPath": str(has.state / "agent.log"),
        "StandardOutPath": "/dev/null",
        "EnvironmentVariables": {"LANG": "en_GB.UTF-8"},
    }
    return plistlib.dumps(wanted, sort_keys=True).decode("utf-8")


def free_number(listing: str, taken_above: int = 399, lowest: int = 200) -> int:
    """Return the highest free number for a role account from `dscl . -list /Users UniqueID`.

    Raises:
        ValueError: none is free.
    """
    taken = {int(line.split()[-1]) for line in listing.splitlines() if line.strip()}
    for number in range(taken_above, lowest - 1, -1):
        if number not in taken:
            return number
    raise ValueError("no number is free for a role account")
