# SPDX-License-Identifier: Apache-2.0
"""What a report rests on beside its counts: what the school wrote down, what the ledgers say.

Everything here may be read by anyone: months and no days where a child is concerned, roles and no
names, words of closed lists and no free text.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum


class Breach(Enum):
    """What a breach was: (code, what happened)."""

    PERSONAL_DEVICE = ("personal_device", "Pictures of children were taken on a personal device")
    WRONG_PLACE = ("wrong_place", "Pictures were put where they did not belong")
    WITHOUT_PERMISSION = ("without_permission", "A picture was used without permission for it")
    AFTER_WITHDRAWAL = ("after_withdrawal", "A picture was used after permission was withdrawn")
    LOST_DEVICE = ("lost_device", "A school camera, iPad or computer was lost or stolen")
    DELETED = ("deleted", "Pictures were deleted by mistake")
    NEAR_MISS = ("near_miss", "A near miss: nothing got out")

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        self.words = words


class Action(Enum):
    """What was done about it, or so that it does not happen again: (code, words)."""

    DELETED_WITNESSED = ("deleted_witnessed", "Deleted in front of a second person")
    TAKEN_DOWN = ("taken_down", "Taken down the same day")
    FAMILIES_TOLD = ("families_told", "The families were told")
    RECOVERED = ("recovered", "Recovered, or restored from the backup")
    STAFF_REMINDED = ("staff_reminded", "All staff were reminded of the policy")
    STAFF_TRAINED = ("staff_trained", "Staff were trained again")
    CAMERA_PROVIDED = ("camera_provided", "A school camera is provided for this use")
    RULE_CHANGED = ("rule_changed", "The school's rule was changed")
    NONE_YET = ("none_yet", "Nothing yet")

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        self.words = words


class Regulator(Enum):
    """Whether the Information Commissioner was told within 72 hours (UK GDPR Article 33)."""

    NOT_NEEDED = ("not_needed", "Not needed: risk judged low")
    IN_TIME = ("in_time", "Yes, within 72 hours")
    LATE = ("late", "Yes, later than 72 hours")
    UNDECIDED = ("undecided", "Not decided yet")

    def __init__(self, code: str, words: str) -> None:
        self.code = code
        self.words = words


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachRecord:
    """One breach or near miss as the school wrote it down; `month` is its first day."""

    reference: str
    month: date
    what: Breach
    done: Action
    prevention: Action
    regulator: Regulator


@dataclass(frozen=True, slots=True, kw_only=True)
class Handled:
    """How many of a sort came, and how many of them were answered in the time of the law."""

    received: int = 0
    in_time: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Governance:
    """What the school keeps beside the ledger: dates, training, breaches, complaints, requests."""

    policy_review_due: date | None = None
    impact_assessment_due: date | None = None
    retention_review_due: date | None = None
    restore_tested: date | None = None
    restore_worked: bool = False
    staff_trained: int = 0
    staff: int = 0
    breaches: tuple[BreachRecord, ...] = ()
    complaints: Handled = field(default_factory=Handled)
    requests: Handled = field(default_factory=Handled)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """What was found of one computer's ledger."""

    label: str
    entries: int
    new: int
    signed: bool
    faults: int
    last: date | None
    silent_days: int
    """The longest time without an entry in the term, in school days."""
    off_days: int
    """The longest time in the term that the program was off, in school days."""
    backwards: int
    """How often its clock ran backwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The report before: when it was made, its fingerprint as the ledger has it now."""

    made: date
    fingerprint: str
    still_there: bool
    """Whether its state is the beginning of the present ledger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the figures can be checked by."""

    ledgers: tuple[LedgerState, ...]
    strangers: int
    """Ledgers in the storage that no computer on the school's list has signed; left out."""
    fingerprint: str
    checkpoint: str
    """The signed checkpoint, as text."""
    earlier: Earlier | None = None
    checked: date | None = None
    """When somebody last typed an earlier fingerprint and it was found."""

    @property
    def entries(self) -> int:
        """How many entries all ledgers have."""
        return sum(ledger.entries for ledger in self.ledgers)

    @property
    def new(self) -> int:
        """How many of them are of this period."""
        return sum(ledger.new for ledger in self.ledgers)

    @property
    def faults(self) -> int:
        """How many things are wrong."""
        return sum(ledger.faults for ledger in self.ledgers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands above a report: the school, the term, the days, for whom."""

    school: str
    term: str
    first: date
    last: date
    """The last day that it covers."""
    until: str
    """The moment that it reaches to (UTC, as the ledger writes)."""
    made: date
    meeting: date | None = None
    prepared_by: str = "School office"
    reviewed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A look into the storage: how many objects there should be, how many were sound."""

    objects: int
    sound: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """Counts that are about what people and computers did."""

    kinds: Mapping[str, int]
    deleted_unproven: int = 0
    kept_unproven: int = 0
    clock_untrusted: int = 0
    last_register: date | None = None
