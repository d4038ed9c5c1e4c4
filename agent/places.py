# SPDX-License-Identifier: Apache-2.0
"""Which folders may not be used, and why: places that copy themselves elsewhere or forget.

A cloud-synced folder sends children's pictures out of the school and deletes in both directions; a
FAT disk loses files at a power cut; a removable one walks away; a personal profile is one person's.
"""

import os
import stat
import sys
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Final

import psutil

from agent.core.errors import ConfigurationError

_SYSTEM: Final[str] = sys.platform
_CLOUD_NAMES: Final = (
    "onedrive",
    "dropbox",
    "google drive",
    "googledrive",
    "icloud drive",
    "iclouddrive",
    "icloud photos",
    "com~apple~clouddocs",
    "box sync",
    "nextcloud",
    "owncloud",
)
_CLOUD_MARKS: Final = (
    ".dropbox",
    ".dropbox.cache",
    ".sync",
    ".owncloudsync.log",
    ".nextcloudsync.log",
)
_CLOUD_VARIABLES: Final = ("OneDrive", "OneDriveCommercial", "OneDriveConsumer")
_FAT: Final = frozenset({"vfat", "fat", "fat32", "exfat", "msdos"})


class Use(Enum):
    """What a folder is used for."""

    IMPORT = "import folder"
    VAULT = "vault"
    STATE = "state folder"


def check_place(path: Path, use: Use, *, rehearsal: bool) -> None:
    """Make sure that a folder may be used; a rehearsal may stand in a personal profile.

    Raises:
        ConfigurationError: it may not, and why.
    """
    if is_cloud_synced(path) or is_cloud_synced(Path(os.path.realpath(path))):
        raise _refused(use, "it lies in a folder that is copied to a cloud service")
    if use is Use.IMPORT:
        return
    kind, removable = _disk_of(path)
    if kind.lower() in _FAT:
        raise _refused(use, "its disk is FAT or exFAT, which loses files at a power cut")
    if removable:
        raise _refused(use, "its disk is removable")
    if use is Use.VAULT and not rehearsal and _in_personal_profile(path):
        raise _refused(use, "it lies in one person's profile")


def own(site: Path, vault: Path) -> list[Path]:
    """Return the folders of a site that no import folder may hold or lie in."""
    return [vault, *(site / name for name in ("state", "keys", "office"))]


def check_apart(path: Path, ours: Iterable[Path], others: Iterable[Path]) -> None:
    """Make sure that an import folder neither holds nor lies in what is ours or is watched too.

    What lies in an import folder is taken in, and may be deleted then: our own state, keys and
    stored objects must never lie there.

    Raises:
        ConfigurationError: it does.
    """
    if any(_overlap(path, place) for place in ours):
        raise _refused(Use.IMPORT, "it holds, or lies in, what Photowarden itself keeps")
    if any(_overlap(path, place) for place in others):
        raise _refused(Use.IMPORT, "it holds, or lies in, another import folder")


def is_behind_a_link(path: Path) -> bool:
    """Tell whether a folder, or one that it lies in, is a link or another kind of signpost."""
    return any(_is_link(part) for part in (path, *path.parents))


def _is_link(path: Path) -> bool:
    try:
        status = path.lstat()
    except OSError:
        return False
    attributes: int = getattr(status, "st_file_attributes", 0)
    return stat.S_ISLNK(status.st_mode) or bool(attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)


def _overlap(one: Path, other: Path) -> bool:
    """Tell whether one folder is the other or lies in it, whatever names lead there."""
    here, there = (Path(os.path.normcase(os.path.realpath(path))) for path in (one, other))
    return here == there or here in there.parents or there in here.parents


def is_cloud_synced(path: Path) -> bool:
    """Tell whether a folder lies in one that a cloud service copies."""
    parents = (path, *path.parents)
    synced = [os.environ[name] for name in _CLOUD_VARIABLES if os.environ.get(name)]
    return any(
        any(parent.name.lower().startswith(name) for name in _CLOUD_NAMES)
        or any(_exists(parent / mark) for mark in _CLOUD_MARKS)
        or any(parent == Path(folder) for folder in synced)
        for parent in parents
    )


def _exists(path: Path) -> bool:
    """Tell whether something is there; a share that is away shows nothing and takes nothing."""
    try:
        return path.exists()
    except OSError:
        return False


def _disk_of(path: Path) -> tuple[str, bool]:
    """Return the file system's name and whether the disk is removable, as far as can be known."""
    best, kind, removable = -1, "", False
    for disk in psutil.disk_partitions(all=True):
        mount = Path(disk.mountpoint)
        if (path == mount or mount in path.parents) and len(mount.parts) > best:
            best, kind = len(mount.parts), disk.fstype
            removable = "removable" in disk.opts.split(",")
    return kind, removable


def _in_personal_profile(path: Path) -> bool:
    """Tell whether a folder lies under a person's home; only where PCs are shared by people."""
    if _SYSTEM not in ("win32", "darwin"):
        return False
    return Path.home() in path.parents


def _refused(use: Use, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"the {use.value} cannot be used: {why}",
        code="place.refused",
        remedy=f"Choose another folder for the {use.value} in station.toml.",
    )
