# SPDX-License-Identifier: Apache-2.0
"""Acts on paper: names leave the console with letters and lists, so printing is recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from service.office.acts import Act, Refused
from service.office.register.acts.answers import KEEPS
from service.office.register.letters import MOST
from service.office.register.models import Group, Person
from service.office.roles import Role


@dataclass(frozen=True, kw_only=True)
class PrintLetters(Act):
    """Print letters to those who answer for these pupils."""

    kind: ClassVar = EntryKind.LETTERS_PRINTED
    roles: ClassVar = KEEPS
    people: Sequence[Person]

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Change nothing."""
        del moment
        if not self.people:
            raise Refused("Tick at least one child.")
        if len(self.people) > MOST:
            raise Refused(f"Print letters for {MOST} children at most; choose a class.")
        return {"people": [person.id for person in self.people]}


@dataclass(frozen=True, kw_only=True)
class PrintList(Act):
    """Print who of a class must not be photographed."""

    kind: ClassVar = EntryKind.GROUP_LIST_PRINTED
    roles: ClassVar = KEEPS | {Role.TEACHER, Role.SAFEGUARDING}
    group: Group
    names: bool

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Change nothing."""
        del moment
        return {"group": self.group.id, "contents": "names" if self.names else "count"}
