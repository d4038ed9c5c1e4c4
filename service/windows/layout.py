# SPDX-License-Identifier: Apache-2.0
r"""Where things lie on a Windows PC, and what they are called.

    %ProgramFiles%\Photowarden\
        launch.py photowarden.cmd      start the version that `current.txt` names
        current.txt                    the switch: one line, the folder of the version in use
        versions\0.1.0-1\              one installed program each; never changed once it is whole
            installed.txt              written last: version, Python; it is whole
    %ProgramData%\Photowarden\         the site: settings, keys, state, import folder

Boundary: pure; paths are Windows paths on every system.
"""

import hashlib
import struct
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Final

SERVICE: Final = "Photowarden"
DESCRIPTION: Final = (
    "Checks, seals and stores the school's pictures. See the Photowarden folder of the technician."
)
ACCOUNT: Final = rf"NT SERVICE\{SERVICE}"
REGISTRY: Final = r"HKLM:\SOFTWARE\Photowarden"
VERSION_VALUE: Final = "Version"
EVENT_SOURCE: Final = rf"HKLM:\SYSTEM\CurrentControlSet\Services\EventLog\Application\{SERVICE}"
# Windows' own file of event texts: the entry's text is what we write, in every language.
EVENT_MESSAGES: Final = r"%SystemRoot%\System32\EventCreate.exe"
WHOLE: Final = "installed.txt"
CURRENT: Final = "current.txt"
LOCK: Final = "installing.txt"
PROGRAM_FOLDER: Final = "program"
"""The folder of our own wheel in a release: never the root of a drive, whose name ends in `\\`."""

SYSTEM: Final = "S-1-5-18"
ADMINISTRATORS: Final = "S-1-5-32-544"
USERS: Final = "S-1-5-32-545"
CREATOR: Final = "S-1-3-0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The two folders that everything lies in."""

    program: PureWindowsPath
    site: PureWindowsPath

    @property
    def versions(self) -> PureWindowsPath:
        """The folder of installed programs."""
        return self.program / "versions"

    @property
    def launcher(self) -> PureWindowsPath:
        """The script that starts the version in use."""
        return self.program / "launch.py"

    @property
    def command(self) -> PureWindowsPath:
        """The command for people."""
        return self.program / "photowarden.cmd"


def service_sid(service: str) -> str:
    """Return the security id of a service's own account.

    Windows computes it from the name alone: S-1-5-80 and the SHA-1 of the name in capitals,
    UTF-16, as five little-endian numbers. So rights can be given before the service exists.
    """
    digest = hashlib.sha1(service.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "S-1-5-80-" + "-".join(str(part) for part in struct.unpack("<5I", digest))
