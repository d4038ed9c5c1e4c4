# SPDX-License-Identifier: Apache-2.0
"""One agent a site: an exclusive lock that the system drops when the process ends."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from agent.core.errors import UnavailableError


@contextmanager
def only_agent(path: Path) -> Iterator[None]:
    """Hold the site's lock.

    Raises:
        UnavailableError: another agent holds it.
    """
    with path.open("a+b") as file:
        try:
            _take(file)
        except OSError as error:
            raise UnavailableError(
                "another Photowarden is working on this site",
                code="site.locked",
                remedy="Wait until it has finished, or stop it.",
            ) from error
        yield


def _take(file: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - Windows only

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl  # noqa: PLC0415 - POSIX only

        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
