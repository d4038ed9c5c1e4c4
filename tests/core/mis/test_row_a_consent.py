# SPDX-License-Identifier: Apache-2.0
"""Exports with a row for each consent: every answer keeps its day, any no wins, both are kept."""

from datetime import date
from itertools import permutations

import pytest

from agent.core.consent import Standing, standing
from agent.core.mis.book import MIS, OTHER, MisAnswer, Pupil, apply
from agent.core.mis.cells import Word
from agent.core.mis.layout import Layout
from agent.core.mis.planning import Kind, Wishes, plan
from agent.core.mis.wording import (
    Shape,
    kinds_of_consent,
    own_words,
    recognised,
    unknown_words,
)
from agent.core.model import Token
from agent.core.register import Person, Says
from tests.core.mis.files import (
    LAYOUT,
    LONG,
    PRESS,
    TODAY,
    WEBSITE,
    a_book,
    a_pupil,
    cells,
    long_sheet,
    recorded,
    said,
    terms,
)

ADA = ("1", "Okafor, Amara")
WEB_YES = (*ADA, "Photos on the website", "Granted", "01/09/2026", "Okafor, Ada")
WEB_NO = (*ADA, "Photos on the website", "Refused", "05/09/2026", "Okafor, Ben")
PRESS_YES = (*ADA, "Press", "Granted", "10/10/2026", "Okafor, Ada")


def after(*rows: tuple[str, ...], known: Pupil | None = None) -> Pupil:
    pupils = [known] if known else []
    row = plan(long_sheet(*rows), a_book(*pupils), terms()).rows[0]
    assert row.after is not None
    return row.after


def how(pupil: Pupil) -> Standing:
    answers = (
        *(one.answer(purpose, MIS) for purpose, one in pupil.mis.items()),
        *(one.answer(purpose, OTHER) for purpose, one in pupil.beside.items()),
    )
    person = Person(token=Token("t"), names=frozenset(), answers=answers)
    return standing(person, WEBSITE, TODAY)


def test_every_consent_keeps_its_own_day_and_giver() -> None:
    web, press = (after(WEB_YES, PRESS_YES).mis[one] for one in (WEBSITE, PRESS))
    assert (web.given_on, press.given_on) == (date(2026, 9, 1), date(2026, 10, 10))
    assert web.given_by == "Okafor, Ada"


def test_a14_parents_who_disagree_in_the_file_are_a_conflict_and_both_are_kept() -> None:
    pupil = after(WEB_YES, WEB_NO)
    assert pupil.mis[WEBSITE] == MisAnswer(says=Says.NO, given_on=date(2026, 9, 5))
    assert pupil.beside[WEBSITE] == said(Says.YES, date(2026, 9, 1))
    assert how(pupil) is Standing.CONFLICTING
    assert (pupil.mis[WEBSITE].given_by, pupil.beside[WEBSITE].given_by) == (
        "Okafor, Ben",
        "Okafor, Ada",
    )


def test_a_no_wins_also_where_it_is_the_older() -> None:
    newer = (*WEB_YES[:4], "20/11/2026", "Okafor, Ben")
    assert how(after(newer, WEB_NO)) is Standing.CONFLICTING


def test_two_that_agree_are_one_answer_of_the_earlier_day() -> None:
    other = (*WEB_YES[:4], "03/10/2026", "Okafor, Ben")
    for rows in permutations((WEB_YES, other, WEB_YES)):
        pupil = after(*rows)
        assert pupil.mis == {WEBSITE: said(Says.YES, date(2026, 9, 1))}
        assert pupil.beside == {}


def test_a_settled_conflict_leaves_nothing_beside() -> None:
    before = after(WEB_YES, WEB_NO)
    row = plan(long_sheet(WEB_YES), {before.key: before}, terms()).rows[0]
    assert row.after is not None
    assert row.after.beside == {}
    assert row.widens == {WEBSITE}
    assert row.calm == before


def test_an_empty_answer_ends_the_yes_beside_a_no() -> None:
    before = after(WEB_YES, WEB_NO)
    blank = (*ADA, "Photos on the website", "Not known", "", "")
    pupil = after(blank, known=before)
    assert pupil.mis[WEBSITE].says is Says.NO
    assert pupil.beside == {}


def test_a_refusal_recorded_here_keeps_a_yes_beside_a_no_out() -> None:
    known = a_pupil(others=(recorded(Says.NO),))
    rows = ((*ADA, "Press", "Granted", "", ""), (*ADA, "Press", "Refused", "", ""))
    row = plan(long_sheet(*rows), a_book(known), terms()).rows[0]
    assert row.after is not None
    assert row.after.beside == {}
    assert row.held_back == {PRESS}


def test_a_rejected_no_keeps_the_yes_of_another_row_out() -> None:
    bad = (*WEB_NO[:4], "31/02/2026", "Okafor, Ben")
    made = plan(long_sheet(WEB_YES, PRESS_YES, bad), {}, terms())
    assert len(made.of(Kind.REJECTED)) == 1
    row = made.of(Kind.JOINED)[0]
    assert row.after is not None
    assert row.after.mis.keys() == {PRESS}
    assert row.unclear == ((WEBSITE, "row 4, which was rejected,"),)


@pytest.mark.parametrize("who", [("2", "Okafor, Amara"), ("", "Okafor, Ben")])
def test_a_rejected_row_of_somebody_else_keeps_nothing_out(who: tuple[str, str]) -> None:
    bad = (*who, *WEB_NO[2:4], "31/02/2026", "")
    assert after(WEB_YES, bad).mis.keys() == {WEBSITE}


def test_a_rejected_yes_gives_nothing_and_takes_nothing() -> None:
    bad = (*WEB_YES[:4], "31/02/2026", "Okafor, Ben")
    assert after(WEB_YES, bad).mis == {WEBSITE: said(Says.YES, date(2026, 9, 1))}


def test_a_kind_that_nobody_explained_or_that_is_left_out_says_nothing() -> None:
    rows = ((*ADA, "Prospectus", "Granted", "", ""), (*ADA, "Trips", "Granted", "", ""))
    assert after(*rows, PRESS_YES).mis.keys() == {PRESS}


def test_a09_a_list_with_one_yes_beside_a_no_is_no_list_of_refusals() -> None:
    assert long_sheet(WEB_NO).only_refuses()
    assert not long_sheet(WEB_NO, WEB_YES).only_refuses()
    taken = plan(long_sheet(WEB_NO, WEB_YES), a_book(a_pupil()), terms(), Wishes(refusals=True))
    changed = taken.rows[0].after
    assert changed is not None
    assert (changed.mis[WEBSITE].says, changed.beside) == (Says.NO, {})


def test_a09_a_person_may_say_that_it_is_the_whole_school() -> None:
    made = plan(
        long_sheet(WEB_NO), a_book(a_pupil(9, given="Ben")), terms(), Wishes(refusals=False)
    )
    assert [row.kind for row in made.rows] == [Kind.JOINED, Kind.MISSING]


def test_the_same_file_again_changes_nothing() -> None:
    rows = (WEB_YES, WEB_NO, PRESS_YES)
    book = apply({}, plan(long_sheet(*rows), {}, terms()).changes(confirmed=True))
    assert plan(long_sheet(*rows), book, terms()).changes(confirmed=True) == ()


def numbered(*rows: tuple[str, ...]) -> list[tuple[int, tuple[str, ...]]]:
    return list(enumerate(rows, start=2))


def test_the_shape_is_seen_by_headings_or_by_pupils_who_repeat() -> None:
    assert recognised(numbered(WEB_YES), LONG) is Shape.CONSENT
    unknown = Layout(columns=LONG.columns[:2])
    assert recognised(numbered(WEB_YES, WEB_NO), unknown) is Shape.CONSENT
    two = (*numbered(WEB_YES, WEB_NO, ("2", "x"), ("3", "y")),)
    assert recognised(two, unknown) is Shape.PUPIL
    assert recognised(numbered(WEB_YES), Layout(columns=LONG.columns[1:2])) is Shape.PUPIL
    assert recognised(numbered(tuple(cells(adno="1"))), LAYOUT) is Shape.PUPIL


def test_kinds_and_words_are_counted_as_they_are_written() -> None:
    rows = numbered(WEB_YES, WEB_NO, (*ADA, "press", "OK for us"), (*ADA, "Press", "ok  FOR us"))
    assert [(one.text, one.count) for one in kinds_of_consent(rows, LONG)] == [
        ("Photos on the website", 2),
        ("Press", 2),
    ]
    assert kinds_of_consent(rows, LAYOUT) == ()
    found = unknown_words(rows, LONG)
    assert [(one.key, one.text, one.count) for one in found] == [("ok for us", "OK for us", 2)]
    told = Layout(columns=LONG.columns, kinds=LONG.kinds, words={"ok for us": Word.YES})
    assert unknown_words(rows, told) == ()
    assert [(one.count, word) for one, word in own_words(rows, told)] == [(2, Word.YES)]


def test_remarks_ticks_and_columns_without_a_purpose_are_no_words() -> None:
    ticked = (*ADA, "Press", "Press")
    assert unknown_words(numbered(ticked, (*ADA, "Trips", "maybe")), LONG) == ()
    assert unknown_words(numbered((*ADA, "Press", "x" * 81)), LONG) == ()
    assert len(unknown_words(numbered((*ADA, "Press", "x" * 80)), LONG)) == 1


def test_a_word_that_everybody_knows_cannot_mean_something_else() -> None:
    told = Layout(columns=LONG.columns, kinds=LONG.kinds, words={"refused": Word.YES})
    sheet = long_sheet(WEB_NO, layout=told)
    assert sheet.lines[0].says == {WEBSITE: Word.NO}
    assert own_words(numbered(WEB_NO), told) == ()
