# SPDX-License-Identifier: Apache-2.0
"""The register: what scenarios A and F ask of answers, guardians, leavers and history."""

import os
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import Error, connection, transaction

from agent.core.consent import Standing
from agent.core.ledger import EntryKind
from service.office.acts import Refused
from service.office.house import House
from service.office.record.models import Event
from service.office.register import models
from service.office.register.acts.answers import CorrectAnswer, RecordAnswers, Withdraw
from service.office.register.acts.people import (
    AddPerson,
    ChangePerson,
    LetPersonLeave,
    LetPersonReturn,
    LiftRestriction,
    PersonFields,
    Restrict,
    SetGuardian,
)
from tests.office.cast import person as account
from tests.office.school import (
    BASE,
    a_group,
    a_guardian,
    a_pupil,
    answer,
    purpose,
    standing,
)

pytestmark = pytest.mark.usefixtures("office")


def test_nobody_has_answered_so_it_counts_as_no() -> None:
    assert standing(a_pupil()) is Standing.ABSENT


def test_a_yes_by_a_parent_grants() -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    assert standing(child) is Standing.GRANTED


def test_scenario_14_mother_yes_father_no_is_no_and_both_stay() -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "yes", "press")
    answer(child, a_guardian(child, name="Bola Okafor"), "no", "press")
    assert standing(child, "press") is Standing.CONFLICTING
    assert models.Answer.objects.filter(person=child).count() == 2


def test_scenario_15_a_foster_carer_counts_from_the_day_the_delegation_is_entered() -> None:
    child = a_pupil()
    carer = a_guardian(child, "undelegated", "Cara Carer")
    answer(child, carer)
    assert standing(child) is Standing.UNDELEGATED
    SetGuardian(
        by=account("olive"),
        person=child,
        guardian=carer,
        relationship="Foster carer",
        capacity="delegated",
        delegation_seen_on=date(2026, 11, 20),
    ).do()
    assert standing(child) is Standing.GRANTED


def test_a_delegation_without_its_day_is_refused() -> None:
    with pytest.raises(Refused, match="delegation"):
        SetGuardian(
            by=account("olive"),
            person=a_pupil(),
            name="Cara Carer",
            relationship="Foster carer",
            capacity="delegated",
        ).do()


def test_scenario_16_a_yes_ends_with_its_last_day() -> None:
    child = a_pupil()
    answer(child, a_guardian(child), on=date(2025, 9, 5), until=date(2026, 9, 4))
    assert standing(child, day=date(2026, 9, 4)) is Standing.GRANTED
    assert standing(child, day=date(2026, 9, 5)) is Standing.EXPIRED


def test_a_yes_without_a_last_day_ends_with_the_school_year() -> None:
    child = a_pupil()
    answer(child, a_guardian(child), on=date(2026, 9, 5))
    assert standing(child, day=date(2027, 8, 31)) is Standing.GRANTED
    assert standing(child, day=date(2027, 9, 1)) is Standing.EXPIRED


def test_scenario_17_the_childs_own_no_wins() -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    answer(child, None, "no")
    assert standing(child) is Standing.CHILD_REFUSED


def test_scenario_20_a_correction_adds_and_the_mistake_stays() -> None:
    child = a_pupil()
    mother = a_guardian(child)
    answer(child, mother, "no", "website")
    mistake = models.Answer.objects.get(person=child)
    CorrectAnswer(
        by=account("olive"),
        person=child,
        guardian=mother,
        says={purpose("website"): "yes"},
        given_on=mistake.given_on,
        how="form",
        answer=mistake,
        why="Ticked the wrong line.",
    ).do()
    assert standing(child, "website") is Standing.GRANTED
    kept = models.Correction.objects.get(answer=mistake)
    assert (kept.by, kept.why) == (account("olive"), "Ticked the wrong line.")
    assert models.Answer.objects.filter(person=child).count() == 2


def test_a_correction_says_why_and_comes_once() -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "no")
    mistake = models.Answer.objects.get(person=child)
    void = {
        "by": account("olive"),
        "person": child,
        "guardian": mistake.guardian,
        "says": {},
        "given_on": mistake.given_on,
        "how": "form",
        "answer": mistake,
    }
    with pytest.raises(Refused, match="why"):
        CorrectAnswer(**void, why=" ").do()
    CorrectAnswer(**void, why="It was her brother's form.").do()
    assert standing(child) is Standing.ABSENT
    with pytest.raises(Refused, match="already"):
        CorrectAnswer(**void, why="Again.").do()


def test_scenario_61_a_withdrawal_by_telephone_counts_from_the_call() -> None:
    child = a_pupil()
    mother = a_guardian(child)
    answer(child, mother, "yes", "website", "display")
    Withdraw(
        by=account("olive"),
        person=child,
        guardian=mother,
        says={purpose("website"): "withdrawn"},
        given_on=date(2026, 11, 23),
        how="telephone",
        note="The mother rang at 12.00; a letter will follow.",
    ).do()
    assert standing(child, "website") is Standing.WITHDRAWN
    assert standing(child, "display") is Standing.GRANTED
    event = Event.objects.latest("number")
    assert event.body["how"] == "telephone"
    assert event.by == account("olive")


def test_a_withdrawal_never_grants() -> None:
    child = a_pupil()
    with pytest.raises(Refused, match="withdrawal"):
        Withdraw(
            by=account("hana"),
            person=child,
            guardian=a_guardian(child),
            says={purpose(): "yes"},
            given_on=date(2026, 11, 23),
            how="telephone",
        ).do()


def test_a_teacher_withdraws_for_her_own_class_only() -> None:
    hers, other = a_pupil("Ben", "Ito"), a_pupil("Cleo", "Marsh")
    a_group("3B", hers, teacher="tariq")
    for child in (hers, other):
        act = Withdraw(
            by=account("tariq"),
            person=child,
            guardian=a_guardian(child),
            says={purpose(): "withdrawn"},
            given_on=date(2026, 11, 23),
            how="in_person",
        )
        if child is hers:
            assert act.do() is not None
        else:
            with pytest.raises(PermissionDenied):
                act.do()


def test_scenario_64_what_reaches_outside_ends_with_the_day_of_leaving() -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "yes", "website", "display")
    LetPersonLeave(by=account("olive"), person=child, on=date(2026, 12, 18)).do()
    assert standing(child, "website", date(2026, 12, 18)) is Standing.GRANTED
    assert standing(child, "website", date(2026, 12, 19)) is Standing.EXPIRED
    assert standing(child, "display", date(2026, 12, 19)) is Standing.GRANTED
    LetPersonReturn(by=account("olive"), person=child).do()
    assert standing(child, "website", date(2026, 12, 19)) is Standing.GRANTED


def test_scenario_71_never_publish_counts_at_once_and_few_may_lift_it() -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    Restrict(by=account("sam"), person=child, reason="A court order.").do()
    assert standing(child) is Standing.RESTRICTED
    with pytest.raises(PermissionDenied):
        LiftRestriction(by=account("olive"), person=child, reason="The order ended.").do()
    LiftRestriction(by=account("hana"), person=child, reason="The order ended.").do()
    assert standing(child) is Standing.GRANTED
    assert "order" not in str(list(Event.objects.values_list("body")))


def test_a_restriction_needs_a_reason() -> None:
    with pytest.raises(Refused, match="reason"):
        Restrict(by=account("hana"), person=a_pupil(), reason=" ").do()


def test_scenario_67_a_new_name_after_adoption_keeps_one_record() -> None:
    child = a_pupil("Amara", "Okafor")
    fields = PersonFields(reference=child.reference, given_name="Amara", family_name="Newhouse")
    event = ChangePerson(by=account("olive"), person=child, fields=fields).do()
    child.refresh_from_db()
    assert child.tagged_names() == ("Amara Newhouse",)
    assert "okafor" not in child.search
    change = models.PersonChange.objects.get(person=child)
    assert (change.before, change.after) == ("Okafor", "Newhouse")
    assert event is not None
    assert event.body["fields"] == ["names"]


def test_saving_what_is_there_already_is_no_act() -> None:
    child = a_pupil()
    before = Event.objects.count()
    fields = PersonFields(
        reference=child.reference, given_name=child.given_name, family_name=child.family_name
    )
    assert ChangePerson(by=account("olive"), person=child, fields=fields).do() is None
    assert Event.objects.count() == before


def test_an_adult_answers_for_herself() -> None:
    adult = a_pupil("Wen", "Lee", "staff")
    answer(adult, None, "yes")
    assert standing(adult) is Standing.GRANTED
    with pytest.raises(Refused, match="Adults"):
        a_guardian(adult)


def test_a_childs_yes_alone_grants_nothing() -> None:
    child = a_pupil()
    answer(child, None, "yes")
    assert standing(child) is Standing.ABSENT


def test_an_answer_of_tomorrow_is_refused() -> None:
    child = a_pupil()
    with pytest.raises(Refused, match="future"):
        answer(child, a_guardian(child), on=date(2026, 11, 24))


def test_scenario_66_permission_ends_in_the_holidays_on_its_day(office: House) -> None:
    child = a_pupil()
    answer(child, a_guardian(child), until=date(2026, 12, 27))
    office.clock.at += timedelta(days=34)  # type: ignore[attr-defined]  # the clock of tests
    assert standing(child) is Standing.GRANTED
    office.clock.at += timedelta(days=1)  # type: ignore[attr-defined]  # the clock of tests
    assert standing(child) is Standing.EXPIRED


def test_every_act_is_one_event_of_its_kind() -> None:
    before = Event.objects.count()
    child = a_pupil()
    answer(child, a_guardian(child))
    kinds = list(Event.objects.order_by("number").values_list("kind", flat=True))[before:]
    assert kinds == [
        EntryKind.PERSON_ADDED.code,
        EntryKind.GUARDIAN_SET.code,
        EntryKind.ANSWERS_RECORDED.code,
    ]


def test_an_act_that_fails_leaves_neither_change_nor_event() -> None:
    child = a_pupil()
    events, people = Event.objects.count(), models.Person.objects.count()
    twin = PersonFields(reference=child.reference, given_name="Twin", family_name="Okafor")
    with pytest.raises(Refused, match="reference"):
        AddPerson(by=account("olive"), sort="pupil", fields=twin).do()
    assert (Event.objects.count(), models.Person.objects.count()) == (events, people)


@pytest.mark.parametrize("username", ["tariq", "dev", "gita", "tess", "sam", "otto"])
def test_only_office_and_head_record_answers(username: str) -> None:
    child = a_pupil()
    with pytest.raises(PermissionDenied):
        RecordAnswers(
            by=account(username),
            person=child,
            guardian=a_guardian(child),
            says={purpose(): "yes"},
            given_on=date(2026, 11, 23),
            how="form",
        ).do()


HISTORY = [
    "register_answer",
    "register_guardianship",
    "register_restriction",
    "register_personchange",
    "record_event",
]


@pytest.mark.parametrize("table", HISTORY)
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET at = at"])
def test_the_database_itself_refuses_to_change_history(table: str, statement: str) -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    Restrict(by=account("hana"), person=child, reason="A court order.").do()
    fields = PersonFields(reference=child.reference, given_name="Ama", family_name="Okafor")
    ChangePerson(by=account("olive"), person=child, fields=fields).do()
    with pytest.raises(Error, match="history"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


def test_the_base_purpose_is_among_those_to_start_with() -> None:
    assert purpose(BASE).scope == "internal"
    assert models.Purpose.objects.count() == 17


def test_the_database_is_the_one_that_was_asked_for() -> None:
    asked = os.environ.get("OFFICE_TESTS_POSTGRESQL")
    assert connection.vendor == ("postgresql" if asked else "sqlite")
