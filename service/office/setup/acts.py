# SPDX-License-Identifier: Apache-2.0
"""Acts of the first run: that a step is done, and the school's keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from agent import site as layout
from agent.cli.site_commands import first_records
from agent.core.canonical import JsonValue
from agent.core.errors import ConfigurationError
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.seal.passphrase import WORK_FACTOR
from service.office.acts import Act, Refused
from service.office.house import house
from service.office.roles import Role
from service.office.setup.models import SetupStep

SHORTEST: Final = 12
UNSEEN: Final[dict[str, str]] = {}
"""The recovery key between its making and its being typed back, in this process only."""


@dataclass(frozen=True, kw_only=True)
class FinishStep(Act):
    """Say that a step of the first run is done."""

    kind: ClassVar = EntryKind.SETUP_STEP_DONE
    roles: ClassVar = frozenset({Role.HEAD})
    program_may: ClassVar = True
    step: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Add the row."""
        _, made = SetupStep.objects.get_or_create(step=self.step, defaults={"at": moment.at})
        return {"step": self.step} if made else None


@dataclass(frozen=True, kw_only=True)
class MakeKeys(FinishStep):
    """Make the school's keys and an empty vault; the recovery key is kept nowhere."""

    step: str = field(default="keys", init=False)
    school: str
    passphrase: str = field(repr=False)
    work_factor: int = WORK_FACTOR

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Make the site around the console's own files."""
        if len(self.passphrase) < SHORTEST:
            raise Refused("The passphrase is too short: take four or more random words.")
        plan = layout.SitePlan(
            folder=house().folder,
            school=self.school,
            passphrase=self.passphrase.encode(),
            work_factor=self.work_factor,
        )
        try:
            recovery = layout.create_site(plan)
        except ConfigurationError as error:
            raise Refused(f"{error}. {error.remedy}") from error
        first_records(house().folder)
        UNSEEN["recovery"] = recovery.text()
        return super().change(moment)
