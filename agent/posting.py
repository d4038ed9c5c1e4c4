# SPDX-License-Identifier: Apache-2.0
"""Hand in acts about cases that other stations hold: sign, seal, keep, and put into the vault.

An act is signed once, when somebody hands it in, and its sealed bytes are kept on this computer's
desk until the station has answered in its ledger; whoever brings them to the vault again needs no
key. A freeze counts on this computer at once: nobody opens that picture here any more.
"""

from datetime import datetime, timedelta
from typing import Final

from agent import bootstrap
from agent.adapters.desk import Desk
from agent.adapters.post import OutPost, seal_posted
from agent.bootstrap import Site
from agent.core.desk import Act, Freeze, Item, Outgoing, Release
from agent.core.errors import AgentError, ConfigurationError
from agent.core.posted import LONGEST, Posted
from agent.core.stations import Station
from agent.core.who import Who
from agent.seal.hybrid import HybridRecipient
from agent.site import OFFICE_SIGNER, new_id
from agent.stations import enrolled

ASKED: Final = "station.asked"
"""What an act waits for that lies in the vault: its station takes it in on its next round."""
_NEXT: Final = timedelta(microseconds=1)


def post(site: Site, act: Act, by: Who, station: str) -> tuple[Item, str]:
    """Keep an act for a case of another station, durably, and put it into the vault.

    Returns the item and the code of what it waits for. Where the vault is away, or is another one,
    it is kept and counts, and `deliver` brings it later.

    Raises:
        ConfigurationError: no such station is enrolled, or it was retired and this is no freeze or
            release; the office's signing key is not on this computer; it says too much at once.
        UnavailableError: the desk cannot be written; nothing was handed in.
    """
    to = enrolled(site, station)
    if to.retired and not isinstance(act, Freeze | Release):
        raise ConfigurationError(
            "the picture is of a computer that was retired: nothing decides about it any more",
            code="station.retired",
            remedy="It stays as it was stored; it can be opened here, frozen and released.",
        )
    with bootstrap.open_desk(site) as desk:
        at = _after(desk.last_posted(), bootstrap.clock_of(site).now().at)
        item = Item(id=new_id(), act=act, by=by, at=at)
        desk.post(Outgoing(item=item, station=station, sealed=_sealed(site, item, to)))
        try:
            deliver(site, desk)
        except AgentError as error:
            return item, error.code
    return item, ASKED


def deliver(site: Site, desk: Desk) -> int:
    """Put into the vault whatever is not answered yet, unless it lies there; return how much waits.

    Raises:
        ConfigurationError, UnavailableError: the vault is not the approved one, or is away.
    """
    waiting = [outgoing for outgoing in desk.outgoing() if outgoing.sealed]
    if waiting:
        bootstrap.vault_of(site).check()
        out = OutPost(site.vault_folder)
        for outgoing in waiting:
            out.deliver(outgoing.station, outgoing.item.id, outgoing.sealed)
    return len(waiting)


def _sealed(site: Site, item: Item, to: Station) -> bytes:
    """Return an act signed and sealed; nothing for a retired computer, which reads nothing more."""
    if to.retired:
        return b""
    posted = Posted(vault=site.station.vault.id, station=to.id, item=item)
    signer = bootstrap.signer_at(site, OFFICE_SIGNER)
    sealed = seal_posted(posted, signer, HybridRecipient.parse(to.recipient))
    if len(sealed) > LONGEST:
        raise ConfigurationError(
            "this names more people at once than a station takes in",
            code="act.too_long",
            remedy="Say it of fewer people.",
        )
    return sealed


def _after(last: datetime | None, now: datetime) -> datetime:
    """Return the time of the next item: later than every one before, whatever the clock says."""
    return now if last is None else max(now, last + _NEXT)
