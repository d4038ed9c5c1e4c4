# SPDX-License-Identifier: Apache-2.0
"""Look at this computer: what the planning needs to know, and nothing is changed by looking.

Runs before anything is installed: the standard library only. What cannot be found out is told as
the more careful answer. On another system than Windows it knows nothing; tests build their own
`Machine`.
"""

import ctypes
import importlib
import os
import shutil
import sqlite3
import struct
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path, PureWindowsPath
from typing import Any, Final

from service.windows.facts import Machine, Python, Service, SiteFacts
from service.windows.layout import (
    ADMINISTRATORS,
    CURRENT,
    LOCK,
    SERVICE,
    SYSTEM,
    VERSION_VALUE,
    WHOLE,
    Layout,
)

_REMOTE_DRIVE: Final = 4
_STALE_SECONDS: Final = 3600.0
_QUERY_STATUS: Final = 0x0004
_CONNECT: Final = 0x0001
_STATES: Final = {1: Service.STOPPED, 4: Service.RUNNING}
_OWNER_INFORMATION: Final = 1
_TRUSTED_INSTALLER: Final = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"
_OFFICE_KEYS: Final = "office"
_UNFINISHED: Final = "SELECT count(*) FROM cases WHERE state <> 'done' OR spooled = 1"


def default_layout() -> Layout:
    """Return the folders that Windows keeps for programs and for their data."""
    programs = os.environ.get("PROGRAMW6432") or os.environ.get("PROGRAMFILES", r"C:\Program Files")
    data = os.environ.get("PROGRAMDATA", r"C:\ProgramData")
    return Layout(program=PureWindowsPath(programs) / SERVICE, site=PureWindowsPath(data) / SERVICE)


def look(layout: Layout) -> Machine:
    """Return what this computer is like."""
    program, site = Path(layout.program.as_posix()), Path(layout.site.as_posix())
    age = _age_seconds(program / LOCK)
    return Machine(
        administrator=_is_administrator(),
        build=_build(),
        python=python_here(),
        free_bytes=_free_bytes(program),
        folders=dict(_version_folders(program / "versions")),
        current=_line(program / CURRENT),
        registered=_registered(),
        service=_service_state(),
        locked=age is not None and age < _STALE_SECONDS,
        site=look_at_site(site),
        stale_lock=age is not None and age >= _STALE_SECONDS,
        current_python=_current_python(program),
    )


def python_here() -> Python:
    """Return the interpreter that runs this."""
    path = PureWindowsPath(sys.executable)
    profiles = PureWindowsPath(os.environ.get("SYSTEMDRIVE", "C:") + r"\Users")
    return Python(
        path=path,
        version=(sys.version_info[0], sys.version_info[1]),
        bits=8 * struct.calcsize("P"),
        one_person=profiles in path.parents or "windowsapps" in str(path).lower(),
        virtual=sys.prefix != sys.base_prefix,
    )


def look_at_site(site: Path) -> SiteFacts:
    """Return what a site's folder holds."""
    if not site.is_dir():
        return SiteFacts()
    names = frozenset(path.name for path in site.iterdir() if path.is_dir())
    settings = _settings(site / "station.toml")
    imports, vault = _places(site, settings)
    return SiteFacts(
        present=settings is not None,
        foreign=settings is None and _owned_by_another(site),
        imports=tuple(PureWindowsPath(path) for path in imports),
        vault=None if vault is None else PureWindowsPath(vault),
        mapped_drive=any(_on_mapped_drive(path) for path in (*imports, vault) if path),
        unfinished=_unfinished(site, imports),
        office_keys=any((site / _OFFICE_KEYS).glob("*")),
        folders=names,
    )


def _settings(path: Path) -> dict[str, Any] | None:
    """Return the settings as they are written; the agent's own reader judges them."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None


def _places(site: Path, settings: dict[str, Any] | None) -> tuple[list[Path], Path | None]:
    untrusted = settings or {}
    listed, vault = untrusted.get("import"), untrusted.get("vault")
    paths = [one.get("path") for one in listed or () if isinstance(one, dict)]
    imports = [site / path for path in paths if isinstance(path, str)]
    place = vault.get("path") if isinstance(vault, dict) else None
    return imports, site / place if isinstance(place, str) else None


def _unfinished(site: Path, imports: list[Path]) -> int | None:
    """Return how many pictures would be lost with the site; None where nobody can say."""
    try:
        cases = _unfinished_cases(site / "state" / "journal.sqlite")
        inside = [folder for folder in imports if folder == site or site in folder.parents]
        waiting = sum(1 for folder in inside for _ in _files(folder))
        spooled = 0 if cases is not None else sum(1 for _ in _files(site / "state" / "spool"))
    except (OSError, sqlite3.Error):
        return None
    return (cases or 0) + waiting + spooled


def _unfinished_cases(journal: Path) -> int | None:
    """Count cases that are not done or still spooled, making no file; None: there is no journal."""
    if not journal.exists():
        return None
    beside = journal.with_name(journal.name + "-wal").exists()
    how = "mode=ro" if beside else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"{journal.as_uri()}?{how}", uri=True)) as database:
        row = database.execute(_UNFINISHED).fetchone()
    return int(row[0])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _version_folders(versions: Path) -> Iterator[tuple[str, bool]]:
    if versions.is_dir():
        for path in versions.iterdir():
            yield path.name, (path / WHOLE).is_file()


def _line(path: Path) -> str | None:
    try:
        return path.read_text("ascii").strip()
    except (OSError, ValueError):
        return None


def _build() -> int:
    """Return the build of Windows, whatever a manifest lets programs see; 0 elsewhere."""
    version = getattr(sys, "getwindowsversion", None)
    return 0 if version is None else int(version().platform_version[2])


def _current_python(program: Path) -> PureWindowsPath | None:
    """Return the second line of the file that says that the version in use is whole."""
    current = _line(program / CURRENT)
    lines = (_line(program / "versions" / current / WHOLE) or "").splitlines() if current else []
    return PureWindowsPath(lines[1]) if len(lines) > 1 else None


def _age_seconds(path: Path) -> float | None:
    """Return how long ago a file was written; None if it is not there."""
    try:
        return time.time() - path.stat().st_mtime  # noqa: TID251 - a file's age, no date of a person
    except OSError:
        return None


def _free_bytes(folder: Path) -> int:
    there = next((path for path in (folder, *folder.parents) if path.is_dir()), None)
    return 0 if there is None else shutil.disk_usage(there).free


def _registered() -> str | None:
    try:
        registry: Any = importlib.import_module("winreg")
    except ImportError:
        return None
    access = registry.KEY_READ | registry.KEY_WOW64_64KEY
    with suppress(OSError):
        key = registry.OpenKey(registry.HKEY_LOCAL_MACHINE, rf"SOFTWARE\{SERVICE}", 0, access)
        with key:
            return str(registry.QueryValueEx(key, VERSION_VALUE)[0])
    return None


def _library(name: str) -> Any:  # noqa: ANN401 - a library of Windows has the types it has
    """Return a library of Windows; None on another system."""
    libraries = getattr(ctypes, "windll", None)
    return None if libraries is None else getattr(libraries, name)


def _is_administrator() -> bool:
    shell = _library("shell32")
    return shell is not None and bool(shell.IsUserAnAdmin())


def _on_mapped_drive(path: Path) -> bool:
    kernel, drive = _library("kernel32"), PureWindowsPath(path).drive
    if kernel is None or not drive.endswith(":"):
        return False
    return bool(kernel.GetDriveTypeW(f"{drive}\\") == _REMOTE_DRIVE)


def _service_state() -> Service:
    """Ask the service control manager; what it does not know is absent."""
    services = _library("advapi32")
    if services is None:
        return Service.ABSENT
    for name in ("OpenSCManagerW", "OpenServiceW"):
        getattr(services, name).restype = ctypes.c_void_p
    manager = ctypes.c_void_p(services.OpenSCManagerW(None, None, _CONNECT))
    handle = ctypes.c_void_p(services.OpenServiceW(manager, SERVICE, _QUERY_STATUS))
    try:
        if handle.value is None:
            return Service.ABSENT
        status = (ctypes.c_uint32 * 7)()
        if not services.QueryServiceStatus(handle, ctypes.byref(status)):
            return Service.PENDING
        return _STATES.get(status[1], Service.PENDING)
    finally:
        for one in (handle, manager):
            if one.value is not None:
                services.CloseServiceHandle(one)


def _owned_by_another(folder: Path) -> bool:
    """Tell whether a folder belongs to somebody who is neither Windows nor an administrator."""
    owner = _owner(folder)
    return owner not in (SYSTEM, ADMINISTRATORS, _TRUSTED_INSTALLER)


def _owner(path: Path) -> str:
    """Return the security id of a file's owner; empty where it cannot be found out."""
    services = _library("advapi32")
    if services is None:
        return ""
    size = ctypes.c_uint32(0)
    words = (str(path), _OWNER_INFORMATION)
    services.GetFileSecurityW(*words, None, 0, ctypes.byref(size))
    buffer = ctypes.create_string_buffer(size.value or 1)
    if not services.GetFileSecurityW(*words, buffer, size, ctypes.byref(size)):
        return ""
    owner, defaulted = ctypes.c_void_p(), ctypes.c_int32()
    services.GetSecurityDescriptorOwner(buffer, ctypes.byref(owner), ctypes.byref(defaulted))
    text = ctypes.c_wchar_p()
    if not services.ConvertSidToStringSidW(owner, ctypes.byref(text)):
        return ""
    return text.value or ""
