# SPDX-License-Identifier: Apache-2.0
"""The health of a computer: what it says of itself, and what others make of it.

Each computer writes one small text, signed with its own key, beside its ledger in the vault, at a
bounded rate. Whoever reads it judges it by the reader's own clock: a computer that is silent is
noticed by the others. Codes, counts, times and versions only.

Pure: writing, reading and signing are the shell's (`agent.heartbeat`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from agent.core.canonical import JsonValue, decode, encode
from agent.core.entry_shapes import VERSION
from agent.core.troubles import Trouble, in_order

HEALTH_FILE: Final = "health.note"
"""Its name beside the ledger."""
SILENT: Final = timedelta(days=3)
"""From when on a silence or a pause is a gap that people are told of."""
LATE: Final = 4
"""How many promised times may pass before a computer that did not say goodbye is quiet."""
BACKLOG_AGE: Final = timedelta(days=1)
ENDS_SOON: Final = timedelta(days=14)
AHEAD: Final = timedelta(minutes=10)
GAP_SHOWN: Final = timedelta(days=14)
LOW_MEBIBYTES: Final = 1024
FULL_MEBIBYTES: Final = 64

_FORMAT: Final = "photowarden-health/1"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_STATION: Final = re.compile(r"[a-z2-7]{26}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits, in counts; `oldest` is when the first of what waits arrived."""

    waiting: int = 0
    """Sealed here and not yet in the storage."""
    oldest: datetime | None = None
    blocked: int = 0
    """Stored, and the original could not be deleted yet."""
    oldest_blocked: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time in which a computer did not work; `cut` is true where it did not say goodbye."""

    since: datetime
    until: datetime
    cut: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a computer says of itself."""

    station: str
    at: datetime
    started_at: datetime
    every: timedelta
    """The next health comes after this time at the latest, while it works."""
    stopping: bool = False
    """Whether it said goodbye with this."""
    version: str
    held: int = 0
    quarantined: int = 0
    backlog: Backlog = Backlog()
    register_version: int | None = None
    register_until: datetime | None = None
    free_mebibytes: int
    """On the fuller of its own disk and the storage."""
    gap: Gap | None = None
    """The latest gap."""
    seen: tuple[Trouble, ...] = ()
    """What it noticed itself: storage away, clock, register, folders, detector."""

    def text(self) -> str:
        """Return the text that is signed: canonical JSON and a line end."""
        return encode(_to_plain(self)).decode("ascii") + "\n"


def parse_health(text: str) -> Health:
    """Return the health of a text whose signature was checked.

    Raises:
        ValueError: it is not exactly what `Health.text` writes.
    """
    plain = decode(text.removesuffix("\n").encode())
    if not isinstance(plain, dict) or plain.get("format") != _FORMAT:
        raise ValueError("not a health file of this format")
    try:
        health = _from_plain(plain)
    except (KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("a health file of another shape") from error
    if health.text() != text:
        raise ValueError("a health file with more in it than is known")
    return health


Heard = Health | Trouble | None
"""A station's health; STATION_UNTRUSTED where it cannot be believed; None where there is none."""


def judge(
    heard: Mapping[str, Heard], now: datetime, newest_register: int = 0
) -> Mapping[str, tuple[Trouble, ...]]:
    """Return the troubles of every station, the most urgent first.

    `newest_register` is the newest version that the reader knows beside those of the stations.
    """
    versions = [h.register_version or 0 for h in heard.values() if isinstance(h, Health)]
    newest = max([newest_register, *versions])
    return {station: in_order(_judged(one, now, newest)) for station, one in heard.items()}


def own_troubles(health: Health) -> tuple[Trouble, ...]:
    """Return what is wrong with a computer by its own words, whoever reads them."""
    return in_order([*health.seen, *_of_backlog(health), *_of_register(health), *_of_disk(health)])


def gap_between(last: datetime, now: datetime, *, stopped: bool) -> Gap | None:
    """Return the gap between the last sign of life and now; None where it is shorter than that."""
    return Gap(since=last, until=now, cut=not stopped) if now - last >= SILENT else None


def _judged(heard: Heard, now: datetime, newest: int) -> Iterable[Trouble]:
    if heard is None:
        return [Trouble.STATION_UNHEARD]
    if isinstance(heard, Trouble):
        return [heard]
    behind = heard.register_version is not None and heard.register_version < newest
    gap = heard.gap is not None and now - heard.gap.until < GAP_SHOWN
    return [
        *_of_silence(heard, now),
        *own_troubles(heard),
        *([Trouble.REGISTER_BEHIND] if behind else []),
        *([Trouble.REGISTER_STALE] if _has_ended(heard, now) else []),
        *([Trouble.AGENT_GAP] if gap else []),
    ]


def _of_silence(health: Health, now: datetime) -> Iterable[Trouble]:
    silence = now - health.at
    if silence < -AHEAD:
        yield Trouble.STATION_AHEAD
    elif silence >= SILENT:
        yield Trouble.STATION_SILENT
    elif health.stopping:
        yield Trouble.STATION_STOPPED
    elif silence > LATE * health.every:
        yield Trouble.STATION_QUIET


def _has_ended(health: Health, now: datetime) -> bool:
    return health.register_until is not None and now > health.register_until


def _of_register(health: Health) -> Iterable[Trouble]:
    if health.register_until is None:
        return
    left = health.register_until - health.at
    if left < timedelta():
        yield Trouble.REGISTER_STALE
    elif left < ENDS_SOON:
        yield Trouble.REGISTER_ENDS


def _of_backlog(health: Health) -> Iterable[Trouble]:
    backlog = health.backlog
    if backlog.oldest is not None and health.at - backlog.oldest > BACKLOG_AGE:
        yield Trouble.BACKLOG
    if backlog.oldest_blocked is not None and health.at - backlog.oldest_blocked > BACKLOG_AGE:
        yield Trouble.ORIGINALS_BLOCKED


def _of_disk(health: Health) -> Iterable[Trouble]:
    if health.free_mebibytes < FULL_MEBIBYTES:
        yield Trouble.DISK_FULL
    elif health.free_mebibytes < LOW_MEBIBYTES:
        yield Trouble.DISK_LOW


def _to_plain(health: Health) -> dict[str, JsonValue]:
    backlog, gap = health.backlog, health.gap
    return {
        "format": _FORMAT,
        "station": health.station,
        "at": _written(health.at),
        "started_at": _written(health.started_at),
        "every_seconds": int(health.every.total_seconds()),
        "stopping": health.stopping,
        "version": health.version,
        "held": health.held,
        "quarantined": health.quarantined,
        "waiting": backlog.waiting,
        "waiting_since": _written(backlog.oldest),
        "blocked": backlog.blocked,
        "blocked_since": _written(backlog.oldest_blocked),
        "register_version": health.register_version,
        "register_until": _written(health.register_until),
        "free_mebibytes": health.free_mebibytes,
        "gap_since": None if gap is None else _written(gap.since),
        "gap_until": None if gap is None else _written(gap.until),
        "gap_cut": gap is not None and gap.cut,
        "troubles": [trouble.code for trouble in health.seen],
    }


def _from_plain(plain: Mapping[str, JsonValue]) -> Health:
    until = _optional_time(plain["gap_until"])
    troubles = plain["troubles"]
    if not isinstance(troubles, list):
        raise ValueError("troubles that are no list")  # noqa: TRY004 - what was read, not a caller
    version = plain["register_version"]
    return Health(
        station=_shaped(plain["station"], _STATION),
        at=_time(plain["at"]),
        started_at=_time(plain["started_at"]),
        every=timedelta(seconds=_count(plain["every_seconds"])),
        stopping=plain["stopping"] is True,
        version=_shaped(plain["version"], VERSION),
        held=_count(plain["held"]),
        quarantined=_count(plain["quarantined"]),
        backlog=Backlog(
            waiting=_count(plain["waiting"]),
            oldest=_optional_time(plain["waiting_since"]),
            blocked=_count(plain["blocked"]),
            oldest_blocked=_optional_time(plain["blocked_since"]),
        ),
        register_version=None if version is None else _count(version),
        register_until=_optional_time(plain["register_until"]),
        free_mebibytes=_count(plain["free_mebibytes"]),
        gap=None
        if until is None
        else Gap(since=_time(plain["gap_since"]), until=until, cut=plain["gap_cut"] is True),
        seen=tuple(Trouble.of(str(code)) for code in troubles),
    )


def _written(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).strftime(_TIME)


def _time(value: JsonValue) -> datetime:
    return datetime.strptime(str(value), _TIME).replace(tzinfo=UTC)


def _optional_time(value: JsonValue) -> datetime | None:
    return None if value is None else _time(value)


def _count(value: JsonValue) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("a count of another kind")
    return value


def _shaped(value: JsonValue, shape: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError("a text of another shape")
    return value
