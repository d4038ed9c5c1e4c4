# SPDX-License-Identifier: Apache-2.0
"""What the stations get: the same snapshot as from a file, at every change that tightens."""

from datetime import timedelta

import pytest

from agent import bootstrap
from agent.core.checkpoint import Checkpoint
from agent.core.consent import Standing
from agent.core.consent import standing as core_standing
from agent.core.ledger import decode_entry
from agent.core.ledger_audit import audit_ledger
from agent.core.model import PurposeId
from agent.core.register import Register
from agent.seal.notes import verify
from service.office import caretaker
from service.office.house import House, now
from service.office.record import ledger
from service.office.record.models import Event
from service.office.register import publishing
from service.office.register.acts.answers import Withdraw
from service.office.register.models import Publication
from tests.office.cast import person as account
from tests.office.school import BASE, a_group, a_guardian, a_pupil, answer, purpose


def station_register(house: House) -> Register:
    """Return the register as the station reads it."""
    site = house.site()
    register = bootstrap.registrar_of(site).register(bootstrap.clock_of(site).now())
    assert isinstance(register, Register)
    return register


def test_a_station_reads_what_the_console_published(office_site: House) -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    a_group("3B", child)
    publication = publishing.publish()
    register = station_register(office_site)
    assert (register.version, register.digest) == (publication.version, publication.digest)
    (person,) = register.people.values()
    assert core_standing(person, PurposeId(BASE), now().today) is Standing.GRANTED
    (roster,) = register.rosters.values()
    assert roster.members == {person.token}
    assert register.card_key


def test_a_withdrawal_is_due_at_once_and_reaches_the_station(office_site: House) -> None:
    child = a_pupil()
    mother = a_guardian(child)
    answer(child, mother)
    assert publishing.publish_if_due() is not None
    assert publishing.publish_if_due() is None
    Withdraw(
        by=account("olive"),
        person=child,
        guardian=mother,
        says={purpose(): "withdrawn"},
        given_on=now().today,
        how="telephone",
    ).do()
    assert publishing.publish_if_due() is not None
    (person,) = station_register(office_site).people.values()
    assert core_standing(person, PurposeId(BASE), now().today) is Standing.WITHDRAWN


def test_the_register_goes_out_daily_although_nothing_changed(office_site: House) -> None:
    a_pupil()
    publishing.publish()
    office_site.clock.wait(19 * 3600)
    assert publishing.why_due(now()) == ""
    office_site.clock.wait(2 * 3600)
    assert publishing.why_due(now()) == "old"


def test_what_only_loosens_waits_a_minute(office_site: House) -> None:
    a_pupil()
    publishing.publish()
    a_pupil("Ben", "Ito")
    assert publishing.why_due(now()) == ""
    office_site.clock.wait(60)
    assert publishing.why_due(now()) == "changed"


def test_tokens_are_new_in_a_new_school_year_and_stay_within_one(office_site: House) -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    site = office_site.site()
    first, second = (publishing.build(site, now()) for _ in range(2))
    assert first.people[0].token == second.people[0].token
    office_site.clock.at += timedelta(days=300)  # type: ignore[attr-defined]  # the clock of tests
    later = publishing.build(site, now())
    assert later.people[0].token != first.people[0].token
    assert later.school_year == "2027-28"


def test_a_vault_that_is_away_keeps_it_due(office_site: House) -> None:
    a_pupil()
    vault = office_site.folder / "vault"
    vault.rename(office_site.folder / "away")
    keeper = caretaker.Caretaker()
    keeper.round()
    assert keeper.trouble is not None
    assert not Publication.objects.exists()
    (office_site.folder / "away").rename(vault)
    keeper.round()
    assert keeper.trouble is None
    assert Publication.objects.count() == 1


def test_every_event_is_in_the_offices_ledger_and_its_copy_in_the_vault(office_site: House) -> None:
    child = a_pupil()
    answer(child, a_guardian(child))
    caretaker.Caretaker().round()
    assert not Event.objects.filter(in_ledger=False).exists()
    site = office_site.site()
    lines, note = bootstrap.office_vault_of(site).ledger_files()
    checkpoint = Checkpoint.parse(verify(note, [site.office_verifier]))
    assert checkpoint.origin == f"photowarden/office-{site.station.vault.id}"
    audit = audit_ledger(lines, checkpoint)
    assert audit.sound, audit.faults
    lines, _ = bootstrap.office_vault_of(site).ledger_files()
    told = [decode_entry(line).id for line in lines]
    assert told == [f"office.{event.id}" for event in Event.objects.order_by("number")]


@pytest.mark.usefixtures("office_site")
def test_copying_events_again_adds_nothing() -> None:
    a_pupil()
    ledger.copy_events()
    Event.objects.update(in_ledger=False)
    ledger.copy_events()
    with ledger.open_ledger() as opened:
        assert opened.size() == Event.objects.count()


def test_no_name_is_in_the_offices_ledger(office_site: House) -> None:
    child = a_pupil("Marigold", "Featherstonehaugh")
    answer(child, a_guardian(child, name="Ada Featherstonehaugh"))
    a_group("Hedgehogs", child)
    caretaker.Caretaker().round()
    written = b"".join(
        path.read_bytes()
        for path in [
            *office_site.folder.glob("office/console-ledger*"),
            *office_site.folder.glob("vault/ledgers/**/*.jsonl"),
        ]
    )
    assert b"office." in written
    for name in (b"Marigold", b"eatherstone", b"Hedgehog", b"olive", b"Olive"):
        assert name not in written
