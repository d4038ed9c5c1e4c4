# SPDX-License-Identifier: Apache-2.0
"""Hand facts to the agent of this site: put them on the desk, and take them in where nobody runs.

The console and the command line use this alone, so a fact takes one way whoever adds it. While the
daemon runs it is woken; else this process takes the site's lock and does the same work itself. An
act about a case that another station holds goes there through the vault (`agent.posting`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.absorbing import Change, absorb
from agent.adapters.desk import Desk
from agent.bootstrap import Site, clock_of, open_desk, open_journal, open_ports
from agent.core.desk import Act, Freeze, Item, Reconsider, Settled
from agent.core.errors import ConfigurationError, UnavailableError
from agent.core.who import AccountId, Role, Who
from agent.elsewhere import holders
from agent.posting import post
from agent.site import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """What became of an act: settled with its changes, or waiting for the agent or the storage."""

    item: Item
    settled: Settled | None
    changes: Sequence[Change] = ()
    waits_for: str = ""
    """The code of what it waits for, such as `site.locked` (the agent) or `vault.unavailable`."""


def station_user(site: Site) -> Who:
    """Return whoever sits at this computer and has not logged in anywhere."""
    return Who(account=AccountId(site.station.station), role=Role.STATION)


def hand_in(site: Site, act: Act, by: Who, station: str = "") -> HandedIn:
    """Put an act on the desk durably, and take everything in if no agent runs.

    An act about a case that another station holds is posted there; `station` says which one holds
    it, where the caller knows.

    Raises:
        ConfigurationError: that station is not enrolled, or takes no such act any more; more than
            one claims the case, and it is no freeze.
        UnavailableError: the desk cannot be written; nothing was handed in.
    """
    elsewhere = [name for name in _holders(site, act, station) if name != site.station.station]
    if elsewhere:
        return [_posted(site, act, by, name) for name in elsewhere][-1]
    item = _laid_down(site, act, by)
    waits_for, changes = take_in_now(site, item.id)
    with open_desk(site) as desk:
        settled = desk.settled(item.id)
    return HandedIn(item=item, settled=settled, changes=changes, waits_for=waits_for)


def lay_down(site: Site, act: Act, by: Who) -> Item:
    """Hand an act in durably and do no more; `take_in_now` or the running agent goes on.

    Raises:
        ConfigurationError, UnavailableError: as `hand_in`; nothing was handed in.
    """
    elsewhere = [name for name in _holders(site, act, "") if name != site.station.station]
    if elsewhere:
        return [post(site, act, by, name)[0] for name in elsewhere][-1]
    return _laid_down(site, act, by)


def _laid_down(site: Site, act: Act, by: Who) -> Item:
    item = Item(id=new_id(), act=act, by=by, at=clock_of(site).now().at)
    with open_desk(site) as desk:
        desk.put(item)
    return item


def _posted(site: Site, act: Act, by: Who, station: str) -> HandedIn:
    item, waits_for = post(site, act, by, station)
    return HandedIn(item=item, settled=None, waits_for=waits_for)


def _holders(site: Site, act: Act, station: str) -> Sequence[str]:
    """Return the stations that an act goes to; a freeze goes to every one that claims the case."""
    if station or isinstance(act, Reconsider):
        return [station] if station else ()
    with open_journal(site) as journal:
        is_here = journal.find(act.case) is not None
    found = () if is_here else holders(site, act.case)
    if len(found) > 1 and not isinstance(act, Freeze):
        raise ConfigurationError(
            "more than one computer's ledger claims this picture",
            code="case.claimed_twice",
            remedy="Freeze it, and run photowarden verify on every computer.",
        )
    return found


def take_in_now(site: Site, item_id: str = "") -> tuple[str, Sequence[Change]]:
    """Take in what lies on the desk, unless an agent runs, which does it at once itself.

    Returns what it waits for, as a code, or nothing, and the changes that one item made.
    """
    changes: Sequence[Change] = ()
    try:
        with open_ports(site) as (ports, _):
            for item, _settled, changed in absorb(ports):
                if item.id == item_id:
                    changes = changed
    except UnavailableError as error:
        return error.code, changes
    return "", changes


def waiting(desk: Desk) -> int:
    """Return how many items wait for the agent."""
    return len(desk.waiting())
