# SPDX-License-Identifier: Apache-2.0
"""What the law may know, for a page: the register of a large school is opened once, not a page.

The registrar reads the newest snapshot each time and opens it only if it is another one.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

from agent import bootstrap
from agent.ports import Looking, Registrar
from service.office.house import house

_REGISTRARS: Final[dict[Path, Registrar]] = {}


@contextmanager
def open_looking() -> Iterator[Looking]:
    """Open what deciding needs, for looking only, by the console's clock."""
    site = house().site()
    with bootstrap.open_looking(site) as opened:
        registrar = _REGISTRARS.setdefault(site.folder, opened.registrar)
        yield replace(opened, registrar=registrar, clock=house().clock)
