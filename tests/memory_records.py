# SPDX-License-Identifier: Apache-2.0
"""The desk and the journal in memory; `tests.memory` says how power is lost."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from agent.core.case import FileIdentity, Original, Record, State
from agent.core.concerns import Verdict
from agent.core.copies import is_copy
from agent.core.desk import Freeze, Item, Settled
from agent.core.model import CaseId, Clue, Look
from agent.core.reviewing import Review
from agent.core.sittings import Frame, frame_of
from agent.core.statements import Statement

if TYPE_CHECKING:
    from tests.memory import Power, World


class MemoryDesk:
    def __init__(self, world: "World", power: "Power") -> None:
        self.world, self.power = world, power

    def waiting(self) -> Sequence[Item]:
        return [i for i in self.world.desk.values() if i.id not in self.world.settled]

    def freezes(self) -> Sequence[Item]:
        return [i for i in self.waiting() if isinstance(i.act, Freeze)]

    def was_received(self, item_id: str) -> bool:
        return item_id in self.world.received

    def strangers(self) -> int:
        return self.world.strangers

    def settle(self, item_id: str, settled: Settled) -> None:
        with self.power.step():
            self.world.settled.setdefault(item_id, settled)


class MemoryJournal:
    def __init__(self, world: "World", power: "Power") -> None:
        self.world, self.power = world, power

    def find(self, case: CaseId) -> Record | None:
        return self.world.records.get(case)

    def find_source(self, source: FileIdentity) -> Record | None:
        return self.world.records.get(self.world.left.get(source, ""))

    def put(self, records: Iterable[Record]) -> None:
        listed = list(records)
        with self.power.step():
            for record in listed:
                self.world.records[record.case] = record
                last = max(self.world.changes.values(), default=0)
                self.world.changes[record.case] = last + 1
                if record.original is Original.DELETED:
                    self.world.left.pop(record.source, None)
                elif record.state is State.DONE:
                    self.world.left[record.source] = record.case

    def frames(self, body: Clue, day: date) -> Sequence[Frame]:
        return [
            frame
            for r in self.world.records.values()
            if (frame := frame_of(r.case, r.evidence)) is not None
            and (frame.shot.body, frame.shot.taken.date()) == (body, day)
        ]

    def copies(self, look: Look) -> Sequence[CaseId]:
        return [
            r.case
            for r in self.world.records.values()
            if r.evidence.look is not None and is_copy(look, r.evidence.look)
        ]

    def say(self, statements: Iterable[Statement]) -> None:
        with self.power.step():
            for statement in statements:
                self.world.statements.setdefault((statement.id, statement.about), statement)

    def said(self, about: Iterable[str]) -> Sequence[Statement]:
        wanted = set(about)
        return [s for s in self.world.statements.values() if s.about in wanted]

    def companions(self, case: CaseId) -> Sequence[CaseId]:
        mine = self.world.records[case].group if case in self.world.records else ()
        theirs = [r.case for r in self.world.records.values() if case in r.group]
        return list(dict.fromkeys([*mine, *theirs]))

    def note_freeze(self, item: Item) -> None:
        with self.power.step():
            self.world.freezes.setdefault(item.id, item)

    def freezes(self) -> Sequence[Item]:
        return list(self.world.freezes.values())

    def set_aside(self, sources: Iterable[FileIdentity], case: CaseId) -> None:
        with self.power.step():
            self.world.aside |= dict.fromkeys(sources, case)

    def aside(self, source: FileIdentity) -> CaseId | None:
        return self.world.aside.get(source)

    def following(self, case: CaseId | None, count: int) -> Sequence[Record]:
        records = list(self.world.records.values())
        start = 0 if case is None else [r.case for r in records].index(case) + 1
        return records[start : start + count]

    def changed_since(self, number: int, count: int) -> Sequence[tuple[int, Record]]:
        later = sorted((change, case) for case, change in self.world.changes.items())
        found = [(n, self.world.records[case]) for n, case in later if n > number]
        return found[:count]

    def change_of(self, case: CaseId) -> int:
        return self.world.changes.get(case, 0)

    def reviewed(self) -> Review | None:
        return self.world.review

    def note_reviewed(self, review: Review) -> None:
        with self.power.step():
            self.world.review = review

    def unfinished(self) -> Sequence[Record]:
        return [r for r in self.world.records.values() if not r.state.is_at_rest]

    def spooled(self) -> Sequence[Record]:
        return [r for r in self.world.records.values() if r.spooled]

    def all(self) -> Iterator[Record]:
        yield from list(self.world.records.values())

    def verdicts(self) -> Mapping[Verdict, int]:
        return Counter(record.ruling.verdict for record in self.world.records.values())
