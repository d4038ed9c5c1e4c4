# SPDX-License-Identifier: Apache-2.0
"""An import in the console: seen before it happens, braked, applied as one, undone."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agent.core.consent import Standing
from agent.core.ledger import EntryKind
from service.office.acts import Refused
from service.office.house import House
from service.office.imports.acts import SetWord
from service.office.imports.held import KEPT_FOR, SHELF
from service.office.imports.models import Import, OwnWord
from service.office.imports.queries import words_now
from service.office.record.models import Event
from service.office.register.models import Answer, Correction, Group, Membership, Person
from tests.office.cast import NOW, SetClock, enter, person
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


OWN = FILE.replace("3B,Yes", "3B,OK for web").replace("3B,No", "3B,Rather not")


def explain(client: Client, held: str, **words: str) -> None:
    """Say what each word of the file's page means."""
    page = client.get(reverse("imports:own_words", args=[held]))
    fields = page.context["form"].fields
    said = {name: words[field.label.replace(" ", "_")] for name, field in fields.items()}
    client.post(reverse("imports:own_words", args=[held]), said)


def test_own_words_are_asked_with_counts_and_nothing_is_chosen_beforehand() -> None:
    client = enter("olive")
    held = upload(client, OWN + ",A3,Ada,Lowe,,3B,ok for WEB\n")
    page = client.get(reverse("imports:own_words", args=[held]))
    fields = page.context["form"].fields
    assert {one.label: one.help_text for one in fields.values()} == {
        "OK for web": "In 2 cells",
        "Rather not": "In 1 cell",
    }
    assert "checked" not in page.content.decode()
    assert client.post(reverse("imports:own_words", args=[held])).status_code == 200
    assert not OwnWord.objects.exists()


def test_own_words_mean_what_was_said_are_remembered_and_shown_to_who_confirms() -> None:
    client = enter("olive")
    held = upload(client, OWN)
    explain(client, held, OK_for_web="yes", Rather_not="no")
    page = enter("hana").get(reverse("imports:changes", args=[held])).content.decode()
    assert "“OK for web” counts as yes, in 1 cell." in page
    confirm(held)
    apply(client, held)
    assert standing(Person.objects.get(reference="A1"), "website") is Standing.GRANTED
    assert standing(Person.objects.get(reference="A2"), "website") is Standing.REFUSED
    again = upload(client, OWN)
    assert client.get(reverse("imports:own_words", args=[again])).status_code == 302
    assert client.get(reverse("imports:changes", args=[again])).context["unchanged"] == 2


def test_a_word_that_is_skipped_or_not_explained_permits_nothing() -> None:
    client = enter("olive")
    held = upload(client, OWN)
    assert (
        "other words of the file"
        in client.get(reverse("imports:changes", args=[held])).content.decode()
    )
    explain(client, held, OK_for_web="skip", Rather_not="skip")
    confirm(held)
    apply(client, held)
    assert standing(Person.objects.get(reference="A1"), "website") is Standing.ABSENT
    assert standing(Person.objects.get(reference="A2"), "website") is Standing.ABSENT


def test_a_changed_word_is_an_event_without_the_word_and_keeps_its_history() -> None:
    client = enter("olive")
    explain(client, upload(client, OWN), OK_for_web="yes", Rather_not="no")
    known = OwnWord.objects.get(text="ok for web")
    client.post(reverse("imports:word", args=[known.id]), {"says": "no"})
    assert {one.text: one.says for one in words_now()} == {"ok for web": "no", "rather not": "no"}
    event = Event.objects.latest("number")
    newest = OwnWord.objects.filter(text="ok for web").last()
    assert newest is not None
    assert event.kind == EntryKind.REGISTER_WORD_SET.code
    assert event.body == {
        "by": person("olive").id,
        "word": newest.id,
        "says": "no",
        "replaces": known.id,
    }
    client.post(reverse("imports:word", args=[newest.id]), {"says": "forgotten"})
    assert [one.text for one in words_now()] == ["rather not"]
    assert "rather not" in client.get(reverse("imports:words")).content.decode()


def test_a_word_that_changes_after_the_confirmation_stops_the_import() -> None:
    client = enter("olive")
    held = upload(client, OWN)
    explain(client, held, OK_for_web="no", Rather_not="no")
    confirm(held)
    seen = digest(client, held)
    SetWord(by=person("olive"), text="ok for web", says="yes").do()
    client.post(reverse("imports:apply", args=[held]), {"digest": seen})
    assert not Import.objects.exists()


@pytest.mark.parametrize("text", ["Refused", "yes", " ", "x" * 81])
def test_what_everybody_knows_or_nobody_may_say_is_no_word_of_the_school(text: str) -> None:
    with pytest.raises(Refused):
        SetWord(by=person("olive"), text=text, says="yes").do()


LONG_FILE = (
    "Adno,Surname,Forename,Consent type,Consent status,Date given,Given by\n"
    "A1,Marsh,Zoë,Web pictures,Granted,01/09/2026,Ada Marsh\n"
    "A1,Marsh,Zoë,Web pictures,Refused,05/09/2026,Ben Marsh\n"
    "A1,Marsh,Zoë,Local paper,Granted,10/10/2026,Ada Marsh\n"
    "A2,Lowe,Cai,Web pictures,Granted,10/09/2026,Eve Lowe\n"
    "A2,Lowe,Cai,Trips,Granted,10/09/2026,Eve Lowe\n"
)


def a_long_file(client: Client, text: str = LONG_FILE) -> str:
    """Bring a file with a row for each consent, and say what the kinds are for."""
    held = upload(client, text, column6="field.given_by")
    page = client.get(reverse("imports:kinds", args=[held]))
    meant = {"Web pictures": "website", "Local paper": "press", "Trips": ""}
    said = {name: meant[field.label] for name, field in page.context["form"].fields.items()}
    client.post(reverse("imports:kinds", args=[held]), said)
    return held


def test_a14_rows_for_consents_that_disagree_are_a_conflict_and_both_stand_in_the_history() -> None:
    client = enter("olive")
    held = a_long_file(client)
    page = client.get(reverse("imports:changes", args=[held])).content.decode()
    assert "yes, 01/09/2026, given by Ada Marsh" in page
    assert "no, 05/09/2026, given by Ben Marsh" in page
    confirm(held)
    apply(client, held)
    zoe, cai = (Person.objects.get(reference=one) for one in ("A1", "A2"))
    assert standing(zoe, "website") is Standing.CONFLICTING
    assert standing(zoe, "press") is Standing.GRANTED
    assert standing(cai, "website") is Standing.GRANTED
    kept = Answer.objects.filter(person=zoe, purpose__code="website")
    assert sorted(kept.values_list("says", "given_on", "note")) == [
        ("no", date(2026, 9, 5), "Given by: Ben Marsh"),
        ("yes", date(2026, 9, 1), "Given by: Ada Marsh"),
    ]
    again = upload(client, LONG_FILE, column6="field.given_by")
    assert client.get(reverse("imports:kinds", args=[again])).status_code == 200
    assert client.get(reverse("imports:changes", args=[again])).context["unchanged"] == 2


def test_a_conflict_of_a_file_is_undone_with_the_import() -> None:
    client = enter("olive")
    held = a_long_file(client)
    confirm(held)
    apply(client, held)
    client.post(reverse("imports:undo", args=[Import.objects.get().id]))
    assert standing(Person.objects.get(reference="A1"), "website") is Standing.ABSENT
    assert Correction.objects.count() == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [(FILE, {"shape": "consent"}), (LONG_FILE, {"shape": "pupil", "column6": "field.given_by"})],
)
def test_a_shape_that_the_columns_do_not_have_is_refused(text: str, said: dict[str, str]) -> None:
    client = enter("olive")
    held = upload(client, text, **said)
    assert client.get(reverse("imports:changes", args=[held])).status_code == 302


@pytest.fixture
def refusal_list() -> tuple[Client, str]:
    """Who brought a file of refusals into a register of two, and the file's id."""
    imported()
    client = enter("olive")
    rows = "N938000026001,A1,Zoë,Marsh,03/04/2018,9Z,No\n,A9,New,One,,3B,No\n"
    return client, upload(client, HEAD + rows)


def test_a09_a_sheet_of_refusals_is_offered_as_such_and_only_refuses(
    refusal_list: tuple[Client, str],
) -> None:
    client, held = refusal_list
    page = client.get(reverse("imports:changes", args=[held]))
    assert "Take only the refusals" in page.content.decode()
    apply(client, held)
    zoe, ben = (Person.objects.get(reference=one) for one in ("A1", "A2"))
    assert standing(zoe, "website") is Standing.REFUSED
    assert zoe.memberships.get(until=None).group.name == "3B"
    assert ben.left_on is None
    assert not Person.objects.filter(reference="A9").exists()
    body = Event.objects.latest("number").body
    assert (body["joined"], body["left"], body["loosened"], body["tightened"]) == (0, 0, 0, 1)


def test_a09_a_person_may_say_that_a_sheet_of_refusals_is_the_whole_school(
    refusal_list: tuple[Client, str],
) -> None:
    client, held = refusal_list
    client.post(reverse("imports:refusals", args=[held]), {"only": "no"})
    page = client.get(reverse("imports:changes", args=[held])).content.decode()
    assert "Take only the refusals" not in page
    assert "Joined: 1" in page
    assert "Missing: 1" in page


def a_school(pupils: int, answer: str) -> str:
    return HEAD + "".join(f",B{n},Name{n},Marsh,,{n % 7}C,{answer}\n" for n in range(pupils))


def statements_of(pupils: int) -> tuple[int, int, int]:
    """Return the statements of the page of the changes, of joining, and of changing everybody."""
    client = enter("olive")
    held = upload(client, a_school(pupils, "No"))
    client.post(reverse("imports:refusals", args=[held]), {"only": "no"})
    with CaptureQueriesContext(connection) as page:
        client.get(reverse("imports:changes", args=[held]))
    with CaptureQueriesContext(connection) as joining:
        apply(client, held)
    assert Person.objects.filter(family_name="Marsh", left_on=None).count() == pupils
    held = upload(client, a_school(pupils, "Withdrawn").replace("C,", "D,"))
    client.post(reverse("imports:refusals", args=[held]), {"only": "no"})
    confirm(held)
    with CaptureQueriesContext(connection) as changing:
        apply(client, held)
    joined = Membership.objects.filter(until=None, group__name__endswith="D")
    assert joined.count() == Answer.objects.filter(says="withdrawn").count() == pupils
    return len(page), len(joining), len(changing)


@pytest.mark.parametrize(("pupils", "page", "most"), [(20, 25, 60), (200, 25, 90)])
def test_statements_hardly_grow_with_the_pupils(pupils: int, page: int, most: int) -> None:
    shown, joining, changing = statements_of(pupils)
    assert shown <= page
    assert joining <= most
    assert changing <= most
