# SPDX-License-Identifier: Apache-2.0
"""Check vault, slips and ledger against one another, without any private key.

Every object that the ledger says is stored must be there, body and both slips, byte for byte; the
ledger must be the one that its signed checkpoint promises, here and in the vault's copy.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from agent.adapters.ledger import Ledger
from agent.adapters.vault import FolderVault
from agent.core.case import Proof
from agent.core.checkpoint import Checkpoint
from agent.core.errors import AgentError
from agent.core.ledger import EntryKind
from agent.core.ledger_audit import audit_ledger
from agent.core.ledger_lines import Line
from agent.core.model import ObjectId
from agent.seal.errors import SealError
from agent.seal.notes import Verifier, verify
from agent.seal.sealing import check_shape

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Verification:
    """What was found: counts, and what is wrong in plain words with opaque ids."""

    objects: int = 0
    sound: int = 0
    entries: int = 0
    unlisted: int = 0
    """Bodies that no ledger entry names: on their way, or not ours."""
    erasing: int = 0
    """Objects that two people have erased, of which the ledger does not say so yet."""
    fingerprint: str = ""
    faults: list[str] = field(default_factory=list)

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify_site(
    vault: FolderVault,
    ledger: Ledger,
    station: Verifier,
    progress: Progress,
    erasing: Callable[[], Collection[ObjectId]] = frozenset,
) -> Verification:
    """Check everything; `progress` is told how many of how many objects are done.

    `erasing` says, when an object is not there, which ones two people have erased at this moment:
    their slips go before the ledger says so.

    Raises:
        UnavailableError, ConfigurationError: the vault is away or is not the approved one.
    """
    vault.check()
    found = Verification()
    claim = ledger.claim()
    stored: dict[ObjectId, Proof] = {}
    erased: set[str] = set()
    local = audit_ledger(ledger.lines(), claim, visit=partial(_note, stored, erased))
    found.faults += [f"this computer's ledger: {fault}" for fault in local.faults]
    found.entries, found.fingerprint = local.entries, claim.fingerprint()
    _check_copy(vault, ledger, station, found)
    listed = frozenset(stored)
    stored = {one: proof for one, proof in stored.items() if one not in erased}
    for number, (object_id, proof) in enumerate(stored.items(), start=1):
        fault = _fault_of(vault, object_id, proof)
        going = fault is not None and object_id in erasing()
        found.erasing += going
        found.objects += not going
        found.sound += fault is None
        found.faults += [] if fault is None or going else [fault]
        progress(number, len(stored))
    found.unlisted = sum(object_id not in listed for object_id in vault.object_ids())
    return found


def _check_copy(vault: FolderVault, ledger: Ledger, station: Verifier, found: Verification) -> None:
    """Compare the vault's copy of the ledger with this computer's; it may only be shorter."""
    what = "the vault's copy of the ledger"
    if ledger.published_size() == 0:
        return
    try:
        lines, note = vault.ledger_files()
        checkpoint = Checkpoint.parse(verify(note, [station]))
    except AgentError:
        found.faults.append(f"{what} is not there")
        return
    except (SealError, ValueError) as error:
        found.faults.append(f"{what}: its checkpoint is not signed by this station ({error})")
        return
    ours = ledger.lines()
    compared = [0, 0]
    audit = audit_ledger(_beside(lines, ours, compared), checkpoint)
    found.faults += [f"{what}: {fault}" for fault in audit.faults]
    if compared[1]:
        found.faults.append(f"{what} differs from this computer's")
    if compared[0] < ledger.published_size():
        found.faults.append(f"{what} is shorter than what was written to it")


def _beside(lines: Iterable[bytes], ours: Iterator[bytes], compared: list[int]) -> Iterator[bytes]:
    """Yield a copy's lines; count them, and those that are not ours at the same place."""
    for line in lines:
        compared[0] += 1
        compared[1] += next(ours, None) != line
        yield line


def _note(stored: dict[ObjectId, Proof], erased: set[str], entry: Line) -> None:
    """Note what was stored, and what two people had erased: its slips are gone for ever."""
    if entry.kind == EntryKind.PHOTO_ERASED.code:
        erased.add(str(entry.body["object"]))
    if entry.kind == EntryKind.PHOTO_STORED.code:
        body = entry.body
        stored[ObjectId(str(body["object"]))] = Proof(
            body_sha256=str(body["body_sha256"]),
            body_size=int(str(body["body_size"])),
            slip_sha256=str(body["slip_sha256"]),
        )


def _fault_of(vault: FolderVault, object_id: ObjectId, proof: Proof) -> str | None:
    """Read one object back, and check without a key what can be checked of its shape."""
    if not vault.matches(object_id, proof):
        return f"object {object_id}: missing, or not as the ledger says"
    try:
        check_shape(vault.slip(object_id), proof.body_size)
    except SealError as error:
        return f"object {object_id}: {error}"
    return None
