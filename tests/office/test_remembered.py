# SPDX-License-Identifier: Apache-2.0
"""What lists show is remembered: never longer than it is true, and bounded in what it costs."""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agent.core.consent import Standing
from service.office.house import House, now
from service.office.register import images, remembered
from service.office.register.acts.answers import CorrectAnswer
from service.office.register.acts.people import (
    LetPersonLeave,
    LiftRestriction,
    Restrict,
    SetGuardian,
)
from service.office.register.models import Answer, Guardianship, Person, Purpose
from tests.office.cast import SetClock, enter, person
from tests.office.school import a_group, a_guardian, a_pupil, answer, purpose

CODE = "website"


@pytest.fixture(autouse=True)
def nothing_remembered(office: House) -> Iterator[None]:  # noqa: ARG001 - the tables are there
    remembered.forget()
    yield
    remembered.forget()


def shown(child: Person, day: date | None = None) -> Standing:
    """Return what a list says of a child."""
    child.refresh_from_db()
    table = remembered.standings([child], day or now().today)
    return table.people[child.id].standings[purpose(CODE).id]


def plant(child: Person, standing: Standing) -> None:
    """Let what is remembered of a child be wrong."""
    shown(child)
    memory = remembered._memory
    assert memory is not None
    for known in memory.known.values():
        every = dict.fromkeys(known[child.id].standings, standing)
        known[child.id] = known[child.id]._replace(standings=every)
    assert shown(child) is standing


def withdraw(child: Person) -> None:
    answer(child, child.guardianships.latest("number").guardian, "withdrawn", CODE)


def restrict(child: Person) -> None:
    Restrict(by=person("sam"), person=child, reason="planted").do()


def lift(child: Person) -> None:
    restrict(child)
    plant(child, Standing.GRANTED)
    LiftRestriction(by=person("sam"), person=child, reason="planted").do()


def correct(child: Person) -> None:
    one = Answer.objects.filter(person=child, purpose=purpose(CODE)).latest("number")
    CorrectAnswer(
        by=person("olive"),
        person=child,
        guardian=one.guardian,
        says={},
        given_on=one.given_on,
        how="form",
        answer=one,
        why="another child's form",
    ).do()


def end_guardian(child: Person) -> None:
    ship: Guardianship = child.guardianships.latest("number")
    SetGuardian(
        by=person("olive"),
        person=child,
        guardian=ship.guardian,
        relationship="Mother",
        capacity="responsible",
        ended=True,
    ).do()


def leave(child: Person) -> None:
    LetPersonLeave(by=person("olive"), person=child, on=now().today - timedelta(days=1)).do()


def of_another(child: Person) -> None:  # noqa: ARG001 - nobody's concern is everybody's
    other = a_pupil("Ben", "Ito")
    answer(other, a_guardian(other), "no", CODE)


ACTS = (withdraw, restrict, lift, correct, end_guardian, leave, of_another)


@pytest.mark.parametrize("act", ACTS)
def test_any_act_that_can_matter_makes_it_forgotten(act: Callable[[Person], None]) -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "yes", CODE)
    plant(child, Standing.CONFLICTING)
    act(child)
    child.refresh_from_db()
    truth = images.standings([child], images.gather([child.id]), now().today)
    assert shown(child) is truth[child.id][purpose(CODE).id]
    assert shown(child) is not Standing.CONFLICTING


def test_a_planted_value_would_be_shown_where_nothing_happened() -> None:
    child = a_pupil()
    plant(child, Standing.GRANTED)
    assert shown(child) is Standing.GRANTED
    remembered.forget()
    assert shown(child) is Standing.ABSENT


def test_a_day_that_begins_makes_it_forgotten(office: House) -> None:
    child = a_pupil()
    today = now().today
    answer(child, a_guardian(child), "yes", CODE, until=today)
    assert shown(child) is Standing.GRANTED
    assert isinstance(office.clock, SetClock)
    office.clock.on(today + timedelta(days=1))
    assert shown(child) is Standing.EXPIRED


def test_a_purpose_that_reaches_further_is_another_purpose() -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "yes", CODE)
    LetPersonLeave(by=person("olive"), person=child, on=now().today - timedelta(days=1)).do()
    assert shown(child) is Standing.EXPIRED
    Purpose.objects.filter(code=CODE).update(scope="internal")
    assert shown(child) is Standing.GRANTED


def test_a_purpose_that_is_no_longer_used_is_no_column() -> None:
    child = a_pupil()
    shown(child)
    Purpose.objects.filter(code=CODE).update(used=False)
    table = remembered.standings([child], now().today)
    assert purpose(CODE) not in table.purposes
    assert purpose(CODE).id not in table.people[child.id].standings


def test_what_was_taken_back_is_not_remembered() -> None:
    child = a_pupil()
    mother = a_guardian(child)
    with transaction.atomic():
        answer(child, mother, "yes", CODE)
        assert shown(child) is Standing.GRANTED
        transaction.set_rollback(True)
    assert shown(child) is Standing.ABSENT
    answer(child, mother, "no", CODE)  # takes the number that the answer before had
    assert shown(child) is Standing.REFUSED


def test_a_late_reader_remembers_nothing_for_the_next() -> None:
    """One who asked before a withdrawal and computes after it, or the other way round."""
    child = a_pupil()
    answer(child, a_guardian(child), "yes", CODE)
    shown(child)
    old = remembered._memory
    assert old is not None
    withdraw(child)
    assert shown(child) is Standing.WITHDRAWN
    late = remembered.Known("pupil", None, False, {purpose(CODE).id: Standing.GRANTED})
    for known in old.known.values():
        known[child.id] = late
    assert shown(child) is Standing.WITHDRAWN


def test_nothing_else_decides() -> None:
    """A table that is read for standings and not asked for its newest row would be forgotten."""
    child = a_pupil()
    with CaptureQueriesContext(connection) as captured:
        images.gather([child.id])
    read = set(re.findall(r"register_[a-z]+", " ".join(one["sql"] for one in captured)))
    assert read == {*remembered.TABLES, "register_purpose"}


@pytest.mark.parametrize("table", remembered.TABLES)
@pytest.mark.parametrize("change", ["UPDATE {} SET number = number", "DELETE FROM {}"])
def test_what_decides_is_only_added_to(table: str, change: str) -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "yes", CODE)
    correct(child)
    restrict(child)
    with connection.cursor() as cursor, pytest.raises(IntegrityError), transaction.atomic():
        cursor.execute(change.format(table))


def test_a_second_look_reads_no_answer() -> None:
    children = [a_pupil(f"Child{number}", "Ito") for number in range(3)]
    for child in children:
        answer(child, a_guardian(child), "yes", CODE)
    remembered.standings(children, now().today)
    with CaptureQueriesContext(connection) as captured:
        remembered.standings(children, now().today)
    assert len(captured) == 2
    assert not any("valid_until" in one["sql"] for one in captured.captured_queries)


@pytest.mark.parametrize("known", [True, False])
def test_statements_of_a_page_are_bounded(known: bool) -> None:
    children = [a_pupil(f"Child{number}", "Ito") for number in range(12)]
    group = a_group("3B", *children)
    client = enter("olive")
    bounds = {
        reverse("register:children"): 9,
        reverse("register:group", args=[group.id]): 8,
    }
    for page, bound in bounds.items():
        client.get(page)
        if not known:
            remembered.forget()
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        assert len(captured) == bound + (0 if known else 3)
