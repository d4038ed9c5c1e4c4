# SPDX-License-Identifier: Apache-2.0
"""A register that was published from a file, taken over: same tokens, same standing, once."""

from dataclasses import replace
from datetime import date

import pytest

from agent import office as file_office
from agent.adapters.register_file import read_register_file
from agent.core.consent import standing
from agent.core.model import PurposeId
from agent.core.register import Person as CorePerson
from agent.core.snapshot import Snapshot
from service.office.acts import Refused
from service.office.house import House, now
from service.office.record.models import Event
from service.office.register import publishing
from service.office.register.acts.taking_over import TakeOver
from service.office.register.models import Answer, Device, Group, Guardian, Person
from tests.office.school import a_pupil
from tests.shared import REPOSITORY

DAYS = (date(2026, 9, 2), date(2026, 11, 23), date(2027, 8, 31), date(2027, 9, 1))
EXAMPLE = REPOSITORY / "config" / "register-example.csv"


@pytest.fixture
def published(office_site: House, monkeypatch: pytest.MonkeyPatch) -> Snapshot:
    """The example's register, published from its file."""
    monkeypatch.setattr(file_office, "clock_of", lambda _site: office_site.clock)
    site = office_site.site()
    file_office.publish(site, file_office.plan_publication(site, read_register_file(EXAMPLE)))
    snapshot = file_office.newest_register(site)
    assert snapshot is not None
    return snapshot


def stands(snapshot: Snapshot) -> dict[tuple[str, str, date], str]:
    """Return how everybody stands, by token, purpose and day."""
    codes = ("photograph_and_store", "website")
    return {
        (one.token, code, day): standing(
            CorePerson(
                token=one.token,
                names=frozenset(),
                answers=one.answers,
                restricted=one.restricted,
            ),
            PurposeId(code),
            day,
        ).value
        for one in snapshot.people
        for code in codes
        for day in DAYS
    }


def test_tokens_names_classes_devices_and_standing_stay(
    published: Snapshot, office_site: House
) -> None:
    assert TakeOver(by=None, snapshot=published).do() is not None
    made = publishing.build(office_site.site(), now())
    assert stands(made) == stands(published)
    assert {one.token: set(one.names) for one in made.people} == {
        one.token: set(one.names) for one in published.people
    }
    assert {one.id: one for one in made.devices} == {one.id: one for one in published.devices}
    assert {one.id: (one.names, one.members) for one in made.rosters} == {
        one.id: (one.names, one.members) for one in published.rosters
    }
    assert made.version == published.version + 1
    assert (made.card_key, made.school_year) == (published.card_key, published.school_year)
    event = Event.objects.latest("number")
    assert (event.kind, event.body["file_sha256"]) == ("register.imported", published.digest())
    assert "Amara" not in str(event.body)


def test_what_the_console_publishes_then_replaces_it(published: Snapshot) -> None:
    TakeOver(by=None, snapshot=published).do()
    publication = publishing.publish_if_due()
    assert publication is not None
    assert publication.version == published.version + 1


def test_taking_over_again_changes_nothing(published: Snapshot) -> None:
    TakeOver(by=None, snapshot=published).do()
    tables = (Person, Answer, Guardian, Group, Device, Event)
    before = [model.objects.count() for model in tables]
    assert TakeOver(by=None, snapshot=published).do() is None
    assert [model.objects.count() for model in tables] == before


def test_a_register_of_the_consoles_own_is_never_overwritten(published: Snapshot) -> None:
    a_pupil()
    with pytest.raises(Refused, match="already"):
        TakeOver(by=None, snapshot=published).do()
    assert Person.objects.count() == 1


def test_a_purpose_that_nobody_knows_stops_it(published: Snapshot) -> None:
    first = next(one for one in published.people if one.answers)
    strange = replace(first.answers[0], purpose=PurposeId("moon_landing"))
    spoilt = replace(published, people=(replace(first, answers=(strange,)),), rosters=())
    with pytest.raises(Refused, match="moon_landing"):
        TakeOver(by=None, snapshot=spoilt).do()
    assert not Person.objects.exists()


def test_nothing_is_taken_over_where_somebody_would_stand_otherwise(
    published: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: in what right guardians answer is lost."""
    monkeypatch.setattr(TakeOver, "_answering", lambda *_: None)
    with pytest.raises(Refused, match="stand otherwise"):
        TakeOver(by=None, snapshot=published).do()
