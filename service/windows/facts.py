# SPDX-License-Identifier: Apache-2.0
"""The values that an installation is decided on: what is wished, and what the machine is like.

Boundary: pure.
"""

from dataclasses import dataclass
from enum import Enum
from pathlib import PureWindowsPath

from service.windows.layout import Layout


class Verb(Enum):
    """What is wished."""

    INSTALL = "install"
    UPGRADE = "upgrade"
    REPAIR = "repair"
    UNINSTALL = "uninstall"
    DETECT = "detect"
    DEMO = "demo"


class Service(Enum):
    """How the service stands."""

    ABSENT = "absent"
    STOPPED = "stopped"
    RUNNING = "running"
    PENDING = "pending"


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """The interpreter that runs the planning and will run the service."""

    path: PureWindowsPath
    version: tuple[int, int]
    bits: int
    one_person: bool
    virtual: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteFacts:
    """What the site's folder holds; `unfinished` is None where the journal cannot be read."""

    present: bool = False
    foreign: bool = False
    imports: tuple[PureWindowsPath, ...] = ()
    vault: PureWindowsPath | None = None
    mapped_drive: bool = False
    unfinished: int | None = 0
    office_keys: bool = False
    folders: frozenset[str] = frozenset()
    """Names of the folders in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What this computer is like. `folders` are version folders, and whether each is whole."""

    administrator: bool
    build: int
    python: Python
    free_bytes: int
    folders: dict[str, bool]
    current: str | None
    registered: str | None
    service: Service
    locked: bool
    site: SiteFacts
    stale_lock: bool = False
    """Whether an installation was cut short: its lock is there, and too old to be at work."""
    current_python: PureWindowsPath | None = None
    """The interpreter that the version in use was laid for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The release folder: `absent` names what it lacks, `tags` the Pythons its wheels are for."""

    version: str
    wheel: PureWindowsPath
    release_lock: PureWindowsPath
    lock: PureWindowsPath
    wheels: PureWindowsPath | None
    tags: frozenset[str] = frozenset()
    absent: str = ""
    checkout: PureWindowsPath | None = None
    """The source, where the folder is a checkout and no release; enough for a demonstration."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the caller wants."""

    verb: Verb
    layout: Layout
    package: Package
    temporary: PureWindowsPath
    launcher: tuple[str, ...] = ()
    """The lines of `launch.py`."""
    purge: bool = False
    signature: str = ""
    """What Windows says of the signature of `python.exe`; empty: not asked."""


def installed(machine: Machine) -> str | None:
    """Return the version in use, if its folder is whole."""
    current = machine.current
    whole = current is not None and machine.folders.get(current, False)
    return current.rpartition("-")[0] if whole and current else None
