# SPDX-License-Identifier: Apache-2.0
"""Who has seen a picture: told to the agent, once a person, picture and day, and listed here.

First the agent, durably, then our own row: after a power cut between the two the agent is told
once more, and nothing that was seen is unsaid.
"""

import threading
from datetime import date, datetime
from typing import Final, NamedTuple

from agent import bootstrap
from agent.core.desk import Item, Seen
from agent.core.errors import ConfigurationError
from agent.core.model import CaseId
from agent.core.who import Who
from agent.handing_in import hand_in
from agent.site import new_id
from service.office.accounts.models import User
from service.office.house import house, now
from service.office.library.models import IndexedCase, Viewing
from service.office.who import who_of

RETIRED: Final = "station.retired"
_ONE_AT_A_TIME: Final = threading.Lock()


class Seeing(NamedTuple):
    """Who, on which day."""

    name: str
    day: date


def seen(user: User, case: IndexedCase) -> None:
    """Note that somebody looks at a picture today.

    It waits on the desk until the agent takes it in; nobody waits for that before they look.

    Raises:
        UnavailableError: the desk cannot be written; then nobody may be shown the picture.
    """
    moment = now()
    with _ONE_AT_A_TIME:
        mine = Viewing.objects.filter(case=case.pk, user=user, day=moment.today)
        if mine.exists():
            return
        _tell(case, who_of(user, user.roles_on(moment.today)), moment.at)
        Viewing.objects.create(case=case.pk, user=user, day=moment.today, at=moment.at)


def _tell(case: IndexedCase, by: Who, at: datetime) -> None:
    """Tell the agent of the station that has the picture."""
    site, act = house().site(), Seen(case=CaseId(case.pk))
    if case.station != site.station.station:
        _post(case.station, act, by)
        return
    with bootstrap.open_desk(site) as desk:
        desk.put(Item(id=new_id(), act=act, by=by, at=at))


def _post(station: str, act: Seen, by: Who) -> None:
    """Post it to another station; one that was retired hears no more, and it stands here alone."""
    try:
        hand_in(house().site(), act, by, station)
    except ConfigurationError as error:
        if error.code != RETIRED:
            raise


def seen_by(case: IndexedCase) -> list[Seeing]:
    """Return who has seen a picture, newest first; one statement."""
    rows = Viewing.objects.filter(case=case.pk).select_related("user").order_by("-at", "-pk")
    return [Seeing(row.user.name, row.day) for row in rows]
