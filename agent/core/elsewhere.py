# SPDX-License-Identifier: Apache-2.0
"""A case of another station, as that station's ledger tells of it.

The ledger holds what opening and finding need, and the verdict with the register version that it
was reached on. It does not hold the evidence, so nothing here says for which purposes a picture is
cleared: the station alone decides, on all it knows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from agent.core.case import State
from agent.core.concerns import Concern, Verdict
from agent.core.desk import Freeze, Item
from agent.core.entry_shapes import OPAQUE
from agent.core.ledger import EntryKind
from agent.core.ledger_lines import Line
from agent.core.model import CaseId, ObjectId, RosterId, Token
from agent.core.who import AccountId, Role, Who

DECIDED: Final = EntryKind.PHOTO_DECIDED.code
STORED: Final = EntryKind.PHOTO_STORED.code
ERASED: Final = EntryKind.PHOTO_ERASED.code
FROZEN: Final = EntryKind.CASE_FROZEN.code
RELEASED: Final = EntryKind.CASE_RELEASED.code
SETTLED: Final = EntryKind.ACT_SETTLED.code


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseElsewhere:
    """What this computer knows of a case that another station holds."""

    station: str
    case: CaseId
    object: ObjectId
    state: State
    """DONE, or ERASED; what the station is just doing with it shows when it is done."""
    group: tuple[CaseId, ...]
    """The media that arrived with it as one, whichever of them came first."""
    verdict: Verdict
    concerns: tuple[Concern, ...]
    register_version: int | None
    """The register on which the station decided."""
    rosters: tuple[RosterId, ...]
    people: tuple[Token, ...]
    """Whoever is named in the picture, by token."""
    faces: int | None
    decided_at: datetime
    stored_at: datetime


def case_elsewhere(
    where: tuple[str, CaseId],
    decided: tuple[str, Mapping[str, Any]],
    stored: tuple[str, str],
    *,
    erased: bool,
    group: tuple[str, ...],
) -> CaseElsewhere:
    """Return the case of a station from what its ledger says.

    `where` is station and case, `decided` time and body of the newest decision, `stored` time and
    object. Each was checked against its shape when its line was read.
    """
    at, body = decided
    return CaseElsewhere(
        station=where[0],
        case=where[1],
        object=ObjectId(stored[1]),
        state=State.ERASED if erased else State.DONE,
        group=tuple(map(CaseId, sorted({*body["group"], *group} - {where[1]}))),
        verdict=Verdict[body["verdict"]],
        concerns=tuple(map(Concern.of, body["concerns"])),
        register_version=body["register_version"],
        rosters=tuple(map(RosterId, body["rosters"])),
        people=tuple(map(Token, body["tagged"])),
        faces=body["faces"],
        decided_at=datetime.fromisoformat(at),
        stored_at=datetime.fromisoformat(stored[0]),
    )


def freeze_of(line: Line) -> Item:
    """Return the freeze that an entry of a station's ledger tells of; it counts whatever its id."""
    body: Mapping[str, Any] = line.body
    item_id = line.id.rpartition(".")[2]
    return Item(
        id=item_id if OPAQUE.fullmatch(item_id) else body["case"],
        act=Freeze(case=CaseId(body["case"]), concerns_head=body["concerns_head"] == "yes"),
        by=Who(account=AccountId(body["account"]), role=Role(body["role"])),
        at=datetime.fromisoformat(line.at),
    )
