# SPDX-License-Identifier: Apache-2.0
"""From what is known of a case to its rows: the one place where the index is written.

`Described` is what the index takes, whichever computer tells of the case: this station's journal
(`described`), or what another station's ledger says of one of its own. A case belongs to the
station that brought it first; no other one changes its rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from django.db import transaction
from django.utils import timezone

from agent.core.case import Record, State
from agent.core.concerns import Concern, Verdict
from agent.core.model import Attribution, CaseId, ObjectId, RosterId
from service.office.library.models import CasePerson, CaseRoster, IndexedCase, code_of

_KEYS: Final = {"id", "is_frozen"}
_FIELDS: Final = [
    one.name
    for one in IndexedCase._meta.concrete_fields  # noqa: SLF001 - Django's documented interface
    if one.name not in _KEYS
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the index takes of one case."""

    case: CaseId
    object: ObjectId
    kind: str
    state: State
    verdict: Verdict
    concerns: tuple[Concern, ...]
    attribution: Attribution
    faces: int | None
    taken: datetime | None = None
    """When it was taken, by the camera's own clock, without a zone."""
    taken_on: date | None = None
    arrived_at: datetime
    sittings: Mapping[RosterId, str] = field(default_factory=dict)
    """The name of the sitting for each class or group that it may show."""


def described(record: Record, sittings: Mapping[RosterId, str]) -> Described:
    """Return what the index takes of a record of the journal."""
    evidence, facts = record.evidence, record.facts
    taken = None if evidence.shot is None else evidence.shot.taken
    return Described(
        case=record.case,
        object=record.object,
        kind=record.kind,
        state=record.state,
        verdict=record.ruling.verdict,
        concerns=record.ruling.concerns,
        attribution=facts.attribution,
        faces=facts.faces,
        taken=taken,
        taken_on=evidence.captured_on or (None if taken is None else taken.date()),
        arrived_at=record.arrived_at,
        sittings=sittings,
    )


def put(station: str, cases: Iterable[Described]) -> None:
    """Write the rows of these cases of a station, all or none; what was there of them goes.

    What another station brought stays as it is.
    """
    by_id = {one.case: one for one in cases}
    with transaction.atomic():
        foreign = IndexedCase.objects.filter(pk__in=by_id).exclude(station=station)
        for other in foreign.values_list("pk", flat=True):
            del by_id[CaseId(other)]
        mine = list(by_id.values())
        IndexedCase.objects.bulk_create(
            [_row(station, one) for one in mine],
            update_conflicts=True,
            unique_fields=["id"],
            update_fields=_FIELDS,
        )
        CasePerson.objects.filter(case__in=by_id).delete()
        CaseRoster.objects.filter(case__in=by_id).delete()
        CasePerson.objects.bulk_create(_people(mine))
        CaseRoster.objects.bulk_create(_rosters(mine))


def _row(station: str, one: Described) -> IndexedCase:
    said = one.attribution
    return IndexedCase(
        id=one.case,
        station=station,
        object=one.object,
        kind=one.kind,
        state=one.state.value,
        verdict=code_of(one.verdict),
        concerns=" ".join(concern.code for concern in one.concerns),
        is_confidential=any(concern.is_confidential for concern in one.concerns),
        taken_on=one.taken_on,
        listed_at=_listed_at(one),
        arrived_at=one.arrived_at,
        sitting=min(one.sittings.values(), default=""),
        faces=one.faces,
        named=len(set(said.tagged)),
        is_stated=said.stated,
        has_absences=bool(said.absent),
        has_rosters=bool(said.rosters),
    )


def _listed_at(one: Described) -> str:
    """Return when a case stands in lists, in the school's or the camera's local time."""
    if one.taken is not None:
        return one.taken.isoformat(timespec="seconds")
    arrived = timezone.make_naive(one.arrived_at)
    if one.taken_on is not None:
        return datetime.combine(one.taken_on, datetime.min.time()).isoformat(timespec="seconds")
    return arrived.isoformat(timespec="seconds")


def _people(cases: Sequence[Described]) -> list[CasePerson]:
    return [
        CasePerson(case_id=one.case, token=token)
        for one in cases
        for token in sorted(set(one.attribution.tagged))
    ]


def _rosters(cases: Sequence[Described]) -> list[CaseRoster]:
    return [
        CaseRoster(case_id=one.case, roster=roster, sitting=one.sittings.get(roster, ""))
        for one in cases
        for roster in sorted(set(one.attribution.rosters))
    ]
