# SPDX-License-Identifier: Apache-2.0
"""The safeguarding lead sets "do not photograph": at once, everywhere, and nobody reads why."""

import pytest
from django.urls import reverse

from agent.core.consent import Standing
from service.office.register.acts.people import Restrict
from service.office.register.models import Publication
from service.office.register.publishing import publish_if_due
from tests.office import school
from tests.office.cast import enter, person

pytestmark = pytest.mark.usefixtures("office_site")


def test_scenario_71_the_lead_says_never_and_it_is_published_at_once() -> None:
    child = school.a_pupil("Amara", "Okafor")
    school.answer(child, school.a_guardian(child), "yes", "photograph_and_store", "website")
    school.a_group("3B", child, teacher="tariq")
    publish_if_due()
    before = Publication.objects.count()
    for code in ("photograph_and_store", "website"):
        assert school.standing(child, code) is Standing.GRANTED
    Restrict(by=person("sam"), person=child, reason="Her father must not find her.").do()
    for code in ("photograph_and_store", "website"):
        assert school.standing(child, code) is Standing.RESTRICTED
    publish_if_due()
    assert Publication.objects.count() == before + 1, "it waits for nothing"
    page = enter("tariq").get(reverse("register:person", args=[child.id])).content.decode()
    assert "Do not photograph" in page
    assert "father" not in page
    assert (
        "father" in enter("sam").get(reverse("register:reasons", args=[child.id])).content.decode()
    )
