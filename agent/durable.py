# SPDX-License-Identifier: Apache-2.0
"""Files that survive a power cut, or were never there: write beside, sync, give the final name.

A final name never holds part of a file. Windows cannot sync a folder and orders its own metadata.
"""

import glob
import os
import secrets
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Final

PART_SUFFIX: Final = ".part"
_SYSTEM: Final[str] = sys.platform


def write_new(path: Path, chunks: Iterable[bytes], *, private: bool = False) -> None:
    """Write a file that is not there yet; when this returns it is whole and durable.

    Raises:
        FileExistsError: it is there already.
        OSError: the disk is full or away; no final name was given.
    """
    part = _written_part(path, chunks, private=private)
    try:
        _link_or_rename(part, path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


def replace(path: Path, chunks: Iterable[bytes], *, private: bool = False) -> None:
    """Write a file in place of an older one; a reader sees the old or the new, never a mixture.

    Raises:
        OSError: the disk is full or away; the old file is as it was.
    """
    part = _written_part(path, chunks, private=private)
    try:
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def forget_parts(path: Path) -> None:
    """Remove what interrupted writings of this file left; only its one writer may call this.

    Raises:
        OSError: the disk is away.
    """
    for part in path.parent.glob(f"{glob.escape(path.name)}.*{PART_SUFFIX}"):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a folder's names durable."""
    if _SYSTEM != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _written_part(path: Path, chunks: Iterable[bytes], *, private: bool) -> Path:
    """Write and sync a part file beside the final name; nothing is left of it on failure."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{PART_SUFFIX}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(part, flags, 0o600 if private else 0o666)
    try:
        _give_to_owner(descriptor, path.parent)
        with os.fdopen(descriptor, "wb", buffering=0) as target:
            for chunk in chunks:
                _write_all(target.fileno(), chunk)
            os.fsync(target.fileno())
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part


def _give_to_owner(descriptor: int, folder: Path) -> None:
    """Let what an administrator writes into an agent's folder belong to that agent."""
    if _SYSTEM == "win32" or os.geteuid() != 0:
        return
    with suppress(OSError):  # a share that keeps no owners
        os.fchown(descriptor, folder.stat().st_uid, -1)


def _write_all(descriptor: int, chunk: bytes) -> None:
    """Write every byte; the system may take fewer at a time, last of all before a disk is full."""
    view = memoryview(chunk)
    while view:
        view = view[os.write(descriptor, view) :]


def _link_or_rename(part: Path, path: Path) -> None:
    """Give the final name without ever replacing a file."""
    try:
        os.link(part, path)
    except FileExistsError:
        raise
    except OSError:
        if path.exists():
            raise FileExistsError(path.name) from None
        part.rename(path)
