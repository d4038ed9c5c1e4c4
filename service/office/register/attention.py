# SPDX-License-Identifier: Apache-2.0
"""What of the register asks for attention: answers that end, people without any, the stations."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.urls import reverse

from service.office.accounts.models import User
from service.office.house import now
from service.office.policy import OFFICE
from service.office.register.models import Answer, Person, Publication
from service.office.roles import Role

SOON: Final = timedelta(days=30)


def matters(user: User, roles: frozenset[Role]) -> Iterator[tuple[str, str, str]]:
    """Yield what of the register waits for the office and the head."""
    del user
    if not OFFICE.admits(roles):
        return
    today = now().today
    here = Person.objects.filter(left_on__isnull=True)
    silent = here.exclude(pk__in=Answer.objects.values("person_id")).count()
    if silent:
        yield _line(silent, "has no answer at all", "have no answer at all", "missing")
    ending = (
        Answer.objects.filter(
            correction__isnull=True, says="yes", valid_until__range=(today, today + SOON)
        )
        .values("person_id")
        .distinct()
        .count()
    )
    if ending:
        yield _line(
            ending,
            "has a permission that ends within 30 days",
            "have a permission that ends within 30 days",
            "ending",
        )
    newest = Publication.objects.order_by("-version").first()
    if newest is not None and newest.valid_until - now().at < timedelta(days=3):
        yield (
            "The register at the school's computers runs out soon. Is the storage connected?",
            reverse("register:computers"),
            "Look",
        )


def _line(number: int, one: str, many: str, tab: str) -> tuple[str, str, str]:
    who = f"{number} {'person' if number == 1 else 'people'} {one if number == 1 else many}."
    return who, f"{reverse('register:answers')}?tab={tab}", "Answers to ask for"
