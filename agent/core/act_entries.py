# SPDX-License-Identifier: Apache-2.0
"""What the ledger is told of what people did: said, froze, released, saw, had erased, posted.

Each entry says who, as an opaque account and a role of the closed list, and never why in words. An
entry's id comes from the item that was handed in: taking it in twice writes it once.
"""

import hashlib
from datetime import UTC, date, datetime, time

from agent.core.canonical import JsonValue
from agent.core.case import Record
from agent.core.desk import Freeze, Item, Release, Seen, Settled
from agent.core.freezing import reference_digest
from agent.core.ledger import Entry, EntryKind
from agent.core.model import CaseId
from agent.core.statements import Statement
from agent.core.who import Who


def said_entry(case: CaseId, statement: Statement) -> Entry:
    """Return the entry of what somebody said about a case, or about the sitting that it is in."""
    present = statement.present
    about = hashlib.sha256(statement.about.encode()).hexdigest()[:16]
    return Entry(
        id=f"{case}.said.{statement.id}.{about}",
        kind=EntryKind.PEOPLE_STATED,
        at=statement.at,
        body={
            "case": case,
            "says": statement.kind.value,
            "people": list(statement.people),
            "everyone": _yes_or_no(present.is_everyone),
            "visitors": present.visitors,
            "not_known": present.not_known,
            "added_faces": present.added_faces,
            "too_small": list(present.too_small),
            **who_fields(statement.by),
        },
    )


def frozen_entry(item: Item, act: Freeze) -> Entry:
    """Return the entry of a freeze."""
    concerns_head = _yes_or_no(act.concerns_head)
    body = {"case": act.case, "concerns_head": concerns_head, **who_fields(item.by)}
    return _entry_of(item, act.case, EntryKind.CASE_FROZEN, body)


def released_entry(item: Item, act: Release) -> Entry:
    """Return the entry of a release: of the reference only a digest (`reference_digest`)."""
    digest = reference_digest(item.id, act.reference)
    body = {"case": act.case, "reference": digest, **who_fields(item.by)}
    return _entry_of(item, act.case, EntryKind.CASE_RELEASED, body)


def seen_entry(item: Item, act: Seen) -> Entry:
    """Return the entry of somebody having looked at a picture."""
    body: dict[str, JsonValue] = {"case": act.case, **who_fields(item.by)}
    return _entry_of(item, act.case, EntryKind.CASE_SEEN, body)


def settled_entry(item: Item, settled: Settled, at: datetime) -> Entry:
    """Return the entry that tells the office what an act came to that it had posted, and when.

    After a power cut it may stand there twice; the first one counts.
    """
    return Entry(
        id=f"act.settled.{item.id}.{int(at.timestamp())}",
        kind=EntryKind.ACT_SETTLED,
        at=at,
        body={"item": item.id, "settled": settled.value},
    )


def untrusted_entry(day: date) -> Entry:
    """Return the entry of a day on which something lay in the post that is not the office's."""
    return Entry(
        id=f"act.untrusted.{day:%Y%m%d}",
        kind=EntryKind.ACT_UNTRUSTED,
        at=datetime.combine(day, time(), UTC),
        body={"day": day.isoformat()},
    )


def _entry_of(item: Item, case: CaseId, kind: EntryKind, body: dict[str, JsonValue]) -> Entry:
    word = kind.code.partition(".")[2]
    return Entry(id=f"{case}.{word}.{item.id}", kind=kind, at=item.at, body=body)


def erased_entry(record: Record) -> Entry:
    """Return the entry that says that a picture can never be opened again, and who had it so.

    Raises:
        ValueError: nobody has it erased.
    """
    erasure = record.erasure
    if erasure is None:
        raise ValueError("nobody has the picture erased")
    return Entry(
        id=f"{record.case}.erased.{record.object}",
        kind=EntryKind.PHOTO_ERASED,
        at=erasure.at,
        body={
            "case": record.case,
            "object": record.object,
            "proposed_by": erasure.proposed_by.account,
            "proposed_as": erasure.proposed_by.role.value,
            "confirmed_by": erasure.confirmed_by.account,
            "confirmed_as": erasure.confirmed_by.role.value,
        },
    )


def who_fields(who: Who) -> dict[str, JsonValue]:
    """Return the fields that say who did something."""
    return {"account": who.account, "role": who.role.value}


def _yes_or_no(value: bool) -> str:  # noqa: FBT001 - a value, not a switch
    return "yes" if value else "no"
