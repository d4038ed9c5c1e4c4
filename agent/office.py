# SPDX-License-Identifier: Apache-2.0
"""What the office does without a console: publish the register from a file.

The console will write the same snapshots through the same functions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.adapters.snapshots import open_snapshot, seal_snapshot
from agent.bootstrap import (
    Site,
    clock_of,
    open_ledger,
    signer_at,
    snapshots_of,
    station_identity,
    vault_of,
)
from agent.core.errors import ConfigurationError, IntegrityError, UnavailableError
from agent.core.ledger import Entry, EntryKind
from agent.core.register_rows import (
    RegisterFileFaults,
    Terms,
    build_snapshot,
    count_changes,
    school_year_of,
)
from agent.core.snapshot import Snapshot
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridIdentity
from agent.site import OFFICE_SIGNER, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What a publication would do or has done: the snapshot and counts of what changes."""

    snapshot: Snapshot
    changes: Mapping[str, int]


def plan_publication(site: Site, rows: Sequence[tuple[int, Mapping[str, str]]]) -> Publication:
    """Return what publishing these rows would do; nothing is written.

    Raises:
        ConfigurationError: rows cannot be understood; every fault is listed by row.
        UnavailableError: the vault with the earlier snapshot is away.
        IntegrityError: the earlier snapshot in the vault is not the office's.
    """
    vault_of(site).check()
    previous, moment = newest_register(site), clock_of(site).now()
    month, day = map(int, site.policy_settings.school_year_starts.split("-"))
    terms = Terms(
        school=site.station.school,
        school_year=school_year_of(moment.today, (month, day)),
        purposes=frozenset(site.policy.purposes),
        now=moment.at,
        valid_days=site.policy_settings.register_valid_days,
    )
    try:
        snapshot = build_snapshot(rows, terms, previous, new_id)
    except RegisterFileFaults as faults:
        lines = "\n".join(f"  row {number}: {what}" for number, what in faults.faults)
        raise ConfigurationError(
            f"{len(faults.faults)} rows of the register file cannot be understood:\n{lines}",
            code="register_file.rows",
            remedy="Correct these rows. Nothing was published, because a row that cannot be "
            "understood might be a refusal.",
        ) from faults
    return Publication(snapshot=snapshot, changes=count_changes(previous, snapshot))


def publish(site: Site, publication: Publication) -> None:
    """Sign a snapshot, seal it to this station, put it into the vault, and record that.

    Raises:
        UnavailableError: the vault is away; nothing was published.
    """
    snapshot, identity = publication.snapshot, station_identity(site)
    if not isinstance(identity, HybridIdentity):
        raise ConfigurationError(
            "the station's identity is not post-quantum",
            code="keys.refused",
            remedy="Restore keys/station-identity.txt from the backup of the site folder.",
        )
    signer = signer_at(site, OFFICE_SIGNER)
    sealed = seal_snapshot(snapshot, signer, [identity.recipient()])
    try:
        snapshots_of(site).put(snapshot.version, sealed)
    except OSError as error:
        raise UnavailableError(
            "the register could not be written to the vault",
            code="vault.unavailable",
            remedy="Connect the storage and publish again; the earlier register still counts.",
        ) from error
    with open_ledger(site) as ledger:
        ledger.append([_entry(snapshot)])


def newest_register(site: Site) -> Snapshot | None:
    """Return the newest register in the vault, with its names; None where there is none.

    Raises:
        UnavailableError: the vault is away.
        IntegrityError: what lies there is not what the office signed.
    """
    try:
        sealed = snapshots_of(site).newest()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UnavailableError(
            "the vault with the earlier register cannot be read",
            code="vault.unavailable",
            remedy="Connect the storage and try again.",
        ) from error
    if sealed is None:
        return None
    try:
        return open_snapshot(sealed, station_identity(site), site.office_verifier)
    except (SealError, ValueError) as error:
        raise IntegrityError(
            "the newest register in the vault is not the one that the office signed",
            code="register.untrusted",
            remedy="Move it out of the vault's snapshots folder, find out who changed it, and "
            "publish again.",
        ) from error


def _entry(snapshot: Snapshot) -> Entry:
    return Entry(
        id=f"register.{snapshot.version}",
        kind=EntryKind.REGISTER_PUBLISHED,
        at=snapshot.issued_at,
        body={
            "register": snapshot.digest(),
            "register_version": snapshot.version,
            "people": len(snapshot.people),
            "answers": sum(len(person.answers) for person in snapshot.people),
            "devices": len(snapshot.devices),
        },
    )
