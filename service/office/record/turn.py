# SPDX-License-Identifier: Apache-2.0
"""One writer after another: what is numbered higher was committed later, on every database.

SQLite has one writer at a time by itself. PostgreSQL gives out numbers before it commits, so a
reader could see number 6 before number 5 and take 6 for all there is: publishing would miss the
withdrawal with number 5 until the next day. There, a writer waits for the one before.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction

_TURN: Final = int.from_bytes(b"photowar")
"""The number of our lock among those of the database."""


@contextmanager
def in_turn() -> Iterator[None]:
    """Do what follows in one transaction, after every other one that asked for a turn has ended."""
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TURN])
        yield
