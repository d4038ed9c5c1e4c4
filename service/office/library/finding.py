# SPDX-License-Identifier: Apache-2.0
"""Find pictures in the index, and say of each what counts at this moment.

The index only narrows: every row that a page shows is read from the journal again, and "cleared"
is said by the agent's own law (`agent.deciding.cleared_for`) on the register that the stations
have, and by how everybody stands in the console's own register: a withdrawal counts before it is
published. A page looks at a bounded number of cases and goes on from the last one.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import QueryDict
from django.utils.http import urlencode

from agent.core.case import Record
from agent.core.concerns import Verdict
from agent.core.consent import Standing
from agent.core.model import CaseId, PurposeId
from agent.deciding import cleared_for
from agent.freezing import is_frozen
from agent.ports import Looking
from service.office.accounts.models import User
from service.office.house import now
from service.office.library import access
from service.office.library.looking import open_looking
from service.office.library.models import (
    GONE,
    SITTING,
    CasePerson,
    CaseRoster,
    IndexedCase,
    code_of,
)
from service.office.library.sentences import reason_for
from service.office.register import remembered
from service.office.register.models import Group, Membership, Person, Purpose, Token
from service.office.register.queries import visible
from service.office.roles import Role

PAGE: Final = 24
LOOKED_AT: Final = 5 * PAGE
"""So many cases a page looks at for one purpose, however few of them are cleared."""
Row = TypeVar("Row", CasePerson, CaseRoster)
FROZEN: Final = "Frozen. Nobody may look at it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for, in opaque ids and codes; empty for all."""

    child: str = ""
    group: str = ""
    since: date | None = None
    until: date | None = None
    sitting: str = ""
    purpose: str = ""
    after: str = ""
    """The case after which the page begins."""

    @classmethod
    def of(cls, untrusted: QueryDict) -> "Wanted":
        """Return what an address asks for; what cannot be read counts as all."""
        ids = ("child", "group", "purpose", "after")
        return cls(
            **{name: untrusted.get(name, "")[:64] for name in ids},
            sitting=untrusted.get("sitting", "")[:SITTING],
            since=_day(untrusted.get("since", "")),
            until=_day(untrusted.get("until", "")),
        )

    def query(self, after: str = "") -> str:
        """Return it as the query of an address, beginning after a case."""
        names = ("child", "group", "since", "until", "sitting", "purpose")
        said = {name: str(getattr(self, name) or "") for name in names} | {"after": after}
        return urlencode({name: value for name, value in said.items() if value})

    @property
    def is_all(self) -> bool:
        """Whether nothing narrows the list."""
        return self == Wanted(after=self.after)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One picture of a list: what counts now, in words for whoever looks."""

    id: str
    title: str
    """Classes and groups, never a name."""
    when: datetime
    sitting: str
    word: str
    colour: str
    why: str
    faces: str
    may_look: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """One page of pictures; `after` is the case from which the next page goes on."""

    pictures: Sequence[Found]
    after: str = ""


def shelf(user: User, roles: Collection[Role], wanted: Wanted) -> Shelf:
    """Return one page of the pictures that somebody looks for.

    Raises:
        UnavailableError: the journal cannot be read now.
    """
    cases = _in_order(_narrowed(user, frozenset(roles), wanted), wanted.after)
    most = LOOKED_AT if wanted.purpose else PAGE + 1
    rows = list(cases[:most])
    if not rows:
        return Shelf(pictures=[])
    names = dict(Group.objects.values_list("pk", "name"))
    shown: list[Found] = []
    with open_looking() as known:
        for row, record in _confirmed(known, user, roles, rows, wanted):
            if len(shown) == PAGE:
                return Shelf(pictures=shown, after=shown[-1].id)
            shown.append(_shown(known, user, roles, row, record, names))
    return Shelf(pictures=shown, after=rows[-1].pk if len(rows) == most else "")


def count_of(user: User, roles: Collection[Role], person: Person) -> tuple[int, int]:
    """Return in how many pictures somebody is named, and in how many more they may be.

    Only pictures that whoever asks may know of; two statements.
    """
    cases = access.cases_of(user, roles, now().today).exclude(state__in=GONE)
    named, maybe = Exists(_named(person)), Exists(_maybe(person))
    return cases.filter(named).count(), cases.filter(~named & Q(is_stated=False) & maybe).count()


def _narrowed(user: User, roles: frozenset[Role], wanted: Wanted) -> QuerySet[IndexedCase]:
    cases = access.cases_of(user, roles, now().today).exclude(state__in=GONE)
    if wanted.child:
        person = visible(user, roles).filter(pk=wanted.child).first()
        if person is None:
            return cases.none()
        maybe = Q(is_stated=False) & Exists(_maybe(person))
        cases = cases.filter(Exists(_named(person)) | maybe)
    if wanted.group:
        cases = cases.filter(Exists(_rows(CaseRoster.objects.filter(roster=wanted.group))))
    if wanted.sitting:
        cases = cases.filter(Exists(_rows(CaseRoster.objects.filter(sitting=wanted.sitting))))
    if wanted.since:
        cases = cases.filter(listed_at__gte=wanted.since.isoformat())
    if wanted.until:
        cases = cases.filter(listed_at__lt=(wanted.until + timedelta(days=1)).isoformat())
    return _perhaps_cleared(cases, wanted.purpose) if wanted.purpose else cases


def _perhaps_cleared(cases: QuerySet[IndexedCase], purpose: str) -> QuerySet[IndexedCase]:
    """Leave out what cannot be cleared: what is held, and whoever is in it and has not said yes.

    Where somebody was absent, or a person said who is in it, only the law tells about a roster.
    """
    granted = _granted(purpose)
    tokens = Token.objects.filter(person__in=granted).values_list("token", flat=True)
    others = Membership.objects.filter(until__isnull=True).exclude(person__in=granted)
    refusing = CaseRoster.objects.filter(roster__in=others.values("group"))
    blocked = Q(is_stated=False, has_absences=False) & Exists(_rows(refusing))
    named = CasePerson.objects.exclude(token__in=list(tokens))
    return cases.filter(
        ~Exists(_rows(named)), ~blocked, verdict=code_of(Verdict.KEEP), is_frozen=False
    )


def _granted(purpose: str) -> list[str]:
    """Return everybody who stands granted for a purpose in the console's register now."""
    people = list(Person.objects.all())
    standings = remembered.standings(people, now().today, [purpose])
    wanted = [one.id for one in standings.purposes if one.code == purpose]
    return [
        person
        for person, known in standings.people.items()
        if not known.restricted and any(known.standings[one] is Standing.GRANTED for one in wanted)
    ]


def _in_order(cases: QuerySet[IndexedCase], after: str) -> QuerySet[IndexedCase]:
    """Return cases, the newest first, from after the one that the page before ended with."""
    last = IndexedCase.objects.filter(pk=after).first() if after else None
    if last is not None:
        same = Q(listed_at=last.listed_at, pk__lt=last.pk)
        cases = cases.filter(
            Q(listed_at__lte=last.listed_at) & (Q(listed_at__lt=last.listed_at) | same)
        )
    return cases.order_by("-listed_at", "-pk")


def _confirmed(
    known: Looking,
    user: User,
    roles: Collection[Role],
    rows: Sequence[IndexedCase],
    wanted: Wanted,
) -> Iterator[tuple[IndexedCase, Record]]:
    """Yield each row with its record, unless the record says otherwise than the index."""
    purposes = {known.policy.base_purpose, PurposeId(wanted.purpose)}
    policy = replace(
        known.policy,
        purposes={id_: one for id_, one in known.policy.purposes.items() if id_ in purposes},
    )
    for row in rows:
        record = known.journal.find(CaseId(row.pk))
        keeps = record is not None and access.may_know_of(user, roles, record, now().today)
        if keeps and record is not None and wanted.purpose:
            keeps = _is_cleared(replace(known, policy=policy), record, wanted.purpose)
        if record is not None and keeps:
            yield row, record


def _is_cleared(known: Looking, record: Record, purpose: str) -> bool:
    if record.ruling.verdict is not Verdict.KEEP:
        return False
    return any(one.purpose == purpose and one.is_granted for one in cleared_for(known, record))


def _shown(
    known: Looking,
    user: User,
    roles: Collection[Role],
    row: IndexedCase,
    record: Record,
    names: dict[str, str],
) -> Found:
    frozen = is_frozen(known, record.case, record.group)
    kept = record.ruling.verdict is Verdict.KEEP
    word, colour = (
        ("Frozen", "blue") if frozen else ("Kept", "green") if kept else ("Held", "orange")
    )
    rosters = [names[one] for one in record.facts.attribution.rosters if one in names]
    faces, named = record.facts.faces, len(set(record.facts.attribution.tagged))
    return Found(
        id=record.case,
        title=", ".join(sorted(rosters)) or "No class known",
        when=datetime.fromisoformat(row.listed_at),
        sitting=row.sitting,
        word=word,
        colour=colour,
        why=FROZEN if frozen else "" if kept else reason_for(roles, record.ruling.concerns),
        faces=f"{named} named{_counted(faces)}",
        may_look=not frozen and access.may_look(known, user, roles, record),
    )


def _counted(faces: int | None) -> str:
    if faces is None:
        return ""
    return ", 1 face" if faces == 1 else f", {faces} faces"


def purposes() -> QuerySet[Purpose]:
    """Return the purposes that pictures can be looked for by."""
    return Purpose.objects.filter(used=True)


def _named(person: Person) -> QuerySet[CasePerson]:
    return _rows(CasePerson.objects.filter(token__in=person.tokens.values("token")))


def _maybe(person: Person) -> QuerySet[CaseRoster]:
    """Return where any class or group that somebody is or was in may be seen."""
    return _rows(CaseRoster.objects.filter(roster__in=person.memberships.values("group")))


def _rows(rows: QuerySet[Row]) -> QuerySet[Row]:
    return rows.filter(case=OuterRef("pk"))


def _day(untrusted: str) -> date | None:
    try:
        return date.fromisoformat(untrusted)
    except ValueError:
        return None
