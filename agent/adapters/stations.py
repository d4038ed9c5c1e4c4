# SPDX-License-Identifier: Apache-2.0
"""The stations in a vault: who is enrolled, and the health that each has left beside its ledger.

Whoever controls the file server can take files away or bring old ones back, so nothing here is
believed without a signature, a file that is away is told as silence, and the office keeps its own
list (`agent.stations`) for what matters most: to whom the register is sealed.
"""

from functools import partial
from pathlib import Path
from typing import Final

from agent import durable
from agent.adapters.narrowing import disk_narrowed
from agent.core.health import HEALTH_FILE, Heard, parse_health
from agent.core.stations import STATIONS, Station, parse_station
from agent.core.troubles import Trouble
from agent.seal.errors import SealError
from agent.seal.notes import Verifier, verify

_SUFFIX: Final = ".note"
_MOST: Final = 1000
"""More stations than any school has; a folder with more is not read to its end."""
_LONGEST: Final = 64 << 10


class StationFolder:
    """The notes of enrolled stations in one folder, signed by the office."""

    def __init__(self, folder: Path, office: Verifier) -> None:
        self._folder = folder
        self._office = office

    def enrolled(self) -> list[Station]:
        """Return every station whose note the office signed, retired ones too.

        Raises:
            UnavailableError: the folder is away.
        """
        with _narrowed("reading the list of stations"):
            if not self._folder.exists():
                return []
            paths = sorted(self._folder.glob(f"*{_SUFFIX}"))[:_MOST]
            notes = [_read(path) for path in paths]
        return [station for note in notes if (station := self._believed(note)) is not None]

    def put(self, station: Station, note: bytes) -> None:
        """Write a station's signed note, in place of an older one."""
        with _narrowed("writing the list of stations"):
            self._folder.mkdir(parents=True, exist_ok=True)
            durable.replace(self._folder / f"{station.id}{_SUFFIX}", [note])

    def _believed(self, note: bytes) -> Station | None:
        try:
            return parse_station(verify(note, [self._office]))
        except (SealError, ValueError):
            return None


def stations_in(vault: Path, office: Verifier) -> StationFolder:
    """Return the list of stations in a vault."""
    return StationFolder(vault / STATIONS, office)


def health_in(vault: Path, station: str, verifier: Verifier) -> Heard:
    """Return what a station left beside its ledger in a vault.

    Raises:
        UnavailableError: the vault is away.
    """
    return health_at(vault / "ledgers" / station / HEALTH_FILE, station, verifier)


def health_at(path: Path, station: str, verifier: Verifier) -> Heard:
    """Return the health in a file: None where there is none, a trouble where it cannot be believed.

    Raises:
        UnavailableError: the disk is away.
    """
    with _narrowed("reading a station's health"):
        try:
            note = _read(path)
        except FileNotFoundError:
            return None
    try:
        health = parse_health(verify(note, [verifier]))
    except (SealError, ValueError):
        return Trouble.STATION_UNTRUSTED
    return health if health.station == station else Trouble.STATION_UNTRUSTED


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_LONGEST)


_narrowed: Final = partial(
    disk_narrowed,
    code="vault.unavailable",
    remedy="Connect the storage and try again.",
)
