# SPDX-License-Identifier: Apache-2.0
"""An import in the console: seen before it happens, braked, applied as one, undone."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from agent.core.consent import Standing
from agent.core.ledger import EntryKind
from service.office.house import House
from service.office.imports.held import KEPT_FOR, SHELF
from service.office.imports.models import Import
from service.office.record.models import Event
from service.office.register.models import Answer, Correction, Group, Person
from tests.office.cast import NOW, SetClock, enter
from tests.office.school import a_guardian, a_pupil, answer, standing

HEAD = "UPN,Adno,Forename,Surname,DOB,Reg,Web\n"
FILE = HEAD + "N938000026001,A1,Zoë,Marsh,03/04/2018,3B,Yes\nL938000026017,A2,Ben,Marsh,,3B,No\n"


@pytest.fixture(autouse=True)
def shelf(office: House) -> Iterator[None]:  # noqa: ARG001 - each test has its own tables
    """An empty shelf."""
    yield
    for one in SHELF.all(NOW):
        SHELF.drop(one.id)


def upload(client: Client, text: str, made_on: str = "23/11/2026", **said: str) -> str:
    """Bring a file, say that column 6 is for the website or what `said` says; return its id."""
    file = SimpleUploadedFile("export.csv", text.encode("cp1252"))
    response = client.post(reverse("imports:list"), {"file": file, "made_on": made_on})
    assert response.status_code == 302, response.content.decode()
    held = response.headers["Location"].split("/")[-2]
    page = client.get(reverse("imports:columns", args=[held]))
    chosen = {name: str(field.initial or "") for name, field in page.context["form"].fields.items()}
    chosen |= {"column6": "purpose.website"} | said
    client.post(reverse("imports:columns", args=[held]), chosen)
    return held


def digest(client: Client, held: str) -> str:
    return str(client.get(reverse("imports:changes", args=[held])).context["digest"])


def confirm(held: str, client: Client | None = None) -> None:
    client = client or enter("hana")
    client.post(reverse("imports:confirm", args=[held]), {"digest": digest(client, held)})


def apply(client: Client, held: str) -> None:
    client.post(reverse("imports:apply", args=[held]), {"digest": digest(client, held)})


def imported(text: str = FILE) -> None:
    client = enter("olive")
    held = upload(client, text)
    confirm(held)
    apply(client, held)


def test_names_are_shown_before_anything_happens() -> None:
    client = enter("olive")
    held = upload(client, FILE)
    assert "Zoë" in client.get(reverse("imports:columns", args=[held])).content.decode()
    page = client.get(reverse("imports:changes", args=[held])).content.decode()
    assert "Joined: 2" in page
    assert not Person.objects.filter(family_name="Marsh").exists()


def test_without_a_second_person_nothing_is_permitted() -> None:
    client = enter("olive")
    held = upload(client, FILE)
    confirm(held, client)
    apply(client, held)
    zoe = Person.objects.get(upn="N938000026001")
    assert standing(zoe, "website") is Standing.ABSENT
    assert standing(Person.objects.get(reference="A2"), "website") is Standing.REFUSED


def test_with_a_second_person_everything_applies_as_one_event() -> None:
    imported()
    zoe = Person.objects.get(upn="N938000026001")
    assert standing(zoe, "website") is Standing.GRANTED
    assert zoe.memberships.get().group == Group.objects.get(name="3B")
    event = Event.objects.latest("number")
    assert Event.objects.filter(kind__startswith="register.").count() == 1
    assert event.kind == EntryKind.REGISTER_IMPORTED.code
    assert (event.body["joined"], event.body["loosened"]) == (2, 1)
    assert "Zo" not in str(event.body)


def test_who_confirms_does_not_apply() -> None:
    held = upload(enter("olive"), FILE)
    confirm(held)
    apply(enter("hana"), held)
    zoe = Person.objects.get(upn="N938000026001")
    assert standing(zoe, "website") is Standing.ABSENT


def test_a13_the_same_file_again_offers_nothing() -> None:
    imported()
    client = enter("olive")
    page = client.get(reverse("imports:changes", args=[upload(client, FILE)]))
    assert page.context["may_apply"] is False
    assert page.context["unchanged"] == 2


def test_a_plan_that_is_no_longer_true_is_not_applied() -> None:
    client = enter("olive")
    held = upload(client, FILE)
    seen = digest(client, held)
    a_pupil("Zoë", "Marsh")
    client.post(reverse("imports:apply", args=[held]), {"digest": seen})
    assert not Import.objects.exists()


def test_a10_the_missing_stop_an_import_and_stay() -> None:
    imported()
    client = enter("olive")
    held = upload(client, HEAD + "N938000026001,A1,Zoë,Marsh,03/04/2018,3B,\n,A9,New,One,,3B,Yes\n")
    apply(client, held)
    assert Import.objects.count() == 1
    confirm(held)
    apply(client, held)
    assert Person.objects.get(reference="A2").left_on is None
    assert standing(Person.objects.get(reference="A1"), "website") is Standing.ABSENT


def test_who_is_ticked_leaves() -> None:
    imported()
    client = enter("olive")
    held = upload(client, HEAD + "N938000026001,A1,Zoë,Marsh,03/04/2018,3B,Yes\n")
    ben = Person.objects.get(reference="A2")
    client.post(reverse("imports:choose", args=[held]), {"leaving": [ben.id]})
    confirm(held)
    apply(client, held)
    ben.refresh_from_db()
    assert ben.left_on == date(2026, 11, 23)


def test_undo_takes_back_what_the_import_brought_and_keeps_its_history() -> None:
    imported()
    done = Import.objects.get()
    enter("olive").post(reverse("imports:undo", args=[done.id]))
    done.refresh_from_db()
    assert done.undone_at is not None
    zoe = Person.objects.get(upn="N938000026001")
    assert zoe.left_on == NOW.date()
    assert standing(zoe, "website") is Standing.ABSENT
    assert Answer.objects.filter(person=zoe).count() == 1
    assert Correction.objects.filter(answer__person=zoe).count() == 1


def test_undo_that_permits_needs_somebody_else() -> None:
    imported()
    client = enter("olive")
    apply(client, upload(client, FILE.replace("3B,Yes", "3B,No")))
    done = Import.objects.order_by("-number")[0]
    zoe = Person.objects.get(upn="N938000026001")
    assert standing(zoe, "website") is Standing.REFUSED
    client.post(reverse("imports:undo", args=[done.id]))
    assert standing(zoe, "website") is Standing.REFUSED
    enter("hana").post(reverse("imports:undo", args=[done.id]))
    assert standing(zoe, "website") is Standing.GRANTED


def test_undo_ends_when_the_register_changes() -> None:
    imported()
    a_pupil()
    enter("olive").post(reverse("imports:undo", args=[Import.objects.get().id]))
    assert Import.objects.get().undone_at is None


def test_a14_a_refusal_recorded_here_beats_the_file() -> None:
    imported(FILE.replace("3B,Yes", "3B,") + ",A3,Ada,Lowe,,3B,Yes\n")
    zoe = Person.objects.get(upn="N938000026001")
    answer(zoe, a_guardian(zoe), "no", "website")
    imported(FILE + ",A3,Ada,Lowe,,3B,Yes\n")
    assert standing(zoe, "website") is Standing.REFUSED


def test_a_file_is_forgotten_after_its_hour_and_never_on_a_disk(office: House) -> None:
    client = enter("olive")
    held = upload(client, FILE)
    assert isinstance(office.clock, SetClock)
    office.clock.at = NOW + KEPT_FOR
    assert client.get(reverse("imports:changes", args=[held])).status_code == 404
    office.clock.at = NOW
    assert not any(
        b"Marsh" in one.read_bytes() for one in office.folder.rglob("*") if one.is_file()
    )


def test_a_file_that_cannot_be_read_is_refused_with_a_sentence() -> None:
    file = SimpleUploadedFile("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    page = enter("olive").post(reverse("imports:list"), {"file": file, "made_on": "23/11/2026"})
    assert "old Excel file" in page.content.decode()


def test_a19_a_workbook_that_is_open_in_excel_is_refused_with_a_sentence() -> None:
    client = enter("olive")
    file = SimpleUploadedFile("~$pupils.xlsx", b"x" * 165)
    page = client.post(reverse("imports:list"), {"file": file, "made_on": "23/11/2026"})
    assert "Close it in Excel first" in page.content.decode()
    assert SHELF.all(NOW) == ()
    assert not Import.objects.exists()


def test_a20_what_an_import_corrects_stays_in_the_history_with_who_and_when() -> None:
    imported()
    client = enter("olive")
    apply(client, upload(client, FILE.replace("3B,Yes", "3B,No")))
    zoe = Person.objects.get(upn="N938000026001")
    entry = Correction.objects.get(answer__person=zoe)
    assert entry.by is not None
    assert (entry.answer.says, entry.by.username, entry.at) == ("yes", "olive", NOW)
    assert entry.replaced_by is not None
    assert entry.replaced_by.says == "no"


def test_a_column_about_protection_cannot_be_imported() -> None:
    client = enter("olive")
    held = upload(client, FILE.replace("Web", "Looked After Child"))
    page = client.get(reverse("imports:columns", args=[held]))
    assert page.context["form"].fields["column6"].choices == [("", "Not imported")]
    assert client.get(reverse("imports:changes", args=[held])).status_code == 302


def test_the_export_holds_no_formula() -> None:
    a_pupil("=1+1", "Okafor")
    data = enter("olive").get(reverse("imports:export")).content.decode("utf-8-sig")
    assert '"\'=1+1"' in data


@pytest.mark.parametrize("username", ["tariq", "dev", "gita", "tess", "sam", None])
def test_only_office_and_head_import(username: str | None) -> None:
    held = upload(enter("olive"), FILE)
    for route in ("changes", "apply", "confirm", "choose", "put_away"):
        response = enter(username).post(reverse(f"imports:{route}", args=[held]))
        assert response.status_code == 403 or "sign-in" in response.headers["Location"]
    assert SHELF.get(held, NOW) is not None
