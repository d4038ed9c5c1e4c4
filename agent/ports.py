# SPDX-License-Identifier: Apache-2.0
"""The ports: one protocol a need, each with its failure contract.

Every port raises `UnavailableError` when the world is not there (wait, try again), and
`IntegrityError` when our own records disagree (stop). Nothing else leaves an adapter. What a
medium or a family answers is a value, never an error.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO, Protocol

from agent.core.canonical import JsonValue
from agent.core.case import FileIdentity, Proof, Record, State
from agent.core.covering import Place
from agent.core.ledger import Entry
from agent.core.model import CaseId, Evidence, Moment, ObjectId, Policy
from agent.core.register import NoRegister, Register
from agent.record_ports import Desk, Journal


class Clock(Protocol):
    """Time: the school's moment, and a monotonic count of seconds for waiting."""

    def now(self) -> Moment:
        """Return the present moment; `trusted` is false when it is before what we have recorded."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def wait(self, seconds: float) -> None:
        """Wait, or return at once when the agent is asked to stop."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A file in an import folder; `shown` is its place there, for a person at the screen only.

    It may hold a child's name and is never logged or stored in clear.
    """

    identity: FileIdentity
    shown: str
    folder: int
    """Which configured import folder it lies in."""
    group: str
    """What the members of its group share; as private as `shown`."""
    sidecars: tuple[FileIdentity, ...] = ()
    """Files that go when it goes, and are never stored."""
    notes: tuple[FileIdentity, ...] = ()
    """Those beside it, or beside a companion, that may name people."""
    device: str = ""
    """The folder name of the device whose own import folder it lies in; empty for a shared one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What the import folders hold; the members of a group stand together and settle together."""

    settled: tuple[Sighting, ...]
    settling: int = 0
    ignored: int = 0
    left: int = 0
    """Settled files that could not be taken in: changed or not readable in the meantime."""
    unreadable: tuple[str, ...] = ()
    """Codes of folders that could not be read, such as `inbox.folder_unreadable`."""


class Discarded(Enum):
    """What came of discarding an original."""

    DELETED = "deleted"
    GONE = "gone"
    """It was not there although its folder was."""
    CHANGED = "changed"
    """Another file has taken its place: it stays and is a new arrival."""
    BLOCKED = "blocked"
    """Write-protected or in use: it stays, and is tried again."""


class Inbox(Protocol):
    """The import folders. Only regular files arrive; links, folders and devices never do."""

    def scan(self) -> Scan:
        """Look at every import folder once."""
        ...

    def open(self, sighting: Sighting) -> AbstractContextManager[BinaryIO | None]:
        """Open the very file that was seen, for reading; None when it is not the same any more."""
        ...

    def notes(self, sighting: Sighting) -> tuple[bytes, ...] | None:
        """Return the contents of its notes, cut to a little over a mebibyte each.

        None when one is not the same any more or could not be read: the medium is tried again.
        """
        ...

    def deletes(self, sighting: Sighting) -> bool:
        """Tell whether originals of this folder go once they are safely stored."""
        ...

    def discard(self, identity: FileIdentity) -> Discarded:
        """Delete the file at this place if it is still the one with this identity."""
        ...


class Medium(Protocol):
    """Bytes ready to be sealed: the clean medium, or the untouched file where none can be made."""

    @property
    def extension(self) -> str:
        """The usual file name extension, without a dot."""
        ...

    @property
    def size(self) -> int:
        """The length in bytes."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes once more from the start."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What the sanitiser makes of a file: evidence, facts to seal, and the medium to seal."""

    case: CaseId
    kind: str
    evidence: Evidence
    details: Mapping[str, JsonValue]
    """The facts that are sealed with the medium (device, capture time, tags); names are in here."""
    medium: Medium


class Sanitiser(Protocol):
    """Reads hostile files, cleans and verifies them; a refusal is part of the evidence."""

    def examine(
        self, sighting: Sighting, source: BinaryIO, notes: tuple[bytes, ...] = ()
    ) -> Examined | None:
        """Inspect, clean and verify one file; None when the disk or card could not be read.

        What its notes say of people is added to what the file itself says.
        """
        ...

    def rest(self) -> None:
        """Let go of what is kept warm between files; the next one starts it again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedCase:
    """A stored picture that somebody with the key has opened, in memory only."""

    case: CaseId
    evidence: Evidence
    details: Mapping[str, JsonValue] = field(repr=False)
    """The facts that were sealed with it."""
    content: bytes = field(repr=False)


class NotCovered(Enum):
    """Why no redacted copy was made: (code, sentence, remedy)."""

    UNREADABLE = (
        "cover.unreadable",
        "a picture of this kind cannot be covered: it does not decode here, or moves",
        "Open it and cover it with another program; or keep it held.",
    )
    NOT_CHECKED = (
        "cover.not_checked",
        "faces cannot be looked for on this computer, so nobody can check the copy",
        "Run photowarden check; it says what is missing.",
    )
    FACE_LEFT = (
        "cover.face_left",
        "a face is still to be seen at a place that was to be covered",
        "Draw a larger box around the whole head.",
    )
    NOT_ONE_COLOUR = (
        "cover.not_one_colour",
        "no place was to be covered, or one did not come out in one colour",
        "Give each place with --face or --box; if they are right, tell your technician.",
    )

    def __init__(self, code: str, sentence: str, remedy: str) -> None:
        self.code = code
        self.sentence = sentence
        self.remedy = remedy


class Coverer(Protocol):
    """Paints over places of an opened picture, and proves that nobody is seen there any more."""

    def cover(self, opened: OpenedCase, places: Sequence[Place]) -> Examined | NotCovered:
        """Return the redacted copy as a medium of its own, or why there is none."""
        ...


class Sealer(Protocol):
    """Seals to the school's public keys and keeps the sealed copy in this computer's spool."""

    def seal(self, examined: Examined, name: str) -> tuple[ObjectId, Proof]:
        """Seal facts and medium under a new object id; durable when it returns."""
        ...

    def open_spool(self, object_id: ObjectId) -> AbstractContextManager[tuple[bytes, BinaryIO]]:
        """Open the slip and the body in the spool.

        Raises:
            IntegrityError: the spool copy is not there.
        """
        ...

    def release(self, object_id: ObjectId) -> None:
        """Remove the spool copy; no matter if it has gone."""
        ...

    def sweep(self, known: frozenset[ObjectId]) -> int:
        """Remove what an interrupted sealing left: every object that no record knows."""
        ...


class Vault(Protocol):
    """The approved storage: bodies and slips by object id, ledgers and snapshots by name."""

    def check(self) -> None:
        """Make sure that the vault is there and is the approved one.

        Raises:
            UnavailableError: it is not there.
            ConfigurationError: it is there and is not the approved one.
        """
        ...

    def publish(self, object_id: ObjectId, slip: bytes, body: BinaryIO, proof: Proof) -> None:
        """Write body and both slips durably; what is there already and matches stays."""
        ...

    def matches(self, object_id: ObjectId, proof: Proof) -> bool:
        """Read body and both slips back on new handles and compare them with the proof."""
        ...

    def destroy_slips(self, object_id: ObjectId) -> None:
        """Destroy every slip of an object: nobody can ever open it again; no matter if they went.

        Raises:
            UnavailableError: a slip may still be there.
        """
        ...

    def put_ledger(self, files: Mapping[str, bytes]) -> None:
        """Write files of this station's ledger copy durably, in the given order."""
        ...


class Ledger(Protocol):
    """This station's append-only record."""

    def append(self, entries: Sequence[Entry]) -> None:
        """Append in one durable transaction; entries that are there already are skipped."""
        ...

    def unpublished(self) -> tuple[Mapping[str, bytes], int]:
        """Return the files that the vault has not got yet, and the tree size that they bring."""
        ...

    def published(self, size: int) -> None:
        """Note that the vault holds the ledger up to this tree size."""
        ...


class Registrar(Protocol):
    """Gives the register to decide on, or the reason why there is none."""

    def register(self, moment: Moment) -> Register | NoRegister:
        """Return the newest snapshot that is signed, readable and not older than one seen."""
        ...


class Known(Protocol):
    """What deciding needs: it looks at what is known and reaches nothing else."""

    @property
    def clock(self) -> Clock:
        """The moment to decide at."""
        ...

    @property
    def registrar(self) -> Registrar:
        """The register to decide on."""
        ...

    @property
    def journal(self) -> Journal:
        """The cases, and what people have said."""
        ...

    @property
    def desk(self) -> Desk:
        """What people have handed in since."""
        ...

    @property
    def policy(self) -> Policy:
        """The school's settings."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Looking:
    """`Known` for whoever only looks, beside a running agent."""

    clock: Clock
    registrar: Registrar
    journal: Journal
    desk: Desk
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything that the pipeline may reach, and the policy it decides on."""

    clock: Clock
    inbox: Inbox
    sanitiser: Sanitiser
    coverer: Coverer
    sealer: Sealer
    vault: Vault
    ledger: Ledger
    registrar: Registrar
    journal: Journal
    desk: Desk
    policy: Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a person is told about one file."""

    record: Record
    source: FileIdentity
    shown: str
    known: bool = False
    """Whether it had been processed before and only lies there still."""

    @property
    def stored(self) -> bool:
        """Whether its sealed copy has been read back from the vault and matched."""
        return self.record.state is not State.SEALED
