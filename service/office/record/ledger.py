# SPDX-License-Identifier: Apache-2.0
"""The office's own ledger: format and adapter of a station's, with one writer, the console.

Its checkpoints are signed with the office's signing key, whose public half every station knows; its
origin is `photowarden/office-<vault id>`, and its copy lies in the vault beside the stations'.
Until the school's keys are made, events wait in the database.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from agent import bootstrap
from agent.ports import Ledger
from service.office.house import LEDGER, house
from service.office.record.models import Event

_AT_ONCE: Final = 500
_ONE_WRITER: Final = threading.Lock()


@contextmanager
def open_ledger() -> Iterator[Ledger]:
    """Open the office's ledger for writing.

    Raises:
        ConfigurationError: the office's signing key is not there.
    """
    site = house().site()
    with bootstrap.open_office_ledger(site, house().folder / LEDGER) as ledger:
        yield ledger


def copy_events() -> int:
    """Append every event that is not in the ledger yet, in order; return how many.

    Raises:
        UnavailableError: the ledger's file is locked or the disk is full.
        IntegrityError: the ledger is not as this program left it.
    """
    if not house().has_site or not Event.objects.filter(in_ledger=False).exists():
        return 0
    copied = 0
    with _ONE_WRITER, open_ledger() as ledger:
        while due := list(Event.objects.filter(in_ledger=False).order_by("number")[:_AT_ONCE]):
            ledger.append([event.entry() for event in due])
            Event.objects.filter(number__in=[event.number for event in due]).update(in_ledger=True)
            copied += len(due)
    return copied


def copy_to_vault() -> None:
    """Bring the ledger's copy in the vault up to date.

    Raises:
        UnavailableError: the vault is away.
    """
    if not house().has_site:
        return
    with _ONE_WRITER, open_ledger() as ledger:
        files, size = ledger.unpublished()
        if files:
            vault = bootstrap.office_vault_of(house().site())
            vault.check()
            vault.put_ledger(files)
            ledger.published(size)
