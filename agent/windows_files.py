# SPDX-License-Identifier: Apache-2.0
"""What Windows knows of a file and Python does not say: its time of change, and open writers.

Windows keeps a time of the last change of content or attributes (`ChangeTime` of FILE_BASIC_INFO,
[MS-FSCC] 2.4.7), which is not the one that programs set back; Python's `st_ctime` there is the
time of creation. The questions read no content, so no placeholder of a cloud service is fetched
by them, and they change nothing of the file.

On another system each function answers as if Windows knew nothing.
"""

import ctypes
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

_SYSTEM: Final[str] = sys.platform
_READ_ATTRIBUTES: Final = 0x80
_GENERIC_READ: Final = 0x8000_0000
_SHARE_READ: Final = 0x1
_SHARE_WRITE: Final = 0x2
_SHARE_DELETE: Final = 0x4
_OPEN_EXISTING: Final = 3
_AS_IT_IS: Final = 0x0200_0000 | 0x0020_0000  # FILE_FLAG_BACKUP_SEMANTICS, _OPEN_REPARSE_POINT
_BASIC_INFO: Final = 0
_BASIC_INFO_NUMBERS: Final = 5  # creation, access, write, change, attributes: FILE_BASIC_INFO
_CHANGE: Final = 3
_1601_TO_1970: Final = 116_444_736_000_000_000
"""Hundreds of nanoseconds between the two epochs."""


def changed_ns(path: Path, status: os.stat_result) -> int:
    """Return when a file last changed, in nanoseconds since 1970; no program can set it back."""
    if _SYSTEM != "win32":
        return status.st_ctime_ns
    with _handle(path, _READ_ATTRIBUTES, _SHARE_READ | _SHARE_WRITE | _SHARE_DELETE) as handle:
        return _change_time(handle) or status.st_ctime_ns


def changed_ns_of(descriptor: int, status: os.stat_result) -> int:
    """Return the same of a file that is open."""
    if _SYSTEM != "win32":
        return status.st_ctime_ns
    import msvcrt  # noqa: PLC0415 - Windows only

    handle: int = getattr(msvcrt, "get_osfhandle")(descriptor)  # noqa: B009 - typed on Windows only
    return _change_time(handle) or status.st_ctime_ns


def is_open_for_writing(path: Path) -> bool:
    """Tell whether another program can write to the file now; also if nobody can say."""
    with _handle(path, _GENERIC_READ, _SHARE_READ | _SHARE_DELETE) as handle:
        return handle is None


@contextmanager
def _handle(path: Path, access: int, share: int) -> Iterator[int | None]:
    """Open a file as it is; None where Windows refuses."""
    kernel = _kernel()
    words = (str(path), access, share, None, _OPEN_EXISTING, _AS_IT_IS, None)
    handle = kernel.CreateFileW(*words)
    if handle in (None, ctypes.c_void_p(-1).value):
        yield None
        return
    try:
        yield handle
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))


def _change_time(handle: int | None) -> int:
    """Return nanoseconds since 1970; 0 where the file system keeps no such time."""
    times = (ctypes.c_int64 * _BASIC_INFO_NUMBERS)()
    place, size = ctypes.byref(times), ctypes.sizeof(times)
    known = handle is not None and _kernel().GetFileInformationByHandleEx(
        ctypes.c_void_p(handle), _BASIC_INFO, place, size
    )
    change = times[_CHANGE]
    return (change - _1601_TO_1970) * 100 if known and change > 0 else 0


def _kernel() -> Any:  # noqa: ANN401 - a library of Windows has the types it has
    kernel: Any = getattr(ctypes, "windll").kernel32  # noqa: B009 - typed on Windows only
    kernel.CreateFileW.restype = ctypes.c_void_p
    kernel.CreateFileW.argtypes = (
        *(ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
        *(ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p),
    )
    return kernel
