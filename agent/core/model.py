# SPDX-License-Identifier: Apache-2.0
"""The nouns of the core: identifiers, evidence, facts, moments.

Boundary: plain values. The core never sees a name, a serial number, a model or a folder: whoever
gathers evidence turns each into a *clue*, a keyed digest of its normal form, and the registrar
does the same to the register, so both sides can be compared and neither can be read.

Evidence is what one file says and keeps its meaning when the register changes; facts are what the
evidence means on one register, in tokens and codes that a ledger may hold.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import NewType

from agent.core.concerns import Concern

CaseId = NewType("CaseId", str)
"""One medium's history: a keyed digest of its bytes."""
ObjectId = NewType("ObjectId", str)
"""A sealed file in the vault: 128 random bits as 26 letters and digits; says nothing."""
Clue = NewType("Clue", str)
"""A keyed digest of a name, serial, model or folder in normal form."""
Token = NewType("Token", str)
"""A person for one school year: random, in the register only linked to a name."""
DeviceReference = NewType("DeviceReference", str)
RosterId = NewType("RosterId", str)
PurposeId = NewType("PurposeId", str)


class TagSource(Enum):
    """Where a file names a person; keywords count only when they equal a register name."""

    REGION = "region"
    PERSON_IN_IMAGE = "person_in_image"
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One naming of a person in a file; a face region without a name has no clue."""

    source: TagSource
    name: Clue | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one file and its way here say, in clues; `refusal` is set where nothing may be read."""

    serials: frozenset[Clue] = frozenset()
    model: Clue | None = None
    folders: frozenset[Clue] = frozenset()
    tags: tuple[Tag, ...] = ()
    refusal: Concern | None = None

    def joined(self, other: "Evidence") -> "Evidence":
        """Return what both arrivals of the same bytes say together: facts are added."""
        tags = dict.fromkeys((*self.tags, *other.tags))
        return Evidence(
            serials=self.serials | other.serials,
            model=self.model or other.model,
            folders=self.folders | other.folders,
            tags=tuple(tags),
            refusal=self.refusal or other.refusal,
        )


class Grade(Enum):
    """How well a device is proven to be the school's; only the first two pass."""

    REGISTERED = "registered"
    CONSISTENT = "consistent"
    UNREGISTERED = "unregistered"
    NO_EVIDENCE = "no_evidence"
    CONTRADICTORY = "contradictory"
    UNROUTED = "unrouted"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The device gate's answer: a grade, and the device where one is meant."""

    grade: Grade
    device: DeviceReference | None = None


class Coverage(Enum):
    """How far an attribution reaches over the people in frame."""

    EVERYONE = "everyone"
    SOME = "some"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """The claim who may be in frame: rosters, people tagged, and what could not be resolved."""

    coverage: Coverage
    rosters: tuple[RosterId, ...] = ()
    tagged: tuple[Token, ...] = ()
    unknown_names: int = 0
    ambiguous_names: int = 0
    unnamed_faces: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the evidence means on one register; a ledger holds it, so it can be judged again."""

    provenance: Provenance
    attribution: Attribution
    refusal: Concern | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant (UTC), the school's calendar day at it, and whether the clock may be believed."""

    at: datetime
    today: date
    trusted: bool = True

    def __post_init__(self) -> None:
        """Refuse a time without a zone."""
        if self.at.utcoffset() is None:
            raise ValueError("a moment needs a time zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Purpose:
    """Why a photo may be used: its label for people and its lawful basis (UK GDPR Art. 6(1))."""

    id: PurposeId
    label: str
    lawful_basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The school's settings for deciding; `digest` names the exact policy in every decision."""

    digest: str
    base_purpose: PurposeId
    purposes: Mapping[PurposeId, Purpose] = field(default_factory=dict)
    accept_consistent_devices: bool
