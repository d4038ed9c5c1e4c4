# SPDX-License-Identifier: Apache-2.0
"""Acts on answers: record, withdraw, correct, keep evidence. Nothing is ever overwritten."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from agent import durable
from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.model import Moment
from agent.core.register import Capacity
from agent.core.register_rows import last_day_of, school_year_of
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridRecipient
from agent.seal.keys import Identity
from agent.seal.sealing import open_bytes, seal_bytes
from agent.site import new_id
from service.office.acts import Act, Refused
from service.office.house import EVIDENCE, house
from service.office.register.images import gather
from service.office.register.models import (
    Answer,
    Correction,
    Evidence,
    Guardian,
    Person,
    Purpose,
)
from service.office.roles import Role

KEEPS: Final = frozenset({Role.OFFICE, Role.HEAD})
_YEAR_STARTS: Final = (9, 1)
_SIGNATURES: Final = {b"%PDF-": "pdf", b"\xff\xd8\xff": "jpeg", b"\x89PNG\r\n\x1a\n": "png"}
LARGEST_SCAN: Final = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class RecordAnswers(Act):
    """Record what somebody said: yes, no or withdrawn for each purpose, in one act.

    `guardian` is None where the person answered: a child by its own word, an adult for themselves.
    A yes without a last day gets the one of its purpose's renewal.
    """

    kind: ClassVar = EntryKind.ANSWERS_RECORDED
    roles: ClassVar = KEEPS
    person: Person
    guardian: Guardian | None
    says: Mapping[Purpose, str]
    given_on: date
    how: str
    valid_until: date | None = None
    note: str = ""
    evidence: Evidence | None = None

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add a row for each purpose."""
        return self._entry(self._added(moment), corrects=None)

    def _added(self, moment: Moment) -> list[Answer]:
        self._check(moment)
        return Answer.objects.bulk_create(
            Answer(
                person=self.person,
                purpose=purpose,
                guardian=self.guardian,
                says=says,
                given_on=self.given_on,
                valid_until=self._last_day(purpose, says),
                how=self.how,
                note=self.note,
                evidence=self.evidence,
                at=moment.at,
                by=self.by,
            )
            for purpose, says in self.says.items()
        )

    def _last_day(self, purpose: Purpose, says: str) -> date | None:
        """Return the last day of an answer; a refusal never runs out."""
        if says != "yes":
            return None
        return self.valid_until or ends(purpose, self.given_on)

    def _check(self, moment: Moment) -> None:
        if not self.says:
            raise Refused("Choose at least one purpose.")
        if self.given_on > moment.today:
            raise Refused("The day of the answer is in the future.")
        if self.valid_until is not None and self.valid_until < self.given_on:
            raise Refused("The last day is before the day of the answer.")
        if self.guardian is not None and self.person.sort != "pupil":
            raise Refused("Adults answer for themselves.")

    def _entry(self, answers: list[Answer], corrects: str | None) -> Mapping[str, JsonValue]:
        answerer = self.person.id if self.guardian is None else self.guardian.id
        return {
            "person": self.person.id,
            "answerer": answerer,
            "capacity": capacity_of(self.person, self.guardian).value,
            "answers": [f"{answer.purpose_id}.{answer.says}" for answer in answers],
            "given_on": self.given_on.isoformat(),
            "valid_until": self.valid_until.isoformat() if self.valid_until else None,
            "how": self.how,
            "evidence": self.evidence.id if self.evidence else None,
            "corrects": corrects,
        }


@dataclass(frozen=True, kw_only=True)
class Withdraw(RecordAnswers):
    """Take permission back, at once, as anybody who meets the family may hear it."""

    roles: ClassVar = KEEPS | {Role.TEACHER, Role.DATA_PROTECTION, Role.SAFEGUARDING}

    def may(self, moment: Moment) -> bool:
        """Tell whether whoever asks may; a teacher, for the children of their own classes."""
        if not super().may(moment) or self.by is None:
            return False
        others = self.by.roles_on(moment.today) - {Role.TEACHER, Role.GOVERNOR, Role.TECHNICIAN}
        return bool(others) or teaches(self.by.id, self.person)

    def _check(self, moment: Moment) -> None:
        super()._check(moment)
        if set(self.says.values()) - {"withdrawn", "no"}:
            raise Refused("Only a no or a withdrawal can be recorded here.")


@dataclass(frozen=True, kw_only=True)
class CorrectAnswer(RecordAnswers):
    """Say that an answer was entered by mistake, why, and what is right; the mistake stays."""

    answer: Answer
    why: str

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Add the right answer, if there is one, and the correction."""
        if not self.why.strip():
            raise Refused("Say why the entry was a mistake.")
        if Correction.objects.filter(answer=self.answer).exists():
            raise Refused("This entry was corrected already.")
        added = self._added(moment) if self.says else []
        Correction.objects.create(
            answer=self.answer,
            replaced_by=added[0] if added else None,
            why=self.why.strip(),
            at=moment.at,
            by=self.by,
        )
        return self._entry(added, corrects=self.answer.id)


@dataclass(frozen=True, kw_only=True)
class KeepEvidence(Act):
    """Keep a scan of what was signed: sealed before it meets a disk, to office and recovery key."""

    kind: ClassVar = EntryKind.EVIDENCE_ADDED
    roles: ClassVar = KEEPS
    person: Person
    content: bytes

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Seal and write the scan, then add the row; a file without a row says nothing."""
        kind = kind_of(self.content)
        if kind is None:
            raise Refused("A scan is a PDF, a JPEG or a PNG.")
        if len(self.content) > LARGEST_SCAN:
            raise Refused("The scan is larger than 8 MB. Scan it with less detail.")
        keys = house().site().station.keys
        recipients = [HybridRecipient.parse(key) for key in (keys.office, keys.recovery)]
        sealed, identifier = seal_bytes(recipients, self.content), new_id()
        folder = house().folder / EVIDENCE
        folder.mkdir(mode=0o700, exist_ok=True)
        durable.write_new(folder / f"{identifier}.age", [sealed], private=True)
        digest = hashlib.sha256(sealed).hexdigest()
        Evidence.objects.create(
            id=identifier,
            person=self.person,
            kind=kind,
            size=len(self.content),
            sealed_sha256=digest,
            at=moment.at,
            by=self.by,
        )
        return {"person": self.person.id, "evidence": identifier, "sealed_sha256": digest}


@dataclass(frozen=True, kw_only=True)
class OpenEvidence(Act):
    """Open a scan for somebody to see; recorded before it is handed out."""

    kind: ClassVar = EntryKind.EVIDENCE_OPENED
    roles: ClassVar = KEEPS | {Role.DATA_PROTECTION}
    evidence: Evidence

    def change(self, moment: Moment) -> Mapping[str, JsonValue]:
        """Change nothing."""
        del moment
        return {"person": self.evidence.person_id, "evidence": self.evidence.id}


def evidence_content(evidence: Evidence, identity: Identity) -> bytes:
    """Return a scan in clear, in memory only: the very file that was sealed, of its own type.

    Raises:
        Refused: the file is gone or damaged, or was sealed to another key.
        UnavailableError: the key was dropped meanwhile.
    """
    try:
        sealed = (house().folder / EVIDENCE / f"{evidence.id}.age").read_bytes()
        if hashlib.sha256(sealed).hexdigest() != evidence.sealed_sha256:
            raise Refused("The scan is not the one that was sealed. Restore it from the backup.")
        content = open_bytes(sealed, [identity])
    except OSError as error:
        raise Refused("The scan is not there. Restore it from the backup.") from error
    except SealError as error:
        raise Refused("The scan does not open with your key.") from error
    if kind_of(content) != evidence.kind:
        raise Refused("The scan is of another kind than was recorded.")
    return content


def kind_of(content: bytes) -> str | None:
    """Return what a scan is by its first bytes; None where it is neither PDF, JPEG nor PNG."""
    return next((kind for start, kind in _SIGNATURES.items() if content.startswith(start)), None)


def capacity_of(person: Person, guardian: Guardian | None) -> Capacity:
    """Return the right in which somebody answers today."""
    if guardian is None:
        return Capacity.CHILD if person.sort == "pupil" else Capacity.SELF
    return gather([person.id]).capacities.get((person.id, guardian.id), Capacity.UNDELEGATED)


def teaches(user: str, person: Person) -> bool:
    """Tell whether a teacher has the person in one of their classes."""
    return person.memberships.filter(until__isnull=True, group__teachers=user).exists()


def ends(purpose: Purpose, given_on: date) -> date | None:
    """Return the last day of a yes by its purpose's renewal; None where there is none."""
    if purpose.renewal == "school_year":
        return last_day_of(school_year_of(given_on, _year_starts()), _year_starts())
    if purpose.renewal == "two_years":
        day = min(given_on.day, 28)
        return given_on.replace(year=given_on.year + 2, day=day)
    return None


def _year_starts() -> tuple[int, int]:
    if not house().has_site:
        return _YEAR_STARTS
    month, day = map(int, house().site().policy_settings.school_year_starts.split("-"))
    return month, day
