# SPDX-License-Identifier: Apache-2.0
"""People and roles: signing in, being slowed down, coming back in, and never by oneself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from agent.core.ledger import EntryKind
from service.office.accounts import acts, queries
from service.office.accounts.models import User
from service.office.acts import Act, Refused
from service.office.house import House, now
from service.office.middleware import SEEN, STARTED
from service.office.record.models import Event
from service.office.roles import Role
from tests.office.cast import PASSWORD, enter, person

pytestmark = pytest.mark.usefixtures("office")


def sign_in(client: Client, username: str, password: str = PASSWORD) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": username, "password": password})


def a_browser() -> Client:
    return Client(headers={"host": "localhost"})


def last(kind: EntryKind) -> Event:
    return Event.objects.filter(kind=kind.code).latest("number")


def test_signing_in_is_recorded_with_how_it_was_proven() -> None:
    response = sign_in(a_browser(), "olive")
    assert response.headers["Location"] == "/"
    event = last(EntryKind.ACCOUNT_SIGNED_IN)
    assert event.body == {"account": person("olive").id, "factors": ["password"]}


def test_a_wrong_password_and_an_unknown_name_are_answered_alike() -> None:
    wrong = sign_in(a_browser(), "olive", "wrong")
    unknown = sign_in(a_browser(), "nobody", "wrong")
    said = [r.context["form"].non_field_errors() for r in (wrong, unknown)]
    assert said[0] == said[1]
    assert last(EntryKind.ACCOUNT_REFUSED).body == {"account": None}


def test_a_stranger_who_guesses_is_slowed_down(office: House) -> None:
    client = a_browser()
    for _ in range(5):
        sign_in(client, "hana", "wrong")
    assert b"Too many tries" in sign_in(client, "hana").content
    office.clock.wait(60)
    assert sign_in(client, "hana").status_code == 302


def test_a_pupil_cannot_lock_the_head_out_of_her_own_browser(office: House) -> None:
    hers, pupils = a_browser(), a_browser()
    sign_in(hers, "hana")
    hers.post(reverse("account_logout"))
    for _ in range(30):
        sign_in(pupils, "hana", "wrong")
    assert b"Too many tries" in sign_in(pupils, "hana").content
    assert sign_in(hers, "hana").status_code == 302
    office.clock.wait(301)
    assert sign_in(pupils, "hana").status_code == 302, "five minutes is the longest wait"


def test_scenario_82_a_second_log_in_ends_the_first() -> None:
    first, second = a_browser(), a_browser()
    sign_in(first, "olive")
    sign_in(second, "olive")
    assert "sign-in" in first.get("/").headers["Location"]
    assert second.get("/").status_code == 200


@pytest.mark.parametrize(
    ("key", "ago"), [(SEEN, timedelta(minutes=16)), (STARTED, timedelta(hours=9))]
)
def test_an_idle_or_a_long_session_ends(key: str, ago: timedelta) -> None:
    client = enter("olive")
    assert client.get("/").status_code == 200
    session = client.session
    session[key] = (datetime.now(tz=UTC) - ago).isoformat()
    session.save()
    assert "sign-in" in client.get("/").headers["Location"]


def test_nothing_is_offered_that_would_need_e_mail() -> None:
    client = a_browser()
    page = client.get(reverse("account_login")).content
    assert b"sign up" not in page.lower()
    assert client.get("/sign-up").status_code == 404
    assert client.get("/reset").status_code == 404


def test_a_sign_in_code_sets_a_password_once() -> None:
    act = acts.GiveCode(by=person("tess"), account=person("olive"))
    act.do()
    client, new = a_browser(), "harbour-mitten-seven-19"
    said = {"username": "olive", "code": act.code.lower(), "password": new, "again": new}
    assert client.post(reverse("accounts:use_code"), said).status_code == 302
    assert sign_in(client, "olive", new).status_code == 302
    again = client.post(reverse("accounts:use_code"), said)
    assert b"do not belong together" in again.content
    assert act.code not in str(list(Event.objects.values_list("body", flat=True)))


def test_a_sign_in_code_runs_out(office: House) -> None:
    act = acts.GiveCode(by=person("tess"), account=person("olive"))
    act.do()
    office.clock.wait(31 * 60)
    with pytest.raises(Refused, match="run out"):
        acts.SetPassword(by=None, username="olive", code=act.code, password=PASSWORD).do()


@pytest.mark.parametrize(
    ("giver", "receiver", "may"),
    [
        ("tess", "olive", True),
        ("hana", "olive", True),
        ("tess", "hana", False),
        ("dev", "hana", True),
        ("dev", "olive", False),
        ("tess", "dev", False),
        ("tess", "sam", False),
        ("hana", "dev", True),
        ("olive", "tariq", False),
    ],
)
def test_a_second_named_person_lets_somebody_back_in(giver: str, receiver: str, may: bool) -> None:
    act = acts.GiveCode(by=person(giver), account=person(receiver))
    if may:
        act.do()
        assert last(EntryKind.ACCOUNT_CODE_GIVEN).by == person(giver)
    else:
        with pytest.raises(PermissionDenied):
            act.do()


@pytest.mark.parametrize(
    "act",
    [
        lambda hana: acts.Grant(by=hana, account=hana, role=Role.TECHNICIAN),
        lambda hana: acts.Revoke(by=hana, account=hana, role=Role.HEAD),
        lambda hana: acts.CloseAccount(by=hana, account=hana),
    ],
)
def test_nobody_changes_their_own_rights(act: Callable[[User], Act]) -> None:
    with pytest.raises(Refused, match="second person"):
        act(person("hana")).do()


def test_only_the_head_gives_roles() -> None:
    with pytest.raises(PermissionDenied):
        acts.Grant(by=person("tess"), account=person("otto"), role=Role.OFFICE).do()


def test_a_role_that_is_taken_away_counts_no_more_at_once() -> None:
    client = enter("olive")
    assert client.get(reverse("register:children")).status_code == 200
    acts.Revoke(by=person("hana"), account=person("olive"), role=Role.OFFICE).do()
    assert client.get(reverse("register:children")).status_code == 403


def test_a_deputys_role_ends_with_its_day() -> None:
    until = now().today + timedelta(days=1)
    acts.Grant(by=person("hana"), account=person("otto"), role=Role.OFFICE, until=until).do()
    assert person("otto").roles_on(until) == {Role.OFFICE}
    assert person("otto").roles_on(until + timedelta(days=1)) == frozenset()


def test_scenario_82_a_closed_account_is_out_at_once_and_its_acts_stay() -> None:
    client = enter("olive")
    acts.CloseAccount(by=person("hana"), account=person("olive")).do()
    assert "sign-in" in client.get("/").headers["Location"]
    assert sign_in(a_browser(), "olive").status_code == 200
    assert Event.objects.filter(by=person("olive")).exists()


def test_breaking_the_glass_is_shown_to_all_until_each_has_seen_it() -> None:
    act = acts.BreakGlass(by=None, account=person("hana"))
    act.do()
    for username in ("olive", "dev"):
        assert b"let in from the computer itself" in enter(username).get("/").content
    olive = enter("olive")
    olive.post(reverse("accounts:acknowledge", args=[person("hana").id]))
    assert b"let in from the computer itself" not in olive.get("/").content
    assert queries.broken_glass(person("dev")) != []


def test_a_user_has_no_name_in_the_ledger() -> None:
    acts.CreateAccount(by=person("hana"), username="nina.new", name="Nina New").do()
    event = last(EntryKind.ACCOUNT_CREATED)
    assert event.body["account"] == User.objects.get(username="nina.new").id
    assert "nina" not in str(event.body)


def test_a_role_that_needs_a_second_factor_says_so_and_shows_the_secret_as_a_code() -> None:
    client = a_browser()
    sign_in(client, "hana")
    assert b"needs a second proof" in client.get("/me/factors").content
    client.post("/prove", {"password": PASSWORD})
    page = client.get("/me/app").content
    assert b"<svg" in page
    assert b"data:image" not in page


# --- the chair of governors -----------------------------------------------------------------------


def test_the_chair_is_the_data_protection_officers_to_make_and_nobody_elses() -> None:
    hana, dev, cora, otto = (person(one) for one in ("hana", "dev", "cora", "otto"))
    for act in (
        acts.Grant(by=hana, account=otto, role=Role.CHAIR),
        acts.Grant(by=hana, account=cora, role=Role.TEACHER),
        acts.Grant(by=dev, account=otto, role=Role.TEACHER),
        acts.Revoke(by=hana, account=cora, role=Role.CHAIR),
        acts.CloseAccount(by=hana, account=cora),
    ):
        with pytest.raises(Refused):
            act.do()
    for giver in ("hana", "tess"):
        with pytest.raises(PermissionDenied):
            acts.GiveCode(by=person(giver), account=cora).do()
    acts.Grant(by=dev, account=otto, role=Role.CHAIR).do()
    assert otto.roles_on(now().today) == {Role.CHAIR}
    acts.CloseAccount(by=dev, account=cora).do()
    with pytest.raises(Refused):
        acts.ReopenAccount(by=hana, account=cora).do()


@pytest.mark.parametrize(("who", "role"), [("hana", Role.CHAIR), ("cora", Role.HEAD)])
def test_nobody_is_head_and_chair_at_once(who: str, role: Role) -> None:
    for giver in ("hana", "dev"):
        with pytest.raises(Refused):
            acts.Grant(by=person(giver), account=person(who), role=role).do()


def test_a_code_that_the_head_gave_before_lets_nobody_in_as_the_new_chair() -> None:
    given = acts.GiveCode(by=person("hana"), account=person("otto"))
    given.do()
    acts.Grant(by=person("dev"), account=person("otto"), role=Role.CHAIR).do()
    with pytest.raises(Refused):
        acts.SetPassword(by=None, username="otto", code=given.code, password=PASSWORD).do()
    assert not person("otto").has_usable_password()
