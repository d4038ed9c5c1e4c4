# SPDX-License-Identifier: Apache-2.0
"""What the review has for the first page: how many held pictures wait for somebody."""

from collections.abc import Iterator

from django.urls import reverse

from service.office.accounts.models import User
from service.office.house import house, now
from service.office.policy import KNOWS_PICTURES
from service.office.review.held import held_of
from service.office.roles import Role


def matters(user: User, roles: frozenset[Role]) -> Iterator[tuple[str, str, str]]:
    """Yield that held pictures wait; one statement."""
    if not (KNOWS_PICTURES.admits(roles) and house().has_site):
        return
    count = held_of(user, roles, now().today).filter(is_frozen=False).count()
    if count:
        what = "One picture is held." if count == 1 else f"{count} pictures are held."
        yield what, reverse("review:queue"), "Review"
