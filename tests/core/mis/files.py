# SPDX-License-Identifier: Apache-2.0
"""Small files and books for the tests of the import."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from agent.core.mis.book import Book, MisAnswer, Pupil
from agent.core.mis.effects import Terms
from agent.core.mis.headings import Field
from agent.core.mis.layout import Column, Layout
from agent.core.mis.lines import Sheet, read_sheet
from agent.core.mis.planning import Plan, Wishes, plan
from agent.core.model import PurposeId
from agent.core.register import Answer, AnswererId, Capacity, Says

TODAY = date(2026, 11, 23)
WEBSITE, PRESS, DISPLAY = map(PurposeId, ("website", "press", "display"))
COLUMNS = (
    Column(heading="UPN", field=Field.UPN),
    Column(heading="Adno", field=Field.ADMISSION),
    Column(heading="Forename", field=Field.GIVEN),
    Column(heading="Surname", field=Field.FAMILY),
    Column(heading="DOB", field=Field.BORN),
    Column(heading="Class", field=Field.CLASS),
    Column(heading="Status", field=Field.STATUS),
    Column(heading="Consent date", field=Field.DECIDED_ON),
    Column(heading="Website", purposes=(WEBSITE,)),
    Column(heading="Press", purposes=(PRESS,)),
)
LAYOUT = Layout(columns=COLUMNS)
_ORDER = (
    *("upn", "adno", "given", "family", "born", "class_", "status", "decided"),
    *("website", "press"),
)


LONG = Layout(
    columns=(
        Column(heading="Adno", field=Field.ADMISSION),
        Column(heading="Pupil", field=Field.FULL_NAME),
        Column(heading="Consent type", field=Field.CONSENT_TYPE),
        Column(heading="Consent status", field=Field.CONSENT_STATUS),
        Column(heading="Date", field=Field.DECIDED_ON),
        Column(heading="Given by", field=Field.GIVEN_BY),
    ),
    kinds={"photos on the website": (WEBSITE,), "press": (PRESS,), "trips": ()},
)


def long_sheet(*rows: Sequence[str], layout: Layout = LONG) -> Sheet:
    """Return a file with a row for each consent: number, pupil, kind, answer, day, giver."""
    return read_sheet(enumerate(rows, start=2), layout, TODAY)


def terms(**given: Any) -> Terms:  # noqa: ANN401 - fields of Terms
    values: dict[str, Any] = {
        "today": TODAY,
        "made_on": TODAY,
        "purposes": frozenset({WEBSITE, PRESS, DISPLAY}),
        "internal": frozenset({DISPLAY}),
        "last_day": lambda _, day: date(day.year + (day.month >= 9), 8, 31),
        "seed": b"s" * 32,
    }
    return Terms(**values | given)


def cells(**given: str) -> list[str]:
    return [({"given": "Amara", "family": "Okafor"} | given).get(name, "") for name in _ORDER]


def sheet(*rows: Sequence[str], made_on: date = TODAY) -> Sheet:
    return read_sheet(enumerate(rows, start=2), LAYOUT, made_on)


def a_pupil(number: int = 1, **given: Any) -> Pupil:  # noqa: ANN401 - fields of Pupil
    values: dict[str, Any] = {
        "key": f"key{number}",
        "reference": str(number),
        "given": "Amara",
        "family": "Okafor",
    }
    return Pupil(**values | given)


def a_book(*pupils: Pupil) -> Book:
    return {pupil.key: pupil for pupil in pupils}


def said(says: Says = Says.YES, on: date = date(2026, 9, 10)) -> MisAnswer:
    until = date(2027, 8, 31) if says is Says.YES else None
    return MisAnswer(says=says, given_on=on, valid_until=until)


def recorded(
    says: Says,
    by: str = "father",
    on: date = date(2026, 10, 1),
    capacity: Capacity = Capacity.RESPONSIBLE,
) -> Answer:
    return Answer(
        purpose=PRESS,
        answerer=AnswererId(by),
        capacity=capacity,
        says=says,
        given_on=on,
    )


def planned(rows: Iterable[Sequence[str]], *pupils: Pupil, **wishes: Any) -> Plan:  # noqa: ANN401 - fields of Wishes
    return plan(sheet(*rows), a_book(*pupils), terms(), Wishes(**wishes))
