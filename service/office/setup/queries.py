# SPDX-License-Identifier: Apache-2.0
"""How far the first run is: each step with its state, taken from what is there, not from memory."""

from typing import NamedTuple

from django.urls import reverse

from agent import trial
from agent.core.case import Original, Record, State
from agent.core.errors import AgentError
from agent.core.model import Clue
from agent.settings import ImportSettings
from service.office.accounts.models import RoleGrant
from service.office.house import house, now
from service.office.register.models import Person
from service.office.setup import keys
from service.office.setup.models import SetupStep


class Step(NamedTuple):
    """One step: what it is, whether it is done, where it is done."""

    word: str
    done: bool
    address: str
    why: str = ""


class Passed(NamedTuple):
    """One thing that was done to the test picture: what, whether it was, more about it."""

    word: str
    done: bool
    more: str = ""


def steps() -> list[Step]:
    """Return the steps in their order."""
    done = set(SetupStep.objects.values_list("step", flat=True))
    holders = RoleGrant.objects.filter(RoleGrant.counting(now().today))
    return [
        Step("The headteacher signs in with a second factor", "head" in done, reverse("mfa_index")),
        Step(
            "The school's keys, and the recovery key in the safe",
            keys_are_safe(),
            reverse("setup:keys"),
        ),
        Step(
            "A second person who signs in",
            holders.values("user").distinct().count() > 1,
            reverse("accounts:people"),
            "Some acts need two people.",
        ),
        Step(
            "The first class, or the sheet of the records system",
            Person.objects.exists(),
            reverse("register:groups"),
        ),
        Step("The folders that are watched", "folders" in done, reverse("setup:folders")),
        Step("A test picture passes through", "test_photo" in done, reverse("setup:photo")),
    ]


def ready() -> bool:
    """Tell whether every step is done."""
    return all(step.done for step in steps())


def all_done() -> bool:
    """Tell whether the first run was ended."""
    return SetupStep.objects.filter(step="done").exists()


def keys_are_safe() -> bool:
    """Tell whether the keys are made and the recovery key is on paper."""
    return house().has_site and not keys.waits_for_print()


def folders() -> tuple[ImportSettings, ...]:
    """Return the import folders of this computer, as station.toml names them."""
    return house().site().station.imports


def folder_paths() -> list[str]:
    """Return where the import folders are."""
    return [str(folder.path) for folder in house().site().import_folders]


def test_case(place: str) -> Record | None:
    """Return the record of the test picture, as far as it has come; None where it has not."""
    try:
        return trial.result(house().site(), Clue(place))
    except AgentError:
        return None


def passed(record: Record | None) -> list[Passed]:
    """Return what a test picture goes through, in order, and how far it has come."""
    if record is None:
        return [Passed("Put into the folder", done=True), Passed("Taken in", done=False)]
    reached = list(State).index(record.state)
    gone = record.original is Original.DELETED
    return [
        Passed("Put into the folder", done=True),
        Passed("Looked at", done=True, more=f"Recognised as {record.kind.upper()}"),
        Passed(
            "Decided",
            done=True,
            more=f"{record.ruling.verdict.name.title()}: {record.ruling.sentence}",
        ),
        Passed("Sealed on this computer", done=True),
        Passed("Stored, read back and compared", done=record.stored_at is not None),
        Passed("Written into the ledger", done=reached >= list(State).index(State.RECORDED)),
        Passed(
            "The original is gone" if gone else "The original stays, as this folder says",
            done=reached >= list(State).index(State.CLEARED),
        ),
    ]
