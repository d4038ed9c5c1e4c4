# SPDX-License-Identifier: Apache-2.0
"""What the office is told by mail, and when: codes, sentences of the closed list, and counts.

    a digest   once a day at most, when something is wrong or pictures are held
    a warning  at once, for what must be done now; each trouble of each station once a day at most,
               and no more than MOST messages a day whatever happens

Pure: sending and remembering are the shell's (`agent.alerts`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from agent.core.canonical import decode, encode
from agent.core.health import Health, Heard
from agent.core.troubles import Trouble, Urgency

MOST: Final = 8
"""Messages a day, digests and warnings together."""
_SHORT: Final = 6
_FORMAT: Final = "photowarden-alerts/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told on a day: how many messages, whether the digest, which troubles."""

    day: date | None = None
    messages: int = 0
    digest: bool = False
    urgent: frozenset[str] = field(default_factory=frozenset)

    def text(self) -> bytes:
        """Return the text that is kept between two runs."""
        return encode(
            {
                "format": _FORMAT,
                "day": None if self.day is None else self.day.isoformat(),
                "messages": self.messages,
                "digest": self.digest,
                "urgent": sorted(self.urgent),
            }
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message to the office."""

    subject: str
    text: str


Judged = Mapping[str, Sequence[Trouble]]
"""The troubles of each station (`agent.core.health.judge`)."""


def parse_told(text: bytes) -> Told:
    """Return what was told; nothing, where the text is not one of ours."""
    try:
        plain = decode(text)
        if not isinstance(plain, dict) or plain["format"] != _FORMAT:
            return Told()
        if not isinstance(plain["messages"], int):
            return Told()
        return Told(
            day=None if plain["day"] is None else date.fromisoformat(plain["day"]),
            messages=plain["messages"],
            digest=plain["digest"] is True,
            urgent=frozenset(plain["urgent"]),
        )
    except (ValueError, KeyError, TypeError):
        return Told()


def due(
    told: Told, heard: Mapping[str, Heard], judged: Judged, today: date
) -> tuple[Message | None, Told]:
    """Return the message that is due now, if any, and what will have been told with it."""
    if told.day != today:
        told = Told(day=today)
    pressing = _at_least(judged, Urgency.SOON)
    urgent = {_name(*one) for one in _at_least(judged, Urgency.NOW)}
    if told.messages >= MOST:
        return None, told
    if not told.digest and (pressing or _held(heard)):
        message = _message(pressing, heard)
    elif urgent - told.urgent:
        fresh = [one for one in pressing if _name(*one) in urgent - told.urgent]
        message = _message(fresh, heard)
    else:
        return None, told
    after = Told(day=today, messages=told.messages + 1, digest=True, urgent=told.urgent | urgent)
    return message, after


def _at_least(judged: Judged, urgency: Urgency) -> list[tuple[str, Trouble]]:
    found = [(s, t) for s, troubles in judged.items() for t in troubles if t.urgency >= urgency]
    return sorted(found, key=lambda one: (-one[1].urgency, one[1].code, one[0]))


def _message(troubles: Sequence[tuple[str, Trouble]], heard: Mapping[str, Heard]) -> Message:
    count = len(troubles)
    things = "1 thing needs" if count == 1 else f"{count} things need"
    subject = f"Photowarden: {things} the office" if count else "Photowarden: pictures are held"
    parts = [
        f"{Urgency(trouble.urgency).name}  {trouble.sentence}\n"
        f"     {trouble.remedy}\n"
        f"     computer {station[:_SHORT]}, code {trouble.code}\n"
        for station, trouble in troubles
    ]
    health = [one for one in heard.values() if isinstance(one, Health)]
    counts = (
        f"Held: {_held(heard)}. Quarantined: {sum(one.quarantined for one in health)}. "
        f"Waiting for the storage: {sum(one.backlog.waiting for one in health)}. "
        f"Computers: {len(heard)}.\n"
    )
    end = "\nNo name and no picture is ever in these messages. Answers are not read.\n"
    return Message(subject=subject, text="\n".join([*parts, counts]) + end)


def _held(heard: Mapping[str, Heard]) -> int:
    return sum(one.held for one in heard.values() if isinstance(one, Health))


def _name(station: str, trouble: Trouble) -> str:
    return f"{station}.{trouble.code}"
