# SPDX-License-Identifier: Apache-2.0
"""The desk of a station that also gets post: what the office posted is laid down beside the rest.

Whoever asks the desk, before every write too, thereby looks into the post, at most every two
seconds. An item lies on this computer's disk before its file goes; an absent vault is not an error
here, the round says so anyway.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Final

from agent.adapters.desk import Desk
from agent.adapters.post import InPost
from agent.core.desk import Freeze, Item, Settled
from agent.core.errors import UnavailableError
from agent.core.posted import is_ahead
from agent.ports import Clock

EVERY_SECONDS: Final = 2.0


class DeskWithPost:
    """The agent's desk (port `Desk`): this computer's own, and the office's post for it."""

    def __init__(self, desk: Desk, post: InPost, clock: Clock) -> None:
        self._desk = desk
        self._post = post
        self._clock = clock
        self._due = clock.monotonic()

    def waiting(self) -> Sequence[Item]:
        """Return what has not been taken in yet, oldest first."""
        self._fetch()
        return self._desk.waiting()

    def freezes(self) -> Sequence[Item]:
        """Return the freezes that wait, oldest first."""
        self._fetch()
        return self._desk.freezes()

    def was_received(self, item_id: str) -> bool:
        """Tell whether an item came from the office through the vault."""
        return self._desk.was_received(item_id)

    def strangers(self) -> int:
        """Return how many files in the post the office did not sign for this station."""
        return self._post.strangers

    def settle(self, item_id: str, settled: Settled) -> None:
        """Note what an item came to, durably; once noted it stays."""
        self._desk.settle(item_id, settled)

    def _fetch(self) -> None:
        if self._clock.monotonic() < self._due:
            return
        with suppress(UnavailableError):
            for item in self._post.look(self._desk.is_known, self._is_settled):
                self._desk.receive(_in_time(item, self._clock.now().at))
        self._due = self._clock.monotonic() + EVERY_SECONDS

    def _is_settled(self, item_id: str) -> bool:
        return self._desk.settled(item_id) is not None


def _in_time(item: Item, now: datetime) -> Item:
    """Return an item as it counts here: a freeze from a clock that is far ahead counts from now.

    Else the ledger would prove a time that has not come, and this computer's clock be doubted.
    """
    ahead = isinstance(item.act, Freeze) and is_ahead(item, now)
    return replace(item, at=now) if ahead else item
