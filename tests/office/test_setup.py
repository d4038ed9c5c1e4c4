# SPDX-License-Identifier: Apache-2.0
"""The first run: only with the printed code, resumable, from nothing to a station that reads."""

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from agent import bootstrap
from service.office.accounts.models import RoleGrant, SignInCode, Tries, User
from service.office.house import House
from service.office.middleware import SECOND
from service.office.record.models import Event
from service.office.setup import acts, code, queries
from service.office.setup.models import SetupStep
from tests.office.cast import PASSWORD, enter


@pytest.fixture
def empty(office: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A house in which nobody has an account yet."""
    on = "" if connection.vendor == "sqlite" else " ON record_event"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER record_event_delete_refused{on}")
    for model in (Event, SignInCode, RoleGrant, Tries, User):
        model.objects.all().delete()
    monkeypatch.setattr(acts, "WORK_FACTOR", 6)
    acts.UNSEEN.clear()
    return office


def a_browser() -> Client:
    return Client(headers={"host": "localhost"})


def a_head(client: Client) -> None:
    printed = code.fresh()
    client.post("/set-up/", {"code": printed})
    said = {"name": "Hana Head", "username": "hana", "password": PASSWORD, "again": PASSWORD}
    assert client.post("/set-up/head", said).headers["Location"] == "/set-up/steps"


def test_everything_leads_to_the_first_run_while_nobody_has_an_account(empty: House) -> None:
    assert empty.folder.exists()
    assert a_browser().get("/").headers["Location"] == "/set-up/"
    assert a_browser().get("/children").headers["Location"] == "/set-up/"


def test_without_the_printed_code_nobody_becomes_head(empty: House) -> None:
    assert code.fresh()
    client = a_browser()
    assert b"not the code" in client.post("/set-up/", {"code": "ABCDEFGHJKMN"}).content
    assert client.get("/set-up/head").headers["Location"] == "/set-up/"
    assert not User.objects.exists()
    assert empty.folder.exists()


def test_the_head_signs_in_with_a_second_factor_before_anything_else(empty: House) -> None:
    client = a_browser()
    a_head(client)
    assert client.get("/set-up/steps").headers["Location"] == "/me/factors"
    assert a_browser().get("/set-up/").headers["Location"] == "/sign-in"
    assert code.fresh() is None
    assert empty.folder.exists()


def test_from_nothing_to_keys_that_a_station_can_use(empty: House) -> None:
    client = a_browser()
    a_head(client)
    session = client.session
    session[SECOND] = True
    session.save()
    words = "cedar lantern otter mitten"
    said = {"school": "Larkfield Primary", "passphrase": words, "again": words}
    assert client.post("/set-up/keys", said).headers["Location"] == "/set-up/recovery"
    shown = client.get("/set-up/recovery")
    text = acts.UNSEEN["recovery"]
    assert text.encode() in shown.content
    assert client.post("/set-up/recovery", {"ending": "WRONGEND"}).status_code == 200
    assert client.post("/set-up/recovery", {"ending": text[-8:].lower()}).status_code == 302
    assert acts.UNSEEN == {}
    bootstrap.check_site(bootstrap.load_site(empty.folder))
    done = {step.word: step.done for step in queries.steps()}
    assert done["The school's keys, and the recovery key in the safe"]


def test_keys_of_an_earlier_init_are_taken_over(office_site: House) -> None:
    client = enter("hana")
    assert client.get("/set-up/keys").headers["Location"] == "/set-up/steps"
    client.get("/set-up/steps")
    assert SetupStep.objects.filter(step="keys").exists()
    assert office_site.has_site


@pytest.mark.usefixtures("office_site")
def test_the_first_run_ends_only_when_every_step_is_done() -> None:
    client = enter("hana")
    client.post(reverse("setup:finish"))
    assert not queries.all_done()
    assert b"first run is not finished" in client.get("/").content
