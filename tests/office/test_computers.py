# SPDX-License-Identifier: Apache-2.0
"""Today tells the office, the head and the technician which of the school's computers need help."""

from datetime import timedelta

import pytest

from agent import bootstrap
from agent import site as layout
from agent.core.health import SILENT, Gap, Health
from agent.core.troubles import Trouble
from service.office.computers import matters
from service.office.house import House
from service.office.roles import Role
from service.office.today import SOURCES
from tests.office.cast import enter
from tests.office.cast import person as account

HEAD = frozenset({Role.HEAD})


def heard(house: House, **changes: object) -> None:
    """Let this computer have said how it is."""
    site, at = house.site(), house.clock.now().at
    said: dict[str, object] = {
        "station": site.station.station,
        "at": at,
        "started_at": at,
        "every": timedelta(minutes=15),
        "version": "0.1.0",
        "free_mebibytes": 9000,
    }
    note = bootstrap.station_hand(site)(Health(**{**said, **changes}).text())  # type: ignore[arg-type]  # what a test spoils
    (house.folder / layout.HEALTH).write_bytes(note)


def told(roles: frozenset[Role] = HEAD) -> list[str]:
    return [sentence for sentence, _, _ in matters(account("olive"), roles)]


def test_a_computer_that_is_well_is_not_mentioned(office_site: House) -> None:
    heard(office_site)
    assert told() == []


def test_a_gap_is_shown_with_its_days(office_site: House) -> None:
    until = office_site.clock.now().at
    heard(office_site, gap=Gap(since=until - timedelta(days=4), until=until, cut=True))
    (sentence,) = told()
    assert Trouble.AGENT_GAP.sentence in sentence
    assert f"{until - timedelta(days=4):%d %B %Y}" in sentence


def test_a_silent_computer_is_shown_with_its_last_word(office_site: House) -> None:
    last = office_site.clock.now().at - SILENT
    heard(office_site, at=last)
    (sentence,) = told()
    assert Trouble.STATION_SILENT.sentence in sentence
    assert f"{last:%d %B %Y}" in sentence


def test_the_most_urgent_comes_first(office_site: House) -> None:
    heard(office_site, seen=(Trouble.MAIL_REFUSED, Trouble.CLOCK_UNTRUSTED))
    assert [Trouble.CLOCK_UNTRUSTED.sentence in told()[0], len(told())] == [True, 2]


def test_storage_that_is_away_is_a_matter(office_site: House) -> None:
    heard(office_site)
    office_site.site().vault_folder.rename(office_site.folder / "elsewhere")
    (sentence,) = told()
    assert Trouble.VAULT_AWAY.sentence in sentence


@pytest.mark.parametrize("role", [Role.TEACHER, Role.GOVERNOR])
def test_others_are_not_told(role: Role, office_site: House) -> None:
    heard(office_site, seen=(Trouble.CLOCK_UNTRUSTED,))
    assert told(frozenset({role})) == []


def test_before_there_is_a_site_nothing_is_told(office: House) -> None:
    assert not office.has_site
    assert told() == []


def test_today_shows_it(office_site: House) -> None:
    assert matters in SOURCES
    heard(office_site, seen=(Trouble.CLOCK_UNTRUSTED,))
    page = enter("olive").get("/").content.decode()
    assert Trouble.CLOCK_UNTRUSTED.sentence in page
