# SPDX-License-Identifier: Apache-2.0
"""The queue: which held pictures somebody may know of, filtered, in order, with what comes next.

A filter travels in the address as codes and opaque ids. Whoever may not read why a picture is held
cannot find it by its reason either.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from agent.core.concerns import Verdict
from service.office.accounts.models import User
from service.office.library.access import cases_of
from service.office.library.models import GONE, CaseRoster, IndexedCase, code_of
from service.office.register.queries import open_groups
from service.office.roles import Role

REASONS: Final[Mapping[str, str]] = {
    "permission": "No permission",
    "people": "Who is in it",
    "device": "Which device",
    "card": "Class card",
    "media": "The file",
    "other": "Other",
}
_STARTS: Final[Mapping[str, Sequence[str]]] = {
    "permission": ("permission.",),
    "people": ("people.",),
    "device": ("device.",),
    "card": ("card.", "sitting."),
    "media": ("media.",),
    "other": ("register.", "clock.", "decision.", "freeze."),
}
"""How the codes of each begin; together every concern there is."""
AGES: Final[Mapping[str, str]] = {"today": "Today", "week": "This week", "older": "Older"}
_WEEK: Final = timedelta(days=7)
_LONGEST: Final = 128
_SITTINGS: Final = 8
_KEPT: Final = code_of(Verdict.KEEP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What is looked for in the queue; empty for all."""

    reason: str = ""
    group: str = ""
    sitting: str = ""
    age: str = ""

    @classmethod
    def of(cls, untrusted: QueryDict) -> "Filter":
        """Return the filter in an address; what is not known there counts as all."""
        reason, age = untrusted.get("reason", ""), untrusted.get("age", "")
        return cls(
            reason=reason if reason in REASONS else "",
            group=untrusted.get("group", "")[:_LONGEST],
            sitting=untrusted.get("sitting", "")[:_LONGEST],
            age=age if age in AGES else "",
        )

    @classmethod
    def from_text(cls, untrusted_query: str) -> "Filter":
        """Return the filter of a query that a form carried."""
        return cls.of(QueryDict(untrusted_query[:400]))

    @property
    def query(self) -> str:
        """The filter as a query without anything empty."""
        parts = {
            "reason": self.reason,
            "group": self.group,
            "sitting": self.sitting,
            "age": self.age,
        }
        return urlencode({name: value for name, value in parts.items() if value})


def held_of(user: User, roles: Collection[Role], today: date) -> QuerySet[IndexedCase]:
    """Return the held pictures that somebody may know of, in the order in which they were taken."""
    held = cases_of(user, roles, today).exclude(verdict=_KEPT).exclude(state__in=GONE)
    return held.order_by("listed_at", "pk")


def chosen(
    user: User, roles: Collection[Role], wanted: Filter, today: date
) -> QuerySet[IndexedCase]:
    """Return the held pictures of a filter, in the order of the queue."""
    cases = held_of(user, roles, today)
    if wanted.reason:
        cases = cases.filter(_of_reason(wanted.reason, roles))
    if wanted.group:
        cases = cases.filter(_in_roster(roster=wanted.group))
    if wanted.sitting:
        cases = cases.filter(_in_roster(sitting=wanted.sitting))
    if wanted.age:
        cases = cases.filter(_of_age(wanted.age, today))
    return cases


def _in_roster(**wanted: str) -> Exists:
    return Exists(CaseRoster.objects.filter(case=OuterRef("pk"), **wanted))


def _of_reason(reason: str, roles: Collection[Role]) -> Q:
    """Return which pictures have a reason; whoever may not read one finds nothing by it."""
    wanted = Q()
    for start in _STARTS[reason]:
        wanted |= Q(concerns__startswith=start) | Q(concerns__contains=f" {start}")
    readable = Q() if Role.HEAD in roles else Q(is_confidential=False, is_frozen=False)
    return wanted & readable


def _of_age(age: str, today: date) -> Q:
    start = timezone.make_aware(datetime.combine(today, time()))
    week = start - _WEEK
    return {
        "today": Q(arrived_at__gte=start),
        "week": Q(arrived_at__gte=week),
        "older": Q(arrived_at__lt=week),
    }[age]


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Where a picture stands in a filter: before, after, the how manyth of how many."""

    before: str | None = None
    after: str | None = None
    number: int = 0
    count: int = 0


def neighbours(
    user: User, roles: Collection[Role], among: str, case: IndexedCase, today: date
) -> Neighbours:
    """Return what comes before and after a picture in the queue of a filter; four statements."""
    cases = chosen(user, roles, Filter.from_text(among), today)
    earlier = cases.filter(
        Q(listed_at__lt=case.listed_at) | Q(listed_at=case.listed_at, pk__lt=case.pk)
    )
    later = cases.filter(
        Q(listed_at__gt=case.listed_at) | Q(listed_at=case.listed_at, pk__gt=case.pk)
    )
    passed, to_come = earlier.count(), later.count()
    before = earlier.values_list("pk", flat=True).last() if passed else None
    after = later.values_list("pk", flat=True).first() if to_come else None
    is_in = not case.is_kept and not case.is_gone
    return Neighbours(
        before=before,
        after=after,
        number=passed + 1 if is_in else 0,
        count=passed + to_come + is_in,
    )


def address(case: str) -> str:
    """Return the address of a picture's page."""
    return reverse("review:picture", args=[case])


def with_query(there: str, query: str) -> str:
    """Return an address with a filter."""
    return f"{there}?{query}" if query else there


def age_of(arrived_at: datetime, today: date) -> str:
    """Return for how long a picture has been held, in words."""
    days = (today - arrived_at.date()).days
    if days <= 0:
        return "today"
    return "1 day" if days == 1 else f"{days} days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One choice of a filter: its word, the query that chooses it, whether it is chosen."""

    word: str
    query: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chips:
    """One filter: what it is called and what can be chosen."""

    word: str
    options: Sequence[Chip]


def chips(user: User, roles: Collection[Role], wanted: Filter, today: date) -> list[Chips]:
    """Return the filters with what can be chosen in each."""
    groups = {one.id: one.name for one in open_groups(user, frozenset(roles))}
    return [
        _chips("Reason", wanted, "reason", REASONS),
        _chips("Class", wanted, "group", groups),
        _chips("Sitting", wanted, "sitting", _sittings(user, roles, wanted, today)),
        _chips("Age", wanted, "age", AGES),
    ]


def _chips(word: str, wanted: Filter, name: str, options: Mapping[str, str]) -> Chips:
    now: str = getattr(wanted, name)
    listed: list[tuple[str, str]] = [("", "All"), *options.items()]
    made = [
        Chip(word=text, query=_replaced(wanted, name, value), chosen=value == now)
        for value, text in listed
    ]
    return Chips(word=word, options=made if options else [])


def _replaced(wanted: Filter, name: str, value: str) -> str:
    changed: dict[str, Any] = {name: value}
    return replace(wanted, **changed).query


def _sittings(
    user: User, roles: Collection[Role], wanted: Filter, today: date
) -> Mapping[str, str]:
    """Return the newest sittings with held pictures, of the classes that somebody sees, in words.

    One statement beside the classes' names.
    """
    names = dict(open_groups(user, frozenset(roles)).values_list("pk", "name"))
    cases = held_of(user, roles, today).order_by()
    rows = CaseRoster.objects.filter(case__in=cases, roster__in=names).exclude(sitting="")
    if wanted.group:
        rows = rows.filter(roster=wanted.group)
    newest = rows.values_list("sitting", "roster").annotate(first=Min("case__listed_at"))
    return {
        sitting: f"{names[roster]}, {_when(first)}"
        for sitting, roster, first in newest.order_by("-first")[:_SITTINGS]
    }


def _when(listed_at: str) -> str:
    at = datetime.fromisoformat(listed_at)
    return f"{at.day} {at:%b %H:%M}"


def nothing(user: User, roles: Collection[Role], today: date) -> str:
    """Return what an empty queue says: what came in today, and what happens next."""
    start = timezone.make_aware(datetime.combine(today, time()))
    kept = cases_of(user, roles, today).filter(verdict=_KEPT, arrived_at__gte=start).count()
    came = "One picture" if kept == 1 else f"{kept or 'No'} pictures"
    return (
        f"No picture is held. {came} came in today and could be kept. "
        "Whatever is held from now on shows here by itself."
    )


def counts(case: IndexedCase) -> str:
    """Return how many faces are named, in words."""
    if case.faces is None:
        return "faces not counted"
    if case.is_stated:
        return "somebody said who"
    return f"{min(case.named, case.faces)} of {case.faces} named"
