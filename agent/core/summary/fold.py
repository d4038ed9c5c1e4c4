# SPDX-License-Identifier: Apache-2.0
"""The exact counts of a report: a fold over ledger entries, several ledgers one after another.

Rules:
    1. A picture counts in the period of its first decision, with its outcome at that period's end.
    2. A later decision that changes it counts in its own period, as one of "earlier pictures".
    3. A kind of entry that this module does not know is counted by its code and means nothing else.
    4. A time is a claim of the computer that wrote it; order is the ledger's. A time before one
       that stands earlier in the same ledger is counted as the clock running backwards.

What is kept for each picture is one number; exact counts never leave the program: `numbers` says
what may be shown.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from agent.core.canonical import JsonValue
from agent.core.ledger import EntryKind
from agent.core.ledger_lines import Line
from agent.core.summary.outcomes import Outcome, outcome_of
from agent.core.summary.periods import Calendar, Period

_OUTCOMES: Final = tuple(Outcome)
_NUMBER: Final = {outcome: number for number, outcome in enumerate(_OUTCOMES)}
_OUTCOME, _SEEN, _STORED, _ERASED, _BITS = 7, 8, 16, 32, 6
"""What is kept of a case: its outcome, whether decided, stored, erased, and its period above."""
_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5
_NOWHERE: Final = 0
"""The period, counted from one, of what lies outside all terms."""


@dataclass(slots=True)
class Tally:
    """The exact counts of one period."""

    outcomes: Counter[Outcome] = field(default_factory=Counter)
    """Pictures that were first decided in it, by what they are at its end."""
    earlier_kept: int = 0
    """Pictures of earlier periods that were held and are kept now."""
    earlier_held: int = 0
    """Pictures of earlier periods that were kept and are held now."""
    erased_held: int = 0
    """Pictures that were erased while they were held; they wait no more."""
    kinds: Counter[str] = field(default_factory=Counter)
    """Entries by the code of their kind."""
    kept_unproven: int = 0
    """Decisions to keep that cite no register, or an objection: there should be none."""
    clock_untrusted: int = 0
    """Decisions at which the computer's clock could not be right."""
    last_register: str = ""
    """When the register was published last, as text."""
    deleted_unproven: int = 0
    """Originals that were deleted with no stored copy on record: there should be none."""

    @property
    def pictures(self) -> int:
        """How many pictures were first decided in it."""
        return sum(self.outcomes.values())

    @property
    def kept(self) -> int:
        """How many of them are kept at its end."""
        return self.outcomes[Outcome.KEPT]


@dataclass(slots=True)
class Source:
    """What one ledger's times say of the computer that wrote it."""

    entries: int = 0
    first: str = ""
    last: str = ""
    backwards: int = 0
    """How often a time lies before the one of the entry before it."""
    by_period: Counter[int] = field(default_factory=Counter)
    quiet: Counter[int] = field(default_factory=Counter)
    """For each period, the longest time between two entries, in school days."""
    off: Counter[int] = field(default_factory=Counter)
    """For each period, the longest time that the program was off, in school days."""
    last_in: dict[int, date] = field(default_factory=dict)


class Fold:
    """Takes entries and holds the counts of every period and every ledger."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.tallies = [Tally() for _ in (None, *calendar.periods)]
        self.sources: dict[str, Source] = {}
        self._cases: dict[int, int] = {}
        self._source = Source()
        self._at, self._period = "", _NOWHERE

    def begin(self, ledger: str) -> None:
        """Say which ledger the entries that follow come from; each ledger is given once.

        Raises:
            ValueError: it has been given.
        """
        if ledger in self.sources:
            raise ValueError("a ledger is folded once")
        self._source = self.sources[ledger] = Source()

    def take(self, line: Line) -> None:
        """Count one entry."""
        number = self._period_of(line.at)
        tally = self.tallies[number]
        tally.kinds[line.kind] += 1
        self._clock(line.at, number)
        count = _COUNTERS.get(line.kind)
        if count is not None:
            count(self, tally, number, line)

    def tally(self, number: int) -> Tally:
        """Return the counts of a period of the calendar, by its index."""
        return self.tallies[number + 1]

    def held_at_end(self, number: int) -> int:
        """Return how many pictures of this period and all before it wait, held, at its end."""
        waiting = 0
        for tally in self.tallies[: number + 2]:
            came = tally.pictures - tally.kept + tally.earlier_held
            waiting += came - tally.earlier_kept - tally.erased_held
        return waiting

    def silent_days(self, ledger: str, number: int, until: date) -> int:
        """Return the longest time that a ledger was silent in a period, in school days.

        `until` is the last day that counts; Monday to Friday within the term are school days.
        """
        source, period = self.sources[ledger], self.calendar.periods[number]
        since = source.last_in.get(number + 1, period.first - _DAY)
        return max(source.quiet[number + 1], _school_days(since, until + _DAY, period))

    def _period_of(self, at: str) -> int:
        """Return a period's number; entries come in runs of one second."""
        if at != self._at:
            found = self.calendar.index(at)
            self._at, self._period = at, _NOWHERE if found is None else found + 1
        return self._period

    def _clock(self, at: str, number: int) -> None:
        source = self._source
        source.entries += 1
        source.by_period[number] += 1
        if not source.last:
            source.first = at
            source.last_in[number] = _date(at)  # silence begins with it
        elif at < source.last:
            source.backwards += 1
        if number and at[:10] != source.last[:10]:
            self._heard(number, _date(at))
        source.last = max(source.last, at)

    def _heard(self, number: int, day: date) -> None:
        """Note that the computer wrote something on another day of a term."""
        source, period = self._source, self.calendar.periods[number - 1]
        since = source.last_in.get(number, period.first - _DAY)
        source.quiet[number] = max(source.quiet[number], _school_days(since, day, period))
        source.last_in[number] = max(since, day)

    def _decided(self, tally: Tally, number: int, line: Line) -> None:
        body = line.body
        concerns = _list(body, "concerns")
        outcome = outcome_of(body["verdict"], concerns)
        if outcome is Outcome.KEPT and (concerns or body["register"] is None):
            tally.kept_unproven += 1
        tally.clock_untrusted += "clock.untrusted" in concerns
        before = self._cases.get(_case(line), 0)
        first = number if not before & _SEEN else before >> _BITS
        marks = before & (_STORED | _ERASED) | _SEEN
        self._cases[_case(line)] = first << _BITS | marks | _NUMBER[outcome]
        if before & _ERASED:
            return  # it was counted as it went; what is decided of it since moves nothing
        if not before & _SEEN:
            tally.outcomes[outcome] += 1
        elif first == number:
            tally.outcomes[_OUTCOMES[before & _OUTCOME]] -= 1
            tally.outcomes[outcome] += 1
        else:
            was_kept = before & _OUTCOME == _NUMBER[Outcome.KEPT]
            is_kept = outcome is Outcome.KEPT
            tally.earlier_kept += is_kept and not was_kept
            tally.earlier_held += was_kept and not is_kept

    def _stored(self, _tally: Tally, _number: int, line: Line) -> None:
        case = _case(line)
        self._cases[case] = self._cases.get(case, 0) | _STORED

    def _erased(self, tally: Tally, _number: int, line: Line) -> None:
        before = self._cases.get(_case(line), 0)
        self._cases[_case(line)] = before | _ERASED
        is_held = before & _OUTCOME != _NUMBER[Outcome.KEPT]
        tally.erased_held += bool(before & _SEEN and not before & _ERASED and is_held)

    def _cleared(self, tally: Tally, _number: int, line: Line) -> None:
        is_stored = self._cases.get(_case(line), 0) & _STORED
        tally.deleted_unproven += line.body["original"] == "deleted" and not is_stored

    def _off(self, _tally: Tally, number: int, line: Line) -> None:
        since, until = (_date(str(line.body[name])) for name in ("since", "until"))
        if number:
            days = _school_days(since, until, self.calendar.periods[number - 1])
            self._source.off[number] = max(self._source.off[number], days)

    def _registered(self, tally: Tally, _number: int, line: Line) -> None:
        tally.last_register = max(tally.last_register, line.at)


def _date(at: str) -> date:
    return date.fromisoformat(at[:10])


def _case(line: Line) -> int:
    """Return a case's opaque id as a number: a third less memory for a million of them."""
    return int(str(line.body["case"]), 36)


def _school_days(since: date, until: date, period: Period) -> int:
    """Return how many days from Monday to Friday lie between two days and within a term."""
    first, end = max(since + _DAY, period.first), min(until, period.last + _DAY)
    days = (first + number * _DAY for number in range((end - first).days))
    return sum(day.weekday() < _SATURDAY for day in days)


def _list(body: Mapping[str, JsonValue], name: str) -> list[JsonValue]:
    value = body[name]
    return value if isinstance(value, list) else []


_COUNTERS: Final = {
    EntryKind.PHOTO_DECIDED.code: Fold._decided,  # noqa: SLF001 - of this very module
    EntryKind.AGENT_GAP.code: Fold._off,  # noqa: SLF001 - of this very module
    EntryKind.PHOTO_STORED.code: Fold._stored,  # noqa: SLF001 - of this very module
    EntryKind.PHOTO_ERASED.code: Fold._erased,  # noqa: SLF001 - of this very module
    EntryKind.PHOTO_CLEARED.code: Fold._cleared,  # noqa: SLF001 - of this very module
    EntryKind.REGISTER_PUBLISHED.code: Fold._registered,  # noqa: SLF001 - of this very module
}
