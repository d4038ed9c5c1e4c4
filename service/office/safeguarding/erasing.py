# SPDX-License-Identifier: Apache-2.0
"""What may be erased now, which proposals still hold, and what has been held for too long.

A proposal is bound to a digest of its case. If the case is decided again, arrives again or is
frozen in between, the digest differs and the proposal is dead: whoever confirms confirms what the
first person saw.
"""

import hashlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from agent import bootstrap
from agent.core.canonical import encode
from agent.core.case import Record, State
from agent.core.concerns import Verdict
from agent.core.desk import Settled
from agent.core.disposal import Disposal, disposal, held_since
from agent.core.model import CaseId, Moment
from agent.freezing import is_frozen
from agent.ports import Looking
from service.office.house import house, now
from service.office.library.looking import open_looking
from service.office.library.sentences import reason_for
from service.office.roles import Role
from service.office.safeguarding.models import ErasureProposal

MOST: Final = 200
"""How many pictures one act proposes or confirms at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A held picture as a proposal shows it."""

    case: CaseId
    since: date
    why: str
    shown: str
    """The digest that a proposal is bound to."""


class Facts:
    """What is known of cases at one moment; nothing is opened."""

    def __init__(self, known: Looking, moment: Moment, days: int) -> None:
        self._known = known
        self.moment = moment
        self.days = days

    def find(self, case: str) -> Record | None:
        """Return a case."""
        return self._known.journal.find(CaseId(case))

    def is_frozen(self, record: Record) -> bool:
        """Tell whether it or anything that arrived with it is frozen now."""
        return is_frozen(self._known, record.case, record.group)

    def shown(self, case: str) -> str | None:
        """Return the digest of a case that may be erased now; None where it may not."""
        record = self.find(case)
        if record is None or not is_held(record) or self.is_frozen(record):
            return None
        return digest(record)

    def due(self) -> Disposal:
        """Return what has been held for too long; nothing on a clock that is in doubt."""
        return disposal(self._known.journal.all(), self.is_frozen, self.moment, self.days)


@contextmanager
def facts() -> Iterator[Facts]:
    """Look at the cases of this site; the moment counts only if console and agent trust the clock.

    Raises:
        ConfigurationError, UnavailableError: there is no site, or it cannot be read.
    """
    days = house().site().policy_settings.held_days
    with open_looking() as known:
        yield Facts(known, known.clock.now(), days)


def is_held(record: Record) -> bool:
    """Tell whether a case is at rest and not kept: nothing else is ever erased here."""
    return record.state is State.DONE and record.ruling.verdict is not Verdict.KEEP


def digest(record: Record) -> str:
    """Return what a proposal is bound to: which object, decided how and how often."""
    said = {
        "case": record.case,
        "object": record.object,
        "state": record.state.value,
        "verdict": record.ruling.verdict.name,
        "concerns": [concern.code for concern in record.ruling.concerns],
        "rulings": record.rulings,
        "arrivals": record.arrivals,
    }
    return hashlib.sha256(encode(said)).hexdigest()


def held(record: Record, roles: Collection[Role]) -> Held:
    """Return a held picture as somebody may read of it."""
    return Held(
        case=record.case,
        since=held_since(record).astimezone(now().at.tzinfo).date(),
        why=reason_for(roles, record.ruling.concerns),
        shown=digest(record),
    )


def standing(proposal: ErasureProposal, known: Facts, at: datetime) -> str:
    """Return why a proposal is dead, in words; nothing where it can be confirmed."""
    record = known.find(proposal.case)
    if at > proposal.expires_at:
        return "Ran out: seven days have passed"
    if record is not None and known.is_frozen(record):
        return "The picture is frozen"
    if known.shown(proposal.case) != proposal.shown:
        return "The picture has changed since it was proposed"
    return ""


def open_proposals() -> list[ErasureProposal]:
    """Return what waits for a second person, oldest first, with who proposed it."""
    waiting = ErasureProposal.objects.filter(ended_at__isnull=True, confirmed_at__isnull=True)
    return list(waiting.select_related("proposed_by"))


def became(proposal: ErasureProposal) -> str:
    """Return what became of a confirmed proposal."""
    with bootstrap.open_desk(house().site()) as desk:
        settled = desk.settled(proposal.item) or desk.answered(proposal.item)
    if settled is None:
        return "Waits for the agent"
    return "Erased" if settled is Settled.DONE else "Not erased: the agent refused it"
