# SPDX-License-Identifier: Apache-2.0
"""What the console does by itself: copy events into the ledger and the vault, publish, index.

One thread. It is woken by acts and looks once a minute besides; what is away is tried again.
"""

import threading
from collections.abc import Callable
from typing import Final

from django.db import close_old_connections

from agent.core.errors import AgentError
from service.office.house import DUE
from service.office.keyring import losing
from service.office.library import index
from service.office.record import elsewhere, ledger
from service.office.register import publishing

_EVERY: Final = 60.0


class Caretaker:
    """The thread and the last thing that went wrong with it."""

    def __init__(self, *duties: Callable[[], object]) -> None:
        self._duties = duties or DUTIES
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="caretaker", daemon=True)
        self.trouble: AgentError | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stop.set()
        DUE.set()
        self._thread.join()

    def round(self) -> None:
        """Do every duty once; one that fails does not keep the others from being done."""
        self.trouble = None
        for duty in self._duties:
            try:
                duty()
            except AgentError as error:
                self.trouble = error

    def _work(self) -> None:
        while not self._stop.is_set():
            DUE.clear()
            self.round()
            close_old_connections()
            DUE.wait(_EVERY)


DUTIES: Final = (
    losing.tidy,
    publishing.publish_if_due,
    ledger.copy_events,
    ledger.copy_to_vault,
    elsewhere.keep_up,
    index.catch_up,
)
