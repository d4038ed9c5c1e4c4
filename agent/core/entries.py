# SPDX-License-Identifier: Apache-2.0
"""What the ledger is told about cases and about the station: pure functions to entries.

An entry repeats nothing but codes, counts, digests, tokens and opaque ids, and cites the
register and the policy by digest: whoever holds them can judge the facts again.
An entry's id and content depend on the record alone: writing it twice changes nothing.
"""

from datetime import UTC, datetime
from typing import Final

from agent.core.case import Original, Record
from agent.core.health import Gap
from agent.core.ledger import Entry, EntryKind

_INSTANT: Final = "%Y-%m-%dT%H:%M:%SZ"


def stored_entries(record: Record) -> tuple[Entry, ...]:
    """Return the entries of a case that is STORED: its ruling, its object, its latest arrival."""
    entries = (_decided(record), _stored(record))
    return entries if record.arrivals == 1 else (*entries, _arrived_again(record))


def cleared_entry(record: Record) -> Entry:
    """Return the entry that says what became of the original.

    Raises:
        ValueError: the case is not cleared yet.
    """
    if record.cleared_at is None:
        raise ValueError("the case is not cleared yet")
    return Entry(
        id=f"{record.case}.cleared.{record.arrivals}",
        kind=EntryKind.PHOTO_CLEARED,
        at=record.cleared_at,
        body={
            "case": record.case,
            "original": record.original.value,
            "sidecars": len(record.sidecars) if record.original is Original.DELETED else 0,
        },
    )


def started_entry(at: datetime, version: str) -> Entry:
    """Return the entry of a daemon that begins to work; a second has one start."""
    return Entry(
        id=f"agent.started.{_second(at)}",
        kind=EntryKind.AGENT_STARTED,
        at=at,
        body={"version": version},
    )


def stopped_entry(at: datetime, started_at: datetime) -> Entry:
    """Return the entry of a daemon that stops because it was asked to."""
    return Entry(
        id=f"agent.stopped.{_second(started_at)}.{_second(at)}",
        kind=EntryKind.AGENT_STOPPED,
        at=at,
        body={"started_at": _instant(started_at)},
    )


def gap_entry(gap: Gap) -> Entry:
    """Return the entry of a time in which this station did not work."""
    return Entry(
        id=f"agent.gap.{_second(gap.since)}.{_second(gap.until)}",
        kind=EntryKind.AGENT_GAP,
        at=gap.until,
        body={
            "since": _instant(gap.since),
            "until": _instant(gap.until),
            "ended": "cut" if gap.cut else "stopped",
        },
    )


def enrolled_entry(at: datetime, station: str) -> Entry:
    """Return the entry of a station that the office lets in; it is let in once."""
    return Entry(
        id=f"station.enrolled.{station}",
        kind=EntryKind.STATION_ENROLLED,
        at=at,
        body={"station": station},
    )


def retired_entry(at: datetime, station: str) -> Entry:
    """Return the entry of a station that gets no register any more; that is final."""
    return Entry(
        id=f"station.retired.{station}",
        kind=EntryKind.STATION_RETIRED,
        at=at,
        body={"station": station},
    )


def _second(at: datetime) -> int:
    return int(at.timestamp())


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime(_INSTANT)


def _decided(record: Record) -> Entry:
    ruling, facts = record.ruling, record.facts
    return Entry(
        id=f"{record.case}.decided.{record.rulings}",
        kind=EntryKind.PHOTO_DECIDED,
        at=ruling.decided_at,
        body={
            "case": record.case,
            "group": list(record.group),
            "copies": list(ruling.copies),
            "parent": record.evidence.parent,
            "verdict": ruling.verdict.name,
            "concerns": [concern.code for concern in ruling.concerns],
            "register": ruling.register_digest,
            "register_version": ruling.register_version,
            "policy": ruling.policy_digest,
            "refusal": facts.refusal.code if facts.refusal else None,
            "grade": facts.provenance.grade.value,
            "device": facts.provenance.device,
            "coverage": facts.attribution.coverage.value,
            "rosters": list(facts.attribution.rosters),
            "tagged": list(facts.attribution.tagged),
            "unknown_names": facts.attribution.unknown_names,
            "ambiguous_names": facts.attribution.ambiguous_names,
            "unnamed_faces": facts.attribution.unnamed_faces,
            "stated": "yes" if facts.attribution.stated else "no",
            "absent": [f"{roster}.{token}" for roster, token in facts.attribution.absent],
            "visitors": facts.attribution.visitors,
            "not_known": facts.attribution.not_known,
            "faces": facts.faces,
            "small_faces": facts.small_faces,
            "added_faces": facts.added_faces,
            "too_small": facts.too_small,
            "noted": [concern.code for concern in facts.noted],
        },
    )


def _stored(record: Record) -> Entry:
    if record.stored_at is None:
        raise ValueError("the case is not stored yet")
    return Entry(
        id=f"{record.case}.stored.{record.object}",
        kind=EntryKind.PHOTO_STORED,
        at=record.stored_at,
        body={
            "case": record.case,
            "object": record.object,
            "body_sha256": record.proof.body_sha256,
            "body_size": record.proof.body_size,
            "slip_sha256": record.proof.slip_sha256,
        },
    )


def _arrived_again(record: Record) -> Entry:
    return Entry(
        id=f"{record.case}.duplicate.{record.arrivals}",
        kind=EntryKind.PHOTO_DUPLICATE,
        at=record.arrived_at,
        body={"case": record.case, "arrivals": record.arrivals},
    )
