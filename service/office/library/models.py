# SPDX-License-Identifier: Apache-2.0
"""The index of cases: opaque ids, codes and days, so that pages find pictures among many.

A derived table. It can be made again from nothing (`library.index`), holds no name and no pixel,
and on any doubt the journal's record is what counts. Only `Viewing` is a fact of its own.
"""

from typing import Final

from django.db import models

from agent.core.case import State
from agent.core.concerns import Concern, Verdict
from service.office.accounts.models import User

ID: Final = 64
"""Room for any opaque id."""
SITTING: Final = 2 * ID
GONE: Final = (State.ERASING.value, State.ERASED.value)
"""The states of a picture that two people have erased."""


def code_of(verdict: Verdict) -> str:
    """Return the code of a verdict in the index."""
    return verdict.name.lower()


class IndexedCase(models.Model):
    """One case as it was last indexed; `listed_at` is its place in every list."""

    id = models.CharField(primary_key=True, max_length=ID)
    station = models.CharField(max_length=ID)
    object = models.CharField(max_length=ID)
    kind = models.CharField(max_length=24)
    state = models.CharField(max_length=12)
    verdict = models.CharField(max_length=12)
    concerns = models.TextField(blank=True, default="")
    """Codes, separated by spaces."""
    is_confidential = models.BooleanField(default=False)
    """Whether one of the concerns is not for every colleague (`access.may_read_why`)."""
    is_frozen = models.BooleanField(default=False)
    """For lists only: whoever shows a picture asks desk and journal (`access.may_look_at`)."""
    taken_on = models.DateField(null=True)
    """The day by the camera's own clock; none where it wrote none."""
    listed_at = models.CharField(max_length=19)
    """ISO 8601 without a zone: when it was taken by the camera's clock, else when it arrived."""
    arrived_at = models.DateTimeField()
    sitting = models.CharField(max_length=SITTING, blank=True, default="")
    """The first of its sittings by name; `CaseRoster` has each."""
    faces = models.PositiveIntegerField(null=True)
    """How many were counted; none where nobody could count."""
    named = models.PositiveIntegerField(default=0)
    """How many people are named in it by tags, cards or colleagues."""
    is_stated = models.BooleanField(default=False)
    """Whether a person said who is in it; then nobody else of a roster is."""
    has_absences = models.BooleanField(default=False)
    has_rosters = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["-listed_at", "-id"], name="cases_in_order"),
            models.Index(fields=["verdict", "arrived_at"], name="cases_by_verdict"),
            models.Index(fields=["sitting"], name="cases_of_a_sitting"),
            models.Index(fields=["is_frozen"], condition=models.Q(is_frozen=True), name="frozen"),
        ]

    def __str__(self) -> str:
        """Return the opaque id."""
        return self.id

    @property
    def all_concerns(self) -> tuple[Concern, ...]:
        """The concerns, in the order in which they were decided."""
        return tuple(map(Concern.of, self.concerns.split()))

    @property
    def is_kept(self) -> bool:
        """Whether nothing objected when it was last decided."""
        return self.verdict == code_of(Verdict.KEEP)

    @property
    def is_gone(self) -> bool:
        """Whether two people have erased it."""
        return self.state in GONE


class CasePerson(models.Model):
    """That a person, by the token of a school year, is named in a picture."""

    case = models.ForeignKey(IndexedCase, on_delete=models.CASCADE, related_name="people")
    token = models.CharField(max_length=ID)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["token", "case"], name="named_in_a_case_once"),
        ]

    def __str__(self) -> str:
        """Return the token."""
        return self.token


class CaseRoster(models.Model):
    """That anybody of a class or group may be in a picture, and at which sitting."""

    case = models.ForeignKey(IndexedCase, on_delete=models.CASCADE, related_name="rosters")
    roster = models.CharField(max_length=ID)
    sitting = models.CharField(max_length=SITTING, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["roster", "case"], name="a_roster_of_a_case_once"),
        ]
        indexes = [models.Index(fields=["sitting"], name="rosters_of_a_sitting")]

    def __str__(self) -> str:
        """Return the roster's id."""
        return self.roster


class Followed(models.Model):
    """How far a station's records are indexed: its last change, and the case that it was of."""

    station = models.CharField(primary_key=True, max_length=ID)
    change = models.BigIntegerField(default=0)
    case = models.CharField(max_length=ID, blank=True, default="")

    def __str__(self) -> str:
        """Return the station."""
        return self.station


class Viewing(models.Model):
    """That somebody looked at a picture on a day; the agent was told of it before (`seen`)."""

    case = models.CharField(max_length=ID)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "user", "day"], name="seen_once_a_day"),
        ]

    def __str__(self) -> str:
        """Return the case's opaque id."""
        return self.case
