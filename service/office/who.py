# SPDX-License-Identifier: Apache-2.0
"""Who somebody of the console is to the agent: their opaque account and the one role they act in.

Somebody with several roles acts in the one that an act needs. The head never acts as chair of
governors, whatever roles were given: the chair decides where the head is concerned.
"""

from collections.abc import Collection, Mapping
from typing import Final

from django.core.exceptions import PermissionDenied

from agent.core import who
from agent.core.who import AccountId, Who
from service.office.accounts.models import User
from service.office.roles import Role

ROLES: Final[Mapping[Role, who.Role]] = {
    Role.HEAD: who.Role.HEAD,
    Role.SAFEGUARDING: who.Role.SAFEGUARDING_LEAD,
    Role.CHAIR: who.Role.CHAIR,
    Role.OFFICE: who.Role.OFFICE,
    Role.TEACHER: who.Role.TEACHER,
    Role.DATA_PROTECTION: who.Role.DATA_PROTECTION_OFFICER,
    Role.TECHNICIAN: who.Role.TECHNICIAN,
    Role.GOVERNOR: who.Role.GOVERNOR,
}
"""What each role is to the agent; somebody with several acts in the first one that may."""


def who_of(user: User, roles: Collection[Role], acting: Collection[who.Role] = ()) -> Who:
    """Return who somebody is to the agent, acting in the first of their roles that may.

    `acting` are the roles in which the act may be done; empty for any.

    Raises:
        PermissionDenied: none of the person's roles is among them.
    """
    for role, known in ROLES.items():
        if role in counting(roles) and (not acting or known in acting):
            return Who(account=AccountId(user.id), role=known)
    raise PermissionDenied("none of the person's roles may do this")


def counting(roles: Collection[Role]) -> frozenset[Role]:
    """Return the roles that somebody may act in: nobody is head and chair of governors at once."""
    return frozenset(roles) - ({Role.CHAIR} if Role.HEAD in roles else set())
