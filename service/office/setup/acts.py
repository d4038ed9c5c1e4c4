# SPDX-License-Identifier: Apache-2.0
"""Acts of the first run: that a step is done, the school's keys, the folders that are watched."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

from agent import import_folders
from agent import site as layout
from agent.core.canonical import JsonValue
from agent.core.errors import AgentError
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.seal.passphrase import WORK_FACTOR
from agent.settings import ImportSettings
from service.office.acts import Act, Refused
from service.office.house import house
from service.office.record.models import Event
from service.office.roles import Role
from service.office.setup import keys
from service.office.setup.models import SetupStep

SHORTEST: Final = 12


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
    """Make the school's keys and an empty vault; the recovery key waits to be printed."""

    step: str = field(default="keys", init=False)
    school: str
    passphrase: str = field(repr=False)

    def change(self, moment: Moment) -> Mapping[str, JsonValue] | None:
        """Make the site around the console's own files."""
        if len(self.passphrase) < SHORTEST:
            raise Refused("The passphrase is too short: take four or more random words.")
        plan = layout.SitePlan(
            folder=house().folder,
            school=self.school,
            passphrase=self.passphrase.encode(),
            work_factor=WORK_FACTOR,
            until_printed=True,
        )
        try:
            keys.make(plan)
        except AgentError as error:
            raise refused(error) from error
        except OSError as error:
            raise Refused("The keys cannot be written: the disk is full or away.") from error
        return super().change(moment)


@dataclass(frozen=True, kw_only=True)
class ChangeFolders(Act):
    """Change which folders are watched: recorded first, then written, so that none is a secret."""

    kind: ClassVar = EntryKind.FOLDERS_CHANGED
    roles: ClassVar = frozenset({Role.HEAD, Role.TECHNICIAN})
    path: str

    def do(self) -> Event | None:
        """Record it, then write station.toml.

        Raises:
            PermissionDenied: whoever asks may not.
            Refused: the folder cannot be watched, or left, and why.
        """
        event = super().do()
        try:
            self.write()
        except AgentError as error:
            raise refused(error) from error
        return event

    def write(self) -> None:
        """Write the change."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class AddFolder(ChangeFolders):
    """Have one more folder watched."""

    originals: str
    device: str = ""

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Make sure that it may be watched."""
        del moment
        try:
            settings = house().site().station
            import_folders.check_new(house().folder, settings, self.path)
        except AgentError as error:
            raise refused(error) from error
        return {"folders": len(settings.imports) + 1}

    def write(self) -> None:
        """Write the change."""
        wanted = ImportSettings(path=self.path, originals=self.originals, device=self.device)  # type: ignore[arg-type]  # the form offers both words
        import_folders.add(house().folder, wanted)


@dataclass(frozen=True, kw_only=True)
class RemoveFolder(ChangeFolders):
    """Have a folder watched no more; what lies in it stays there."""

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Make sure that it is watched, and not the only one."""
        del moment
        try:
            settings = house().site().station
            import_folders.without(settings, self.path)
        except AgentError as error:
            raise refused(error) from error
        return {"folders": len(settings.imports) - 1}

    def write(self) -> None:
        """Write the change."""
        import_folders.remove(house().folder, self.path)


def refused(error: AgentError) -> Refused:
    """Return the sentence of an error, for whoever asked."""
    text = str(error)
    return Refused(f"{text[:1].upper()}{text[1:]}. {error.remedy}")
