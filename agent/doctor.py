# SPDX-License-Identifier: Apache-2.0
"""Look at a site from all sides and say what is wrong, without starting anything.

Each look is for itself: one that fails hides none of the others. What is found is a trouble of the
closed list (`agent.core.troubles`). Probes leave nothing behind; run them as the account that the
service has (`agent.cli.common.as_owner`), or they see more rights than it has.
"""

import contextlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from agent import bootstrap, lock, places, stations
from agent import site as layout
from agent.bootstrap import Site
from agent.core.checkpoint import Checkpoint
from agent.core.errors import AgentError, ConfigurationError, IntegrityError, UnavailableError
from agent.core.health import FULL_MEBIBYTES, LOW_MEBIBYTES, Health, Heard, judge
from agent.core.register import Register
from agent.core.troubles import Trouble
from agent.core.vault_marker import MARKER
from agent.media.child import Child
from agent.media.errors import MediaError
from agent.media.model import Kind
from agent.media.seen import Sight
from agent.seal import selftest
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridRecipient
from agent.seal.notes import verify
from agent.settings import resolved

_OTHERS: Final = 0o077
_ONE_PIXEL: Final = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a"
    "7e9b550000000a49444154789c63f80f0001010100b138f6140000000049"
    "454e44ae426082"
)
"""A grey PNG of one pixel."""
_STATION_WORDS: Final = frozenset({Trouble.STATION_STOPPED, Trouble.STATION_QUIET})


@dataclass(frozen=True, slots=True)
class Finding:
    """One trouble, of this computer or of another station that is named."""

    trouble: Trouble
    station: str = ""


def examine(folder: Path) -> tuple[Finding, ...]:
    """Return everything that is wrong with the site in a folder, the most urgent first."""
    try:
        site = bootstrap.load_site(folder)
    except ConfigurationError as error:
        missing = error.code == Trouble.SETTINGS_MISSING.code
        return (Finding(Trouble.SETTINGS_MISSING if missing else Trouble.SETTINGS_REFUSED),)
    found = {Finding(trouble) for check in _CHECKS for trouble in _looked(check, site)}
    found.update(_of_stations(site))
    return tuple(sorted(found, key=lambda f: (-f.trouble.urgency, f.trouble.code, f.station)))


def is_working(site: Site) -> bool:
    """Tell whether an agent holds the site's lock."""
    path = site.folder / layout.LOCK
    if not path.exists():
        return False
    try:
        with lock.only_agent(path):
            return False
    except UnavailableError:
        return True
    except OSError:
        return False


Check = Callable[[Site], Iterable[Trouble]]


def _looked(check: Check, site: Site) -> list[Trouble]:
    """Return what a look finds; one that an error of ours ends finds that error's trouble."""
    known = {trouble.code: trouble for trouble in Trouble}
    found: list[Trouble] = []
    try:
        found.extend(check(site))
    except AgentError as error:
        found += [known[error.code]] if error.code in known else []
    return found


def _cryptography(_site: Site) -> Iterator[Trouble]:
    try:
        selftest.run()
    except SealError:
        yield Trouble.SELFTEST_FAILED


def _keys(site: Site) -> Iterator[Trouble]:
    """Each key is there, is what it must be, belongs to the settings, and is private."""
    keys = site.station.keys
    for parse in (
        lambda: bootstrap.station_identity(site),
        lambda: bootstrap.clues_of(site),
        lambda: site.office_verifier,
        lambda: HybridRecipient.parse(keys.office),
        lambda: HybridRecipient.parse(keys.recovery),
        lambda: _same_signer(site),
    ):
        try:
            parse()
        except ConfigurationError as error:
            missing = error.code == Trouble.KEY_MISSING.code
            yield Trouble.KEY_MISSING if missing else Trouble.KEY_DAMAGED
        except SealError:
            yield Trouble.KEY_DAMAGED
    for name in (layout.STATION_IDENTITY, layout.STATION_SIGNER, layout.EVIDENCE_KEY):
        with contextlib.suppress(OSError):
            if os.name == "posix" and (site.folder / name).stat().st_mode & _OTHERS:
                yield Trouble.KEY_OPEN


def _same_signer(site: Site) -> None:
    """Make sure that the signing key is the one that the settings promise to others."""
    own = bootstrap.signer_at(site, layout.STATION_SIGNER).verifier()
    if own != site.station_verifier:
        raise SealError("the signing key is another one than station.toml names")


def _folders(site: Site) -> Iterator[Trouble]:
    """The import folders are there and can be read and emptied; the state can be written."""
    for folder in site.import_folders:
        if not folder.path.is_dir():
            yield Trouble.IMPORT_MISSING
            continue
        unreadable: list[OSError] = []
        for _ in os.walk(folder.path, onerror=unreadable.append):
            pass
        if unreadable:
            yield Trouble.IMPORT_UNREADABLE
        elif folder.delete_originals and not _writable(folder.path):
            yield Trouble.IMPORT_NOT_WRITABLE
    if not _writable(site.folder / "state"):
        yield Trouble.STATE_NOT_WRITABLE


def _places(site: Site) -> Iterator[Trouble]:
    uses = [(folder.path, places.Use.IMPORT) for folder in site.import_folders]
    uses += [(site.vault_folder, places.Use.VAULT), (site.folder / "state", places.Use.STATE)]
    for path, use in uses:
        try:
            places.check_place(path, use, rehearsal=site.station.rehearsal)
        except ConfigurationError:
            yield Trouble.PLACE_REFUSED


def _vault(site: Site) -> Iterator[Trouble]:
    root = site.vault_folder
    try:
        if not list(root.iterdir()):
            yield Trouble.VAULT_MARKER_MISSING
            return
    except OSError:
        yield Trouble.VAULT_AWAY
        return
    if not (root / MARKER).exists():
        yield Trouble.VAULT_MARKER_MISSING
        return
    bootstrap.vault_of(site).check()
    if not _writable(root / "ledgers"):
        yield Trouble.VAULT_NOT_WRITABLE


def _disks(site: Site) -> Iterator[Trouble]:
    """Some shares do not say how large they are; the fuller disk counts."""
    free = []
    for path in (site.folder, site.vault_folder):
        with contextlib.suppress(OSError):
            usage = shutil.disk_usage(path)
            free += [usage.free >> 20] if usage.total else []
    if min(free, default=LOW_MEBIBYTES) < FULL_MEBIBYTES:
        yield Trouble.DISK_FULL
    elif min(free, default=LOW_MEBIBYTES) < LOW_MEBIBYTES:
        yield Trouble.DISK_LOW


def _journal(site: Site) -> Iterator[Trouble]:
    if not _is_sound(site.folder / layout.JOURNAL):
        yield Trouble.JOURNAL_DAMAGED


def _ledger(site: Site) -> Iterator[Trouble]:
    """The ledger is whole, agrees with its copy in the vault, and no clock is behind it."""
    if not _is_sound(site.folder / layout.LEDGER):
        yield Trouble.LEDGER_DAMAGED
        return
    try:
        with bootstrap.open_ledger(site, read_only=True) as ledger:
            claim, latest = ledger.claim(), ledger.latest_time()
    except (IntegrityError, UnavailableError):
        yield Trouble.LEDGER_DAMAGED
        return
    floor = None if latest is None else datetime.fromisoformat(latest)
    if not bootstrap.clock_of(site, floor).now().trusted:
        yield Trouble.CLOCK_UNTRUSTED
    copied = _copied(site)
    if copied is not None and (
        copied.size > claim.size or (copied.size == claim.size and copied.root != claim.root)
    ):
        yield Trouble.LEDGER_DIFFERS


def _copied(site: Site) -> Checkpoint | None:
    """Return the checkpoint in the vault; None where there is none that can be read."""
    path = site.vault_folder / "ledgers" / site.station.station / "checkpoint"
    try:
        return Checkpoint.parse(verify(path.read_bytes(), [site.station_verifier]))
    except (OSError, SealError, ValueError):
        return None


def _register(site: Site) -> Iterator[Trouble]:
    moment = bootstrap.clock_of(site).now()
    answer = bootstrap.registrar_of(site).register(moment)
    if not isinstance(answer, Register):
        yield Trouble.of(answer.concern.code)
    elif moment.at > answer.valid_until:
        yield Trouble.REGISTER_STALE


def _child(site: Site) -> Iterator[Trouble]:
    """The process that opens pictures answers, and counts faces where the school wants it to."""
    with Child() as child:
        try:
            if child.shape(Kind.PNG, _ONE_PIXEL) != (1, 1):
                yield Trouble.CHILD_BROKEN
        except (MediaError, OSError):  # the account may not even be allowed to start Python
            yield Trouble.CHILD_BROKEN
            return
    if bootstrap.sight_of(site) not in (None, Sight.READY):
        yield Trouble.DETECTOR_MISSING


def _mail(site: Site) -> Iterator[Trouble]:
    """The files of the mail section can be read; no connection is made."""
    mail = site.station.mail
    if mail is None:
        return
    for name in (mail.password_file, mail.authority_file):
        if name and not os.access(resolved(site.folder, name), os.R_OK):
            yield Trouble.MAIL_REFUSED


def _office(site: Site) -> Iterator[Trouble]:
    if (site.folder / "office").exists():
        yield Trouble.OFFICE_HERE


def _of_stations(site: Site) -> Iterator[Finding]:
    """What the health files say, of the others and of this computer; whether it runs is known."""
    own = site.station.station
    heard: dict[str, Heard] = {}
    try:
        heard[own] = stations.own_health(site)
        heard |= stations.heard_of(site)
    except ConfigurationError:
        return  # a key: another look says so
    except UnavailableError:
        heard.setdefault(own, None)  # the others are out of sight
    if heard.get(own) is None:
        heard.pop(own, None)
    for station, troubles in judge(heard, bootstrap.clock_of(site).now().at).items():
        said = heard[station]
        now = set(said.seen) if isinstance(said, Health) and station == own else set()
        for trouble in set(troubles) - now - (_STATION_WORDS if station == own else frozenset()):
            yield Finding(trouble, "" if station == own else station)


def _is_sound(path: Path) -> bool:
    """Tell whether an SQLite file is whole, without writing to it."""
    if not path.exists():
        return False
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=5)
        with contextlib.closing(database):
            return bool(database.execute("PRAGMA quick_check").fetchone() == ("ok",))
    except sqlite3.OperationalError:
        return True  # locked or not readable: other looks say so
    except sqlite3.DatabaseError:
        return False


def _writable(folder: Path) -> bool:
    """Tell whether a file can be made and removed; its name is one that the agent ignores."""
    probe = folder / f".photowarden-{secrets.token_hex(4)}.part"
    try:
        probe.touch(exist_ok=False)
        probe.unlink()
    except OSError:
        return False
    return True


_CHECKS: Final[tuple[Check, ...]] = (
    _cryptography,
    _keys,
    _folders,
    _places,
    _vault,
    _disks,
    _journal,
    _ledger,
    _register,
    _child,
    _mail,
    _office,
)
