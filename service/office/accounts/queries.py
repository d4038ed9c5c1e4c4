# SPDX-License-Identifier: Apache-2.0
"""What the pages about accounts show."""

from django.db.models import Prefetch, QuerySet

from agent.core.ledger import EntryKind
from service.office.accounts.models import RoleGrant, User
from service.office.house import now
from service.office.record.models import Event

_REMEMBERED = 200


def accounts() -> QuerySet[User]:
    """Return every account with the grants that count today."""
    counting = RoleGrant.objects.filter(RoleGrant.counting(now().today)).order_by("role")
    listed = User.objects.order_by("-is_active", "name")
    return listed.prefetch_related(Prefetch("grants", counting, to_attr="counting_grants"))


def broken_glass(user: User) -> list[tuple[Event, User]]:
    """Return whom the computer's administrator let in and this person has not acknowledged yet."""
    kinds = (EntryKind.ACCOUNT_BROKEN_GLASS.code, EntryKind.ACCOUNT_ACKNOWLEDGED.code)
    seen: set[str] = set()
    due: list[Event] = []
    for event in Event.objects.filter(kind__in=kinds).order_by("-number")[:_REMEMBERED]:
        account = event.body["account"]
        if event.kind == kinds[1]:
            if event.by_id == user.id:
                seen.add(account)
        elif account not in seen:
            due.append(event)
            seen.add(account)
    names = User.objects.in_bulk([event.body["account"] for event in due])
    return [(event, names[event.body["account"]]) for event in due]
