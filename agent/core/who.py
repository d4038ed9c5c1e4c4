# SPDX-License-Identifier: Apache-2.0
"""Who did something: an opaque account and the role that they acted in. Never a name."""

from dataclasses import dataclass
from enum import Enum
from typing import NewType

AccountId = NewType("AccountId", str)
"""A log-in of the console, or the station itself where somebody used its command line."""


class Role(Enum):
    """In what role somebody acts; a closed list, because the ledger holds it."""

    OFFICE = "office"
    TEACHER = "teacher"
    HEAD = "head"
    SAFEGUARDING_LEAD = "safeguarding_lead"
    CHAIR = "chair_of_governors"
    DATA_PROTECTION_OFFICER = "data_protection_officer"
    GOVERNOR = "governor"
    TECHNICIAN = "technician"
    STATION = "station"
    """Whoever sits at the computer that the cameras are plugged into; nobody logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """An account and the role it acted in."""

    account: AccountId
    role: Role
