# SPDX-License-Identifier: Apache-2.0
"""Who somebody of the console is to the agent: an opaque account and one role."""

import pytest
from django.core.exceptions import PermissionDenied

from agent.core import who
from service.office.roles import Role
from service.office.who import ROLES, counting, who_of
from tests.office.cast import ROLES as CAST
from tests.office.cast import person

pytestmark = pytest.mark.usefixtures("office")


def test_every_role_is_one_to_the_agent_and_no_two_are_the_same() -> None:
    assert set(ROLES) == set(Role)
    assert len(set(ROLES.values())) == len(ROLES)
    assert who.Role.STATION not in ROLES.values()


@pytest.mark.parametrize("username", [name for name, (_, roles) in CAST.items() if roles])
def test_the_account_is_opaque(username: str) -> None:
    user = person(username)
    told = who_of(user, CAST[username][1])
    assert told.account == user.id
    assert user.username not in repr(told)
    assert user.name not in repr(told)


def test_somebody_with_several_roles_acts_in_the_one_that_the_act_needs() -> None:
    roles = {Role.HEAD, Role.OFFICE, Role.TEACHER}
    assert who_of(person("hana"), roles).role is who.Role.HEAD
    assert who_of(person("hana"), roles, {who.Role.OFFICE}).role is who.Role.OFFICE
    with pytest.raises(PermissionDenied):
        who_of(person("hana"), roles, {who.Role.SAFEGUARDING_LEAD})
    with pytest.raises(PermissionDenied):
        who_of(person("otto"), set())


def test_the_head_never_acts_as_chair_of_governors() -> None:
    both = {Role.HEAD, Role.CHAIR}
    assert counting(both) == {Role.HEAD}
    with pytest.raises(PermissionDenied):
        who_of(person("hana"), both, {who.Role.CHAIR})
    assert who_of(person("cora"), {Role.CHAIR}, {who.Role.CHAIR}).role is who.Role.CHAIR
