# SPDX-License-Identifier: Apache-2.0
"""The shape of everything that changes: one class an act, one event an act.

An act carries its fields, says who may do it, changes what it changes in one transaction and
returns the fields of its ledger entry. Views, commands, the first run and imports all do the same
acts, so that nothing changes without a right and nothing without a trace.

    @dataclass(frozen=True, kw_only=True)
    class CloseAccount(Act):
        kind = EntryKind.ACCOUNT_CLOSED
        roles = frozenset({Role.HEAD})
        account: User

        def change(self, moment: Moment) -> Mapping[str, JsonValue]: ...

    CloseAccount(by=head, account=leaver).do()
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from service.office.accounts.models import User
from service.office.house import DUE, now
from service.office.record.models import Event, record
from service.office.record.turn import in_turn
from service.office.roles import Role


class Refused(ValidationError):  # noqa: N818 - an answer to a person, shown above the form
    """Say why an act cannot be done as it was asked for, in a sentence for the person."""


@dataclass(frozen=True, kw_only=True)
class Act(ABC):
    """Something that somebody does; `by` is None for the program and the computer's administrator.

    `program_may` says that it may be done without a person.
    """

    kind: ClassVar[EntryKind]
    roles: ClassVar[frozenset[Role]]
    program_may: ClassVar[bool] = False

    by: User | None

    def may(self, moment: Moment) -> bool:
        """Tell whether whoever asks has one of the roles today."""
        if self.by is None:
            return self.program_may
        return self.by.is_active and bool(self.roles & self.by.roles_on(moment.today))

    @abstractmethod
    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Change what is to change and return the entry's fields but `by`; None for no change.

        Raises:
            Refused: it cannot be done as it was asked for; nothing is changed then.
        """

    def do(self) -> Event | None:
        """Do it, all or nothing, with exactly one event; nothing where nothing changes.

        Raises:
            PermissionDenied: whoever asks may not.
            Refused: it cannot be done as it was asked for.
        """
        moment = now()
        if not self.may(moment):
            raise PermissionDenied("this act is for other roles")
        with in_turn():
            fields = self.change(moment)
            if fields is None:
                return None
            event = record(self.kind, moment.at, self.by, self._with_actor(fields))
            transaction.on_commit(DUE.set)
        return event

    def _with_actor(self, fields: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
        if "by" not in self.kind.fields:
            return fields
        return {**fields, "by": None if self.by is None else self.by.id}
