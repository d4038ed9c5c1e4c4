# SPDX-License-Identifier: Apache-2.0
"""Who may know of which case, and who may look at its picture.

Knowing: office, head, data protection officer and safeguarding lead know of every case; a teacher
of those of their own classes and groups, and of those without any in which somebody of theirs is
named; governors, their chair and technicians of none.

Looking asks more, and asks it of the journal and the desk at that moment, never of the index: a
role that looks, a reason that it may read, and a case that is neither frozen nor erased nor like
one that is frozen. A personal device is a matter for the headteacher; why somebody must not be
photographed is one for the safeguarding lead too.
"""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404

from agent.core.case import Record
from agent.core.concerns import Concern
from agent.core.model import CaseId
from agent.freezing import is_frozen
from agent.ports import Known
from service.office.accounts.models import User
from service.office.house import now
from service.office.library.looking import open_looking
from service.office.library.models import GONE, CasePerson, CaseRoster, IndexedCase
from service.office.register.models import Group, Membership, Token
from service.office.roles import Role

KNOWS_ALL: Final = frozenset({Role.OFFICE, Role.HEAD, Role.DATA_PROTECTION, Role.SAFEGUARDING})
LOOKS: Final = frozenset({Role.OFFICE, Role.HEAD, Role.SAFEGUARDING, Role.TEACHER})
"""Who looks at pictures; the data protection officer knows of them and looks at none."""
_HEAD: Final = frozenset({Role.HEAD})
_CARING: Final = frozenset({Role.HEAD, Role.SAFEGUARDING})
_READERS: Final[Mapping[Concern, frozenset[Role]]] = {
    Concern.PERMISSION_RESTRICTED: _CARING,
    Concern.FREEZE_COPY: _CARING,
}
"""Who may read a confidential reason; of every other one it is the head alone."""


def cases_of(user: User, roles: Collection[Role], today: date) -> QuerySet[IndexedCase]:
    """Return the cases that somebody may know of."""
    if KNOWS_ALL.intersection(roles):
        return IndexedCase.objects.all()
    if Role.TEACHER not in roles:
        return IndexedCase.objects.none()
    here = CaseRoster.objects.filter(case=OuterRef("pk"), roster__in=_own_groups(user, today))
    named = CasePerson.objects.filter(case=OuterRef("pk"), token__in=_own_tokens(user, today))
    return IndexedCase.objects.filter(Exists(here) | (Q(has_rosters=False) & Exists(named)))


def may_know_of(user: User, roles: Collection[Role], record: Record, today: date) -> bool:
    """Tell the same of a record of the journal as `cases_of` of the index."""
    if KNOWS_ALL.intersection(roles):
        return True
    if Role.TEACHER not in roles:
        return False
    said = record.facts.attribution
    if said.rosters:
        return _own_groups(user, today).filter(pk__in=said.rosters).exists()
    return _own_tokens(user, today).filter(pk__in=said.tagged).exists()


def may_look_at(user: User, roles: Collection[Role], case: IndexedCase) -> bool:
    """Tell whether somebody may look at a picture at this moment.

    Raises:
        UnavailableError: journal or desk cannot be read now.
    """
    if not LOOKS.intersection(roles):
        return False
    with open_looking() as known:
        return may_look(known, user, roles, known.journal.find(CaseId(case.pk)))


def may_look(known: Known, user: User, roles: Collection[Role], record: Record | None) -> bool:
    """Tell whether somebody may look at the picture of a record, which was read just now."""
    if record is None:
        return False
    concerns = record.ruling.concerns
    return (
        bool(LOOKS.intersection(roles))
        and may_know_of(user, roles, record, now().today)
        and may_read_why(roles, concerns)
        and Concern.FREEZE_COPY not in concerns
        and record.state.value not in GONE
        and not is_frozen(known, record.case, record.group)
    )


def may_read_why(roles: Collection[Role], concerns: Collection[Concern]) -> bool:
    """Tell whether somebody may read why a picture is held."""
    return all(
        _READERS.get(concern, _HEAD).intersection(roles)
        for concern in concerns
        if concern.is_confidential
    )


def found(user: User, roles: Collection[Role], case: str) -> IndexedCase:
    """Return a case that somebody may know of.

    Raises:
        Http404: there is none, or they may not.
    """
    one = cases_of(user, roles, now().today).filter(pk=case).first()
    if one is None:
        raise Http404
    return one


def _own_groups(user: User, today: date) -> QuerySet[Group]:
    return Group.objects.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=today), teachers=user)


def _own_tokens(user: User, today: date) -> QuerySet[Token]:
    taught = Membership.objects.filter(
        Q(until__isnull=True) | Q(until__gte=today), group__in=_own_groups(user, today)
    )
    return Token.objects.filter(person__in=taught.values("person"))
