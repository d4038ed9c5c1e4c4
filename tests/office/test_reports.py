# SPDX-License-Identifier: Apache-2.0
"""The Reports page: the head makes and approves, governors read, anybody of them may check."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from service.office.house import House
from service.office.record.models import Event
from service.office.reports import queries
from tests.office.cast import enter
from tests.site.reports import write_terms


@pytest.fixture
def school(office_site: House) -> House:
    today = office_site.site() and date.today()
    write_terms(office_site.folder, today - timedelta(days=2))
    office_site.clock.on(today)  # type: ignore[attr-defined]  # the clock of the tests
    return office_site


def make() -> str:
    response = enter("hana").post(reverse("reports:make"), {"term": "Now"})
    assert response.status_code == 302, response.content.decode()
    return queries.reports()[0].id


def test_a_report_is_made_and_told_in_both_ledgers(school: House) -> None:
    made = make()
    event = Event.objects.get(kind="report.made")
    assert event.body["report"].startswith(made)
    assert queries.reports()[0].approved is False
    assert (school.folder / "office" / "reports" / made / "report.pdf").exists()


def test_the_head_approves_and_it_is_recorded_with_her_account(school: House) -> None:  # noqa: ARG001 - keys are there
    made = make()
    page = enter("hana").get(reverse("reports:approve", args=[made]))
    assert queries.reports()[0].fingerprint in page.content.decode()
    enter("hana").post(reverse("reports:approve", args=[made]))
    event = Event.objects.get(kind="report.approved")
    assert event.body["by"] == event.by.id
    assert queries.reports()[0].approved


@pytest.mark.parametrize("who", ["gita", "dev"])
def test_governor_and_data_protection_read_and_change_nothing(who: str, school: House) -> None:  # noqa: ARG001 - keys are there
    made = make()
    client = enter(who)
    assert "Approve" not in client.get(reverse("reports:list")).content.decode()
    got = client.get(reverse("reports:file", args=[made, "pdf"]))
    assert b"".join(got.streaming_content).startswith(b"%PDF")
    assert "attachment" in got.headers["Content-Disposition"]
    assert client.post(reverse("reports:approve", args=[made])).status_code == 403
    assert client.post(reverse("reports:make"), {"term": "Now"}).status_code == 403


def test_the_digits_of_a_paper_are_found_and_others_are_not(school: House) -> None:  # noqa: ARG001 - keys are there
    make()
    digits = queries.reports()[0].fingerprint
    client = enter("gita")
    found = client.post(reverse("reports:check"), {"digits": digits}).content.decode()
    assert "Found." in found
    other = client.post(reverse("reports:check"), {"digits": "1" * 60}).content.decode()
    assert "Not found." in other
    short = client.post(reverse("reports:check"), {"digits": digits[:-1]}).content.decode()
    assert "twelve groups" in short


@pytest.mark.parametrize("kind", ["json", "made", "exe"])
def test_only_the_printed_files_are_given(kind: str, school: House) -> None:  # noqa: ARG001 - keys are there
    made = make()
    assert enter("hana").get(reverse("reports:file", args=[made, kind])).status_code == 404


def test_without_keys_there_is_no_report_and_nothing_fails(office: House) -> None:  # noqa: ARG001 - a house without keys
    assert (
        "No report has been made yet" in enter("gita").get(reverse("reports:list")).content.decode()
    )
    assert "No term has begun" in enter("hana").get(reverse("reports:make")).content.decode()
