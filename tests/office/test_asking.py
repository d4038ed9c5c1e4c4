# SPDX-License-Identifier: Apache-2.0
"""Answers to ask for, letters that tell nobody what is another's, the card of scenario 88."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from service.office.house import House, now
from service.office.record.models import Event
from service.office.register import asking, letters
from service.office.register.acts.answers import Withdraw
from service.office.register.acts.people import LetPersonLeave, Restrict
from service.office.register.models import Person
from tests.office.cast import enter
from tests.office.cast import person as account
from tests.office.school import BASE, a_group, a_guardian, a_pupil, answer, purpose

SHOTS = os.environ.get("PHOTOWARDEN_SCREENSHOTS")


def listed(tab: str, group: str = "", day: date | None = None) -> dict[str, tuple[str, ...]]:
    found = asking.asked(Person.objects.all(), group, day or now().today)[tab]
    return {one.id: one.purposes for one in found}


@pytest.mark.usefixtures("office")
def test_each_person_stands_where_the_answers_put_them() -> None:
    ends = now().today + timedelta(days=10)
    child = a_pupil()
    mother, father = a_guardian(child), a_guardian(child, name="Bola Okafor")
    answer(child, mother, "yes", BASE, until=ends)
    answer(child, mother, "yes", "website", "press")
    answer(child, father, "no", "press")
    Withdraw(
        by=account("olive"),
        person=child,
        guardian=mother,
        says={purpose("website"): "withdrawn"},
        given_on=now().today,
        how="telephone",
    ).do()
    (ending,) = asking.asked(Person.objects.all(), "", now().today)["ending"]
    assert (ending.id, ending.ends) == (child.id, ends)
    assert ending.purposes == (purpose(BASE).label,)
    assert listed("disputed") == {child.id: (purpose("press").label,)}
    assert listed("withdrawn") == {child.id: (purpose("website").label,)}
    missing = listed("missing")[child.id]
    assert purpose("display").label in missing
    assert not {purpose(code).label for code in (BASE, "website", "press")} & set(missing)


@pytest.mark.usefixtures("office")
def test_a_permission_that_was_renewed_does_not_end_soon() -> None:
    child = a_pupil()
    mother = a_guardian(child)
    answer(child, mother, until=now().today + timedelta(days=10))
    answer(child, mother, on=now().today, until=now().today + timedelta(days=200))
    assert listed("ending") == {}


@pytest.mark.usefixtures("office")
def test_what_ended_is_missing_and_who_left_is_asked_for_nothing() -> None:
    child, gone = a_pupil(), a_pupil("Ben", "Ito")
    answer(child, a_guardian(child), until=now().today - timedelta(days=1))
    LetPersonLeave(by=account("olive"), person=gone, on=now().today).do()
    assert set(listed("missing")) == {child.id}
    assert purpose(BASE).label in listed("missing")[child.id]


@pytest.mark.usefixtures("office")
def test_the_tabs_keep_to_a_class_and_need_few_statements() -> None:
    children = [a_pupil(f"Child{number}") for number in range(12)]
    for child in children:
        answer(child, a_guardian(child), "yes", until=now().today + timedelta(days=3))
    group = a_group("3B", *children[:4])
    assert set(listed("ending", group.id)) == {child.id for child in children[:4]}
    client = enter("olive")
    client.get(reverse("register:answers"))  # the session's first page writes
    with CaptureQueriesContext(connection) as one:
        page = client.get(reverse("register:answers"), {"class": group.id})
    with CaptureQueriesContext(connection) as all_:
        client.get(reverse("register:answers"))
    assert b"Ending soon (4)" in page.content
    assert len(all_) == len(one)
    assert len(all_) <= 15


@pytest.mark.usefixtures("office")
def test_an_empty_tab_says_so() -> None:
    said = enter("dev").get(reverse("register:answers")).content.decode()
    assert "No permission ends within the next 30 days." in said
    assert "Print letters" not in said


@pytest.mark.usefixtures("office")
def test_a_letter_tells_its_guardian_nothing_of_the_other() -> None:
    child = a_pupil()
    mother = a_guardian(child, name="Ada Okafor")
    father = a_guardian(child, name="Bola Okafor")
    type(father).objects.filter(pk=father.pk).update(contact="9 Hidden Lane")
    answer(child, mother, "yes", "website")
    answer(child, father, "no", "press")
    to_mother, to_father = letters.letters_of([child], now().today)
    assert to_mother["guardian"] == "Ada Okafor"
    assert "Bola" not in str(to_mother)
    assert "Hidden" not in str((to_mother, to_father))
    said = {one["label"]: one["said"] for one in to_mother["purposes"]}
    assert said[purpose("press").label] == "no answer yet"
    assert said[purpose("website").label].startswith("yes, until")
    assert {one["label"]: one["said"] for one in to_father["purposes"]}[
        purpose("website").label
    ] == "no answer yet"
    # how the child stands decides nothing about what is asked
    assert [one["label"] for one in to_mother["purposes"]] == [
        one["label"] for one in to_father["purposes"]
    ]


@pytest.mark.usefixtures("office")
def test_nobody_is_written_to_who_may_not_decide_or_where_nothing_is_asked() -> None:
    child, kept = a_pupil(), a_pupil("Ben", "Ito")
    a_guardian(child, "undelegated", "Cara Carer")
    a_guardian(kept)
    Restrict(by=account("hana"), person=kept, reason="A court order.").do()
    assert letters.letters_of([child, kept], now().today) == []


@pytest.mark.usefixtures("office_site")
def test_letters_are_printed_for_those_ticked_and_that_is_recorded() -> None:
    child = a_pupil("Zoë", "O\N{RIGHT SINGLE QUOTATION MARK}Brien")
    a_guardian(child)
    client = enter("olive")
    page = client.post(reverse("register:letters"), {"people": [child.id]})
    assert page.content.startswith(b"%PDF-")
    assert page.headers["Cache-Control"] == "no-store, private"
    assert page.headers["Content-Security-Policy"].startswith("sandbox")
    assert page.headers["Content-Disposition"] == 'attachment; filename="letters.pdf"'
    event = Event.objects.latest("number")
    assert (event.kind, event.body["people"]) == ("letters.printed", [child.id])
    assert client.post(reverse("register:letters"), {}).status_code == 302
    assert b"Tick at least one" in client.get(reverse("register:answers")).content


@pytest.mark.usefixtures("office_site")
def test_scenario_88_a_card_has_names_only_if_chosen_no_reason_and_an_end(tmp_path: Path) -> None:
    child, other = a_pupil(), a_pupil("Ben", "Ito")
    answer(other, a_guardian(other))
    Restrict(by=account("hana"), person=child, reason="A court order.").do()
    found = asking.not_to_be_photographed([child, other], BASE, now().today)
    days = (now().today, now().today + timedelta(days=7))
    bare = letters.card_data("3B", "Larkfield", found, days, names=False)
    named = letters.card_data("3B", "Larkfield", found, days, names=True)
    assert (bare["count"], bare["names"]) == (1, [])
    assert named["names"] == ["Amara Okafor"]
    assert "court" not in str(named)
    assert (named["printed"], named["until"]) == ("23 November 2026", "30 November 2026")
    group = a_group("3B", child, other, teacher="tariq")
    client = enter("tariq")
    there = reverse("register:card", args=[group.id])
    assert there in client.get(reverse("register:group", args=[group.id])).content.decode()
    page = client.post(there, {"contents": "names"})
    assert page.content.startswith(b"%PDF-")
    event = Event.objects.latest("number")
    assert (event.kind, event.body["contents"]) == ("group.list_printed", "names")
    folder = Path(SHOTS) if SHOTS else tmp_path
    folder.mkdir(exist_ok=True)
    for number, data in enumerate((bare, named)):
        (drawn,) = letters.card_pictures(data, now().at)
        (folder / f"card-{number}.png").write_bytes(drawn)


def test_a_letter_can_be_looked_at(office: House, tmp_path: Path) -> None:
    child = a_pupil()
    answer(child, a_guardian(child), "yes", "website", "display")
    made = letters.letters_of([child], now().today)
    pages = letters.letters_pictures(made, "Larkfield Primary", now().at)
    folder = Path(SHOTS) if SHOTS else tmp_path
    folder.mkdir(exist_ok=True)
    (folder / "letter.png").write_bytes(pages[0])
    assert office.folder.exists()
    assert len(pages) == 1
