# SPDX-License-Identifier: Apache-2.0
"""An act that travels: what the office hands in for a case that another station holds.

    inbox/<station>/<item id>.age     a note of this text, signed by the office, sealed to it

The text names the vault, the station and the item, so a note that somebody copies to another
station, another school or under another name is refused there. Time orders what travels: whoever
holds files back on the file server must not let an older word count after a newer one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from agent.core.canonical import JsonValue, decode, encode
from agent.core.desk import Freeze, Item
from agent.core.desk_text import item_from_plain, item_to_plain

POST: Final = "inbox"
"""The folder in the vault."""
SUFFIX: Final = ".age"
LONGEST: Final = 64 << 10
"""Bytes of a sealed note; an act about a whole year group is shorter."""
AHEAD: Final = timedelta(minutes=5)
"""How far the office's clock may be ahead of the station's."""

_FORMAT: Final = "photowarden-post/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """An item on its way to one station of one vault."""

    vault: str
    station: str
    item: Item

    def text(self) -> str:
        """Return the text that is signed."""
        plain: dict[str, JsonValue] = {
            "format": _FORMAT,
            "item": item_to_plain(self.item),
            "station": self.station,
            "vault": self.vault,
        }
        return encode(plain).decode("utf-8") + "\n"


def parse_posted(text: str) -> Posted:
    """Return what a text posts.

    Raises:
        ValueError: it is not exactly what `Posted.text` writes.
    """
    plain = decode(text.removesuffix("\n").encode())
    if not isinstance(plain, Mapping) or set(plain) != {"format", "item", "station", "vault"}:
        raise ValueError("not an act that was posted")
    item, station, vault = (plain[name] for name in ("item", "station", "vault"))
    if not (isinstance(item, Mapping) and isinstance(station, str) and isinstance(vault, str)):
        raise ValueError("a field of another type")  # noqa: TRY004 - a stranger's text
    try:
        posted = Posted(vault=vault, station=station, item=item_from_plain(item))
    except (KeyError, TypeError) as error:
        raise ValueError("an item that nobody can have handed in") from error
    if posted.text() != text:
        raise ValueError("a text of another format, or not written canonically")
    return posted


def is_ahead(item: Item, now: datetime) -> bool:
    """Tell whether an item comes from a clock that is too far ahead of this one."""
    return item.at > now + AHEAD


def is_overtaken(item: Item, others: Iterable[tuple[str, datetime]]) -> bool:
    """Tell whether another word on the same matter, as (item id, time), is newer than this one."""
    return any(other != item.id and at > item.at for other, at in others)


def may_wait(item: Item) -> bool:
    """Tell whether an item may wait until the station's clock is right: a freeze never does."""
    return not isinstance(item.act, Freeze)
