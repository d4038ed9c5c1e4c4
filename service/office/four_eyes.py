# SPDX-License-Identifier: Apache-2.0
"""When two accounts count as two people: what one person alone cannot make up in a day.

Nobody confirms their own proposal; whoever made somebody's log-in or gave them a sign-in code could
be that person, and so could whoever made both, so for 24 hours they make no pair.
"""

from datetime import datetime, timedelta
from typing import Final

from agent.core.ledger import EntryKind
from service.office.accounts.models import User
from service.office.record.models import Event

APART: Final = timedelta(hours=24)
_MADE: Final = (EntryKind.ACCOUNT_CREATED.code, EntryKind.ACCOUNT_CODE_GIVEN.code)


def are_two(one: User, other: User, at: datetime) -> bool:
    """Tell whether two accounts are surely two people; one statement."""
    if one.pk == other.pk:
        return False
    events = Event.objects.filter(
        kind__in=_MADE, at__gt=at - APART, body__account__in=[one.pk, other.pk], by__isnull=False
    )
    makers: dict[str, set[str]] = {one.pk: {one.pk}, other.pk: {other.pk}}
    for event in events:
        makers[event.body["account"]].add(str(event.by_id))
    return not makers[one.pk] & makers[other.pk]
