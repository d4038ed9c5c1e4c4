# SPDX-License-Identifier: Apache-2.0
"""An import in the school's own words, with rows for consents, of refusals, in few statements."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agent.core.consent import Standing
from agent.core.ledger import EntryKind
from service.office.acts import Refused
from service.office.imports.acts import SetWord
from service.office.imports.models import Import, OwnWord
from service.office.imports.queries import words_now
from service.office.record.models import Event
from service.office.register.models import Answer, Correction, Membership, Person
from tests.office.cast import enter, person
from tests.office.school import standing
from tests.office.test_imports import (
    FILE,
    HEAD,
    apply,
    confirm,
    digest,
    imported,
    shelf,
    upload,
)

__all__ = ["shelf"]


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
    assert "rows of the file disagree, so it counts as no; both are kept" in page
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
