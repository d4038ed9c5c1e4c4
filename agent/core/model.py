# SPDX-License-Identifier: Apache-2.0
"""The nouns of the core: identifiers, evidence, facts, moments.

Boundary: plain values. The core never sees a name, a serial number, a model or a folder: whoever
gathers evidence turns each into a *clue*, a keyed digest of its normal form, and the registrar
does the same to the register, so both sides can be compared and neither can be read.

Evidence is what one file says and keeps its meaning when the register changes; facts are what the
evidence means on one register, in tokens and codes that a ledger may hold.
"""

from collections import Counter
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
    HIERARCHY = "hierarchy"
    """A keyword below a root under which the school keeps people: it names one."""
    CUT = "cut"
    """A keyword of which only the beginning may be left: who it names is not known."""
    KEYWORD = "keyword"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One naming of a person in a file; a face region without a name has no clue."""

    source: TagSource
    name: Clue | None


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Shot:
    """When and with what a picture was taken, as the camera says: for its place in a sitting."""

    body: Clue
    """The camera body: its serial, or its model and the folder it came by."""
    taken: datetime
    """The camera's own local time, without a zone."""
    offset: str = ""
    """The camera's offset from UTC as it wrote it; empty where it did not."""
    number: int = 0
    """The number in the file's name; 0 where there is none."""

    def __post_init__(self) -> None:
        """Refuse a time with a zone: camera times are compared with camera times only."""
        if self.taken.tzinfo is not None:
            raise ValueError("a camera's time has no zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look at the pixels gave; counts and keyed digests, nothing of a face."""

    faces: int | None
    """None where this computer could not count them, or only the first of many frames."""
    small_faces: int = 0
    """How many of the faces are so small that they are background."""
    pixels: Clue
    """A keyed digest of the decoded pixels."""
    outline: int | None = None
    """A keyed 64-bit difference hash of the scene; None for a scene without any outline."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one file and its way here say, in clues; `refusal` is set where nothing may be read."""

    shot: Shot | None = None
    look: Look | None = None
    """None where nobody could look: a recording, or a computer without the means."""
    cards: tuple[str, ...] = ()
    """Texts of class cards in the picture; their ids are opaque."""
    notes: frozenset[Concern] = frozenset()
    """What the name of the file itself objects to."""
    serials: frozenset[Clue] = frozenset()
    model: Clue | None = None
    folders: frozenset[Clue] = frozenset()
    tags: tuple[Tag, ...] = ()
    captured_on: date | None = None
    """The day of capture by the camera's own clock, which may be wrong."""
    arrived_on: date | None = None
    """The day of the first arrival; None where the clock of this computer was not to be trusted."""
    refusal: Concern | None = None
    parent: CaseId | None = None
    """The case that a redacted copy was made of: with the people covered it is another scene."""

    def joined(self, other: "Evidence") -> "Evidence":
        """Return what both arrivals of the same bytes say together: facts are added."""
        tags = (Counter(self.tags) | Counter(other.tags)).elements()
        return Evidence(
            shot=min(filter(None, (self.shot, other.shot)), default=None),
            look=_more_seen(self.look, other.look),
            cards=tuple(sorted({*self.cards, *other.cards})),
            notes=self.notes | other.notes,
            serials=self.serials | other.serials,
            model=self.model or other.model,
            folders=self.folders | other.folders,
            tags=tuple(tags),
            captured_on=_earliest(self.captured_on, other.captured_on),
            arrived_on=_earliest(self.arrived_on, other.arrived_on),
            refusal=self.refusal or other.refusal,
            parent=self.parent or other.parent,
        )


def _earliest(one: date | None, other: date | None) -> date | None:
    return min(filter(None, (one, other)), default=None)


def _more_seen(one: Look | None, other: Look | None) -> Look | None:
    """Return the look that counted more faces: the same bytes, seen with less or more."""
    if one is None or other is None:
        return one or other
    return other if (other.faces or 0) > (one.faces or 0) or one.faces is None else one


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
    stated: bool = False
    """Whether a person said who is in it: then it is those, and nobody else of a roster."""
    absent: tuple[tuple[RosterId, Token], ...] = ()
    """Who of a roster was said to be absent from the sitting."""
    visitors: int = 0
    """How many people are in it who are on no register; nobody has asked them anything."""
    not_known: int = 0
    """How many people are in it whom the one who looked did not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What the evidence means on one register; a ledger holds it, so it can be judged again."""

    provenance: Provenance
    attribution: Attribution
    refusal: Concern | None = None
    faces: int | None = None
    """How many faces were counted; None where nobody could count."""
    small_faces: int = 0
    """How many of them are so small that they are background."""
    added_faces: int = 0
    """How many faces a person saw that were not counted."""
    too_small: int = 0
    """How many of the counted faces a person said are too small for anybody to be recognised."""
    noted: tuple[Concern, ...] = ()
    """What cards, the sitting or the file's name object to."""


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
    count_faces: bool = True
    """Whether a picture with more faces than names is held, and one that nobody counted."""
    count_small_faces: bool = True
    """Whether faces in the far background count."""
