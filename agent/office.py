# SPDX-License-Identifier: Apache-2.0
"""What the office does without a console: publish the register from a file.

The console will write the same snapshots through the same functions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.adapters.snapshots import open_snapshot, seal_snapshot
from agent.bootstrap import (
    Site,
    card_key_of,
    clock_of,
    open_ledger,
    signer_at,
    snapshots_of,
    station_identity,
    vault_of,
)
from agent.core.canonical import JsonValue
from agent.core.errors import ConfigurationError, IntegrityError, UnavailableError
from agent.core.ledger import Entry, EntryKind
from agent.core.register_rows import (
    RegisterFileFaults,
    Terms,
    build_snapshot,
    count_changes,
    last_day_of,
    school_year_of,
)
from agent.core.snapshot import Snapshot
from agent.core.stations import Station
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridRecipient
from agent.site import OFFICE_SIGNER, new_id
from agent.stations import readers


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
    school_year = school_year_of(moment.today, _year_starts(site))
    terms = Terms(
        school=site.station.school,
        school_year=school_year,
        purposes=frozenset(site.policy.purposes),
        now=moment.at,
        valid_days=site.policy_settings.register_valid_days,
        year_ends=_year_ends(site, school_year),
        card_key=card_key_of(site),
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


def plan_withdrawal(site: Site, cards: Iterable[str]) -> Publication:
    """Return the present register with cards withdrawn from today on; nothing is written.

    Everything else stays as it is, and the register counts no longer than it did.

    Raises:
        ConfigurationError: there is no register, or none that knows cards.
        UnavailableError: the vault with the register is away.
    """
    vault_of(site).check()
    previous, moment = newest_register(site), clock_of(site).now()
    if previous is None or not previous.card_key:
        raise no_cards()
    withdrawn = dict.fromkeys(cards, moment.today) | dict(previous.withdrawn_cards)
    snapshot = replace(
        previous, version=previous.version + 1, issued_at=moment.at, withdrawn_cards=withdrawn
    )
    return Publication(snapshot=snapshot, changes=count_changes(previous, snapshot))


def no_cards() -> ConfigurationError:
    """Return what to say where no register is published that knows class cards."""
    return ConfigurationError(
        "no register is published that knows class cards",
        code="cards.no_register",
        remedy="Publish the register once with this version; then print and withdraw cards.",
    )


def year_ends_on(site: Site, school_year: str) -> date:
    """Return the last day of a school year such as "2026-27"."""
    return last_day_of(school_year, _year_starts(site))


def _year_starts(site: Site) -> tuple[int, int]:
    month, day = map(int, site.policy_settings.school_year_starts.split("-"))
    return month, day


def _year_ends(site: Site, school_year: str) -> datetime:
    """Return the first moment of the next school year, where the school is."""
    next_day = year_ends_on(site, school_year) + timedelta(days=1)
    return datetime.combine(next_day, time(), ZoneInfo(site.station.timezone))


def publish(site: Site, publication: Publication) -> None:
    """Sign a snapshot, seal it to every station that is known, store it, and record that.

    Raises:
        UnavailableError: the vault is away; publish again.
    """
    put_snapshot(site, publication.snapshot)
    with open_ledger(site) as ledger:
        ledger.append([_entry(publication.snapshot)])


def put_snapshot(site: Site, snapshot: Snapshot) -> None:
    """Sign a snapshot, seal it to every station that is known and store it; the console does too.

    This computer comes first, so the next version is greater than any that a station has got.

    Raises:
        UnavailableError: the vault is away; publish again.
    """
    for station in readers(site):
        send(site, snapshot, station)


def send(site: Site, snapshot: Snapshot, station: Station) -> None:
    """Sign a snapshot, seal it to one station and put it into the vault for that.

    Raises:
        UnavailableError: the vault is away, or the station has this version.
    """
    recipient = HybridRecipient.parse(station.recipient)
    sealed = seal_snapshot(snapshot, signer_at(site, OFFICE_SIGNER), [recipient])
    try:
        snapshots_of(site, station.id).put(snapshot.version, sealed)
    except OSError as error:
        raise UnavailableError(
            "the register could not be written to the vault",
            code="vault.unavailable",
            remedy="Connect the storage and publish again; the earlier register still counts.",
        ) from error


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
        body=counts_of(snapshot),
    )


def counts_of(snapshot: Snapshot) -> dict[str, JsonValue]:
    """Return what a ledger says of a published register: its digest, version and counts."""
    return {
        "register": snapshot.digest(),
        "register_version": snapshot.version,
        "people": len(snapshot.people),
        "answers": sum(len(person.answers) for person in snapshot.people),
        "devices": len(snapshot.devices),
    }
