# SPDX-License-Identifier: Apache-2.0
"""The import folders (port `Inbox`): what lies there, what has settled, and its removal.

Only regular files arrive. Links, devices and pipes are never followed or opened, so nobody can
make the agent read, seal or delete something outside its folders. Junk that systems leave behind
is ignored by name and stays.

A file has settled when it is whole: nothing about it changed for the quiet time, and no other
program holds it open for writing where the system can tell.
"""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath
from typing import BinaryIO, Final

from agent import durable, windows_files
from agent.core.case import FileIdentity
from agent.core.clues import ClueMaker
from agent.core.groups import MAX_MEMBERS, group_name, is_sidecar
from agent.core.model import Clue
from agent.ports import Clock, Discarded, Scan, Sighting

MAX_DEPTH: Final = 12
_SYSTEM: Final[str] = sys.platform
_JUNK: Final = frozenset(
    {"thumbs.db", "desktop.ini", ".ds_store", ".picasa.ini", ".nomedia", "ehthumbs.db"}
)
_JUNK_PREFIXES: Final = ("~$", ".trash")
_NOTES_READ: Final = (1 << 20) + 1
_NOTES_SUFFIX: Final = ".xmp"
_JUNK_SUFFIXES: Final = (".ctg", ".tmp", ".part", ".crdownload")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFolder:
    """One import folder and whether its originals go once they are safely stored.

    `device` is the folder name of the only device whose pictures come here, such as that of a
    camera whose card is always read at this place; empty where the folders below say it.
    """

    path: Path
    delete_originals: bool
    device: str = ""


@dataclass(slots=True)
class _Look:
    """What one scan has gathered so far."""

    found: list[tuple[Path, int, os.stat_result]] = field(default_factory=list)
    ignored: int = 0
    unreadable: list[str] = field(default_factory=list)


class Inbox:
    """Watch import folders by looking; remember what tells a settled file from a growing one."""

    def __init__(
        self, folders: Sequence[ImportFolder], settle_seconds: float, clues: ClueMaker, clock: Clock
    ) -> None:
        self._folders = tuple(folders)
        self._settle_seconds = settle_seconds
        self._clues = clues
        self._clock = clock
        self._first_seen: dict[FileIdentity, float] = {}
        self._paths: dict[Clue, Path] = {}

    def scan(self) -> Scan:
        """Look at every import folder once."""
        look = _Look()
        for number, folder in enumerate(self._folders):
            _walk(folder.path, number, look)
        sightings = [self._sighting(*found) for found in look.found]
        self._remember(sightings)
        media = [s for s in sightings if not _is_sidecar(s)]
        groups = _grouped(media, [s for s in sightings if _is_sidecar(s)])
        settled = [group for group in groups if self._have_settled(group)]
        return Scan(
            settled=tuple(member for group in settled for member in group),
            settling=len(media) - sum(map(len, settled)),
            ignored=look.ignored + len(sightings) - len(media) - _sidecars(groups),
            unreadable=tuple(look.unreadable),
        )

    @contextmanager
    def open(self, sighting: Sighting) -> Iterator[BinaryIO | None]:
        """Open the very file that was seen, for reading; None when it is not the same any more."""
        try:
            descriptor = os.open(self._paths[sighting.identity.place], _READ_FLAGS)
        except OSError:
            yield None
            return
        with os.fdopen(descriptor, "rb") as source:
            same = _is_open(sighting.identity, source.fileno())
            yield source if same else None

    def notes(self, sighting: Sighting) -> tuple[bytes, ...] | None:
        """Return the contents of XMP files beside a medium, cut to a little over a mebibyte each.

        None when one is not the same any more or could not be read: the medium is tried again.
        """
        found: list[bytes] = []
        for identity in sighting.notes:
            content = self._content(identity)
            if content is None:
                return None
            found.append(content)
        return tuple(found)

    def _content(self, identity: FileIdentity) -> bytes | None:
        try:
            descriptor = os.open(self._paths[identity.place], _READ_FLAGS)
            with os.fdopen(descriptor, "rb") as source:
                content = source.read(_NOTES_READ)
                return content if _is_open(identity, source.fileno()) else None
        except OSError:
            return None

    def deletes(self, sighting: Sighting) -> bool:
        """Tell whether originals of this folder go once they are safely stored."""
        return self._folders[sighting.folder].delete_originals

    def discard(self, identity: FileIdentity) -> Discarded:
        """Delete the file at this place if it is still the one with this identity."""
        if identity.place not in self._paths and self.scan().unreadable:
            return Discarded.BLOCKED
        path = self._paths.get(identity.place)
        return Discarded.GONE if path is None else _delete(path, identity)

    def _sighting(self, path: Path, folder: int, status: os.stat_result) -> Sighting:
        relative = path.relative_to(self._folders[folder].path)
        place = self._clues.place(folder.to_bytes(2, "big") + os.fsencode(relative))
        self._paths[place] = path
        identity = FileIdentity(
            place=place,
            size=status.st_size,
            modified_ns=status.st_mtime_ns,
            changed_ns=windows_files.changed_ns(path, status),
            number=status.st_ino,
        )
        shown = _shown(relative)
        group = f"{shown.removesuffix(relative.name)}{group_name(relative.name)}"
        device = self._folders[folder].device
        return Sighting(identity=identity, shown=shown, folder=folder, group=group, device=device)

    def _remember(self, sightings: Sequence[Sighting]) -> None:
        """Keep the first time that each file was seen exactly as it is now."""
        now = self._clock.monotonic()
        seen = self._first_seen
        self._first_seen = {s.identity: seen.get(s.identity, now) for s in sightings}
        present = {s.identity.place for s in sightings}
        self._paths = {place: path for place, path in self._paths.items() if place in present}

    def _have_settled(self, group: Sequence[Sighting]) -> bool:
        """Tell whether every member of a group has settled, and every sidecar."""
        beside = (one for member in group for one in (*member.sidecars, *member.notes))
        identities = [*(member.identity for member in group), *beside]
        return all(map(self._has_settled, identities))

    def _has_settled(self, identity: FileIdentity) -> bool:
        """Tell whether nothing changed for the quiet time, by our own watch or by the file's."""
        watched = self._clock.monotonic() - self._first_seen[identity]
        quiet = watched >= self._settle_seconds or self._long_unchanged(identity)
        return quiet and not _being_written(self._paths[identity.place])

    def _long_unchanged(self, identity: FileIdentity) -> bool:
        """Believe the file's own times only where no program can set them back (POSIX ctime)."""
        if _SYSTEM == "win32":
            return False
        latest = max(identity.modified_ns, identity.changed_ns) / 1e9
        return self._clock.now().at.timestamp() - latest > self._settle_seconds + 1


def _is_sidecar(sighting: Sighting) -> bool:
    return is_sidecar(PurePosixPath(sighting.shown).name, sighting.identity.size)


def _grouped(media: Sequence[Sighting], sidecars: Sequence[Sighting]) -> list[list[Sighting]]:
    """Return the media in groups; a group's first member takes its sidecars with it.

    What notes say counts for every member, whichever it was written for.
    """
    beside: dict[tuple[int, str], list[FileIdentity]] = {}
    notes: dict[tuple[int, str], list[FileIdentity]] = {}
    for sidecar in sidecars:
        key = (sidecar.folder, sidecar.group)
        beside.setdefault(key, []).append(sidecar.identity)
        if sidecar.shown.lower().endswith(_NOTES_SUFFIX):
            notes.setdefault(key, []).append(sidecar.identity)
    groups: dict[tuple[int, str], list[Sighting]] = {}
    for medium in sorted(media, key=lambda medium: (medium.folder, medium.shown)):
        key = (medium.folder, medium.group)
        noted = replace(medium, notes=tuple(notes.get(key, ())))
        groups.setdefault(key, []).append(noted)
    for key, members in list(groups.items()):
        if len(members) > MAX_MEMBERS:
            del groups[key]
            groups |= {(m.folder, m.shown): [replace(m, group=m.shown)] for m in members}
        else:
            members[0] = replace(members[0], sidecars=tuple(beside.get(key, ())))
    return list(groups.values())


def _sidecars(groups: Sequence[Sequence[Sighting]]) -> int:
    return sum(len(member.sidecars) for group in groups for member in group)


_READ_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def _walk(top: Path, folder: int, look: _Look) -> None:
    """Gather the regular files below a folder; count what is ignored, note what is unreadable."""
    waiting = [(top, 0)]
    while waiting:
        here, depth = waiting.pop()
        try:
            with os.scandir(here) as entries:
                listed = sorted(entries, key=lambda entry: entry.name)
        except OSError:
            look.unreadable.append("inbox.folder_unreadable")
            continue
        for entry in listed:
            if entry.is_dir(follow_symlinks=False) and depth < MAX_DEPTH:
                waiting.append((Path(entry.path), depth + 1))
            else:
                _notice(entry, folder, look)


def _notice(entry: os.DirEntry[str], folder: int, look: _Look) -> None:
    """Gather one entry if it is a regular file that is not junk."""
    with suppress(FileNotFoundError):
        status = os.lstat(entry.path)
        if stat.S_ISREG(status.st_mode) and not _is_junk(entry.name):
            look.found.append((Path(entry.path), folder, status))
        else:
            look.ignored += 1


def _is_junk(name: str) -> bool:
    lowered = name.lower()
    return (
        lowered in _JUNK or lowered.startswith(_JUNK_PREFIXES) or lowered.endswith(_JUNK_SUFFIXES)
    )


def _shown(relative: PurePath) -> str:
    """Return a path for people: forward slashes, undecodable bytes replaced."""
    return os.fsencode(relative.as_posix()).decode("utf-8", "replace")


def _is_open(identity: FileIdentity, descriptor: int) -> bool:
    """Tell whether an open file is the one with this identity."""
    status = os.fstat(descriptor)
    return _same(identity, status, windows_files.changed_ns_of(descriptor, status))


def _same(identity: FileIdentity, status: os.stat_result, changed_ns: int) -> bool:
    return stat.S_ISREG(status.st_mode) and (
        identity.size,
        identity.modified_ns,
        identity.changed_ns,
        identity.number,
    ) == (status.st_size, status.st_mtime_ns, changed_ns, status.st_ino)


def _being_written(path: Path) -> bool:
    """Tell whether another program holds the file open for writing, where the system can say.

    Linux refuses a read lease (fcntl(2), F_SETLEASE) on a file that is open for writing; Windows
    refuses an opening that shares no writing. Elsewhere the quiet time alone decides.
    """
    if _SYSTEM == "win32":
        return windows_files.is_open_for_writing(path)
    if _SYSTEM == "linux":
        return _lease_refused(path)
    return False


def _lease_refused(path: Path) -> bool:
    import fcntl  # noqa: PLC0415 - POSIX only

    try:
        descriptor = os.open(path, _READ_FLAGS)
    except OSError:
        return True
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _delete(path: Path, identity: FileIdentity) -> Discarded:
    """Delete one file if it is still the one that was stored."""
    try:
        status = path.lstat()
        if not _same(identity, status, windows_files.changed_ns(path, status)):
            return Discarded.CHANGED
        path.unlink()
        durable.sync_folder(path.parent)
    except FileNotFoundError:
        return Discarded.GONE
    except OSError:
        return Discarded.BLOCKED
    return Discarded.DELETED
