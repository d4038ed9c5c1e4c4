# SPDX-License-Identifier: Apache-2.0
"""Turn what SQLite and the disk raise into our families, saying what was being done.

Boundary: each adapter gives its own code, remedy and word for damage; nothing else leaves it.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agent.core.errors import IntegrityError, UnavailableError


@contextmanager
def sqlite_narrowed(
    doing: str, *, code: str, remedy: str, damaged: Callable[[], IntegrityError]
) -> Iterator[None]:
    """Narrow the errors of a SQLite file.

    Raises:
        UnavailableError: it is locked, unreachable, or the disk is full.
        IntegrityError: it is damaged.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        raise UnavailableError(
            f"{doing} failed: the file is locked, unreachable or the disk is full",
            code=code,
            remedy=remedy,
        ) from error
    except sqlite3.DatabaseError as error:
        raise damaged() from error


@contextmanager
def disk_narrowed(doing: str, *, code: str, remedy: str) -> Iterator[None]:
    """Narrow the errors of files and folders, without a name of one.

    Raises:
        UnavailableError: they are away, full or refused.
    """
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"{doing} failed: {os.strerror(error.errno or 0)}", code=code, remedy=remedy
        ) from error
