# SPDX-License-Identifier: Apache-2.0
"""Items of the desk as plain JSON values and back.

Rule: `item_from_plain(item_to_plain(item)) == item`; what does not fit exactly is refused, because
another process writes it and this one acts on it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from agent.core.attribution import Present
from agent.core.desk import (
    Act,
    Erase,
    Freeze,
    Item,
    Reconsider,
    Release,
    SayAbsent,
    SayPresent,
    Seen,
)
from agent.core.model import CaseId, Token
from agent.core.record_text import (
    Plain,
    present_from_plain,
    present_to_plain,
    who_from_plain,
    who_to_plain,
)
from agent.core.who import Who

_OPAQUE: Final = re.compile(r"[a-z2-7]{26}")
_NAMES: Final[Mapping[type[Act], str]] = MappingProxyType(
    {
        Freeze: "freeze",
        Release: "release",
        SayPresent: "present",
        SayAbsent: "absent",
        Reconsider: "reconsider",
        Seen: "seen",
        Erase: "erase",
    }
)


def act_name(act: Act) -> str:
    """Return the word for a kind of act."""
    return _NAMES[type(act)]


def item_to_plain(item: Item) -> Plain:
    """Return an item as values that JSON can hold."""
    return {
        "id": item.id,
        "act": act_name(item.act),
        **_act_to_plain(item.act),
        "by": who_to_plain(item.by),
        "at": item.at.isoformat(),
    }


def item_from_plain(plain: Mapping[str, Any]) -> Item:
    """Return the item that these values describe.

    Raises:
        KeyError, TypeError, ValueError: they describe none.
    """
    item = Item(
        id=_opaque(plain["id"]),
        act=_ACTS[plain["act"]](plain),
        by=who_from_plain(plain["by"]),
        at=datetime.fromisoformat(plain["at"]),
    )
    _opaque(item.by.account)
    if item_to_plain(item) != dict(plain) or item.at.utcoffset() is None:
        raise ValueError("an item of the desk with more or other values than its kind has")
    return item


def _act_to_plain(act: Act) -> Plain:
    return {field.name: _to_plain(getattr(act, field.name)) for field in fields(act)}


def _to_plain(value: object) -> object:
    if isinstance(value, Present):
        return present_to_plain(value)
    if isinstance(value, Who):
        return who_to_plain(value)
    return list(value) if isinstance(value, tuple) else value


def _case(plain: Mapping[str, Any]) -> CaseId:
    return CaseId(_opaque(plain["case"]))


def _people(plain: Mapping[str, Any]) -> tuple[Token, ...]:
    return tuple(Token(_opaque(token)) for token in plain["people"])


def _opaque(text: str) -> str:
    if not _OPAQUE.fullmatch(text):
        raise ValueError("not an opaque id")
    return text


_ACTS: Final[Mapping[str, Callable[[Mapping[str, Any]], Act]]] = MappingProxyType(
    {
        "freeze": lambda p: Freeze(case=_case(p), concerns_head=p["concerns_head"] is True),
        "release": lambda p: Release(case=_case(p), reference=str(p["reference"])),
        "present": lambda p: SayPresent(
            case=_case(p), people=_people(p), present=present_from_plain(p["present"])
        ),
        "absent": lambda p: SayAbsent(case=_case(p), people=_people(p)),
        "reconsider": lambda _: Reconsider(),
        "seen": lambda p: Seen(case=_case(p)),
        "erase": lambda p: Erase(case=_case(p), proposed_by=who_from_plain(p["proposed_by"])),
    }
)
