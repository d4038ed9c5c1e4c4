# SPDX-License-Identifier: Apache-2.0
"""Why a picture is held, in sentences for whoever looks.

Whoever may not read one of the reasons (`access.may_read_why`) reads that the picture is held, and
nothing of the other reasons either: what is missing would tell.
"""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from agent.core.concerns import Concern, plain_reason
from service.office.library.access import may_read_why
from service.office.roles import Role

WITHHELD: Final = "It is held. The headteacher knows why."


class Sentence(NamedTuple):
    """One reason and what can be done about it."""

    text: str
    remedy: str = ""


def reason_for(roles: Collection[Role], concerns: Sequence[Concern]) -> str:
    """Return the reason for a verdict, as far as whoever looks may read it."""
    return plain_reason(concerns) if may_read_why(roles, concerns) else WITHHELD


def sentences_for(roles: Collection[Role], concerns: Sequence[Concern]) -> list[Sentence]:
    """Return each reason with its remedy, as far as whoever looks may read it."""
    if not may_read_why(roles, concerns):
        return [Sentence(WITHHELD)]
    return [Sentence(one.sentence, one.remedy) for one in concerns]
