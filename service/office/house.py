# SPDX-License-Identifier: Apache-2.0
"""What this process holds while it serves one school: its folder, its settings, its clock.

One process a school (`agent.lock`), many threads. The house is set once at the start and kept in
Django's settings, so that a test can put up its own with a clock of its own.
"""

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from django.conf import settings

from agent import bootstrap
from agent.core.model import Moment
from agent.ports import Clock
from agent.settings import STATION_FILE
from service.office.configuration import OfficeSettings

OFFICE_FOLDER: Final = "office"
LEDGER: Final = "office/console-ledger.sqlite"
DATABASE: Final = "office/console.sqlite"
COOKIE_KEY: Final = "office/console-cookies.key"
SETUP_CODE: Final = "office/console-set-up.digest"
LOCK: Final = "office/console.lock"
EVIDENCE: Final = "office/evidence"

DUE: Final = threading.Event()
"""Set when the caretaker has something to copy or to publish (`service.office.caretaker`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One school's console: its folder, what office.toml says, and the clock."""

    folder: Path
    settings: OfficeSettings
    clock: Clock

    @property
    def has_site(self) -> bool:
        """Whether keys and vault were made already."""
        return (self.folder / STATION_FILE).exists()

    def site(self) -> bootstrap.Site:
        """Return the site's settings, read anew.

        Raises:
            ConfigurationError: they are missing or not allowed.
        """
        return bootstrap.load_site(self.folder)


def house() -> House:
    """Return the house that this process serves."""
    return cast("House", settings.HOUSE)


def now() -> Moment:
    """Return the present moment in the school's zone."""
    return house().clock.now()
