# SPDX-License-Identifier: Apache-2.0
"""Ledger entries: the closed list of what may be recorded, and nothing personal among it.

Every kind has its fields and every field has a shape (a code, a digest, an opaque id, a count). An
entry that does not fit is refused before it is written, so no name, file name or path can ever get
into a record that cannot be changed again.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Final

from agent.core.canonical import JsonValue, decode, encode
from agent.core.case import Original
from agent.core.concerns import Concern, Verdict
from agent.core.model import Coverage, Grade
from agent.core.statements import StatementKind

ID_PATTERN: Final = r"[a-z0-9]{1,64}(?:\.[a-z0-9]{1,64}){0,3}"
_ID: Final = re.compile(ID_PATTERN)
_OPAQUE: Final = re.compile(r"[a-z2-7]{26}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a field's value must look like."""

    pattern: re.Pattern[str] | None = None
    optional: bool = False
    many: bool = False

    def fits(self, value: JsonValue) -> bool:
        """Tell whether a value has this shape."""
        if value is None:
            return self.optional
        if self.many:
            return isinstance(value, list) and all(map(self._one, value))
        return self._one(value)

    def _one(self, value: JsonValue) -> bool:
        if self.pattern is None:
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return isinstance(value, str) and self.pattern.fullmatch(value) is not None


def _one_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of a closed list; a name has the shape of a word, but is not on it."""
    return re.compile("|".join(map(re.escape, words)))


_COUNT: Final = Shape()
_CONCERN: Final = _one_of(concern.code for concern in Concern)
_VERDICT: Final = _one_of(verdict.name for verdict in Verdict)
_GRADE: Final = _one_of(grade.value for grade in Grade)
_COVERAGE: Final = _one_of(coverage.value for coverage in Coverage)
_ORIGINAL: Final = _one_of(original.value for original in Original)
_CASE: Final = Shape(_OPAQUE)
_SAYS: Final = _one_of(kind.value for kind in StatementKind)
_INSTANT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
VERSION: Final = re.compile(
    r"[0-9]{1,4}(?:\.[0-9]{1,4}){1,3}(?:(?:a|b|rc|\.post|\.dev)[0-9]{1,4})?"
)
_ENDING: Final = re.compile("stopped|cut")
_YES_OR_NO: Final = re.compile("yes|no")
_PAIR: Final = re.compile(r"[a-z2-7]{26}\.[a-z2-7]{26}")
_DECIDED: Final = {
    "case": _CASE,
    "group": Shape(_OPAQUE, many=True),
    "verdict": Shape(_VERDICT),
    "concerns": Shape(_CONCERN, many=True),
    "register": Shape(_DIGEST, optional=True),
    "register_version": Shape(optional=True),
    "policy": Shape(_DIGEST),
    "refusal": Shape(_CONCERN, optional=True),
    "grade": Shape(_GRADE),
    "device": Shape(_OPAQUE, optional=True),
    "coverage": Shape(_COVERAGE),
    "rosters": Shape(_OPAQUE, many=True),
    "tagged": Shape(_OPAQUE, many=True),
    "unknown_names": _COUNT,
    "ambiguous_names": _COUNT,
    "unnamed_faces": _COUNT,
    "stated": Shape(_YES_OR_NO),
    "absent": Shape(_PAIR, many=True),
    "faces": Shape(optional=True),
    "small_faces": _COUNT,
    "noted": Shape(_CONCERN, many=True),
}
_STORED: Final = {
    "case": _CASE,
    "object": Shape(_OPAQUE),
    "body_sha256": Shape(_DIGEST),
    "body_size": _COUNT,
    "slip_sha256": Shape(_DIGEST),
}


class EntryKind(Enum):
    """What may be recorded: (code, fields and their shapes)."""

    SITE_CREATED = ("site.created", {"vault": Shape(_OPAQUE)})
    REGISTER_PUBLISHED = (
        "register.published",
        {
            "register": Shape(_DIGEST),
            "register_version": _COUNT,
            "people": _COUNT,
            "answers": _COUNT,
            "devices": _COUNT,
        },
    )
    PHOTO_DECIDED = ("photo.decided", _DECIDED)
    PHOTO_STORED = ("photo.stored", _STORED)
    PEOPLE_STATED = (
        "people.stated",
        {"case": _CASE, "says": Shape(_SAYS), "people": Shape(_OPAQUE, many=True)},
    )
    PHOTO_DUPLICATE = ("photo.duplicate", {"case": _CASE, "arrivals": _COUNT})
    PHOTO_CLEARED = (
        "photo.cleared",
        {"case": _CASE, "original": Shape(_ORIGINAL), "sidecars": _COUNT},
    )
    STATION_ENROLLED = ("station.enrolled", {"station": Shape(_OPAQUE)})
    STATION_RETIRED = ("station.retired", {"station": Shape(_OPAQUE)})
    AGENT_STARTED = ("agent.started", {"version": Shape(VERSION)})
    AGENT_STOPPED = ("agent.stopped", {"started_at": Shape(_INSTANT)})
    AGENT_GAP = (
        "agent.gap",
        {"since": Shape(_INSTANT), "until": Shape(_INSTANT), "ended": Shape(_ENDING)},
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
        if not _ID.fullmatch(self.id) or self.at.utcoffset() is None:
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
