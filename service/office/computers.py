# SPDX-License-Identifier: Apache-2.0
"""What Today tells of the school's computers: who is silent, what waits, what runs out.

From the health files in the vault (`agent.stations`), by the console's own clock. Sentences of the
closed list, the first letters of a computer's id, days: no name.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from agent import bootstrap, stations
from agent.bootstrap import Site
from agent.core.errors import AgentError
from agent.core.health import Health, Heard, judge
from agent.core.troubles import Trouble, Urgency
from service.office.accounts.models import User
from service.office.house import house, now
from service.office.roles import Role

READERS: Final = frozenset({Role.OFFICE, Role.HEAD, Role.TECHNICIAN})
_SHORT: Final = 6


def matters(user: User, roles: frozenset[Role]) -> Iterable[tuple[str, str, str]]:
    """Yield a sentence for each trouble of each computer, the most urgent first; no statement."""
    del user
    if not (roles & READERS and house().has_site):
        return
    site = house().site()
    heard, away = _heard(site)
    found = [(t, s) for s, ts in judge(heard, now().at).items() for t in ts]
    found += [(away, site.station.station)] if away is not None else []
    for trouble, station in sorted(set(found), key=lambda one: (-one[0].urgency, one[0].code)):
        if trouble.urgency > Urgency.NOTE:
            when = _when(trouble, heard.get(station), site)
            sentence = f"{trouble.sentence}{when} {trouble.remedy}"
            yield f"{sentence} (Computer {station[:_SHORT]}.)", "", ""


def _heard(site: Site) -> tuple[Mapping[str, Heard], Trouble | None]:
    """Return what the computers said, and what keeps their words from being read."""
    try:
        bootstrap.vault_of(site).check()
        return _without_silence(stations.heard_of(site)), None
    except AgentError as error:
        known = {trouble.code: trouble for trouble in Trouble}
        return {}, known.get(error.code, Trouble.VAULT_AWAY)


def _without_silence(heard: Mapping[str, Heard]) -> Mapping[str, Heard]:
    """Leave out a computer that never ran the service and was never enrolled: the office's own."""
    return {s: h for s, h in heard.items() if h is not None} if len(heard) == 1 else heard


def _when(trouble: Trouble, heard: Heard, site: Site) -> str:
    """Return the days that a trouble is about, where it is about days."""
    if not isinstance(heard, Health):
        return ""
    zone = ZoneInfo(site.station.timezone)
    if trouble is Trouble.AGENT_GAP and heard.gap is not None:
        return f" From {_day(heard.gap.since, zone)} until {_day(heard.gap.until, zone)}."
    if trouble in (Trouble.STATION_SILENT, Trouble.STATION_QUIET):
        return f" The last word came on {_day(heard.at, zone)}."
    return ""


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d %B %Y, %H:%M}"
