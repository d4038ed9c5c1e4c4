# SPDX-License-Identifier: Apache-2.0
"""The only reader of `report.toml`: terms, dates, what the school wrote down. Strict."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from agent import durable
from agent.core.errors import ConfigurationError
from agent.core.summary.facts import (
    Action,
    Breach,
    BreachRecord,
    Governance,
    Handled,
    Regulator,
)
from agent.core.summary.periods import Period
from agent.settings import REPORT_FILE, read_toml

_NAME: Final = r"^[A-Za-z0-9][A-Za-z0-9 /-]{0,39}$"
_REFERENCE: Final = r"^[A-Z]{1,4}-?[0-9]{1,5}$"
_TIME: Final = "%Y-%m-%dT%H:%M:%SZ"
_DAY: Final = timedelta(days=1)

Word = TypeVar("Word", bound=Enum)


def _first_of_month(day: date) -> date:
    if day.day != 1:
        raise ValueError("the first day of the month, so that no day is told")
    return day


def _code_of(words: type[Word]) -> AfterValidator:
    codes = [str(word.value[0]) for word in words]

    def known(text: str) -> str:
        if text not in codes:
            raise ValueError("one of " + ", ".join(codes))
        return text

    return AfterValidator(known)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class BreachSettings(_Strict):
    """One breach or near miss, in words of closed lists."""

    reference: str = Field(pattern=_REFERENCE)
    month: Annotated[date, AfterValidator(_first_of_month)]
    what: Annotated[str, _code_of(Breach)]
    done: Annotated[str, _code_of(Action)]
    prevention: Annotated[str, _code_of(Action)]
    regulator: Annotated[str, _code_of(Regulator)]

    def record(self) -> BreachRecord:
        """Return it as the report takes it."""
        return BreachRecord(
            reference=self.reference,
            month=self.month,
            what=_word(Breach, self.what),
            done=_word(Action, self.done),
            prevention=_word(Action, self.prevention),
            regulator=_word(Regulator, self.regulator),
        )


class HandledSettings(_Strict):
    """How many came, and how many were answered in time."""

    received: int = Field(ge=0, le=10_000)
    in_time: int = Field(ge=0, le=10_000)


class TermSettings(_Strict):
    """One term."""

    name: str = Field(pattern=_NAME)
    first: date
    last: date
    meeting: date | None = None
    closes_year: bool
    complaints: HandledSettings
    requests: HandledSettings
    breaches: tuple[BreachSettings, ...] = Field(default=(), alias="breach", strict=False)


class DateSettings(_Strict):
    """Days that the school answers for."""

    policy_review_due: date | None = None
    impact_assessment_due: date | None = None
    retention_review_due: date | None = None
    restore_tested: date | None = None
    restore_worked: bool


class TrainingSettings(_Strict):
    """Staff who have done the training, of all."""

    trained: int = Field(ge=0, le=10_000)
    staff: int = Field(ge=0, le=10_000)


class ReportSettings(_Strict):
    """What `report.toml` says."""

    prepared_by: str = Field(min_length=1, max_length=120)
    reviewed_by: str = Field(max_length=120)
    small_school: int = Field(ge=0, le=1_000)
    dates: DateSettings
    training: TrainingSettings
    terms: tuple[TermSettings, ...] = Field(min_length=1, alias="term", strict=False)

    def governance(self, terms: Sequence[TermSettings]) -> Governance:
        """Return what the school wrote down for some terms together."""
        kept = [(term.complaints, term.requests) for term in terms]
        return Governance(
            **self.dates.model_dump(),
            staff_trained=self.training.trained,
            staff=self.training.staff,
            breaches=tuple(one.record() for term in terms for one in term.breaches),
            complaints=_together(one for one, _ in kept),
            requests=_together(one for _, one in kept),
        )


def read_report(site: Path) -> ReportSettings:
    """Read a site's `report.toml`.

    Raises:
        ConfigurationError: it is missing (then a commented one is written) or not allowed.
    """
    if not (site / REPORT_FILE).exists():
        durable.write_new(site / REPORT_FILE, [files("config").joinpath(REPORT_FILE).read_bytes()])
        raise ConfigurationError(
            f"{REPORT_FILE} was not there; one with comments has been written into the site folder",
            code="report.settings_new",
            remedy="Set the terms and dates in it, then make the report again.",
        )
    settings = read_toml(site / REPORT_FILE, ReportSettings)[0]
    _check_terms(settings.terms)
    return settings


def periods_of(
    terms: Sequence[TermSettings], zone: ZoneInfo, cuts: Mapping[str, str]
) -> list[Period]:
    """Return terms as stretches of time in the school's zone; each begins where the last ended.

    `cuts` says until when (UTC, as the ledger writes) the report of a term reaches, where that is
    before the term's end: the rest belongs to the term that follows.
    """
    begins = _utc(terms[0].first, zone)
    periods = []
    for term in terms:
        whole = _utc(term.last + _DAY, zone)
        ends = max(begins, min(whole, cuts.get(term.name, whole)))
        periods.append(
            Period(
                name=term.name,
                first=term.first,
                last=term.last,
                begins=begins,
                ends=ends,
                closes_year=term.closes_year,
            )
        )
        begins = ends
    return periods


def years_of(periods: Sequence[Period]) -> list[Period]:
    """Return whole school years: terms up to one that closes a year, named after the last."""
    years: list[Period] = []
    open_: list[Period] = []
    for period in periods:
        open_.append(period)
        if period.closes_year or period is periods[-1]:
            years.append(
                Period(
                    name=f"Year to {period.name}",
                    first=open_[0].first,
                    last=period.last,
                    begins=open_[0].begins,
                    ends=period.ends,
                    closes_year=True,
                )
            )
            open_ = []
    return years


def _check_terms(terms: Sequence[TermSettings]) -> None:
    """Refuse terms that overlap, stand in another order or share a name."""
    names = [term.name for term in terms]
    days = [day for term in terms for day in (term.first, term.last)]
    if len(set(names)) != len(names) or sorted(set(days)) != days:
        raise ConfigurationError(
            f"{REPORT_FILE}: term: two terms share a name, overlap or stand in the wrong order",
            code="settings.refused",
            remedy=f"Put the terms in {REPORT_FILE} in the order of their days.",
        )


def _utc(day: date, zone: ZoneInfo) -> str:
    return datetime.combine(day, time(), zone).astimezone(UTC).strftime(_TIME)


def _together(listed: Iterator[HandledSettings]) -> Handled:
    both = [(one.received, one.in_time) for one in listed]
    return Handled(received=sum(one for one, _ in both), in_time=sum(one for _, one in both))


def _word(words: type[Word], code: str) -> Word:
    return next(word for word in words if word.value[0] == code)
