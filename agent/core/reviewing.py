# SPDX-License-Identifier: Apache-2.0
"""When everything is to be decided again, though nobody said anything: pure.

A permission runs out on a day, and a parent's answer comes with a register. So every case is
decided again once for each register, policy, calendar day and set of frozen cases; a review that
was interrupted goes on where it was.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from agent.core.model import CaseId, Moment, Policy
from agent.core.register import NoRegister, Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A review of all cases: on what (a digest), the last case that was decided, whether ended."""

    of: str
    last: CaseId | None = None
    ended: bool = False


def review_due(
    register: Register | NoRegister,
    policy: Policy,
    moment: Moment,
    frozen: Iterable[CaseId],
    before: Review | None,
) -> Review | None:
    """Return the review to begin or to go on with; None where there is nothing to do.

    There is none without a register that is fresh, and none on a clock that is not to be trusted:
    a wrong day would hold, or keep, what the right one does not.
    """
    if isinstance(register, NoRegister) or not moment.trusted:
        return None
    if not register.issued_at <= moment.at <= register.valid_until:
        return None
    parts = (register.digest, policy.digest, moment.today.isoformat(), *sorted(frozen))
    review = Review(of=hashlib.sha256(" ".join(parts).encode()).hexdigest())
    if before is None or before.of != review.of:
        return review
    return None if before.ended else before
