# SPDX-License-Identifier: Apache-2.0
"""Which held pictures have lain long enough that the school should think of erasing them: pure.

It proposes and does nothing: two people confirm each one (`agent.absorbing`). Nothing is proposed
on a clock that is not to be trusted, and what is frozen is passed over and said to be.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from agent.core.case import Record, State
from agent.core.concerns import Verdict
from agent.core.model import CaseId, Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposal:
    """What is proposed, and what is due as well but frozen; oldest first."""

    proposed: tuple[CaseId, ...] = ()
    frozen: tuple[CaseId, ...] = ()


def disposal(
    records: Iterable[Record], is_frozen: Callable[[Record], bool], moment: Moment, days: int
) -> Disposal:
    """Return what has been held for `days` and longer; nothing where that is 0."""
    if not (days and moment.trusted):
        return Disposal()
    before = moment.at - timedelta(days=days)
    due = [record for record in records if _is_held(record) and held_since(record) <= before]
    frozen = [record.case for record in due if is_frozen(record)]
    proposed = [record.case for record in due if record.case not in frozen]
    return Disposal(proposed=tuple(proposed), frozen=tuple(frozen))


def held_since(record: Record) -> datetime:
    """Return since when a picture is held as it is: its latest arrival or decision counts."""
    return max(record.arrived_at, record.ruling.decided_at)


def _is_held(record: Record) -> bool:
    return record.state is State.DONE and record.ruling.verdict is not Verdict.KEEP
