# SPDX-License-Identifier: Apache-2.0
"""Which stations a site knows, and how they are.

The office's own list lies in its folder; the vault carries copies for everyone. Whom the register
is sealed to is read from the office's list alone: a note that somebody brings back on the file
server cannot make a retired computer a reader again.
"""

from collections.abc import Mapping

from agent import bootstrap
from agent import site as layout
from agent.adapters.stations import StationFolder, health_at, health_in, stations_in
from agent.bootstrap import Site
from agent.core.errors import ConfigurationError
from agent.core.health import Heard
from agent.core.stations import Station
from agent.seal.errors import SealError
from agent.seal.hybrid import HybridIdentity
from agent.seal.notes import Verifier


def own_station(site: Site) -> Station:
    """Return this computer as a station.

    Raises:
        ConfigurationError: its identity is missing or not post-quantum.
    """
    identity = bootstrap.station_identity(site)
    if not isinstance(identity, HybridIdentity):
        raise ConfigurationError(
            "the station's identity is not post-quantum",
            code="keys.refused",
            remedy="Restore keys/station-identity.txt from the backup of the site folder.",
        )
    return Station(
        id=site.station.station,
        recipient=str(identity.recipient()),
        verifier=str(site.station_verifier),
    )


def office_list(site: Site) -> StationFolder:
    """Return the office's own list."""
    return StationFolder(site.folder / layout.OFFICE_STATIONS, site.office_verifier)


def enrolled(site: Site, station: str) -> Station:
    """Return a station that the office ever enrolled, retired or not.

    Raises:
        ConfigurationError: there is none with this id.
    """
    for one in office_list(site).enrolled():
        if one.id == station:
            return one
    raise ConfigurationError(
        "no station with this id was ever enrolled here",
        code="station.unknown",
        remedy="Look the id up with photowarden station list.",
    )


def readers(site: Site) -> list[Station]:
    """Return the stations that the register is sealed to, this computer first.

    Raises:
        UnavailableError: the office's list cannot be read.
    """
    own = own_station(site)
    others = [s for s in office_list(site).enrolled() if s.id != own.id and not s.retired]
    return [own, *others]


def heard_of(site: Site) -> Mapping[str, Heard]:
    """Return what every station that works on this vault said last, this computer's own word first.

    Raises:
        UnavailableError: the vault is away; `own_health` still answers.
    """
    heard = {site.station.station: own_health(site)}
    for station in stations_in(site.vault_folder, site.office_verifier).enrolled():
        if station.retired:
            heard.pop(station.id, None)
        elif station.id != site.station.station:
            verifier = _verifier(station)
            heard[station.id] = health_in(site.vault_folder, station.id, verifier)
    return heard


def own_health(site: Site) -> Heard:
    """Return what this computer said last of itself, from its own disk."""
    path = site.folder / layout.HEALTH
    return health_at(path, site.station.station, site.station_verifier)


def _verifier(station: Station) -> Verifier:
    try:
        return Verifier.parse(station.verifier)
    except SealError as error:
        raise ConfigurationError(
            f"the key of station {station.id} is damaged although the office signed it",
            code="keys.refused",
            remedy="Enrol that station again.",
        ) from error
