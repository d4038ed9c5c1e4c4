# SPDX-License-Identifier: Apache-2.0
"""Keep this process's memory out of files: no core dump, no crash report, no foreign reader.

The page file is the system's: disk encryption protects it (docs/console.md), and nothing that a
program of Python can promise.
"""

import ctypes
import sys
from typing import Final

_PR_SET_DUMPABLE: Final = 4
_QUIET: Final = 0x0001 | 0x0002 | 0x8000
"""SEM_FAILCRITICALERRORS, SEM_NOGPFAULTERRORBOX, SEM_NOOPENFILEERRORBOX."""


def no_dumps() -> None:
    """Turn dumps off for this process; on Linux nobody but root reads its memory.

    A limit of zero alone is not asked where the system pipes dumps to a program (core(5)).
    """
    if sys.platform == "win32":
        ctypes.windll.kernel32.SetErrorMode(_QUIET)
        return
    import resource  # noqa: PLC0415 - POSIX only

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
