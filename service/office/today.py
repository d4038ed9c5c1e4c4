# SPDX-License-Identifier: Apache-2.0
"""What waits for somebody today: one sentence a matter, most urgent first, each with where to go.

A part of the console adds a source: a function from account and roles to matters, few statements.
"""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from service.office import computers
from service.office.accounts.models import User
from service.office.keyring import queries as keyring
from service.office.register import attention
from service.office.review import waiting as review
from service.office.roles import Role
from service.office.safeguarding import attention as safeguarding


class Matter(NamedTuple):
    """One sentence, and the address and words of the link that leads on."""

    sentence: str
    address: str = ""
    act: str = ""


Source = Callable[[User, frozenset[Role]], Iterable[tuple[str, str, str]]]

SOURCES: Final[tuple[Source, ...]] = (
    safeguarding.matters,
    review.matters,
    attention.matters,
    computers.matters,
    keyring.matters,
)


def waiting(user: User, roles: frozenset[Role]) -> list[Matter]:
    """Return what waits for somebody."""
    return [Matter(*matter) for source in SOURCES for matter in source(user, roles)]
