# SPDX-License-Identifier: Apache-2.0
"""Every port in memory: real implementations that can lose power before any of their steps.

`World` is what survives a power cut (files, spool, vault, journal, ledger); `Power` counts every
call of a port that changes it and dies at the chosen one, before or after it took effect.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from agent.core.case import FileIdentity, Proof, Record
from agent.core.concerns import Concern
from agent.core.covering import Place
from agent.core.desk import Item, Settled
from agent.core.errors import IntegrityError, UnavailableError
from agent.core.ledger import Entry
from agent.core.model import (
    CaseId,
    Clue,
    Evidence,
    Look,
    Moment,
    ObjectId,
    Policy,
    Tag,
    TagSource,
)
from agent.core.register import NoRegister, Register
from agent.core.reviewing import Review
from agent.core.statements import Statement
from agent.ports import (
    Discarded,
    Examined,
    Medium,
    NotCovered,
    OpenedCase,
    Ports,
    Scan,
    Sighting,
)
from tests.builders import MOMENT, a_register, clue, evidence
from tests.memory_records import MemoryDesk, MemoryJournal


class PowerCutError(Exception):
    """The computer is off."""


@dataclass
class Power:
    """Die at call number `at`, before its effect or after it; never, where it is None."""

    at: int | None = None
    after: bool = False
    calls: int = 0

    @contextmanager
    def step(self) -> Iterator[None]:
        self.calls += 1
        if self.calls == self.at and not self.after:
            raise PowerCutError
        yield
        if self.calls == self.at:
            raise PowerCutError


def identifier(text: str) -> str:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return "".join(chr(ord("a") + int(c, 16)) for c in digest[:26])


@dataclass
class World:
    """What survives a power cut."""

    files: dict[str, bytes] = field(default_factory=dict)
    spool: dict[str, bytes] = field(default_factory=dict)
    vault: dict[str, bytes] = field(default_factory=dict)
    vault_ledger: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, Record] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    """The number of each case's latest change."""
    left: dict[FileIdentity, str] = field(default_factory=dict)
    entries: dict[str, Entry] = field(default_factory=dict)
    published: int = 0
    statements: dict[tuple[str, str], Statement] = field(default_factory=dict)
    freezes: dict[str, Item] = field(default_factory=dict)
    aside: dict[FileIdentity, CaseId] = field(default_factory=dict)
    review: Review | None = None
    examined: list[str] = field(default_factory=list)
    """The names of the files that were examined, in order."""
    moment: Moment = MOMENT
    desk: dict[str, Item] = field(default_factory=dict)
    settled: dict[str, Settled] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)
    """Which items on the desk came through the vault."""
    strangers: int = 0
    evidence: dict[bytes, Evidence] = field(default_factory=dict)
    """What pictures say that are not like the others."""
    sealed: int = 0
    refusals: dict[bytes, Concern] = field(default_factory=dict)
    register: Register | NoRegister = field(default_factory=a_register)
    vault_away: bool = False
    keep_originals: bool = False
    faces_left: int = 1
    """How many faces a redacted copy still shows."""

    def ports(self, power: Power, policy: Policy) -> Ports:
        return Ports(
            clock=MemoryClock(self),
            inbox=MemoryInbox(self, power),
            sanitiser=MemorySanitiser(self),
            coverer=MemoryCoverer(self),
            sealer=MemorySealer(self, power),
            vault=MemoryVault(self, power),
            ledger=MemoryLedger(self, power),
            registrar=MemoryRegistrar(self),
            journal=MemoryJournal(self, power),
            desk=MemoryDesk(self, power),
            policy=policy,
        )


class MemoryClock:
    def __init__(self, world: World) -> None:
        self.world = world
        self.seconds = 0.0

    def now(self) -> Moment:
        return self.world.moment

    def monotonic(self) -> float:
        return self.seconds

    def wait(self, seconds: float) -> None:
        self.seconds += seconds


def identity_of(name: str, content: bytes) -> FileIdentity:
    return FileIdentity(
        place=Clue(identifier(name)),
        size=len(content),
        modified_ns=1,
        changed_ns=sum(content),
        number=1,
    )


class MemoryInbox:
    def __init__(self, world: World, power: Power) -> None:
        self.world, self.power = world, power

    def scan(self) -> Scan:
        return Scan(
            settled=tuple(
                Sighting(
                    identity=identity_of(name, content),
                    shown=name,
                    folder=0,
                    group=name.rpartition(".")[0],
                    sidecars=self._sidecars(name),
                )
                for name, content in sorted(self.world.files.items())
                if not name.endswith((".aae", ".xmp"))
            )
        )

    def _sidecars(self, name: str) -> tuple[FileIdentity, ...]:
        """A still takes the adjustment file of its name with it."""
        beside = name.rpartition(".")[0] + ".aae"
        content = self.world.files.get(beside) if name.endswith(".jpg") else None
        return () if content is None else (identity_of(beside, content),)

    @contextmanager
    def open(self, sighting: Sighting) -> Iterator[BinaryIO | None]:
        content = self.world.files.get(sighting.shown)
        same = content is not None and identity_of(sighting.shown, content) == sighting.identity
        yield io.BytesIO(content) if content is not None and same else None

    def notes(self, sighting: Sighting) -> tuple[bytes, ...] | None:
        beside = self.world.files.get(f"{sighting.shown}.xmp")
        return () if beside is None else (beside,)

    def deletes(self, _sighting: Sighting) -> bool:
        return not self.world.keep_originals

    def discard(self, identity: FileIdentity) -> Discarded:
        for name, content in self.world.files.items():
            if Clue(identifier(name)) == identity.place:
                if identity_of(name, content) != identity:
                    return Discarded.CHANGED
                with self.power.step():
                    del self.world.files[name]
                return Discarded.DELETED
        return Discarded.GONE


@dataclass
class MemoryMedium:
    content: bytes
    extension: str = "jpg"

    @property
    def size(self) -> int:
        return len(self.content)

    def chunks(self) -> Iterator[bytes]:
        yield self.content


class MemorySanitiser:
    def __init__(self, world: World) -> None:
        self.world = world

    def examine(
        self, sighting: Sighting, source: BinaryIO, notes: tuple[bytes, ...] = ()
    ) -> Examined:
        self.world.examined.append(sighting.shown)
        content = source.read()
        folders = frozenset(clue(part) for part in sighting.shown.split("/")[:-1])
        look = Look(faces=1, pixels=clue(identifier(content.hex())))
        what: Evidence = self.world.evidence.get(content) or evidence(
            folders=folders, refusal=self.world.refusals.get(content), look=look
        )
        named = tuple(Tag(source=TagSource.REGION, name=clue(name.decode())) for name in notes)
        what = replace(what, tags=(*what.tags, *named))
        medium: Medium = MemoryMedium(content)
        return Examined(
            case=CaseId(identifier(content.hex())),
            kind="JPEG",
            evidence=what,
            details={},
            medium=medium,
        )

    def rest(self) -> None:
        """Nothing is kept warm."""


class MemoryCoverer:
    """Cover by writing that it was done."""

    def __init__(self, world: World) -> None:
        self.world = world

    def cover(self, opened: OpenedCase, places: Sequence[Place]) -> Examined | NotCovered:
        if not places:
            return NotCovered.NOT_ONE_COLOUR
        content = opened.content + b" covered %d" % len(places)
        look = Look(faces=self.world.faces_left, pixels=clue(identifier(content.hex())))
        return Examined(
            case=CaseId(identifier(content.hex())),
            kind="JPEG",
            evidence=replace(opened.evidence, look=look, tags=(), parent=opened.case),
            details={},
            medium=MemoryMedium(content),
        )


class MemorySealer:
    def __init__(self, world: World, power: Power) -> None:
        self.world, self.power = world, power

    def seal(self, examined: Examined, _name: str) -> tuple[ObjectId, Proof]:
        content = b"".join(examined.medium.chunks())
        self.world.sealed += 1
        object_id = ObjectId(identifier(f"object {self.world.sealed}"))
        with self.power.step():
            self.world.spool[object_id] = content
        return object_id, Proof(
            body_sha256=hashlib.sha256(content).hexdigest(),
            body_size=len(content),
            slip_sha256="5" * 64,
        )

    @contextmanager
    def open_spool(self, object_id: ObjectId) -> Iterator[tuple[bytes, BinaryIO]]:
        if object_id not in self.world.spool:
            raise IntegrityError("missing", code="spool.missing", remedy="look")
        yield b"slip", io.BytesIO(self.world.spool[object_id])

    def release(self, object_id: ObjectId) -> None:
        with self.power.step():
            self.world.spool.pop(object_id, None)

    def sweep(self, known: frozenset[ObjectId]) -> int:
        gone = [object_id for object_id in self.world.spool if object_id not in known]
        for object_id in gone:
            del self.world.spool[object_id]
        return len(gone)


class MemoryVault:
    def __init__(self, world: World, power: Power) -> None:
        self.world, self.power = world, power

    def check(self) -> None:
        if self.world.vault_away:
            raise UnavailableError("away", code="vault.unavailable", remedy="wait")

    def publish(self, object_id: ObjectId, _slip: bytes, body: BinaryIO, _proof: Proof) -> None:
        self.check()
        with self.power.step():
            self.world.vault[object_id] = body.read()

    def matches(self, object_id: ObjectId, proof: Proof) -> bool:
        self.check()
        content = self.world.vault.get(object_id)
        return content is not None and hashlib.sha256(content).hexdigest() == proof.body_sha256

    def destroy_slips(self, object_id: ObjectId) -> None:
        self.check()
        with self.power.step():
            self.world.vault.pop(object_id, None)

    def put_ledger(self, files: Mapping[str, bytes]) -> None:
        self.check()
        with self.power.step():
            self.world.vault_ledger |= files


class MemoryLedger:
    def __init__(self, world: World, power: Power) -> None:
        self.world, self.power = world, power

    def append(self, entries: Sequence[Entry]) -> None:
        with self.power.step():
            for entry in entries:
                there = self.world.entries.setdefault(entry.id, entry)
                if there.encoded() != entry.encoded():
                    raise IntegrityError("another content", code="ledger.damaged", remedy="stop")

    def unpublished(self) -> tuple[Mapping[str, bytes], int]:
        size = len(self.world.entries)
        return ({} if size == self.world.published else {"entries": bytes(size)}), size

    def published(self, size: int) -> None:
        with self.power.step():
            self.world.published = size


class MemoryRegistrar:
    def __init__(self, world: World) -> None:
        self.world = world

    def register(self, _moment: Moment) -> Register | NoRegister:
        return self.world.register
