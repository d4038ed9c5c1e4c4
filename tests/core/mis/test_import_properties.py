# SPDX-License-Identifier: Apache-2.0
"""What holds for every file and every register (console 5.4)."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from agent.core.mis.book import Book, apply, inverse
from agent.core.mis.effects import granted, widened
from agent.core.mis.lines import Sheet
from agent.core.mis.planning import Kind, Plan, Wishes, plan
from agent.core.model import PurposeId
from agent.core.register import Answer, AnswererId, Capacity, Says
from tests.core.mis.files import (
    DISPLAY,
    LONG,
    PRESS,
    TODAY,
    WEBSITE,
    a_pupil,
    cells,
    long_sheet,
    said,
    sheet,
    terms,
)

DAYS = st.sampled_from([-400, -60, -1, 0, 1, 30]).map(lambda days: TODAY + timedelta(days=days))
PURPOSES = (WEBSITE, PRESS, DISPLAY)
OTHERS = st.builds(
    Answer,
    purpose=st.sampled_from(PURPOSES),
    answerer=st.sampled_from(["mother", "father"]).map(AnswererId),
    capacity=st.sampled_from(Capacity),
    says=st.sampled_from(Says),
    given_on=DAYS,
    valid_until=st.none() | DAYS,
)
GIVEN = st.sampled_from(["Amara", "Ben"])


@st.composite
def books(draw: st.DrawFn) -> Book:
    book: dict[str, Any] = {}
    for number in range(1, draw(st.integers(0, 4)) + 1):
        book[f"key{number}"] = a_pupil(
            number,
            given=draw(GIVEN),
            born=draw(st.none() | st.sampled_from([date(2018, 4, 3), date(2019, 1, 1)])),
            left_on=draw(st.none() | DAYS),
            restricted=draw(st.booleans()),
            others=tuple(draw(st.lists(OTHERS, max_size=2))),
            mis=draw(
                st.dictionaries(
                    st.sampled_from(PURPOSES), st.builds(said, st.sampled_from(Says), DAYS)
                )
            ),
        )
        pupil = book[f"key{number}"]
        refused = sorted(one for one, answer in pupil.mis.items() if answer.says is not Says.YES)
        aside = draw(st.sets(st.sampled_from(refused))) if refused else ()
        book[f"key{number}"] = replace(pupil, beside={one: said(on=draw(DAYS)) for one in aside})
    return book


WORDS = st.sampled_from(["Yes", "No", "", "withdrawn", "maybe"])
ROWS = st.builds(
    cells,
    adno=st.sampled_from(["", "1", "02", "3", "5", "6"]),
    given=GIVEN,
    born=st.sampled_from(["", "3/4/2018", "1/1/2019", "31/2/2018"]),
    status=st.sampled_from(["", "", "Leaver"]),
    decided=st.sampled_from(["", "1/9/2026", "20/11/2026"]),
    website=WORDS,
    press=WORDS,
)
LONG_ROWS = st.builds(
    lambda number, given, kind, word, day, by: [number, f"Okafor, {given}", kind, word, day, by],
    st.sampled_from(["1", "02", "3", "5"]),
    GIVEN,
    st.sampled_from(["Press", "Photos on the website", "Trips"]),
    WORDS,
    st.sampled_from(["", "1/9/2026", "20/11/2026", "31/2/2026"]),
    st.sampled_from(["", "Mother", "Father"]),
)
FILES = st.lists(ROWS, max_size=6) | st.lists(LONG_ROWS, max_size=8)
"""Rows for pupils, or rows for consents; `sheet_of` tells them by their width."""


def sheet_of(*rows: list[str]) -> Sheet:
    long = bool(rows) and len(rows[0]) == len(LONG.columns)
    return long_sheet(*rows) if long else sheet(*rows)


WISHES = st.builds(Wishes, leaving=st.frozensets(st.sampled_from(["key1", "key2"])))


def allowed(book: Book, day: date) -> set[tuple[str, PurposeId]]:
    return {
        (key, purpose)
        for key, pupil in book.items()
        for purpose in PURPOSES
        if granted(pupil, purpose, day, terms())
    }


def keys_in_doubt(made: Plan) -> set[str]:
    return {pupil.key for row in made.of(Kind.UNSURE) for pupil in row.candidates}


@settings(max_examples=60)
@given(books(), FILES, WISHES, st.booleans())
def test_twice_changes_nothing_the_second_time(
    book: Book, rows: list[list[str]], wishes: Wishes, confirmed: bool
) -> None:
    first = plan(sheet_of(*rows), book, terms(), wishes)
    then = apply(book, first.changes(confirmed=confirmed))
    second = plan(sheet_of(*rows), then, terms(), wishes)
    in_doubt = {number for row in first.of(Kind.UNSURE) for number in row.numbers}
    for row in second.rows:
        moves = row.before != (row.after if confirmed else row.calm)
        assert not moves or set(row.numbers) & in_doubt


@settings(max_examples=60)
@given(books(), FILES, WISHES, st.booleans())
def test_the_inverse_restores_the_register(
    book: Book, rows: list[list[str]], wishes: Wishes, confirmed: bool
) -> None:
    changes = plan(sheet_of(*rows), book, terms(), wishes).changes(confirmed=confirmed)
    assert apply(apply(book, changes), inverse(changes)) == book


@settings(max_examples=60)
@given(books(), FILES.flatmap(lambda rows: st.tuples(st.just(rows), st.permutations(rows))))
def test_the_order_of_rows_is_irrelevant(
    book: Book, orders: tuple[list[list[str]], list[list[str]]]
) -> None:
    one, other = (
        sorted(map(repr, plan(sheet_of(*rows), book, terms()).changes(confirmed=True)))
        for rows in orders
    )
    assert one == other


@settings(max_examples=60)
@given(books(), FILES, WISHES)
def test_nothing_widens_without_a_listed_row_and_nothing_at_all_without_confirmation(
    book: Book, rows: list[list[str]], wishes: Wishes
) -> None:
    made = plan(sheet_of(*rows), book, terms(), wishes)
    listed = {(row.after.key, purpose) for row in made.rows if row.after for purpose in row.widens}
    calm = apply(book, made.changes(confirmed=False))
    whole = apply(book, made.changes(confirmed=True))
    for ahead in (0, 1, 2, 29, 30, 31, 200, 281, 282, 400, 800):
        day = TODAY + timedelta(days=ahead)
        assert allowed(calm, day) <= allowed(book, day)
        assert allowed(whole, day) - allowed(book, day) <= listed


@settings(max_examples=60)
@given(books(), FILES)
def test_what_tightens_never_waits(book: Book, rows: list[list[str]]) -> None:
    for row in plan(sheet_of(*rows), book, terms()).rows:
        if row.after is not None and row.calm is not None:
            assert not widened(row.after, row.calm, terms())


@settings(max_examples=60)
@given(books(), FILES)
def test_planning_again_gives_the_same_plan(book: Book, rows: list[list[str]]) -> None:
    digests = {plan(sheet_of(*rows), book, terms()).digest() for _ in range(2)}
    assert len(digests) == 1


@settings(max_examples=60)
@given(books(), FILES)
def test_a_pupil_on_a_faulty_or_doubtful_row_is_never_missing(
    book: Book, rows: list[list[str]]
) -> None:
    made = plan(sheet_of(*rows), book, terms())
    missing = {row.before.key for row in made.of(Kind.MISSING) if row.before}
    assert missing.isdisjoint(keys_in_doubt(made))
    for row in made.of(Kind.REJECTED):
        assert row.rejected is not None
        number = row.rejected.line.admission.lstrip("0")
        assert not number or f"key{number}" not in missing
