# SPDX-License-Identifier: Apache-2.0
"""Run a program under the limits of our systemd unit where no systemd is process 1.

usage: limits.py UNIT PROGRAM...     as root, in mount and network namespaces of its own

What the unit says is read from the unit: folders, system calls, address families. Done with the
kernel's own means: read-only mounts, no capability and no way to get one, a seccomp filter of the
groups that `systemd-analyze syscall-filter` names, memory that is never both writable and
executable. Not done here: the account, PrivateUsers, PrivateTmp, PrivateDevices, the protected
parts of /proc and /sys, CPU and IO weights.
"""

import ctypes
import os
import re
import shlex
import socket
import subprocess
import sys
from pathlib import Path

ERRNO_EPERM, ALLOW, EQUAL = 0x00050001, 0x7FFF0000, 4
PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP, PR_SET_SECUREBITS, PR_SET_MDWE = 38, 24, 28, 65
NO_ROOT_LOCKED = 0x3
LIBC = ctypes.CDLL(None, use_errno=True)


class ArgumentCompare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


def values(unit: str, name: str) -> list[str]:
    """Return the words of every line of a name, without the marks before them."""
    lines = re.findall(rf"^{name}=(.*)$", unit, re.MULTILINE)
    return [word.lstrip("-") for line in lines for word in shlex.split(line)]


def group(name: str) -> set[str]:
    """Return the system calls of a group, those of the groups in it too."""
    words = ["systemd-analyze", "syscall-filter", name]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found: set[str] = set()
    for line in said.splitlines()[1:]:
        word = line.strip()
        if word and not word.startswith("#"):
            found |= group(word) if word.startswith("@") else {word}
    return found


def mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True)


def close_folders(unit: str) -> None:
    """Make everything read-only but what the unit names, and hide what it hides."""
    mount("--make-rprivate", "/")
    written = [path for path in values(unit, "ReadWritePaths") if Path(path).exists()]
    hidden = [path for path in values(unit, "InaccessiblePaths") if Path(path).exists()]
    for path in written:
        mount("--bind", path, path)
    points = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    for point in points:
        if point not in written and not point.startswith(("/proc", "/sys", "/dev")):
            subprocess.run(["mount", "-o", "remount,bind,ro", point], check=False)
    for path in written:
        mount("-o", "remount,bind,rw,noexec,nosuid,nodev", path)
    for path in hidden:
        mount("-t", "tmpfs", "-o", "mode=0,size=4k", "tmpfs", path)


def drop_privileges() -> None:
    """Leave no capability and no way to get one: root is an account like others then."""
    LIBC.prctl(PR_SET_SECUREBITS, NO_ROOT_LOCKED, 0, 0, 0)
    for capability in range(64):
        LIBC.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    header, data = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    if LIBC.capset(header, data) != 0 or LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "privileges stay")


def filter_calls(unit: str) -> None:
    """Install the unit's filter: groups that are allowed, less those that are not."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(ERRNO_EPERM))
    allowed: set[str] = set()
    for word in values(unit, "SystemCallFilter"):
        if word.startswith("~"):
            allowed -= group(word[1:])
        else:
            allowed |= group(word)
    families = values(unit, "RestrictAddressFamilies")
    for name in sorted(allowed - {"socket"}):
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:
            library.seccomp_rule_add_array(context, ALLOW, number, 0, None)
    number = library.seccomp_syscall_resolve_name(b"socket")
    for family in families:
        compare = ArgumentCompare(0, EQUAL, int(getattr(socket, family)), 0)
        library.seccomp_rule_add_array(context, ALLOW, number, 1, ctypes.byref(compare))
    if library.seccomp_load(context) != 0:
        raise OSError("the filter was not loaded")


def main() -> None:
    unit, program = Path(sys.argv[1]).read_text("utf-8"), sys.argv[2:]
    close_folders(unit)
    drop_privileges()
    if "MemoryDenyWriteExecute=yes" in unit and LIBC.prctl(PR_SET_MDWE, 1, 0, 0, 0) != 0:
        sys.stderr.write("this kernel cannot deny memory that is writable and executable\n")
    filter_calls(unit)
    os.execv(program[0], program)  # noqa: S606 - the program under the limits


if __name__ == "__main__":
    main()
