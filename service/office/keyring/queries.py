# SPDX-License-Identifier: Apache-2.0
"""What pages say of keys: who has access, who waits, who unlocked last; never a key."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from django.urls import reverse

from agent.core.ledger import EntryKind
from service.office.accounts.models import RoleGrant, User
from service.office.house import house, now
from service.office.keyring.holding import MAY_HOLD
from service.office.keyring.models import KeyWrap, ReviewerKey
from service.office.record.models import Event
from service.office.roles import Role


class Access(Enum):
    """How far somebody is: the code and the words of a page."""

    NONE = ("none", "No passphrase yet")
    WAITING = ("waiting", "Waits for access")
    GIVEN = ("given", "Has access")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


@dataclass(frozen=True, slots=True)
class Holder:
    """One person who may have access, and how far they are."""

    account: str
    name: str
    access: Access
    waits: bool
    """Whether somebody who is unlocked has something to give to them."""
    given_by: str
    given_at: datetime | None


def access_of(user: User) -> Access:
    """Return how far somebody is."""
    if KeyWrap.objects.filter(holder=user.pk).exists():
        return Access.GIVEN
    return Access.WAITING if ReviewerKey.objects.filter(user=user).exists() else Access.NONE


def holders() -> list[Holder]:
    """Return everybody whose roles may open pictures, by name."""
    roles = [role.code for role in MAY_HOLD]
    grants = RoleGrant.objects.filter(RoleGrant.counting(now().today), role__in=roles)
    users = User.objects.filter(is_active=True, pk__in=grants.values("user")).order_by("name")
    chosen = set(ReviewerKey.objects.values_list("user", flat=True))
    wraps: dict[str, KeyWrap] = {}
    for wrap in KeyWrap.objects.select_related("given_by").order_by("given_at"):
        wraps[wrap.holder_id] = wrap
    return [_holder(user, user.pk in chosen, wraps.get(user.pk)) for user in users]


def nobody_has_access() -> bool:
    """Tell whether nobody can open pictures in the console yet."""
    return not KeyWrap.objects.exists()


def lacks_office_key(user: User, office_key: str) -> bool:
    """Tell whether somebody with a passphrase has not the key that pictures are sealed to now."""
    return not KeyWrap.objects.filter(holder=user.pk, office_key=office_key).exists()


def last_unlocked() -> tuple[str, datetime] | None:
    """Return who unlocked last, and when."""
    event = (
        Event.objects.filter(kind=EntryKind.KEY_UNLOCKED.code)
        .select_related("by")
        .order_by("-number")
        .first()
    )
    return None if event is None or event.by is None else (event.by.name, event.at)


def matters(user: User, roles: frozenset[Role]) -> Iterator[tuple[str, str, str]]:
    """Yield what of the keyring waits for somebody."""
    if not roles & MAY_HOLD or not house().has_site:
        return
    mine = access_of(user)
    if mine is Access.GIVEN:
        waiting = ReviewerKey.objects.filter(wraps__isnull=True, user__is_active=True).count()
        if waiting:
            who = "A colleague waits" if waiting == 1 else f"{waiting} colleagues wait"
            yield f"{who} for access to sealed pictures.", reverse("keyring:access"), "Give it"
    elif Role.HEAD in roles and nobody_has_access():
        yield (
            "Nobody can open sealed pictures in the console yet.",
            reverse("keyring:unlock"),
            "Begin",
        )
    elif mine is Access.NONE:
        yield (
            "You have no passphrase for sealed pictures yet.",
            reverse("keyring:passphrase"),
            "Choose one",
        )


def _holder(user: User, chosen: bool, wrap: KeyWrap | None) -> Holder:  # noqa: FBT001 - a fact
    access = Access.GIVEN if wrap else Access.WAITING if chosen else Access.NONE
    by = wrap.given_by.name if wrap and wrap.given_by else ""
    at = wrap.given_at if wrap else None
    return Holder(user.pk, user.name, access, access is Access.WAITING, by, at)
