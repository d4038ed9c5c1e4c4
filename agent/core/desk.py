# SPDX-License-Identifier: Apache-2.0
"""The desk: what people hand to the agent. A closed list of acts, each with who and when.

An item is handed in once under its own id; handing it in twice changes nothing. The agent takes
items in their order, and what each comes to is a word of a closed list.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from agent.core.attribution import Present
from agent.core.model import CaseId, Token
from agent.core.who import Who


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """Nothing and nobody touches the case from now on; counts as soon as it lies on the desk."""

    case: CaseId
    concerns_head: bool = False
    """Whether the head is concerned: then only the chair of governors releases it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A frozen case may be touched again, by the reference of the police or the authority."""

    case: CaseId
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SayPresent:
    """These people are in the picture of a case, and what `present` says beside."""

    case: CaseId
    people: tuple[Token, ...]
    present: Present


@dataclass(frozen=True, slots=True, kw_only=True)
class SayAbsent:
    """These people, and no others of their class, were not at the sitting of a case."""

    case: CaseId
    people: tuple[Token, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconsider:
    """Decide every case again: the register has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Somebody has looked at the picture of a case."""

    case: CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Destroy a held picture for ever; whoever confirms it is another than who proposed it."""

    case: CaseId
    proposed_by: Who


Act = Freeze | Release | SayPresent | SayAbsent | Reconsider | Seen | Erase


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One act on the desk: its opaque id, who did it, when."""

    id: str
    act: Act
    by: Who
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An item about a case of another station, and the sealed bytes that travel there.

    Without bytes it counts on this computer alone: its station was retired and reads nothing.
    """

    item: Item
    station: str
    sealed: bytes


class Settled(Enum):
    """What an item came to when the agent took it in."""

    @property
    def was_taken_in(self) -> bool:
        """Whether it counts, rather than was refused and changed nothing."""
        return self in (Settled.DONE, Settled.ERASURE_BEGUN)

    DONE = "done"
    UNKNOWN_CASE = "case.unknown"
    FROZEN = "case.frozen"
    ERASURE_BEGUN = "erase.begun"
    """Released, but of a picture that two people had erased some slips had gone: all of them go."""
    NOT_FROZEN = "freeze.none"
    NOT_ENTITLED = "freeze.not_entitled"
    NO_REFERENCE = "freeze.no_reference"
    UNKNOWN_PERSON = "say.unknown"
    NO_SITTING = "say.no_sitting"
    NOT_ERASED = "erase.refused"
    OVERTAKEN = "act.overtaken"
    """It came through the vault, and something newer on the same matter counts already."""
    AHEAD = "act.ahead"
    """It came through the vault, from a clock that is ahead of the station's."""
