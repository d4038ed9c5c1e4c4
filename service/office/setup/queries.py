# SPDX-License-Identifier: Apache-2.0
"""How far the first run is: each step with its state, taken from what is there, not from memory."""

from pathlib import Path
from typing import NamedTuple

from django.urls import reverse

from agent import bootstrap
from agent.core.errors import AgentError
from service.office.accounts.models import RoleGrant
from service.office.house import house, now
from service.office.register.models import Person
from service.office.setup.acts import UNSEEN
from service.office.setup.models import SetupStep

_MOST = 5


class Step(NamedTuple):
    """One step: what it is, whether it is done, where it is done."""

    word: str
    done: bool
    address: str
    why: str = ""


class Case(NamedTuple):
    """One picture so far: its verdict and the sentence that says why."""

    verdict: str
    sentence: str
    stored: bool


def steps() -> list[Step]:
    """Return the steps in their order."""
    done = set(SetupStep.objects.values_list("step", flat=True))
    holders = RoleGrant.objects.filter(RoleGrant.counting(now().today))
    return [
        Step("The headteacher signs in with a second factor", "head" in done, reverse("mfa_index")),
        Step(
            "The school's keys, and the recovery key in the safe",
            house().has_site and not UNSEEN,
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


def folders() -> list[Path]:
    """Return the import folders of this computer."""
    return [folder.path for folder in house().site().import_folders]


def first_cases() -> list[Case]:
    """Return what became of the first pictures; none where the agent has not run yet."""
    try:
        with bootstrap.open_journal(house().site()) as journal:
            records = list(journal.all())[:_MOST]
    except AgentError:
        return []
    return [
        Case(r.ruling.verdict.name, r.ruling.sentence, r.stored_at is not None) for r in records
    ]
