# SPDX-License-Identifier: Apache-2.0
"""A sealed scan, opened by a page: for few, with the key, in memory, recorded."""

import pytest
from django.urls import reverse

from service.office.house import House
from service.office.keyring import holding
from service.office.record.models import Event
from service.office.register.acts.answers import KeepEvidence
from service.office.register.models import Evidence, Person
from tests.office.cast import enter
from tests.office.cast import person as account
from tests.office.keys import enter_unlocked
from tests.office.school import a_pupil

SCAN = b"%PDF-1.7 signed by Marigold's mother"


@pytest.fixture(autouse=True)
def _nothing_held() -> None:
    holding.drop_all()


def a_scan() -> tuple[Person, Evidence, str]:
    child = a_pupil()
    KeepEvidence(by=account("olive"), person=child, content=SCAN).do()
    kept = Evidence.objects.get(person=child)
    return child, kept, reverse("register:evidence", args=[child.id, kept.id])


@pytest.mark.usefixtures("office_site")
@pytest.mark.parametrize("username", ["olive", "hana", "dev"])
def test_a_scan_is_handed_out_as_a_file_and_that_is_recorded(username: str) -> None:
    child, kept, there = a_scan()
    page = enter_unlocked(username).get(there)
    assert page.content == SCAN
    assert page.headers["Content-Type"] == "application/pdf"
    assert page.headers["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert page.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert page.headers["Cache-Control"] == "no-store, private"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    event = Event.objects.latest("number")
    assert event.kind == "evidence.opened"
    assert (event.body["person"], event.body["evidence"]) == (child.id, kept.id)
    assert event.by == account(username)


@pytest.mark.usefixtures("office_site")
def test_without_the_key_a_scan_stays_closed() -> None:
    _, _, there = a_scan()
    answer = enter("olive").get(there)
    assert answer.headers["Location"].startswith(reverse("keyring:unlock"))
    assert not Event.objects.filter(kind="evidence.opened").exists()


@pytest.mark.usefixtures("office_site")
@pytest.mark.parametrize("username", ["tariq", "sam", "gita", "tess", "otto"])
def test_a_scan_is_not_for_others(username: str) -> None:
    _, _, there = a_scan()
    assert enter(username).get(there).status_code == 403


@pytest.mark.parametrize("spoilt", ["changed", "gone"])
def test_a_scan_that_is_not_what_was_sealed_is_not_handed_out(
    office_site: House, spoilt: str
) -> None:
    child, kept, there = a_scan()
    path = office_site.folder / "office" / "evidence" / f"{kept.id}.age"
    if spoilt == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    client = enter_unlocked("olive")
    assert client.get(there).headers["Location"] == reverse("register:person", args=[child.id])
    assert (
        b"Restore it from the backup"
        in client.get(reverse("register:person", args=[child.id])).content
    )
    assert not Event.objects.filter(kind="evidence.opened").exists()


@pytest.mark.usefixtures("office_site")
def test_a_scan_is_reached_through_its_own_child_only() -> None:
    _, kept, _ = a_scan()
    other = a_pupil("Ben", "Ito")
    there = reverse("register:evidence", args=[other.id, kept.id])
    assert enter_unlocked("olive").get(there).status_code == 404
