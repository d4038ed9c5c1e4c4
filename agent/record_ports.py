# SPDX-License-Identifier: Apache-2.0
"""The ports of what lasts on this station: the journal, and the desk where people hand in acts.

Their failure contract is that of every port (`agent.ports`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Protocol

from agent.core.case import FileIdentity, Record
from agent.core.concerns import Verdict
from agent.core.desk import Item, Settled
from agent.core.model import CaseId, Clue, Look
from agent.core.reviewing import Review
from agent.core.sittings import Frame
from agent.core.statements import Statement


class Journal(Protocol):
    """The durable states of this station's cases."""

    def find(self, case: CaseId) -> Record | None:
        """Return a case by its id."""
        ...

    def find_source(self, source: FileIdentity) -> Record | None:
        """Return the case of this very file, if it was processed and left in its place."""
        ...

    def put(self, records: Iterable[Record]) -> None:
        """Write all records in one durable transaction."""
        ...

    def unfinished(self) -> Sequence[Record]:
        """Return every case that is not DONE, oldest first."""
        ...

    def frames(self, body: Clue, day: date) -> Sequence[Frame]:
        """Return the pictures that a camera body took on a day of its own calendar."""
        ...

    def copies(self, look: Look) -> Sequence[CaseId]:
        """Return the cases of the same pixels or the same scene (`agent.core.copies`)."""
        ...

    def companions(self, case: CaseId) -> Sequence[CaseId]:
        """Return the cases that arrived as one with this one, whichever of them came first."""
        ...

    def say(self, statements: Iterable[Statement]) -> None:
        """Add what people say, in one durable transaction; what was added before is skipped."""
        ...

    def said(self, about: Iterable[str]) -> Sequence[Statement]:
        """Return what people have said about these matters, oldest first."""
        ...

    def note_freeze(self, item: Item) -> None:
        """Add a freeze or a release, durably; what was added before is skipped."""
        ...

    def freezes(self) -> Sequence[Item]:
        """Return all freezes and releases, oldest first; cheap to ask before every write."""
        ...

    def set_aside(self, sources: Iterable[FileIdentity], case: CaseId) -> None:
        """Note that these files are frozen with a case: nobody examines them meanwhile."""
        ...

    def aside(self, source: FileIdentity) -> CaseId | None:
        """Return the case that a file was set aside with, whether it is still frozen or not."""
        ...

    def following(self, case: CaseId | None, count: int) -> Sequence[Record]:
        """Return at most `count` cases after this one, or the first ones, oldest first."""
        ...

    def changed_since(self, number: int, count: int) -> Sequence[tuple[int, Record]]:
        """Return at most `count` cases written after this change, each with its own, in order.

        Numbers of changes only grow; a case counts by its latest one.
        """
        ...

    def change_of(self, case: CaseId) -> int:
        """Return the number of the latest change of a case; 0 where there is no such case."""
        ...

    def reviewed(self) -> Review | None:
        """Return how far the latest review of all cases has come; None before the first."""
        ...

    def note_reviewed(self, review: Review) -> None:
        """Note durably how far the review of all cases has come."""
        ...

    def spooled(self) -> Sequence[Record]:
        """Return every case whose sealed copy is still in the spool."""
        ...

    def all(self) -> Iterator[Record]:
        """Yield every case, oldest first."""
        ...

    def verdicts(self) -> Mapping[Verdict, int]:
        """Return how many cases have which verdict now; none with a count of zero."""
        ...


class Desk(Protocol):
    """What people hand in while the agent runs; other processes put items on it."""

    def waiting(self) -> Sequence[Item]:
        """Return what has not been taken in yet, oldest first."""
        ...

    def freezes(self) -> Sequence[Item]:
        """Return the freezes that wait, oldest first; cheap to ask before every write."""
        ...

    def was_received(self, item_id: str) -> bool:
        """Tell whether an item came from the office through the vault."""
        ...

    def strangers(self) -> int:
        """Return how many files in the post the office did not sign for this station."""
        ...

    def settle(self, item_id: str, settled: Settled) -> None:
        """Note what an item came to, durably; once noted it stays."""
        ...
