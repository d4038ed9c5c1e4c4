# SPDX-License-Identifier: Apache-2.0
"""The text of the systemd unit and of its account: pure functions.

The unit takes away everything that the agent can do without: other folders, devices, the network,
privileges, writing code to memory, most system calls. The word for a folder begins with "-" where
it may be absent at the start: a share that is away must not keep the agent from sealing.
Sources: systemd.exec(5), systemd.service(5), systemd.resource-control(5), sysusers.d(5).
"""

from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Final

from agent.core.errors import ConfigurationError
from service.belongings import Belongings

UNIT: Final = "photowarden.service"
ACCOUNT: Final = "photowarden"
_HOMES: Final = tuple(map(PurePosixPath, ("/home", "/" + "root", "/run/user")))


def account_text(account: str) -> str:
    """Return the sysusers.d file of the service's account: no password, no shell, no home."""
    return f'u {account} - "Photowarden service" - -\n'


def unit_text(has: Belongings, account: str) -> str:
    """Return the unit.

    Raises:
        ConfigurationError: a path has characters that no unit can carry.
    """
    return _UNIT.format(
        site=_path(has.site),
        program=" ".join(map(_word, has.program)),
        account=account,
        written=_paths(has.written),
        office=_path(has.office),
        inert=_paths((has.state, has.vault, *has.imports)),
        homes="\n".join(_homes(has)),
        network="\n".join(_network(mail=has.mail)),
    )


def _homes(has: Belongings) -> Iterable[str]:
    """Hide every home; show of them only what the agent needs, if something lies there."""
    read = [path for path in (has.site, *has.installed) if _in_a_home(path)]
    written = [path for path in has.written if _in_a_home(path)]
    if not read and not written:
        return ["ProtectHome=yes"]
    return [
        "ProtectHome=tmpfs",
        *(f"BindReadOnlyPaths=-{_path(path)}" for path in dict.fromkeys(read)),
        *(f"BindPaths=-{_path(path)}" for path in written),
    ]


def _network(*, mail: bool) -> Iterable[str]:
    """Give no network; with a mail server, sockets to the outside and nothing that listens."""
    if not mail:
        return ["PrivateNetwork=yes", "IPAddressDeny=any", "RestrictAddressFamilies=AF_UNIX"]
    return ["RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "SocketBindDeny=any"]


def _in_a_home(path: Path) -> bool:
    there = PurePosixPath(path.as_posix())
    return any(home == there or home in there.parents for home in _HOMES)


def _paths(paths: Iterable[Path]) -> str:
    return " ".join(f"-{_path(path)}" for path in paths)


def _path(path: Path) -> str:
    """Return a path as a unit's word: quoted only where it must be (systemd.syntax(7))."""
    text = _checked(path.as_posix()).replace("%", "%%")
    for mark in ("\\", '"', "'", " "):
        text = text.replace(mark, {"\\": "\\\\", " ": "\\x20"}.get(mark, f"\\{mark}"))
    return text


def _word(text: str) -> str:
    """Return one word of ExecStart, which also knows variables (systemd.service(5))."""
    escaped = _checked(text).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("%", "%%").replace("$", "$$") + '"'


def _checked(text: str) -> str:
    if not text.isprintable():
        raise ConfigurationError(
            "a folder's name has characters that a service cannot be given",
            code="service.path",
            remedy="Rename the folder without line ends and control characters.",
        )
    return text


_UNIT: Final = """\
# Written by `photowarden service install`; it writes this file again each time.
[Unit]
Description=Photowarden, between the school's cameras and its storage
After=local-fs.target remote-fs.target time-sync.target
RequiresMountsFor={site}

[Service]
Type=exec
ExecStart={program}
User={account}
# 2: a setting is wrong, 4: our records disagree. Starting again would change neither.
Restart=on-failure
RestartSec=60
RestartPreventExitStatus=2 4
# A stop ends after the file at hand.
TimeoutStopSec=90
KillMode=mixed
SyslogIdentifier=photowarden

# The PC belongs to the people who work at it.
Nice=10
IOSchedulingClass=idle
CPUWeight=20
IOWeight=20

# A hostile file may not eat the computer; no pixel goes to swap or into a crash dump.
MemoryMax=1536M
MemorySwapMax=0
TasksMax=64
LimitCORE=0
LimitNOFILE=4096

# Folders.
UMask=0077
ProtectSystem=strict
{homes}
ReadWritePaths={written}
InaccessiblePaths=-{office}
NoExecPaths={inert}
PrivateTmp=yes
PrivateDevices=yes
ProtectProc=invisible
ProtectControlGroups=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectClock=yes
ProtectHostname=yes
KeyringMode=private
RemoveIPC=yes

# Network.
{network}

# Privileges and system calls.
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
PrivateUsers=yes
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
MemoryDenyWriteExecute=yes
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM

[Install]
WantedBy=multi-user.target
"""
