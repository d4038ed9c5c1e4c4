# SPDX-License-Identifier: Apache-2.0
"""Following the journal: which cases were written since, for whoever keeps an index of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agent.adapters.journal import Journal
from agent.core.case import Record, State
from agent.core.desk import Freeze
from agent.core.model import CaseId, Clue, Look
from agent.ports import Journal as JournalPort
from tests.builders import a_record, an_item
from tests.memory import MemoryJournal, Power, World

LOOK = Look(faces=2, pixels=Clue("p" * 26), outline=5)
NOBODY = CaseId("j" * 26)


@pytest.fixture(params=["memory", "sqlite"])
def journal(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JournalPort]:
    if request.param == "memory":
        yield MemoryJournal(World(), Power())
    else:
        with Journal(tmp_path / "journal.sqlite") as real:
            yield real


def numbered(number: int, state: State = State.SEALED, look: Look | None = None) -> Record:
    record = a_record(state, case=CaseId("abcdefghij"[number] * 26))
    return replace(record, evidence=replace(record.evidence, look=look))


def test_whoever_follows_gets_each_changed_case_once_in_the_order_of_change(
    journal: JournalPort,
) -> None:
    journal.put([numbered(1), numbered(2), numbered(3)])
    first = journal.changed_since(0, 2)
    assert [record for _, record in first] == [numbered(1), numbered(2)]
    journal.put([numbered(1, State.STORED)])
    rest = journal.changed_since(first[-1][0], 9)
    assert [record for _, record in rest] == [numbered(3), numbered(1, State.STORED)]
    assert journal.changed_since(rest[-1][0], 9) == []
    assert journal.change_of(numbered(1).case) == rest[-1][0]
    assert journal.change_of(NOBODY) == 0


def before_changes(path: Path) -> None:
    """Make a journal one as an older program wrote it."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "DROP TRIGGER cases_arrived; DROP TRIGGER cases_changed; DROP TABLE changes"
        )


def test_a_journal_from_before_is_numbered_when_the_agent_opens_it(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.put([numbered(2), numbered(1)])
    before_changes(path)
    with Journal(path) as journal:
        assert [r for _, r in journal.changed_since(0, 9)] == [numbered(2), numbered(1)]
        journal.put([numbered(2)])
        assert [r for _, r in journal.changed_since(2, 9)] == [numbered(2)]
    with Journal(path) as journal:
        assert len(journal.changed_since(0, 9)) == 2


def test_a_journal_from_before_can_be_read_until_then(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    with Journal(path) as journal:
        journal.put([numbered(1, look=LOOK)])
    before_changes(path)
    with Journal(path, read_only=True) as journal:
        assert [list(journal.copies(LOOK)) for _ in range(2)] == [[numbered(1).case]] * 2


def test_whoever_only_reads_knows_what_was_written_since(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    freeze = an_item(Freeze(case=NOBODY))
    with Journal(path) as journal, Journal(path, read_only=True) as following:
        assert (list(following.copies(LOOK)), list(following.freezes())) == ([], [])
        journal.put([numbered(1, look=LOOK), numbered(2, look=replace(LOOK, pixels=Clue("q")))])
        journal.note_freeze(freeze)
        both = [numbered(1).case, numbered(2).case]
        assert [list(following.copies(LOOK)) for _ in range(2)] == [both] * 2
        assert list(following.freezes()) == [freeze]
