# SPDX-License-Identifier: Apache-2.0
"""The roles: who a person is to the console. Deputising is a dated grant, never a shared log-in."""

from enum import Enum
from typing import Final


class Role(Enum):
    """What somebody was made; `value` is the code in tables and ledger, `label` is for people."""

    OFFICE = ("office", "School office")
    TEACHER = ("teacher", "Teacher")
    HEAD = ("head", "Headteacher")
    DATA_PROTECTION = ("data_protection", "Data protection officer")
    GOVERNOR = ("governor", "Governor")
    TECHNICIAN = ("technician", "Technician")
    SAFEGUARDING = ("safeguarding", "Safeguarding lead")
    CHAIR = ("chair", "Chair of governors")

    def __init__(self, code: str, label: str) -> None:
        self.code = code
        self.label = label


BY_CODE: Final = {role.code: role for role in Role}
CHOICES: Final = [(role.code, role.label) for role in Role]

SECOND_FACTOR_NEEDED: Final = frozenset(
    {Role.HEAD, Role.DATA_PROTECTION, Role.TECHNICIAN, Role.SAFEGUARDING, Role.CHAIR}
)
"""Who must prove more than a password: what they may do reaches every child or every account."""
