# SPDX-License-Identifier: Apache-2.0
"""The register as the core sees it: people as tokens, their answers, rosters, devices.

A register is a value with a digest and an end of validity; whoever holds one can decide. Names
are not in it, only clues (`agent.core.model`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import NewType

from agent.core.concerns import Concern
from agent.core.model import Clue, DeviceReference, PurposeId, RosterId, Token

AnswererId = NewType("AnswererId", str)


class Says(Enum):
    """What an answer says."""

    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"


class Capacity(Enum):
    """In what right someone answers (Children Act 1989 s.3; delegation by a placement plan)."""

    RESPONSIBLE = "responsible"
    """A person with parental responsibility."""
    DELEGATED = "delegated"
    """A carer whose delegation has been seen."""
    UNDELEGATED = "undelegated"
    """A carer whose delegation has not been seen."""
    CHILD = "child"
    """The child, whose own no wins."""
    SELF = "self"
    """An adult for themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One consent record: who said what, for which purpose, from which day until which last day."""

    purpose: PurposeId
    answerer: AnswererId
    capacity: Capacity
    says: Says
    given_on: date
    valid_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A pupil or an adult: a token, the clues of their names, their answers, a restriction."""

    token: Token
    names: frozenset[Clue]
    answers: tuple[Answer, ...] = ()
    restricted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A class or group: the clues of its folder names and its members."""

    id: RosterId
    names: frozenset[Clue]
    members: frozenset[Token]


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A school device: clues of its serials, model and own import folders."""

    reference: DeviceReference
    model: Clue | None
    serials: frozenset[Clue] = frozenset()
    folders: frozenset[Clue] = frozenset()
    retired_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """A register snapshot; `version` only grows, `valid_until` ends it."""

    digest: str
    version: int
    issued_at: datetime
    valid_until: datetime
    people: Mapping[Token, Person] = field(default_factory=dict)
    rosters: Mapping[RosterId, Roster] = field(default_factory=dict)
    devices: Mapping[DeviceReference, Device] = field(default_factory=dict)
    year: str = ""
    """The school year as cards name it: "26" is 2026-27."""
    card_key: bytes = field(default=b"", repr=False)
    """What class cards are signed with; without it no card counts."""
    class_cards: Mapping[str, RosterId] = field(default_factory=dict)
    """Ids of cards, those withdrawn too, with the class or group that each means."""
    child_cards: Mapping[str, Token] = field(default_factory=dict)
    """The same of cards that mean one child."""
    withdrawn_cards: Mapping[str, date] = field(default_factory=dict)
    """Ids of cards that no longer count, with the day from which."""


@dataclass(frozen=True, slots=True)
class NoRegister:
    """There is no register to decide on, and why; every verdict is then at least HOLD."""

    concern: Concern
