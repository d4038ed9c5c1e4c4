# SPDX-License-Identifier: Apache-2.0
"""The composition root: from a site folder to ports. The only module that names an adapter.

Rule: no logic. What starts here is checked here: settings, places, keys, self-test, lock.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from agent import lock, places
from agent import site as layout
from agent.adapters.clock import Clock
from agent.adapters.coverer import Coverer
from agent.adapters.desk import Desk
from agent.adapters.inbox import ImportFolder, Inbox
from agent.adapters.journal import Journal
from agent.adapters.ledger import Ledger
from agent.adapters.post import InPost
from agent.adapters.sanitiser import Sanitiser
from agent.adapters.sealer import Sealer
from agent.adapters.snapshots import Registrar, SnapshotFolder
from agent.adapters.vault import FolderVault
from agent.core import cards
from agent.core.case import State
from agent.core.clues import ClueMaker
from agent.core.errors import ConfigurationError
from agent.core.freezing import Frozen, frozen
from agent.core.model import CaseId, ObjectId, Policy
from agent.core.register import Register
from agent.eyesight import Eyesight
from agent.media.child import Child
from agent.media.errors import MediaError
from agent.media.seen import Sensitivity, Sight
from agent.ports import Looking, Ports
from agent.receiving import DeskWithPost
from agent.seal import identity_file, selftest
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridRecipient
from agent.seal.keys import Identity
from agent.seal.notes import Signer, Verifier, sign
from agent.settings import PolicySettings, StationSettings, read_policy, read_station, resolved

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One site's folder and settings."""

    folder: Path
    station: StationSettings
    policy_settings: PolicySettings
    policy: Policy

    @property
    def vault_folder(self) -> Path:
        """Where the approved storage is."""
        return resolved(self.folder, self.station.vault.path)

    @property
    def import_folders(self) -> list[ImportFolder]:
        """The import folders."""
        return [
            ImportFolder(
                path=resolved(self.folder, one.path),
                delete_originals=one.originals == "delete",
                device=one.device,
            )
            for one in self.station.imports
        ]

    @property
    def spool_keep(self) -> timedelta:
        """How long a sealed copy stays on this computer after it was stored."""
        return timedelta(hours=self.station.spool_hours)

    @property
    def office_verifier(self) -> Verifier:
        """The office's public signing key."""
        return _key(lambda: Verifier.parse(self.station.keys.office_verifier), "office_verifier")

    @property
    def station_verifier(self) -> Verifier:
        """This station's public signing key."""
        return _key(lambda: Verifier.parse(self.station.keys.station_verifier), "station_verifier")

    @property
    def origin(self) -> str:
        """The name of this station's ledger in checkpoints."""
        return f"photowarden/{self.station.station}"


def load_site(folder: Path) -> Site:
    """Read a site's settings.

    Raises:
        ConfigurationError: they are missing or not allowed.
    """
    policy_settings, policy = read_policy(folder)
    return Site(
        folder=folder,
        station=read_station(folder),
        policy_settings=policy_settings,
        policy=policy,
    )


def check_site(site: Site) -> None:
    """Check everything that can be checked before anything starts.

    Raises:
        ConfigurationError: a place or a key cannot be used, or the self-test failed.
        UnavailableError: the vault is away.
    """
    try:
        selftest.run()
    except SealError as error:
        raise ConfigurationError(
            f"the cryptography of this computer does not work: {error}",
            code="seal.selftest",
            remedy="Install Photowarden again from its lock file; nothing was sealed.",
        ) from error
    rehearsal, watched = site.station.rehearsal, site.import_folders
    own = places.own(site.folder, site.vault_folder)
    for number, folder in enumerate(watched):
        if not folder.path.is_dir():
            raise ConfigurationError(
                "an import folder of station.toml is not there",
                code="inbox.missing",
                remedy="Make the folder, or correct its path in station.toml.",
            )
        places.check_place(folder.path, places.Use.IMPORT, rehearsal=rehearsal)
        places.check_apart(folder.path, own, (other.path for other in watched[:number]))
    places.check_place(site.vault_folder, places.Use.VAULT, rehearsal=rehearsal)
    places.check_place(site.folder / "state", places.Use.STATE, rehearsal=rehearsal)


def vault_of(site: Site) -> FolderVault:
    """Return the site's vault."""
    return FolderVault(
        site.vault_folder, site.station.vault.id, site.office_verifier, site.station.station
    )


def snapshots_of(site: Site, station: str = "") -> SnapshotFolder:
    """Return this station's snapshots in the vault, or another's."""
    return SnapshotFolder(site.vault_folder / "snapshots" / (station or site.station.station))


def station_identity(site: Site) -> Identity:
    """Return the key that opens this station's register, and nothing else."""
    text = _private(site.folder / layout.STATION_IDENTITY)
    return _key(lambda: identity_file.parse(text), layout.STATION_IDENTITY)


def clues_of(site: Site) -> ClueMaker:
    """Return the maker of this station's clues."""
    text = _private(site.folder / layout.EVIDENCE_KEY)
    return _key(lambda: ClueMaker(bytes.fromhex(text.strip())), layout.EVIDENCE_KEY)


def card_key_of(site: Site) -> bytes:
    """Return the office's key of class cards.

    Where its file is not there, the key of the published register counts, so that printed cards
    stay good; a site that had none before gets one.

    Raises:
        ConfigurationError: the key is damaged, or the office's folder is not on this computer.
    """
    path = site.folder / layout.CARD_KEY
    if not path.exists() and path.parent.is_dir():
        known = registrar_of(site).register(clock_of(site).now())
        key = known.card_key if isinstance(known, Register) else b""
        layout.write_private(path, layout.key_line(key) if key else layout.new_key())
    return _key(lambda: cards.key_of(_private(path)), layout.CARD_KEY)


def signer_at(site: Site, name: str) -> Signer:
    """Return a signing key of the site.

    Raises:
        ConfigurationError: it is not there or is damaged.
    """
    text = _private(site.folder / name)
    return _key(lambda: Signer.parse(text), name)


def registrar_of(site: Site) -> Registrar:
    """Return the site's registrar."""
    return Registrar(
        snapshots_of(site),
        site.folder / layout.REGISTER_CACHE,
        station_identity(site),
        site.office_verifier,
        clues_of(site),
    )


def eyesight_of(site: Site) -> Eyesight:
    """Return how the site's pictures are looked at."""
    chosen = site.policy_settings
    sensitivity = Sensitivity[chosen.face_sensitivity.upper()] if chosen.count_faces else None
    return Eyesight(sensitivity=sensitivity, small_share=chosen.small_face_percent / 100)


def sight_of(site: Site) -> Sight | None:
    """Return whether this computer can count faces; None where the school does not want it to."""
    if not site.policy_settings.count_faces:
        return None
    with Child() as child:
        try:
            return child.sight()
        except MediaError:
            return Sight.RUNTIME_MISSING  # the child did not even start


@contextmanager
def open_ledger(site: Site, *, read_only: bool = False) -> Iterator[Ledger]:
    """Open the station's ledger."""
    signer = None if read_only else signer_at(site, layout.STATION_SIGNER)
    path = site.folder / layout.LEDGER
    with Ledger(path, site.origin, partial(_signed, signer), read_only=read_only) as ledger:
        yield ledger


@contextmanager
def open_office_ledger(site: Site, path: Path) -> Iterator[Ledger]:
    """Open the office's own ledger; its checkpoints are signed with the office's signing key."""
    signer = signer_at(site, layout.OFFICE_SIGNER)
    with Ledger(path, f"photowarden/{office_of(site)}", partial(_signed, signer)) as ledger:
        yield ledger


def office_of(site: Site) -> str:
    """Return the name of the office among the vault's ledgers: there is one for each vault."""
    return f"office-{site.station.vault.id}"


def office_vault_of(site: Site) -> FolderVault:
    """Return the site's vault as the office writes to it."""
    return FolderVault(
        site.vault_folder, site.station.vault.id, site.office_verifier, office_of(site)
    )


@contextmanager
def open_journal(site: Site) -> Iterator[Journal]:
    """Open the journal for reading only."""
    with Journal(site.folder / layout.JOURNAL, read_only=True) as journal:
        yield journal


def clock_in(zone: str) -> Clock:
    """Return the clock in a zone, where there is no site yet."""
    return Clock(ZoneInfo(zone))


@contextmanager
def open_desk(site: Site) -> Iterator[Desk]:
    """Open the desk, to put something on it or to look."""
    with Desk(site.folder / layout.DESK) as desk:
        yield desk


def frozen_by(journal: Journal, desk: Desk) -> Mapping[CaseId, Frozen]:
    """Return what is frozen, for whoever only looks."""
    return frozen([*journal.freezes(), *desk.freezes()])


def erasing(site: Site) -> frozenset[ObjectId]:
    """Return the objects that two people have erased, as far as this station's journal knows."""
    with open_journal(site) as journal:
        gone = (State.ERASING, State.ERASED)
        return frozenset(record.object for record in journal.all() if record.state in gone)


def clock_of(site: Site, floor: datetime | None = None) -> Clock:
    """Return the clock in the school's zone."""
    return Clock(zone_of(site), floor)


def zone_of(site: Site) -> ZoneInfo:
    """Return the zone whose calendar days count."""
    return ZoneInfo(site.station.timezone)


@contextmanager
def open_looking(site: Site) -> Iterator[Looking]:
    """Open what deciding needs, for looking only; an agent may be running."""
    with ExitStack() as stack:
        ledger = stack.enter_context(open_ledger(site, read_only=True))
        yield Looking(
            clock=clock_of(site, _floor(ledger)),
            registrar=registrar_of(site),
            journal=stack.enter_context(open_journal(site)),
            desk=stack.enter_context(open_desk(site)),
            policy=site.policy,
        )


@contextmanager
def open_ports(site: Site) -> Iterator[tuple[Ports, Clock]]:
    """Open everything that the pipeline reaches; one agent a site.

    Raises:
        ConfigurationError, UnavailableError, IntegrityError: it must not or cannot start.
    """
    check_site(site)
    with ExitStack() as stack:
        stack.enter_context(lock.only_agent(site.folder / layout.LOCK))
        ledger = stack.enter_context(open_ledger(site))
        journal = stack.enter_context(Journal(site.folder / layout.JOURNAL))
        clues, clock = clues_of(site), clock_of(site, _floor(ledger))
        desk = DeskWithPost(stack.enter_context(open_desk(site)), _post_of(site), clock)
        child = stack.enter_context(Child())
        yield (
            Ports(
                clock=clock,
                inbox=Inbox(site.import_folders, site.station.settle_seconds, clues, clock),
                sanitiser=Sanitiser(
                    child, clues, eyesight_of(site), site.policy_settings.keyword_roots
                ),
                coverer=Coverer(child, clues, eyesight_of(site)),
                sealer=Sealer(site.folder / layout.SPOOL, _recipients(site)),
                vault=vault_of(site),
                ledger=ledger,
                registrar=registrar_of(site),
                journal=journal,
                desk=desk,
                policy=site.policy,
            ),
            clock,
        )


def _post_of(site: Site) -> InPost:
    """Return what the office posts to this station."""
    station = site.station
    keys = station_identity(site), site.office_verifier
    return InPost(site.vault_folder, (station.vault.id, station.station), keys)


def station_hand(site: Site) -> Callable[[str], bytes]:
    """Return what signs a text as this station."""
    return partial(_signed, signer_at(site, layout.STATION_SIGNER))


def _signed(signer: Signer | None, text: str) -> bytes:
    if signer is None:
        raise ValueError("a ledger that is only read signs nothing")
    return sign(text, signer)


def _floor(ledger: Ledger) -> datetime | None:
    """Return the latest time in the ledger: the clock cannot be before it.

    Not the time of the latest entry: that may have been written under a clock that was behind.
    """
    latest = ledger.latest_time()
    return None if latest is None else datetime.fromisoformat(latest)


def _recipients(site: Site) -> list[HybridRecipient]:
    keys = site.station.keys
    return [
        _key(lambda: HybridRecipient.parse(keys.office), "keys.office"),
        _key(lambda: HybridRecipient.parse(keys.recovery), "keys.recovery"),
    ]


def _private(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(
            f"the key file {path.name} cannot be read",
            code="keys.missing",
            remedy="Restore it from the backup of the site folder.",
        ) from error


def _key(parse: Callable[[], T], name: str) -> T:
    """Parse a key, and say which one is damaged, never what is in it."""
    try:
        return parse()
    except (SealError, ValueError) as error:
        raise ConfigurationError(
            f"the key {name} is damaged or of another kind",
            code="keys.refused",
            remedy="Restore it from the backup of the site folder.",
        ) from error
