# SPDX-License-Identifier: Apache-2.0
"""What of safeguarding waits for somebody today: counts alone, each for whom it concerns."""

from collections.abc import Iterator

from django.urls import reverse

from agent.core.errors import AgentError
from service.office.accounts.models import User
from service.office.house import house
from service.office.roles import Role
from service.office.safeguarding import devices, erasing, freezing
from service.office.safeguarding.acts import ERASES


def matters(user: User, roles: frozenset[Role]) -> Iterator[tuple[str, str, str]]:
    """Yield frozen pictures, strange devices, and proposals of others."""
    if not house().has_site:
        return
    try:
        yield from _counted(user, roles)
    except AgentError:
        yield "Held pictures cannot be counted now: the agent's files cannot be read.", "", ""


def _counted(user: User, roles: frozenset[Role]) -> Iterator[tuple[str, str, str]]:
    if roles & freezing.RELEASERS:
        number = len(freezing.frozen_now(house().site()))
        if number:
            yield _line(number, "is frozen", "are frozen", "safeguarding:frozen")
    if Role.HEAD in roles:
        number = sum(not one.is_frozen for one in devices.detections())
        if number:
            words = "may come from a device that is not on the register"
            yield _line(number, words, words, "safeguarding:devices")
    if roles & ERASES:
        number = sum(one.proposed_by_id != user.pk for one in erasing.open_proposals())
        if number:
            yield _line(
                number, "waits for a second person to have it erased",
                "wait for a second person to have them erased", "safeguarding:proposals",
            )  # fmt: skip


def _line(number: int, one: str, many: str, route: str) -> tuple[str, str, str]:
    words = f"{number} {'picture' if number == 1 else 'pictures'} {one if number == 1 else many}."
    return words, reverse(route), "Look"
