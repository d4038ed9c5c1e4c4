# SPDX-License-Identifier: Apache-2.0
"""Acts on proposals to erase: propose, confirm, take back. Two people, and never in silence.

A confirmation is written with the database's own constraints first, then handed in to the agent,
then committed: a power cut between the last two leaves a proposal that is open and a case that is
not held any more, which is dead and harmless.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

from django.db import IntegrityError, transaction

from agent import handing_in
from agent.absorbing import ERASERS
from agent.core import who
from agent.core.canonical import JsonValue
from agent.core.desk import Erase
from agent.core.errors import AgentError
from agent.core.ledger import EntryKind
from agent.core.model import CaseId, Moment
from agent.core.who import AccountId, Who
from service.office.acts import Act, Refused
from service.office.four_eyes import are_two
from service.office.house import house
from service.office.roles import Role
from service.office.safeguarding.erasing import MOST, Facts, facts, standing
from service.office.safeguarding.models import ErasureProposal
from service.office.who import who_of

ERASES: Final = frozenset({Role.OFFICE, Role.HEAD})
LIFE: Final = timedelta(days=7)
_CLOCK: Final = "The clock of this computer cannot be right, so nothing is erased. Set it first."


@dataclass(frozen=True, kw_only=True)
class ProposeErasure(Act):
    """Want held pictures destroyed; nothing happens before another person confirms."""

    kind: ClassVar = EntryKind.ERASURE_PROPOSED
    roles: ClassVar = ERASES
    cases: Mapping[str, str]
    """Each case with the digest of it as it was shown."""
    reason: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Write the proposals."""
        if self.by is None or not 0 < len(self.cases) <= MOST:
            raise Refused("There is nothing to propose, or too much at once.")
        role = who_of(self.by, self.by.roles_on(moment.today), ERASERS).role
        with facts() as known:
            _end_dead(known, moment)
            if any(known.shown(case) != shown for case, shown in self.cases.items()):
                raise Refused("A picture is not held any more, is frozen, or has changed.")
        try:
            with transaction.atomic():
                ErasureProposal.objects.bulk_create(
                    ErasureProposal(
                        case=case,
                        shown=shown,
                        reason=self.reason,
                        proposed_by=self.by,
                        proposed_as=role.value,
                        proposed_at=moment.at,
                        expires_at=moment.at + LIFE,
                    )
                    for case, shown in self.cases.items()
                )
        except IntegrityError as error:
            raise Refused("This was proposed already and waits for a second person.") from error
        return {"cases": sorted(self.cases), "reason": self.reason}


@dataclass(frozen=True, kw_only=True)
class ConfirmErasure(Act):
    """Have pictures destroyed that another person proposed: hand it in to the agent."""

    kind: ClassVar = EntryKind.ERASURE_CONFIRMED
    roles: ClassVar = ERASES
    proposals: Sequence[str]

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Confirm each, all or none."""
        found = list(
            ErasureProposal.objects.select_for_update()
            .filter(id__in=self.proposals, ended_at__isnull=True, confirmed_at__isnull=True)
            .select_related("proposed_by")
        )
        if not found or len(found) != len(set(self.proposals)) or len(found) > MOST:
            raise Refused("A proposal is not open any more. Look again.")
        with facts() as known:
            if not known.moment.trusted:
                raise Refused(_CLOCK)
            for proposal in found:
                self._check(proposal, known, moment)
        for proposal in found:
            self._confirm(proposal, moment)
        return {"cases": sorted(proposal.case for proposal in found)}

    def _check(self, proposal: ErasureProposal, known: Facts, moment: Moment) -> None:
        """Hold a proposal to the rules of four eyes.

        Raises:
            Refused: it cannot be confirmed, or not by this person.
        """
        dead = standing(proposal, known, moment.at)
        if dead:
            raise Refused(f"{dead}. It must be proposed again.")
        first = proposal.proposed_by
        if self.by is None or not are_two(first, self.by, moment.at):
            raise Refused(
                "Erasing takes two people: nobody confirms their own proposal, or that of a log-in "
                "that they made or let in within 24 hours."
            )
        if not (first.is_active and first.roles_on(moment.today) & ERASES):
            raise Refused("Whoever proposed it has not the role any more. Propose it again.")

    def _confirm(self, proposal: ErasureProposal, moment: Moment) -> None:
        assert self.by is not None  # noqa: S101 - checked before
        proposal.confirmed_by, proposal.confirmed_at = self.by, moment.at
        proposal.save(update_fields=["confirmed_by", "confirmed_at"])
        first = Who(account=AccountId(proposal.proposed_by.id), role=who.Role(proposal.proposed_as))
        second = who_of(self.by, self.by.roles_on(moment.today), ERASERS)
        act = Erase(case=CaseId(proposal.case), proposed_by=first)
        try:
            proposal.item = handing_in.lay_down(house().site(), act, second).id
        except AgentError as error:
            raise Refused(f"It was not handed in: {error}") from error
        proposal.save(update_fields=["item"])


@dataclass(frozen=True, kw_only=True)
class TakeBackErasure(Act):
    """Take a proposal back, one's own or another's: nothing is erased then."""

    kind: ClassVar = EntryKind.ERASURE_TAKEN_BACK
    roles: ClassVar = ERASES
    proposal: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """End it."""
        waiting = ErasureProposal.objects.filter(
            id=self.proposal, ended_at__isnull=True, confirmed_at__isnull=True
        )
        case = waiting.values_list("case", flat=True).first()
        if case is None or not waiting.update(ended_at=moment.at):
            return None
        return {"cases": [case]}


def _end_dead(known: Facts, moment: Moment) -> None:
    """Make room for new proposals where an earlier one has died."""
    waiting = ErasureProposal.objects.filter(ended_at__isnull=True, confirmed_at__isnull=True)
    dead = [one.pk for one in waiting if standing(one, known, moment.at)]
    ErasureProposal.objects.filter(pk__in=dead).update(ended_at=moment.at)
