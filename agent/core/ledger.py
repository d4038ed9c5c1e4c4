# SPDX-License-Identifier: Apache-2.0
"""Ledger entries: the closed list of what may be recorded, and nothing personal among it.

Every kind has its fields and every field has a shape (a code, a digest, an opaque id, a count). An
entry that does not fit is refused before it is written, so no name, file name or path can ever get
into a record that cannot be changed again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from agent.core import office_fields as office
from agent.core.canonical import JsonValue, decode, encode
from agent.core.entry_shapes import (
    CASE,
    CONCERN,
    COUNT,
    COVERAGE,
    DAY,
    DIGEST,
    ENDING,
    GRADE,
    ID,
    INSTANT,
    LEDGER,
    OPAQUE,
    ORIGINAL,
    PAIR,
    SAYS,
    SETTLED,
    VERDICT,
    VERSION,
    YES_OR_NO,
    Shape,
    one_of,
)
from agent.core.who import Role

_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_DECIDED: Final = {
    "case": CASE,
    "group": Shape(OPAQUE, many=True),
    "copies": Shape(OPAQUE, many=True),
    "parent": Shape(OPAQUE, optional=True),
    "verdict": Shape(VERDICT),
    "concerns": Shape(CONCERN, many=True),
    "register": Shape(DIGEST, optional=True),
    "register_version": Shape(optional=True),
    "policy": Shape(DIGEST),
    "refusal": Shape(CONCERN, optional=True),
    "grade": Shape(GRADE),
    "device": Shape(OPAQUE, optional=True),
    "coverage": Shape(COVERAGE),
    "rosters": Shape(OPAQUE, many=True),
    "tagged": Shape(OPAQUE, many=True),
    "unknown_names": COUNT,
    "ambiguous_names": COUNT,
    "unnamed_faces": COUNT,
    "stated": Shape(YES_OR_NO),
    "absent": Shape(PAIR, many=True),
    "visitors": COUNT,
    "not_known": COUNT,
    "faces": Shape(optional=True),
    "small_faces": COUNT,
    "added_faces": COUNT,
    "too_small": COUNT,
    "noted": Shape(CONCERN, many=True),
}
_ROLE: Final = Shape(one_of(role.value for role in Role))
_WHO: Final = {"account": Shape(OPAQUE), "role": _ROLE}
_STORED: Final = {
    "case": CASE,
    "object": Shape(OPAQUE),
    "body_sha256": Shape(DIGEST),
    "body_size": COUNT,
    "slip_sha256": Shape(DIGEST),
}


_FILES: Final = {"html": Shape(DIGEST), "pdf": Shape(DIGEST, optional=True)}


class EntryKind(Enum):
    """What may be recorded: (code, fields and their shapes)."""

    SITE_CREATED = ("site.created", {"vault": Shape(OPAQUE)})
    REGISTER_PUBLISHED = (
        "register.published",
        {
            "register": Shape(DIGEST),
            "register_version": COUNT,
            "people": COUNT,
            "answers": COUNT,
            "devices": COUNT,
        },
    )
    PHOTO_DECIDED = ("photo.decided", _DECIDED)
    PHOTO_STORED = ("photo.stored", _STORED)
    PEOPLE_STATED = (
        "people.stated",
        {
            "case": CASE,
            "says": Shape(SAYS),
            "people": Shape(OPAQUE, many=True),
            "everyone": Shape(YES_OR_NO),
            "visitors": COUNT,
            "not_known": COUNT,
            "added_faces": COUNT,
            "too_small": Shape(many=True),
            **_WHO,
        },
    )
    PHOTO_DUPLICATE = ("photo.duplicate", {"case": CASE, "arrivals": COUNT})
    PHOTO_CLEARED = (
        "photo.cleared",
        {"case": CASE, "original": Shape(ORIGINAL), "sidecars": COUNT},
    )
    STATION_ENROLLED = ("station.enrolled", {"station": Shape(OPAQUE)})
    STATION_RETIRED = ("station.retired", {"station": Shape(OPAQUE)})
    AGENT_STARTED = ("agent.started", {"version": Shape(VERSION)})
    AGENT_STOPPED = ("agent.stopped", {"started_at": Shape(INSTANT)})
    AGENT_GAP = (
        "agent.gap",
        {"since": Shape(INSTANT), "until": Shape(INSTANT), "ended": Shape(ENDING)},
    )
    SETUP_STEP_DONE = ("setup.step_done", office.SETUP_STEP_DONE)
    FOLDERS_CHANGED = ("folders.changed", office.FOLDERS_CHANGED)
    ACCOUNT_CREATED = ("account.created", office.ACCOUNT)
    ACCOUNT_GRANTED = ("account.granted", office.ACCOUNT_GRANTED)
    ACCOUNT_REVOKED = ("account.revoked", office.ACCOUNT_REVOKED)
    ACCOUNT_CLOSED = ("account.closed", office.ACCOUNT)
    ACCOUNT_REOPENED = ("account.reopened", office.ACCOUNT)
    ACCOUNT_SIGNED_IN = ("account.signed_in", office.ACCOUNT_SIGNED_IN)
    ACCOUNT_SIGNED_OUT = ("account.signed_out", office.ACCOUNT_SIGNED_OUT)
    ACCOUNT_REFUSED = ("account.refused", office.ACCOUNT_REFUSED)
    ACCOUNT_CODE_GIVEN = ("account.code_given", office.ACCOUNT_CODE_GIVEN)
    ACCOUNT_PASSWORD_SET = ("account.password_set", office.ACCOUNT_ALONE)
    ACCOUNT_FACTOR_CHANGED = ("account.factor_changed", office.ACCOUNT_FACTOR_CHANGED)
    ACCOUNT_BROKEN_GLASS = ("account.broken_glass", office.ACCOUNT_ALONE)
    ACCOUNT_ACKNOWLEDGED = ("account.acknowledged", office.ACCOUNT)
    KEY_PASSPHRASE_SET = ("key.passphrase_set", office.KEY_PASSPHRASE_SET)
    KEY_GIVEN = ("key.given", office.KEY_GIVEN)
    KEY_REMOVED = ("key.removed", office.KEY_REMOVED)
    KEY_UNLOCKED = ("key.unlocked", office.KEY_UNLOCKED)
    KEY_REFUSED = ("key.refused", office.ACCOUNT_ALONE)
    PERSON_ADDED = ("person.added", office.PERSON_ADDED)
    PERSON_CHANGED = ("person.changed", office.PERSON_CHANGED)
    PERSON_LEFT = ("person.left", office.PERSON_LEFT)
    PERSON_RETURNED = ("person.returned", office.PERSON)
    PERSON_RESTRICTED = ("person.restricted", office.PERSON)
    PERSON_UNRESTRICTED = ("person.unrestricted", office.PERSON)
    RESTRICTION_READ = ("restriction.read", office.PERSON)
    GUARDIAN_SET = ("guardian.set", office.GUARDIAN_SET)
    GUARDIAN_CHANGED = ("guardian.changed", office.GUARDIAN_CHANGED)
    ANSWERS_RECORDED = ("answers.recorded", office.ANSWERS_RECORDED)
    LETTERS_PRINTED = ("letters.printed", office.LETTERS_PRINTED)
    EVIDENCE_ADDED = ("evidence.added", office.EVIDENCE_ADDED)
    EVIDENCE_OPENED = ("evidence.opened", office.EVIDENCE_OPENED)
    GROUP_ADDED = ("group.added", office.GROUP)
    GROUP_CHANGED = ("group.changed", office.GROUP_CHANGED)
    GROUP_JOINED = ("group.joined", office.GROUP_PEOPLE)
    GROUP_LEFT = ("group.left", office.GROUP_PEOPLE)
    GROUP_LIST_PRINTED = ("group.list_printed", office.GROUP_LIST_PRINTED)
    DEVICE_ADDED = ("device.added", office.DEVICE)
    DEVICE_CHANGED = ("device.changed", office.DEVICE_CHANGED)
    DEVICE_RETIRED = ("device.retired", office.DEVICE_RETIRED)
    PURPOSE_ADDED = ("purpose.added", office.PURPOSE)
    PURPOSE_CHANGED = ("purpose.changed", office.PURPOSE_CHANGED)
    REGISTER_IMPORTED = ("register.imported", office.REGISTER_IMPORTED)
    REGISTER_WORD_SET = ("register.word_set", office.REGISTER_WORD_SET)
    REGISTER_IMPORT_UNDONE = ("register.import_undone", office.REGISTER_IMPORT_UNDONE)
    ERASURE_PROPOSED = ("erasure.proposed", office.ERASURE_PROPOSED)
    ERASURE_CONFIRMED = ("erasure.confirmed", office.ERASURE)
    ERASURE_TAKEN_BACK = ("erasure.taken_back", office.ERASURE)

    LEDGER_WITNESSED = (
        "ledger.witnessed",
        {"ledger": Shape(LEDGER), "entries": COUNT, "root": Shape(DIGEST)},
    )
    LEDGER_CHECKED = ("ledger.checked", {"entries": Shape(optional=True)})
    REPORT_MADE = (
        "report.made",
        {"report": Shape(DIGEST), "entries": COUNT, "root": Shape(DIGEST), **_FILES},
    )
    REPORT_APPROVED = (
        "report.approved",
        {"report": Shape(DIGEST), "by": Shape(OPAQUE, optional=True), **_FILES},
    )

    CASE_FROZEN = (
        "case.frozen",
        {"case": CASE, "concerns_head": Shape(YES_OR_NO), **_WHO},
    )
    CASE_RELEASED = ("case.released", {"case": CASE, "reference": Shape(DIGEST), **_WHO})
    CASE_SEEN = ("case.seen", {"case": CASE, **_WHO})
    ACT_SETTLED = ("act.settled", {"item": Shape(OPAQUE), "settled": Shape(SETTLED)})
    ACT_UNTRUSTED = ("act.untrusted", {"day": Shape(DAY)})
    PHOTO_ERASED = (
        "photo.erased",
        {
            "case": CASE,
            "object": Shape(OPAQUE),
            "proposed_by": Shape(OPAQUE),
            "proposed_as": _ROLE,
            "confirmed_by": Shape(OPAQUE),
            "confirmed_as": _ROLE,
        },
    )

    def __init__(self, code: str, fields: Mapping[str, Shape]) -> None:
        self.code = code
        self.fields = fields


_KINDS: Final = {kind.code: kind for kind in EntryKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One record: its id (writing it twice changes nothing), kind, time (UTC) and fields."""

    id: str
    kind: EntryKind
    at: datetime
    body: Mapping[str, JsonValue]

    def __post_init__(self) -> None:
        """Refuse whatever does not fit its kind."""
        if not ID.fullmatch(self.id) or self.at.utcoffset() is None:
            raise ValueError("an entry needs an opaque id and a time with a zone")
        if set(self.body) != set(self.kind.fields):
            raise ValueError(f"{self.kind.code}: the fields are not those of its kind")
        for name, shape in self.kind.fields.items():
            if not shape.fits(self.body[name]):
                raise ValueError(f"{self.kind.code}: field {name} has another shape")

    def encoded(self) -> bytes:
        """Return the entry's canonical line, without a line end."""
        at = self.at.astimezone(UTC).strftime(_TIME)
        return encode({"at": at, "body": dict(self.body), "id": self.id, "kind": self.kind.code})


def decode_entry(line: bytes) -> Entry:
    """Return the entry of a canonical line.

    Raises:
        ValueError: the line is not exactly what `encoded` writes.
    """
    value = decode(line)
    if not isinstance(value, dict) or set(value) != {"at", "body", "id", "kind"}:
        raise ValueError("not a ledger entry")
    at, body, identifier, code = (value[name] for name in ("at", "body", "id", "kind"))
    if not (isinstance(at, str) and isinstance(body, dict) and isinstance(identifier, str)):
        raise ValueError("a ledger entry with a field of another type")  # noqa: TRY004 - hostile text
    if not isinstance(code, str) or code not in _KINDS:
        raise ValueError("a ledger entry of an unknown kind")
    time = datetime.fromisoformat(at)
    entry = Entry(id=identifier, kind=_KINDS[code], at=time, body=body)
    if entry.at.strftime(_TIME) != at:  # all the rest of the line was compared when it was decoded
        raise ValueError("a ledger entry that is not written canonically")
    return entry
