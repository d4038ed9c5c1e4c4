# SPDX-License-Identifier: Apache-2.0
"""The index of cases: it follows the journal, holds nothing but codes, and can be made again."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import Error, connection, transaction
from django.test.utils import CaptureQueriesContext

from agent import bootstrap
from agent.adapters.journal import Journal
from agent.core.cards import Card, CardKind, card_text
from agent.core.case import State
from agent.core.desk import Freeze, Seen
from agent.core.model import CaseId
from agent.office import newest_register
from service.office.caretaker import DUTIES
from service.office.house import House, now
from service.office.library import index, rows, seen
from service.office.library.models import CasePerson, CaseRoster, Followed, IndexedCase, Viewing
from tests.office.cases import TAKEN, Cases, on
from tests.office.cast import person as account
from tests.office.school import a_group, a_guardian, a_pupil, answer


class School:
    """Class 3B of Amara and Ben, who may be photographed; class 4A of Cleo, who may as well."""

    def __init__(self, house: House) -> None:
        self.amara, self.ben = a_pupil("Amara", "Okafor"), a_pupil("Ben", "Hart")
        self.cleo = a_pupil("Cleo", "Marsh")
        for child in (self.amara, self.ben, self.cleo):
            answer(child, a_guardian(child))
        self.b3 = a_group("3B", self.amara, self.ben, teacher="tariq")
        self.a4 = a_group("4A", self.cleo)
        self.cases = Cases(house)


@pytest.fixture
def school(office_site: House) -> School:
    return School(office_site)


def test_a_case_is_indexed_as_the_journal_has_it(school: School) -> None:
    record = school.cases.put(tags=["Amara Okafor"], faces=2)
    row = IndexedCase.objects.get()
    assert (row.id, row.object, row.kind, row.state) == (record.case, record.object, "JPEG", "done")
    assert (row.verdict, row.all_concerns) == ("keep", ())
    assert (row.faces, row.named, row.taken_on) == (2, 1, TAKEN.date())
    assert row.listed_at == "2026-11-20T10:00:00"
    assert row.station == school.cases.site.station.station
    assert row.sitting.endswith(f"2026-11-20.{school.b3.id}")
    roster, named = row.rosters.get(), row.people.get()
    assert (roster.roster, roster.sitting) == (school.b3.id, row.sitting)
    assert named.token == school.amara.tokens.get().token


def test_a_case_that_changed_has_the_rows_of_now(school: School) -> None:
    record = school.cases.put()
    changed = school.cases.say(record, school.ben)
    assert changed.facts.attribution.stated
    row = IndexedCase.objects.get()
    assert (row.is_stated, row.named) == (True, 1)
    assert [one.token for one in CasePerson.objects.all()] == [school.ben.tokens.get().token]


def test_only_what_was_written_since_is_read(school: School) -> None:
    school.cases.put()
    assert index.catch_up() == 0
    school.cases.put()
    with Journal(school.cases.path) as journal:
        journal.put([school.cases.put(folder="4A")])
    assert index.catch_up() == 1


def test_indexing_many_takes_as_many_statements_as_indexing_a_few(school: School) -> None:
    record = school.cases.put()

    def statements(count: int) -> int:
        with Journal(school.cases.path) as journal:
            journal.put(
                replace(record, case=CaseId(f"{count:013d}{number:013d}"))
                for number in range(count)
            )
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert index.catch_up() == count
        return len(caught)

    few, many = statements(2), statements(40)
    assert many <= few + 2  # SQLite takes 999 values a statement


def test_no_name_is_in_the_index(school: School) -> None:
    school.cases.put(tags=["Amara Okafor"])
    tables = (IndexedCase, CasePerson, CaseRoster, Followed)
    text = repr([list(table.objects.values_list()) for table in tables]).casefold()
    assert not [word for word in ("amara", "okafor", "3b'", "camera") if word in text]


def test_the_index_is_made_again_from_nothing(school: School) -> None:
    school.cases.put(tags=["Amara Okafor"])
    school.cases.put(folder="4A")

    def content() -> list[list[tuple[object, ...]]]:
        return [
            sorted(IndexedCase.objects.values_list()),
            sorted(CasePerson.objects.values_list("case", "token")),
            sorted(CaseRoster.objects.values_list("case", "roster", "sitting")),
        ]

    before = content()
    IndexedCase.objects.all().update(verdict="keep", state="sealed", faces=99)
    CasePerson.objects.all().delete()
    index.rebuild()
    assert content() == before


def test_another_journal_is_indexed_anew(school: School) -> None:
    """A backup that was put back knows nothing of the last change, whatever its numbers."""
    old = school.cases.put()
    school.cases.put()
    for suffix in ("", "-wal", "-shm"):
        (school.cases.path.parent / f"{school.cases.path.name}{suffix}").unlink(missing_ok=True)
    school.cases.write(
        replace(old, case=CaseId("z" * 26)), old, replace(old, case=CaseId("y" * 26))
    )
    assert {row.id for row in IndexedCase.objects.all()} == {old.case, "z" * 26, "y" * 26}


def test_nothing_is_indexed_where_there_is_no_site_or_no_journal(office: House) -> None:
    assert not office.has_site
    assert index.catch_up() == 0


def test_the_caretaker_keeps_the_index_up_to_date() -> None:
    assert index.catch_up in DUTIES


def test_a_late_card_moves_earlier_pictures_into_its_sitting(school: School) -> None:
    day = date(2026, 11, 20)
    later = school.cases.put(folder="", taken=on(day, 10, 5))
    assert IndexedCase.objects.get().sitting == ""
    register = newest_register(school.cases.site)
    assert register is not None
    number = register.card_ids(CardKind.CLASS, school.b3.id)[-1]
    card = card_text(Card(kind=CardKind.CLASS, id=number, year="26"), register.card_key)
    opened = school.cases.put(folder="", taken=on(day, 10, 0), cards=(card,))
    row = IndexedCase.objects.get(pk=later.case)
    assert row.sitting == f"{opened.case}.{school.b3.id}"


def test_what_is_frozen_is_marked_with_what_arrived_as_one_with_it(school: School) -> None:
    live, still = school.cases.put_all(school.cases.evidence(), school.cases.evidence(), group=True)
    other = school.cases.put()
    school.cases.hand_in(Freeze(case=live.case))
    index.catch_up()
    marked = IndexedCase.objects.filter(is_frozen=True).values_list("pk", flat=True)
    assert set(marked) == {live.case, still.case}
    assert not IndexedCase.objects.get(pk=other.case).is_frozen


def test_another_station_changes_no_row_of_this_one(school: School) -> None:
    record = school.cases.put()
    theirs = replace(rows.described(record, {}), state=State.ERASED)
    rows.put("another", [theirs, replace(theirs, case=CaseId("t" * 26))])
    assert IndexedCase.objects.get(pk=record.case).state == "done"
    assert IndexedCase.objects.get(pk="t" * 26).station == "another"
    index.rebuild()
    assert IndexedCase.objects.filter(station="another").count() == 1


def test_who_looked_is_told_to_the_agent_once_a_day(school: School) -> None:
    school.cases.put()
    row = IndexedCase.objects.get()
    for _ in range(2):
        seen.seen(account("olive"), row)
    seen.seen(account("hana"), row)
    with bootstrap.open_desk(school.cases.site) as desk:
        acts = [item for item in desk.waiting() if isinstance(item.act, Seen)]
    assert [item.by.account for item in acts] == [account("olive").id, account("hana").id]
    assert [one.name for one in seen.seen_by(row)] == ["Hana Head", "Olive Office"]
    school.cases.house.clock.on(now().today + timedelta(days=1))  # type: ignore[attr-defined]  # the test's
    seen.seen(account("olive"), row)
    assert Viewing.objects.count() == 3


def test_who_looked_stays(school: School) -> None:
    school.cases.put()
    seen.seen(account("olive"), IndexedCase.objects.get())
    with pytest.raises(Error, match="history"), transaction.atomic():
        Viewing.objects.all().delete()
