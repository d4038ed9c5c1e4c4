# SPDX-License-Identifier: Apache-2.0
"""Make the release folder from a checkout: `install.ps1`, locks, our wheel and those we need.

Done once, on a Windows PC with the Python that the school uses and with internet; every other PC
installs from the folder without any. The digest of our own wheel goes into `release.lock`, so that
pip checks it like every other.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

from service.windows.layout import PROGRAM_FOLDER

_COPIED: Final = ("install.ps1", "requirements.lock", "LICENSE")
_PIP: Final = (sys.executable, "-m", "pip", "--disable-pip-version-check")


def bundle(checkout: Path, out: Path, *, online: bool) -> int:
    """Make the folder and return an exit code; 2 if it is there already, else pip's own."""
    if out.exists():
        sys.stderr.write("photowarden: the folder for the release is there already\n")
        return 2
    out.mkdir(parents=True)
    code = _pip("wheel", "-q", "--no-deps", "-w", str(out / PROGRAM_FOLDER), str(checkout))
    if code == 0:
        finish(checkout, out)
    if code == 0 and not online:
        locked = ("--require-hashes", "--only-binary=:all:", "-r", str(checkout / _COPIED[1]))
        code = _pip("download", "-q", *locked, "-d", str(out / "wheels"))
    return code


def finish(checkout: Path, out: Path) -> None:
    """Put beside our wheel what the installation needs, and the wheel's digest."""
    (wheel,) = (out / PROGRAM_FOLDER).glob("photowarden-*.whl")
    for name in _COPIED:
        shutil.copy(checkout / name, out)
    version = wheel.name.split("-")[1]
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    line = f"photowarden=={version} --hash=sha256:{digest}\n"
    (out / "release.lock").write_text(line, "ascii", newline="\n")


def _pip(*words: str) -> int:
    return subprocess.run((*_PIP, *words), check=False).returncode  # noqa: S603 - pip, no shell
