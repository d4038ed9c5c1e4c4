# SPDX-License-Identifier: Apache-2.0
"""Let another computer in, and let one go: invitation, request, enrolment, retirement.

Two files travel and two fingerprints are compared, because whoever could exchange the request
would get the register with its names, and whoever could exchange the invitation would get the
pictures. No key that opens or signs anything travels (`agent.core.stations`).
"""

from dataclasses import replace
from pathlib import Path

from agent import bootstrap
from agent.adapters.stations import stations_in
from agent.bootstrap import Site
from agent.core.entries import enrolled_entry, retired_entry
from agent.core.errors import ConfigurationError
from agent.core.ledger import Entry
from agent.core.stations import (
    Invitation,
    Station,
    fingerprint,
    parse_invitation,
    parse_station,
    same_fingerprint,
)
from agent.office import newest_register, send
from agent.seal.errors import SealError
from agent.seal.notes import SignedNote, Verifier, sign, verify
from agent.settings import POLICY_FILE
from agent.site import OFFICE_SIGNER, JoinPlan, join_site
from agent.stations import office_list, own_station


def invite(site: Site) -> bytes:
    """Return the invitation of a school's office, signed.

    Raises:
        ConfigurationError: the office's signing key is not on this computer.
    """
    station = site.station
    invitation = Invitation(
        school=station.school,
        timezone=station.timezone,
        vault=station.vault.id,
        office=station.keys.office,
        recovery=station.keys.recovery,
        office_verifier=station.keys.office_verifier,
        policy=(site.folder / POLICY_FILE).read_text("utf-8"),
    )
    return sign(invitation.text(), bootstrap.signer_at(site, OFFICE_SIGNER))


def read_invitation(note: bytes) -> Invitation:
    """Return the invitation in a note that is signed by the key that it names.

    Whether that key is the school's is what the comparison of fingerprints tells.

    Raises:
        ConfigurationError: it is not an invitation.
    """
    try:
        invitation = parse_invitation(SignedNote.parse(note).text)
        verify(note, [Verifier.parse(invitation.office_verifier)])
    except (SealError, ValueError) as error:
        raise _refused("the file is not an invitation of a school's office") from error
    return invitation


def join(plan: JoinPlan) -> bytes:
    """Make a site for this computer and return its request to the office, signed by itself.

    Raises:
        ConfigurationError: the folder is not empty.
    """
    station, signer = join_site(plan)
    return sign(station.text(), signer)


def read_request(note: bytes) -> Station:
    """Return the station in a request that is signed by that very station.

    Raises:
        ConfigurationError: it is not a request.
    """
    try:
        station = parse_station(SignedNote.parse(note).text)
        verify(note, [Verifier.parse(station.verifier)])
    except (SealError, ValueError) as error:
        raise _refused("the file is not a station's request") from error
    return station


def compared(text: str, typed: str) -> None:
    """Make sure that somebody has read the fingerprint from the other computer's screen.

    Raises:
        ConfigurationError: what they typed is another one.
    """
    if not same_fingerprint(text, typed):
        raise ConfigurationError(
            "the fingerprint is another one than this file has",
            code="station.fingerprint",
            remedy="Read it again from the other computer's screen. If it still differs, somebody "
            "exchanged the file: bring a new one on a stick of the school's.",
        )


def shown(note: bytes) -> str:
    """Return the fingerprint of a note's text, to be read out."""
    return fingerprint(SignedNote.parse(note).text)


def enrol(site: Site, station: Station) -> bool:
    """Let a station in, give it the present register, and tell whether there was one.

    May be repeated: what is missing is done.

    Raises:
        ConfigurationError: it was retired; retiring is final.
        UnavailableError: the vault is away.
    """
    known = {one.id: one for one in office_list(site).enrolled()}
    if station.retired or (station.id in known and known[station.id] != station):
        raise _refused("this station was retired, or has other keys than it was enrolled with")
    for one in (own_station(site), station):
        _put(site, one)
    _record(site, enrolled_entry(bootstrap.clock_of(site).now().at, station.id))
    register = newest_register(site)
    if register is None:
        return False
    if bootstrap.snapshots_of(site, station.id).newest_version() < register.version:
        send(site, register, station)
    return True


def retire(site: Site, station_id: str) -> Station:
    """Give a station no register any more; what it stored stays and counts.

    Raises:
        ConfigurationError: it is not enrolled, or it is this computer.
        UnavailableError: the vault is away.
    """
    known = {one.id: one for one in office_list(site).enrolled()}
    found = [one for name, one in known.items() if station_id and name.startswith(station_id)]
    if len(found) != 1 or found[0].id == site.station.station:
        raise ConfigurationError(
            "no other station that is enrolled has this id, or more than one begins so",
            code="station.unknown",
            remedy="Look the id up with photowarden station list; this computer cannot retire "
            "itself.",
        )
    station = replace(found[0], retired=True)
    _put(site, station)
    _record(site, retired_entry(bootstrap.clock_of(site).now().at, station.id))
    return station


def _put(site: Site, station: Station) -> None:
    """Write a station into the office's own list and into the vault's."""
    bootstrap.vault_of(site).check()
    note = sign(station.text(), bootstrap.signer_at(site, OFFICE_SIGNER))
    office_list(site).put(station, note)
    stations_in(site.vault_folder, site.office_verifier).put(station, note)


def _record(site: Site, entry: Entry) -> None:
    """Append an entry unless it is there, whatever its time."""
    with bootstrap.open_ledger(site) as ledger:
        if not ledger.has(entry.id):
            ledger.append([entry])


def _refused(what: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        code="station.refused",
        remedy="Make a new file on the other computer and bring it here unchanged.",
    )


def request_path(folder: Path) -> Path:
    """Return where a station keeps its request until the office has it."""
    return folder / "request.photowarden"
