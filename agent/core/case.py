# SPDX-License-Identifier: Apache-2.0
"""The record of a case: what the journal holds of one medium between arrival and rest.

A record holds no name and no path: the file it came from is a clue of its place, who may be in it
is evidence in clues and facts in tokens. Each state is a durable fact; the work that leads from
one to the next is repeatable, so a power cut anywhere costs a repetition and nothing else.

    SEALED     sealed in the spool on this computer; its object id is fixed (the intent to publish)
    STORED     body and slips read back from the vault and matched
    RECORDED   in the ledger; the original may go (the intent to delete)
    CLEARED    the original is gone, or stays by rule
    DONE       that is in the ledger too

    ERASING    two people have it erased (the intent to destroy its slips)
    ERASED     nobody can ever open it again, and the ledger says so

A new ruling, or the same bytes arriving again, takes a case back to STORED and through the rest.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from agent.core.concerns import Concern, Verdict, plain_reason
from agent.core.model import CaseId, Clue, Evidence, Facts, ObjectId
from agent.core.who import Who


class State(Enum):
    """How far a case has come."""

    SEALED = "sealed"
    STORED = "stored"
    RECORDED = "recorded"
    CLEARED = "cleared"
    DONE = "done"
    ERASING = "erasing"
    ERASED = "erased"

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing is to be done for a case in this state."""
        return self in (State.DONE, State.ERASED)


class Original(Enum):
    """What became of the file in the import folder."""

    DELETED = "deleted"
    KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a stored object must match: SHA-256 (hex) of body and slip, body size in bytes."""

    body_sha256: str
    body_size: int
    slip_sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIdentity:
    """Which file in an import folder is meant: the clue of its place, size, times, file number.

    `changed_ns` is the time of the last change of content or attributes (POSIX ctime; Windows: the
    change time of NTFS, where the file system keeps none the time of creation); programs that copy
    or restore files do not set it back.
    """

    place: Clue
    size: int
    modified_ns: int
    changed_ns: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision as it is kept: verdict, concerns, what it was based on and when."""

    verdict: Verdict
    concerns: tuple[Concern, ...]
    register_digest: str | None
    register_version: int | None
    policy_digest: str
    decided_at: datetime
    copies: tuple[CaseId, ...] = ()
    """Pictures of the same scene that object to it (`agent.core.copies`)."""

    @property
    def sentence(self) -> str:
        """The reason in plain words for the office."""
        return plain_reason(self.concerns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """Who proposed to erase a picture, who confirmed it, and when."""

    proposed_by: Who
    confirmed_by: Who
    at: datetime

    def __post_init__(self) -> None:
        """Refuse one person in both parts."""
        if self.proposed_by.account == self.confirmed_by.account:
            raise ValueError("erasing a picture takes two people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One case: its state, its sealed object, its evidence, its present ruling."""

    case: CaseId
    state: State
    kind: str
    object: ObjectId
    proof: Proof
    evidence: Evidence
    facts: Facts
    ruling: Ruling
    rulings: int = 1
    """How many times it has been decided; numbers its ledger entries."""
    source: FileIdentity
    arrivals: int = 1
    """How many times these bytes have arrived; numbers its ledger entries."""
    arrived_at: datetime
    group: tuple[CaseId, ...] = ()
    """The other media that arrived with it as one (`agent.core.groups`), decided together."""
    sidecars: tuple[FileIdentity, ...] = ()
    """Files that go when its original goes, and are never stored."""
    discard: bool
    """Whether the original is to be deleted once everything is proven and recorded."""
    original: Original = Original.KEPT
    stored_at: datetime | None = None
    cleared_at: datetime | None = None
    spooled: bool = True
    erasure: Erasure | None = None
