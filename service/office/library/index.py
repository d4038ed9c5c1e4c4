# SPDX-License-Identifier: Apache-2.0
"""Follow this site's journal into the index: only what was written since, some cases at a time.

A duty of the caretaker, and called by whoever has just handed something in. The number of the last
change stands beside the rows and is written with them, so a power cut costs a repetition. A journal
that was put back from a backup, or is another one, no longer knows that change: then the index of
this station is made anew.
"""

import threading
from collections.abc import Iterator, Sequence
from typing import Final

from django.db import transaction

from agent import site as layout
from agent.core.case import Record
from agent.core.model import CaseId
from agent.deciding import Round, begin_round, frames_of_day, sittings_of
from agent.freezing import frozen_records
from agent.ports import Known
from service.office.house import DUE, house
from service.office.library import rows
from service.office.library.looking import open_looking
from service.office.library.models import Followed, IndexedCase

AT_ONCE: Final = 250
"""Cases of one transaction: other writers wait no longer than for that."""
MOST: Final = 2000
"""Cases of one call: a whole school's are indexed in turns, so that withdrawals go out between."""
_ONE_AT_A_TIME: Final = threading.Lock()


def catch_up() -> int:
    """Bring the index up to date with the journal, or nearer to it; return how many were written.

    Raises:
        UnavailableError: the journal is locked or away.
        IntegrityError: it is damaged.
    """
    if not house().has_site or not (house().folder / layout.JOURNAL).exists():
        return 0
    site, written = house().site(), 0
    with _ONE_AT_A_TIME, open_looking() as known:
        station = site.station.station
        followed = _followed(known, station)
        for changes in _batches(known, followed):
            with transaction.atomic():
                written += _put(known, station, [record for _, record in changes])
                followed.change, followed.case = changes[-1][0], changes[-1][1].case
                followed.save()
        _mark_frozen(known, station)
    if written >= MOST:
        DUE.set()
    return written


def rebuild() -> int:
    """Throw the index of this station away and begin again; return how many were written."""
    with _ONE_AT_A_TIME:
        _forget(house().site().station.station)
    return catch_up()


def _batches(known: Known, followed: Followed) -> Iterator[Sequence[tuple[int, Record]]]:
    """Yield what was written since, oldest change first, some cases at a time."""
    for _ in range(MOST // AT_ONCE):
        changes = known.journal.changed_since(followed.change, AT_ONCE)
        if not changes:
            return
        yield changes


def _followed(known: Known, station: str) -> Followed:
    """Return how far the index has come; from the start where the journal is another one."""
    followed, _ = Followed.objects.get_or_create(station=station)
    if followed.change and known.journal.change_of(CaseId(followed.case)) < followed.change:
        _forget(station)
        followed, _ = Followed.objects.get_or_create(station=station)
    return followed


def _forget(station: str) -> None:
    with transaction.atomic():
        IndexedCase.objects.filter(station=station).delete()
        Followed.objects.filter(station=station).delete()


def _put(known: Known, station: str, records: Sequence[Record]) -> int:
    """Write the rows of these cases, and of those that are in another sitting through them."""
    this = begin_round(known)
    found = {record.case: record for record in records}
    for case in _same_days(known, records, this):
        if case not in found and (record := known.journal.find(case)) is not None:
            found[case] = record
    rows.put(
        station,
        [
            rows.described(one, sittings_of(known, one.case, one.evidence, this))
            for one in found.values()
        ],
    )
    return len(records)


def _same_days(known: Known, records: Sequence[Record], this: Round) -> Iterator[CaseId]:
    """Yield the pictures of a camera's day that has a card: a card may change their sitting."""
    done = set()
    for record in records:
        shot = record.evidence.shot
        if shot is None or (shot.body, shot.taken.date()) in done:
            continue
        done.add((shot.body, shot.taken.date()))
        frames = frames_of_day(known, record.evidence, this)
        if any(frame.cards for frame in frames):
            yield from (frame.case for frame in frames)


def _mark_frozen(known: Known, station: str) -> None:
    """Mark what is frozen, with what arrived as one with it; two statements."""
    cases = [record.case for record in frozen_records(known)]
    mine = IndexedCase.objects.filter(station=station)
    mine.filter(is_frozen=True).exclude(pk__in=cases).update(is_frozen=False)
    mine.filter(is_frozen=False, pk__in=cases).update(is_frozen=True)
