# SPDX-License-Identifier: Apache-2.0
"""A site of the demonstration school with four real sealed pictures, made once and copied.

The register is the demonstration's own file. The clock of the console is this computer's, since
the agent's is.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from agent import bootstrap
from agent import site as layout
from agent.adapters.journal import Journal
from agent.core.case import Record
from agent.core.model import CaseId
from agent.demo.school import PHONE
from agent.lock import only_agent
from service.office.house import House
from tests.office.cast import SetClock
from tests.site.conftest import School, make_site, picture

PICTURES: Final = {
    "kept": ("camera-1/3B/1.JPG", picture(1)),
    "held": ("camera-1/5A/2.JPG", picture(2)),
    "also held": ("camera-1/6C/3.JPG", picture(3)),
    "phone": ("camera-1/3B/4.JPG", picture(4, PHONE)),
}
_CASES: Final = "cases.json"


def make_stock(base: Path) -> Path:
    """Make the site below a folder, let the agent process the pictures, and return the site."""
    school = School(make_site(base), base)
    assert school.publish().code == 0
    for place, content in PICTURES.values():
        school.drop(place, content)
    done = {Path(file).as_posix(): line["case"] for file, line in school.process().items()}
    cases = {
        what: next(case for file, case in done.items() if file.endswith(place))
        for what, (place, _) in PICTURES.items()
    }
    (school.folder / _CASES).write_text(json.dumps(cases))
    return school.folder


@dataclass(frozen=True)
class Stock:
    """A console over a copy of that site."""

    house: House

    @classmethod
    def copied(cls, made: Path, house: House) -> "Stock":
        """Copy the site under the console's own files, and set its clock to this computer's."""
        shutil.copytree(made, house.folder, dirs_exist_ok=True)
        assert isinstance(house.clock, SetClock)
        house.clock.at = datetime.now(UTC)
        return cls(house)

    def case(self, what: str) -> CaseId:
        """Return the case of one of the pictures."""
        return CaseId(json.loads((self.house.folder / _CASES).read_text())[what])

    def record(self, what: str) -> Record:
        """Return a case as the journal has it now."""
        with bootstrap.open_journal(self.house.site()) as journal:
            found = journal.find(self.case(what))
        assert found is not None
        return found

    def older(self, days: int) -> None:
        """Let everything have been there for so many days already."""
        with Journal(self.house.folder / layout.JOURNAL) as journal:
            journal.put([_older(record, timedelta(days=days)) for record in journal.all()])

    def rule_anew(self, what: str) -> None:
        """Let one case have been decided once more since."""
        with Journal(self.house.folder / layout.JOURNAL) as journal:
            record = self.record(what)
            journal.put([replace(record, rulings=record.rulings + 1)])

    @contextmanager
    def agent_running(self) -> Iterator[None]:
        """Hold the site's lock, as a running agent does."""
        with only_agent(self.house.folder / layout.LOCK):
            yield

    def stored(self) -> dict[str, bytes]:
        """Return what lies in the vault and in the spool, by its place."""
        parts = ("vault/bodies", "vault/slips", "state/spool", "import")
        return {
            str(path.relative_to(self.house.folder)): path.read_bytes()
            for part in parts
            for path in (self.house.folder / part).rglob("*")
            if path.is_file()
        }


def _older(record: Record, by: timedelta) -> Record:
    ruling = replace(record.ruling, decided_at=record.ruling.decided_at - by)
    return replace(record, arrived_at=record.arrived_at - by, ruling=ruling)
