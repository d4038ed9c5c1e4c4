# SPDX-License-Identifier: Apache-2.0
"""Pictures whose metadata indicates a device that is not on the register: for the head alone.

Evidence and no proof; colleagues read that such a picture is held, and nothing more.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from agent import bootstrap
from agent.core.case import Record
from agent.core.concerns import Concern
from agent.core.model import CaseId
from service.office.house import house
from service.office.safeguarding.erasing import is_held

STRANGE: Final = frozenset({Concern.DEVICE_UNREGISTERED, Concern.DEVICE_PHONE_NAME})


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A held picture of a device that the register does not know."""

    case: CaseId
    arrived: date
    says: str
    is_frozen: bool


def detections() -> list[Detection]:
    """Return every such picture that is held now, newest first."""
    if not house().has_site:
        return []
    site = house().site()
    zone = bootstrap.zone_of(site)
    with bootstrap.open_journal(site) as journal, bootstrap.open_desk(site) as desk:
        frozen = bootstrap.frozen_by(journal, desk)
        found = [
            Detection(
                case=record.case,
                arrived=record.arrived_at.astimezone(zone).date(),
                says=" ".join(_said(record)),
                is_frozen=record.case in frozen,
            )
            for record in journal.all()
            if is_held(record) and STRANGE & set(record.ruling.concerns)
        ]
    return found[::-1]


def _said(record: Record) -> list[str]:
    return [concern.sentence for concern in record.ruling.concerns if concern in STRANGE]
