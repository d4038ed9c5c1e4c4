# SPDX-License-Identifier: Apache-2.0
"""The library: who may know of which picture, who may look, what is found and called cleared."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agent import bootstrap
from agent.core.attribution import Present
from agent.core.case import Record, State
from agent.core.concerns import Concern, Verdict
from agent.core.desk import Freeze
from agent.core.model import CaseId
from service.office.house import House, now
from service.office.library import access, finding
from service.office.library.models import IndexedCase
from service.office.library.sentences import WITHHELD, reason_for
from service.office.register.acts.answers import Withdraw
from service.office.register.acts.people import Restrict
from service.office.roles import Role
from tests.office.cases import TAKEN, on
from tests.office.cast import ROLES, enter
from tests.office.cast import person as account
from tests.office.school import BASE, a_guardian, a_pupil, answer, purpose
from tests.office.test_library_index import School

WEBSITE = "website"


@pytest.fixture
def school(office_site: House) -> School:
    return School(office_site)


def known_of(username: str) -> set[str]:
    user = account(username)
    return set(access.cases_of(user, ROLES[username][1], now().today).values_list("pk", flat=True))


def may_look(username: str, record: Record) -> bool:
    row = IndexedCase.objects.get(pk=record.case)
    return access.may_look_at(account(username), ROLES[username][1], row)


def found(username: str = "olive", **wanted: object) -> list[str]:
    asked = finding.Wanted(**wanted)  # type: ignore[arg-type]  # the same words
    shelf = finding.shelf(account(username), ROLES[username][1], asked)
    return [one.id for one in shelf.pictures]


def all_say_yes(school: School, to: str) -> None:
    for child in (school.amara, school.ben, school.cleo):
        answer(child, child.guardianships.get().guardian, "yes", to)


def test_a_teacher_knows_of_their_own_classes_only(school: School) -> None:
    own, other = school.cases.put(), school.cases.put(folder="4A")
    tagged = school.cases.put(folder="", tags=["Amara Okafor"])
    stranger = school.cases.put(folder="", tags=["Cleo Marsh"])
    guest = school.cases.put(folder="4A", tags=["Amara Okafor"])
    everything = {one.case for one in (own, other, tagged, stranger, guest)}
    assert known_of("tariq") == {own.case, tagged.case}
    assert all(known_of(name) == everything for name in ("olive", "hana", "dev", "sam"))
    assert all(known_of(name) == set() for name in ("gita", "tess", "cora", "otto"))
    assert [may_look("tariq", one) for one in (own, other, tagged, guest)] == [1, 0, 1, 0]


def test_records_and_index_say_the_same_of_who_may_know(school: School) -> None:
    records = [
        school.cases.put(),
        school.cases.put(folder="4A"),
        school.cases.put(folder="", tags=["Ben Hart"]),
        school.cases.put(folder=""),
    ]
    for username, (_, roles) in ROLES.items():
        by_record = {
            one.case
            for one in records
            if access.may_know_of(account(username), roles, one, now().today)
        }
        assert by_record == known_of(username), username


def test_who_looks_at_an_ordinary_picture(school: School) -> None:
    record = school.cases.put()
    looks = {name for name in ROLES if may_look(name, record)}
    assert looks == {"olive", "hana", "sam", "tariq"}


def test_scenario_22_a_personal_device_is_for_the_head_alone(school: School) -> None:
    record = school.cases.put(serial="somebody's own")
    assert Concern.DEVICE_UNREGISTERED in record.ruling.concerns
    assert {name for name in ROLES if may_look(name, record)} == {"hana"}
    for name in ("olive", "sam", "tariq"):
        page = enter(name).get(reverse("library:pictures")).content.decode()
        assert WITHHELD in page
        assert "metadata" not in page
    assert "metadata indicates a device" in enter("hana").get("/library/").content.decode()


def test_scenario_42_staff_see_no_reason_and_the_safeguarding_lead_does(school: School) -> None:
    Restrict(by=account("hana"), person=school.ben, reason="A court order.").do()
    record = school.cases.put()
    assert record.ruling.concerns == (Concern.PERMISSION_RESTRICTED,)
    for name in ("olive", "tariq"):
        assert reason_for(ROLES[name][1], record.ruling.concerns) == WITHHELD
        assert not may_look(name, record)
    for name in ("sam", "hana"):
        assert reason_for(ROLES[name][1], record.ruling.concerns) != WITHHELD
        assert may_look(name, record)


def test_a_freeze_on_the_desk_counts_before_the_index_knows(school: School) -> None:
    record = school.cases.put()
    school.cases.hand_in(Freeze(case=record.case))
    assert not IndexedCase.objects.get().is_frozen
    assert not any(may_look(name, record) for name in ROLES)
    page = enter("hana").get(reverse("library:pictures")).content.decode()
    assert finding.FROZEN in page
    assert found(purpose=BASE) == []


def test_nobody_looks_at_what_looks_like_something_frozen_or_was_erased(school: School) -> None:
    record = school.cases.put()
    like = replace(
        record,
        ruling=replace(record.ruling, verdict=Verdict.HOLD, concerns=(Concern.FREEZE_COPY,)),
    )
    school.cases.write(like)
    assert not any(may_look(name, record) for name in ROLES)
    school.cases.write(replace(record, state=State.ERASING))
    assert not any(may_look(name, record) for name in ROLES)
    assert found() == []


def test_the_index_is_not_believed_where_the_record_says_more(school: School) -> None:
    record = school.cases.put(serial="somebody's own")
    IndexedCase.objects.update(is_confidential=False, concerns="", verdict="keep")
    assert not may_look("olive", record)
    all_say_yes(school, WEBSITE)
    assert found(purpose=BASE) == []


def test_scenario_37_one_child_without_permission_blocks_the_session(school: School) -> None:
    answer(school.amara, school.amara.guardianships.get().guardian, "yes", WEBSITE)
    answer(school.ben, school.ben.guardianships.get().guardian, "no", WEBSITE)
    record = school.cases.put()
    assert found(purpose=BASE) == [record.case]
    assert found(purpose=WEBSITE) == []


def test_scenario_38_and_39_naming_people_clears_and_blocks_at_once(school: School) -> None:
    all_say_yes(school, WEBSITE)
    dara = a_pupil("Dara", "Lowe")
    answer(dara, a_guardian(dara))
    answer(dara, dara.guardianships.get().guardian, "no", WEBSITE)
    record = school.cases.put(folder="", tags=["Amara Okafor"])
    assert found(purpose=WEBSITE) == []
    school.cases.say(record, school.amara, school.ben)
    assert found(purpose=WEBSITE) == [record.case]
    school.cases.say(record, school.amara, school.ben, dara)
    assert found(purpose=WEBSITE) == []


def test_scenario_40_a_visitor_blocks_what_goes_out(school: School) -> None:
    all_say_yes(school, WEBSITE)
    record = school.cases.put(faces=2)
    school.cases.say(record, school.amara, present=Present(visitors=1))
    assert found(purpose=WEBSITE) == []


def test_scenario_41_a_member_of_staff_who_refused_blocks_what_goes_out(school: School) -> None:
    all_say_yes(school, WEBSITE)
    staff = a_pupil("Mo", "Larkfield", sort="staff")
    answer(staff, None, "yes")
    answer(staff, None, "no", WEBSITE)
    record = school.cases.put(tags=["Mo Larkfield"], faces=2)
    assert found(purpose=BASE) == [record.case]
    assert found(purpose=WEBSITE) == []


def test_scenario_43_a_picture_without_people_is_cleared(school: School) -> None:
    record = school.cases.put(folder="", faces=0)
    school.cases.say(record)
    assert found(purpose=WEBSITE) == [record.case]


def test_a_clock_behind_the_agents_records_clears_nothing(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_say_yes(school, WEBSITE)
    record = school.cases.put()
    assert found(purpose=WEBSITE) == [record.case]
    ahead = datetime.now(tz=UTC) + timedelta(hours=1)
    monkeypatch.setattr(bootstrap, "_floor", lambda _ledger: ahead)
    assert found(purpose=WEBSITE) == []
    assert found() == [record.case]


def test_a_withdrawal_counts_before_it_is_published(school: School) -> None:
    all_say_yes(school, WEBSITE)
    record = school.cases.put()
    assert found(purpose=WEBSITE) == [record.case]
    Withdraw(
        by=account("olive"),
        person=school.ben,
        guardian=school.ben.guardianships.get().guardian,
        says={purpose(WEBSITE): "withdrawn"},
        given_on=now().today,
        how="telephone",
    ).do()
    assert found(purpose=WEBSITE) == []


def test_who_was_absent_does_not_block(school: School) -> None:
    answer(school.amara, school.amara.guardianships.get().guardian, "yes", WEBSITE)
    record = school.cases.put()
    assert found(purpose=WEBSITE) == []
    school.cases.say_absent(record, school.ben)
    assert found(purpose=WEBSITE) == [record.case]


def test_pictures_are_found_by_child_class_day_and_sitting(school: School) -> None:
    first = school.cases.put(tags=["Amara Okafor"], faces=2)
    second = school.cases.put(folder="4A", taken=on(date(2026, 11, 18)))
    assert found(child=school.amara.id) == [first.case]
    assert found(child=school.ben.id) == [first.case]
    assert found(child=school.cleo.id) == [second.case]
    assert found(group=school.a4.id) == [second.case]
    assert found(since=date(2026, 11, 19)) == [first.case]
    assert found(until=date(2026, 11, 18)) == [second.case]
    assert found(since=TAKEN.date(), until=TAKEN.date()) == [first.case]
    sitting = IndexedCase.objects.get(pk=first.case).sitting
    assert found(sitting=sitting) == [first.case]
    assert found() == [first.case, second.case]
    assert found("tariq", child=school.cleo.id) == []


def test_a_childs_page_says_in_how_many_pictures_they_are(school: School) -> None:
    school.cases.put(tags=["Amara Okafor"], faces=2)
    school.cases.put()
    school.cases.put(folder="4A")
    page = enter("olive").get(reverse("register:person", args=[school.amara.id])).content.decode()
    assert "Named in 1, may be in 1 more" in page


def test_pages_follow_one_another_and_miss_nothing(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = school.cases.put()
    ids = sorted(CaseId(f"{number:026d}") for number in range(7))
    school.cases.write(*(replace(record, case=one) for one in ids))
    monkeypatch.setattr(finding, "PAGE", 3)
    seen: list[str] = []
    after = ""
    while True:
        asked = finding.Wanted(after=after)
        shelf = finding.shelf(account("olive"), frozenset({Role.OFFICE}), asked)
        seen += [one.id for one in shelf.pictures]
        after = shelf.after
        if not after:
            break
    assert sorted(seen) == sorted([*ids, record.case])
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("query", ["", f"?purpose={BASE}", "?since=2026-11-01"])
def test_a_page_needs_as_many_statements_for_many_pictures(school: School, query: str) -> None:
    record = school.cases.put()
    client = enter("olive")

    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("library:pictures") + query).status_code == 200
        return len(caught)

    statements()
    few = statements()
    school.cases.write(*(replace(record, case=CaseId(f"{n:026d}")) for n in range(30)))
    assert statements() == few <= 16


def test_what_an_address_asks_for_may_be_nonsense(school: School) -> None:
    school.cases.put()
    client = enter("olive")
    query = "?since=yesterday&until=%00&purpose=x&group=y&child=z&after=nobody&sitting=" + "s" * 999
    assert client.get(reverse("library:pictures") + query).status_code == 200


def test_no_name_is_in_the_page_of_the_library_unless_a_child_is_looked_for(school: School) -> None:
    school.cases.put(tags=["Amara Okafor"])
    page = enter("olive").get(reverse("library:pictures")).content.decode()
    assert "3B" in page
    assert not [name for name in ("Amara", "Okafor", "Hart") if name in page]
