# SPDX-License-Identifier: Apache-2.0
"""From the rows of a register file to a snapshot: pure, strict, and the whole file or nothing.

A row that cannot be understood might be a refusal, so one faulty row stops the publication; every
fault is listed with its row number. Values are never guessed. The layout is in
`docs/register-file.md`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from agent.core.clues import normal_form
from agent.core.model import DeviceReference, PurposeId, RosterId, Token
from agent.core.register import Answer, AnswererId, Capacity, Says
from agent.core.row_values import (
    RowFault,
    day,
    listed,
    one_of,
    optional_day,
    required,
    yes_or_no,
)
from agent.core.snapshot import NamedDevice, NamedPerson, NamedRoster, Snapshot

NewId = Callable[[], str]
Row = Mapping[str, str]

KINDS: Final = ("pupil", "adult", "guardian", "answer", "device")
_CAPACITIES: Final = {"responsible": Capacity.RESPONSIBLE, "delegated": Capacity.DELEGATED} | {
    "undelegated": Capacity.UNDELEGATED
}
_SAYS: Final = {"yes": Says.YES, "no": Says.NO, "withdrawn": Says.WITHDRAWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a publication is made under: school, purposes that exist, time, validity in days."""

    school: str
    school_year: str
    purposes: frozenset[PurposeId]
    now: datetime
    valid_days: int
    year_ends: datetime | None = None
    """When the next school year begins, as the end of every register of this one."""
    card_key: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class _Draft:
    """What the rows have said so far."""

    people: dict[str, Row] = field(default_factory=dict)
    adults: set[str] = field(default_factory=set)
    guardians: dict[tuple[str, str], Capacity] = field(default_factory=dict)
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    devices: dict[str, Row] = field(default_factory=dict)


class RegisterFileFaults(Exception):  # noqa: N818 - a list of answers for the office
    """Every fault of a register file: (row number, what is wrong)."""

    def __init__(self, faults: Sequence[tuple[int, str]]) -> None:
        super().__init__("; ".join(f"row {number}: {what}" for number, what in faults))
        self.faults = tuple(faults)


def build_snapshot(
    rows: Iterable[tuple[int, Row]], terms: Terms, previous: Snapshot | None, new_id: NewId
) -> Snapshot:
    """Return the snapshot of numbered rows; ids of the same school year are kept.

    Raises:
        RegisterFileFaults: at least one row cannot be understood; nothing may be published.
    """
    draft, faults = _Draft(), []
    ordered = sorted(rows, key=lambda row: (_rank(row[1]), row[0]))
    for number, row in ordered:
        try:
            _take(row, draft, terms)
        except RowFault as fault:
            faults.append((number, str(fault)))
    if not draft.people:
        faults.append((0, "no pupil and no adult is in the file"))
    if faults:
        raise RegisterFileFaults(sorted(faults))
    return _assembled(draft, terms, previous, new_id)


def _rank(row: Row) -> int:
    """Order rows so that what is referred to comes before what refers to it."""
    kind = row.get("kind", "").strip().lower()
    return KINDS.index(kind) if kind in KINDS else len(KINDS)


def _take(row: Row, draft: _Draft, terms: Terms) -> None:
    kind = one_of(row, "kind", dict(zip(KINDS, KINDS, strict=True)))
    if kind in ("pupil", "adult"):
        _take_person(row, draft, adult=kind == "adult")
    elif kind == "guardian":
        _take_guardian(row, draft)
    elif kind == "answer":
        _take_answer(row, draft, terms)
    else:
        _take_device(row, draft)


def _take_person(row: Row, draft: _Draft, *, adult: bool) -> None:
    reference = required(row, "reference")
    if reference in draft.people:
        raise RowFault(f"reference {reference!r} stands in the file twice")
    required(row, "given_name")
    required(row, "family_name")
    yes_or_no(row, "restricted")
    draft.people[reference] = row
    if adult:
        draft.adults.add(reference)


def _take_guardian(row: Row, draft: _Draft) -> None:
    person, reference = _known_person(row, draft), required(row, "reference")
    if (person, reference) in draft.guardians:
        raise RowFault(f"guardian {reference!r} stands twice with this pupil")
    draft.guardians[person, reference] = one_of(row, "capacity", _CAPACITIES)


def _take_answer(row: Row, draft: _Draft, terms: Terms) -> None:
    person, by = _known_person(row, draft), required(row, "by")
    purpose = PurposeId(required(row, "purpose"))
    if purpose not in terms.purposes:
        raise RowFault(f"purpose {purpose!r} is not in policy.toml")
    answer = Answer(
        purpose=purpose,
        answerer=AnswererId(by),
        capacity=_capacity(person, by, draft),
        says=one_of(row, "says", _SAYS),
        given_on=day(row, "given_on"),
        valid_until=optional_day(row, "valid_until"),
    )
    if answer.valid_until is not None and answer.valid_until < answer.given_on:
        raise RowFault("valid_until is before given_on")
    draft.answers.setdefault(person, []).append(answer)


def _capacity(person: str, by: str, draft: _Draft) -> Capacity:
    if by == "child" and person not in draft.adults:
        return Capacity.CHILD
    if by == "self" and person in draft.adults:
        return Capacity.SELF
    capacity = draft.guardians.get((person, by))
    if capacity is None:
        raise RowFault(f"by {by!r} is neither 'child', 'self' nor a guardian of this person")
    return capacity


def _take_device(row: Row, draft: _Draft) -> None:
    reference = required(row, "reference")
    if reference in draft.devices:
        raise RowFault(f"reference {reference!r} stands in the file twice")
    if not listed(row, "serials") and not row.get("model", "").strip():
        raise RowFault("a device needs a model or a serial number")
    optional_day(row, "retired_on")
    draft.devices[reference] = row


def _known_person(row: Row, draft: _Draft) -> str:
    person = required(row, "person")
    if person not in draft.people:
        raise RowFault(f"person {person!r} is not in the file")
    return person


def _assembled(draft: _Draft, terms: Terms, previous: Snapshot | None, new_id: NewId) -> Snapshot:
    ids = _earlier_ids(previous, terms.school_year)
    people = tuple(
        NamedPerson(
            token=Token(ids.get(("person", reference)) or new_id()),
            reference=reference,
            names=_names(row),
            answers=tuple(draft.answers.get(reference, ())),
            restricted=yes_or_no(row, "restricted"),
        )
        for reference, row in sorted(draft.people.items())
    )
    return Snapshot(
        school=terms.school,
        school_year=terms.school_year,
        version=1 if previous is None else previous.version + 1,
        issued_at=terms.now,
        valid_until=_valid_until(terms),
        people=people,
        rosters=_rosters(draft, people, ids, new_id),
        devices=tuple(
            _device(reference, row, ids.get(("device", reference)) or new_id())
            for reference, row in sorted(draft.devices.items())
        ),
        card_key=terms.card_key,
        withdrawn_cards=_withdrawn(previous, terms.school_year),
    )


def _valid_until(terms: Terms) -> datetime:
    """Return the end of validity, never in the next school year.

    Classes and people's tokens change then: a folder "3B" means other children.
    """
    end = terms.now + timedelta(days=terms.valid_days)
    return end if terms.year_ends is None else min(end, terms.year_ends)


def _withdrawn(previous: Snapshot | None, school_year: str) -> Mapping[str, date]:
    """Return the cards that stay withdrawn; those of another school year have run out anyway."""
    same_year = previous is not None and previous.school_year == school_year
    return previous.withdrawn_cards if previous is not None and same_year else {}


def _earlier_ids(previous: Snapshot | None, school_year: str) -> dict[tuple[str, str], str]:
    """Return the ids to keep: devices and rosters always, tokens for one school year only."""
    if previous is None:
        return {}
    ids: dict[tuple[str, str], str] = {("device", d.reference): d.id for d in previous.devices}
    ids |= {("roster", normal_form(r.names[0])): r.id for r in previous.rosters}
    if previous.school_year == school_year:
        ids |= {("person", p.reference): p.token for p in previous.people}
    return ids


def _names(row: Row) -> tuple[str, ...]:
    """Return every full name that a person may be tagged with; a first name alone is none."""
    family = required(row, "family_name")
    first = [required(row, "given_name"), *listed(row, "known_as")]
    aliases = listed(row, "aliases")
    return tuple(dict.fromkeys([*(f"{name} {family}" for name in first), *aliases]))


def _rosters(
    draft: _Draft,
    people: Sequence[NamedPerson],
    ids: Mapping[tuple[str, str], str],
    new_id: NewId,
) -> tuple[NamedRoster, ...]:
    """Return a roster for each class and group that somebody is in."""
    members: dict[str, list[Token]] = {}
    names: dict[str, str] = {}
    for person in people:
        row = draft.people[person.reference]
        for name in (*listed(row, "class"), *listed(row, "groups")):
            key = normal_form(name)
            names.setdefault(key, name)
            members.setdefault(key, []).append(person.token)
    return tuple(
        NamedRoster(
            id=RosterId(ids.get(("roster", key)) or new_id()),
            names=(names[key],),
            members=tuple(sorted(set(members[key]))),
        )
        for key in sorted(names)
    )


def _device(reference: str, row: Row, identifier: str) -> NamedDevice:
    return NamedDevice(
        id=DeviceReference(identifier),
        reference=reference,
        make=row.get("make", "").strip(),
        model=row.get("model", "").strip(),
        serials=listed(row, "serials"),
        folders=listed(row, "folders"),
        retired_on=optional_day(row, "retired_on"),
    )


def count_changes(before: Snapshot | None, after: Snapshot) -> dict[str, int]:
    """Return how many people, answers, devices and rosters a publication adds, removes, changes."""
    counts: dict[str, int] = {}
    for word, listing in _LISTINGS.items():
        old: Mapping[str, object] = {} if before is None else listing(before)
        new = listing(after)
        counts[f"{word} added"] = len(new.keys() - old.keys())
        counts[f"{word} removed"] = len(old.keys() - new.keys())
        counts[f"{word} changed"] = sum(old[key] != new[key] for key in old.keys() & new.keys())
    return counts


def _people_listing(snapshot: Snapshot) -> Mapping[str, object]:
    return {person.reference: (person.names, person.restricted) for person in snapshot.people}


def _answers_listing(snapshot: Snapshot) -> Mapping[str, object]:
    return {f"{person.reference}/{a}": a for person in snapshot.people for a in person.answers}


def _devices_listing(snapshot: Snapshot) -> Mapping[str, object]:
    return {device.reference: device for device in snapshot.devices}


def _rosters_listing(snapshot: Snapshot) -> Mapping[str, object]:
    return {normal_form(roster.names[0]): roster.members for roster in snapshot.rosters}


_LISTINGS: Final[Mapping[str, Callable[[Snapshot], Mapping[str, object]]]] = {
    "people": _people_listing,
    "answers": _answers_listing,
    "devices": _devices_listing,
    "classes and groups": _rosters_listing,
}


def school_year_of(today: date, starts: tuple[int, int]) -> str:
    """Return the school year that a day is in, such as "2026-27"; `starts` is (month, day)."""
    first = today.year if (today.month, today.day) >= starts else today.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def last_day_of(school_year: str, starts: tuple[int, int]) -> date:
    """Return the last day of a school year such as "2026-27"; `starts` is (month, day)."""
    return date(int(school_year[:4]) + 1, *starts) - timedelta(days=1)
