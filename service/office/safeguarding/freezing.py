# SPDX-License-Identifier: Apache-2.0
"""Freeze a case and release it: the console's hand to the agent's desk, and what is frozen now.

A freeze counts as soon as it lies on the desk, also where nothing else works. Who froze it, and
that the head is concerned, is shown to the chair of governors where the head is concerned, else to
the safeguarding lead; to the head it never is, of no case, so that no case stands out.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from agent import bootstrap, elsewhere, handing_in
from agent.bootstrap import Site
from agent.core import who
from agent.core.desk import Freeze, Item, Release, Settled
from agent.core.errors import AgentError
from agent.core.freezing import Frozen
from agent.core.model import CaseId
from agent.core.who import AccountId, Who
from service.office.accounts.models import User
from service.office.acts import Refused
from service.office.house import house
from service.office.roles import Role
from service.office.who import ROLES, counting, who_of

RELEASERS: Final = frozenset({Role.HEAD, Role.SAFEGUARDING, Role.CHAIR})
NOT_RELEASED: Final = (
    "This release does not count, and the picture stays frozen. Ask whoever gave you the reference "
    "what to do next."
)
"""The same words whoever is refused: the head must not learn from them whom a freeze concerns."""
_ASKED: Final = frozenset({Role.HEAD, Role.SAFEGUARDING})
"""Who is offered to release every case: a link that is missing would tell whom it concerns."""
_BECAME: Final = {
    None: "Waits for the agent",
    Settled.DONE: "Released",
    Settled.ERASURE_BEGUN: "Released, and erased: two people had begun to erase it before",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A frozen picture as one person may know of it."""

    case: CaseId
    since: date
    by: str = ""
    """Who froze it, for whom that is shown."""
    concerns_head: bool = False
    may_release: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """A release, and what became of it."""

    case: CaseId
    on: date
    by: str
    became: str


def frozen_now(site: Site) -> Mapping[CaseId, Frozen]:
    """Return what is frozen at this moment, here and at other stations."""
    return elsewhere.all_frozen(site)


def freeze(user: User, roles: Collection[Role], case: CaseId, *, concerns_head: bool) -> None:
    """Freeze a case durably; whatever else fails then, it is frozen.

    Raises:
        Refused: it could not be written down, so it is not frozen.
    """
    act = Freeze(case=case, concerns_head=concerns_head)
    site = None
    try:
        site = house().site()
        handing_in.hand_in(site, act, who_of(user, roles))
    except AgentError as error:
        if site is None or not _lies_there(site, case):
            raise Refused(
                "It could NOT be frozen: this computer cannot write it down. Do not open the "
                "picture. Tell the safeguarding lead at once, and then the technician."
            ) from error


def release(user: User, roles: Collection[Role], case: CaseId, reference: str) -> Settled | None:
    """Hand in a release; return what it came to, or nothing while it waits for the agent.

    Raises:
        Refused: whoever asks may not release this case, or it is not frozen.
    """
    site = house().site()
    frozen = frozen_now(site).get(case)
    if frozen is None:
        raise Refused("This picture is not frozen.")
    releaser = _releaser(user, roles, frozen)
    if releaser is None:
        raise Refused(NOT_RELEASED)
    act = Release(case=case, reference=reference)
    try:
        settled = handing_in.hand_in(site, act, releaser).settled
    except AgentError as error:
        raise Refused(f"It was not released: {error} {error.remedy}") from error
    if settled is not None and not settled.was_taken_in:
        raise Refused(NOT_RELEASED)
    return settled


def listed(user: User, roles: Collection[Role]) -> list[Row]:
    """Return everything that is frozen, newest first, as this person may know of it."""
    if not house().has_site:
        return []
    site = house().site()
    frozen = frozen_now(site)
    shown = _Shown(site, [one.freezes[0].by for one in frozen.values()])
    rows = [_row(case, one, user, roles, shown) for case, one in frozen.items()]
    return sorted(rows, key=lambda row: row.since, reverse=True)


def releases(roles: Collection[Role]) -> list[ReleaseRow]:
    """Return releases and what became of them, newest first.

    What the chair of governors released is the chair's to know.
    """
    if not house().has_site:
        return []
    site = house().site()
    with bootstrap.open_desk(site) as desk:
        handed = desk.handed_in("release")
    theirs = [one for one in handed if _may_know_release(one[0].by, roles)]
    shown = _Shown(site, [item.by for item, _ in theirs])
    return [
        ReleaseRow(
            case=item.act.case,
            on=shown.day(item),
            by=shown.name(item.by),
            became=_BECAME.get(settled, "It did not count"),
        )
        for item, settled in reversed(theirs)
        if isinstance(item.act, Release)
    ]


class _Shown:
    """Days in the school's zone, and the names of accounts."""

    def __init__(self, site: Site, people: Iterable[Who]) -> None:
        self._zone = bootstrap.zone_of(site)
        users = User.objects.filter(pk__in={one.account for one in people})
        self._names = {user.id: user.name for user in users}

    def day(self, item: Item) -> date:
        return item.at.astimezone(self._zone).date()

    def name(self, one: Who) -> str:
        return self._names.get(one.account, "Somebody at the computer itself")


def _row(
    case: CaseId,
    frozen: Frozen,
    user: User,
    roles: Collection[Role],
    shown: _Shown,
) -> Row:
    mine = counting(roles)
    knows = Role.CHAIR in mine if frozen.concerns_head else _is_lead_alone(mine)
    first = frozen.freezes[0]
    may = bool(mine & _ASKED) or _releaser(user, roles, frozen) is not None
    return Row(
        case=case,
        since=shown.day(first),
        by=shown.name(first.by) if knows else "",
        concerns_head=knows and frozen.concerns_head,
        may_release=may,
    )


def _is_lead_alone(roles: Collection[Role]) -> bool:
    return Role.SAFEGUARDING in roles and Role.HEAD not in roles


def _may_know_release(by: Who, roles: Collection[Role]) -> bool:
    return (by.role is who.Role.CHAIR) is (Role.CHAIR in counting(roles))


def _releaser(user: User, roles: Collection[Role], frozen: Frozen) -> Who | None:
    """Return in what role somebody may release a case; None where in none."""
    for role, known in ROLES.items():
        one = Who(account=AccountId(user.id), role=known)
        if role in counting(roles) and frozen.may_be_released_by(one):
            return one
    return None


def _lies_there(site: Site, case: CaseId) -> bool:
    try:
        return case in frozen_now(site)
    except AgentError:
        return False
