# SPDX-License-Identifier: Apache-2.0
"""What a school expects of an import: the acceptance scenarios of the register, by number."""

from dataclasses import replace
from datetime import date

import pytest

from agent.core.consent import Standing, standing
from agent.core.mis.book import MisAnswer, MovedError, Pupil, apply, inverse
from agent.core.mis.brakes import Brake, brakes
from agent.core.mis.effects import granted
from agent.core.mis.lines import FaultCode
from agent.core.mis.matching import NEW, Doubt
from agent.core.mis.planning import Kind, Plan, plan
from agent.core.mis.upn import check_letter
from agent.core.model import Token
from agent.core.register import Capacity, Person, Says
from tests.core.mis.files import (
    DISPLAY,
    PRESS,
    TODAY,
    WEBSITE,
    a_book,
    a_pupil,
    cells,
    planned,
    recorded,
    said,
    sheet,
    terms,
)


def after(made: Plan, number: int = 0) -> Pupil:
    pupil = made.rows[number].after
    assert pupil is not None
    return pupil


def upn(rest: str) -> str:
    return check_letter(rest) + rest


def many(count: int, **given: object) -> list[Pupil]:
    return [a_pupil(number, given=f"Amara{number}", **given) for number in range(1, count + 1)]


def row_of(pupil: Pupil, **given: str) -> list[str]:
    return cells(adno=pupil.reference, given=pupil.given, family=pupil.family, **given)


def test_a01_an_empty_box_is_no_decision_and_is_listed() -> None:
    made = planned([cells(adno="1", website="", press="Yes")])
    row = made.rows[0]
    assert row.blank == {WEBSITE}
    assert after(made).mis.keys() == {PRESS}
    assert not granted(row.after, WEBSITE, TODAY, terms())


def test_a01_an_empty_box_takes_back_an_earlier_yes_and_keeps_an_earlier_no() -> None:
    known = a_pupil(mis={WEBSITE: said(), PRESS: said(Says.NO)})
    made = planned([cells(adno="1"), cells(adno="2", given="Ben", press="yes")], known)
    assert after(made).mis == {PRESS: said(Says.NO)}
    assert made.rows[0].tightens == {WEBSITE}


def test_a01_an_unclear_cell_never_grants_and_is_shown_with_its_text() -> None:
    made = planned(
        [cells(adno="1", website="only group photos"), cells(adno="2", given="B", press="yes")],
        a_pupil(mis={WEBSITE: said()}),
    )
    assert after(made).mis == {}
    assert made.rows[0].unclear == ((WEBSITE, "only group photos"),)


def test_a02_accents_and_apostrophes_of_two_kinds_are_one_name() -> None:
    known = a_pupil(given="Zoë", family="O'Brien", reference="9", born=date(2018, 4, 3))
    typed = [
        cells(
            given="Zoe\N{COMBINING DIAERESIS}",
            family="O\N{RIGHT SINGLE QUOTATION MARK}Brien",
            born="3/4/2018",
        )
    ]
    assert planned(typed, known).rows[0].candidates == (known,)


def test_a02_a_name_that_lost_a_character_is_rejected() -> None:
    assert planned([cells(adno="1", given="Zo\ufffd")]).rows[0].kind is Kind.REJECTED


def test_a03_days_are_day_first_and_one_bad_row_stops_only_itself() -> None:
    made = planned(
        [
            cells(adno="1", born="03/04/2018", press="yes"),
            cells(adno="2", given="Ben", born="31/02/2018"),
        ]
    )
    assert after(made).born == date(2018, 4, 3)
    rejected = made.of(Kind.REJECTED)[0]
    assert rejected.numbers == (3,)
    assert rejected.rejected is not None
    assert [fault.code for fault in rejected.rejected.faults] == [FaultCode.NO_SUCH_DAY]


def test_a05_a_wrong_check_letter_is_flagged_with_the_right_one_and_merges_with_nobody() -> None:
    known = a_pupil(upn="N938000026001")
    made = planned([cells(upn="A938000026001", adno="1", press="yes")], known)
    rejected = made.of(Kind.REJECTED)[0].rejected
    assert rejected is not None
    assert rejected.faults[0].correct == "N"
    assert made.of(Kind.MISSING) == ()
    assert made.changes(confirmed=True) == ()


def test_a06_a_permanent_upn_follows_a_temporary_one() -> None:
    known = a_pupil(upn="Z93800002600A", born=date(2018, 4, 3), mis={PRESS: said()})
    row = cells(upn="N938000026001", adno="1", born="03/04/2018", press="yes")
    made = planned([row], known)
    assert after(made) == replace(known, upn="N938000026001")


def test_a06_another_day_of_birth_is_another_child() -> None:
    known = a_pupil(upn="Z93800002600A", born=date(2018, 4, 3))
    made = planned([cells(upn="N938000026001", adno="1", born="04/04/2018", press="yes")], known)
    assert made.rows[0].doubt is Doubt.OTHER_PERSON


def test_a09_a_list_of_refusals_only_refuses() -> None:
    first, second = many(2, mis={PRESS: said(), WEBSITE: said(Says.NO)})
    made = planned([row_of(first, press="No", class_="9Z")], first, second)
    assert made.refusals
    assert [row.kind for row in made.rows] == [Kind.CHANGED]
    assert after(made) == replace(first, mis={PRESS: said(Says.NO, TODAY), WEBSITE: said(Says.NO)})


def test_a09_nobody_gains_by_a_file_that_is_taken_as_a_list_of_refusals() -> None:
    first, second = many(2)
    rows = [row_of(first, press="No"), row_of(second, press="Yes"), cells(adno="7", press="Yes")]
    made = planned(rows, first, second, refusals=True)
    assert [change.key for change in made.changes(confirmed=True)] == [first.key]


def test_a10_twelve_missing_of_210_are_listed_and_stay() -> None:
    pupils = many(210)
    rows = [row_of(pupil, website="yes") for pupil in pupils[12:]]
    made = planned(rows, *pupils)
    assert len(made.of(Kind.MISSING)) == 12
    assert {change.key for change in made.changes(confirmed=True)}.isdisjoint(
        pupil.key for pupil in pupils[:12]
    )
    assert Brake.LEAVERS not in brakes(made, a_book(*pupils), TODAY, None)


def test_a10_sixty_missing_trip_the_brake() -> None:
    pupils = many(210)
    made = planned([row_of(pupil, website="yes") for pupil in pupils[60:]], *pupils)
    assert Brake.LEAVERS in brakes(made, a_book(*pupils), TODAY, None)


def test_a10_who_is_ticked_has_left_on_the_day_of_the_file() -> None:
    first, second = many(2, mis={PRESS: said(), DISPLAY: said()})
    made = planned([row_of(first, press="yes")], first, second, leaving=frozenset({second.key}))
    left = made.of(Kind.LEFT)[0]
    assert left.after == replace(second, left_on=TODAY)
    assert left.tightens == {PRESS}


def test_a11_loosening_waits_and_tightening_applies() -> None:
    pupils = many(35)
    pupils = [
        replace(pupil, mis={PRESS: said(Says.NO if number < 30 else Says.YES)})
        for number, pupil in enumerate(pupils)
    ]
    rows = [
        row_of(pupil, press="Yes" if number < 30 else "No") for number, pupil in enumerate(pupils)
    ]
    made = planned(rows, *pupils)
    assert Brake.LOOSENS in brakes(made, a_book(*pupils), TODAY, None)
    at_once = made.changes(confirmed=False)
    assert [change.key for change in at_once] == [pupil.key for pupil in pupils[30:]]
    assert len(made.changes(confirmed=True)) == 35


def test_a13_the_same_file_again_changes_nothing() -> None:
    rows = [cells(adno="1", born="3/4/2018", class_="3B", website="yes", press="no")]
    first = planned(rows)
    book = apply({}, first.changes(confirmed=True))
    assert plan(sheet(*rows), book, terms()).changes(confirmed=True) == ()


def test_a13_an_undated_repeat_never_renews() -> None:
    ended = MisAnswer(says=Says.YES, given_on=date(2025, 9, 5), valid_until=date(2026, 8, 31))
    made = planned([cells(adno="1", press="Yes")], a_pupil(mis={PRESS: ended}))
    assert made.rows[0].kind is Kind.UNCHANGED


def test_a13_a_later_day_renews_once_it_is_confirmed() -> None:
    ended = MisAnswer(says=Says.YES, given_on=date(2025, 9, 5), valid_until=date(2026, 8, 31))
    made = planned([cells(adno="1", press="Yes", decided="5/9/2026")], a_pupil(mis={PRESS: ended}))
    assert made.rows[0].widens == {PRESS}
    assert made.changes(confirmed=False) == ()


@pytest.mark.parametrize("says", [Says.NO, Says.WITHDRAWN])
def test_a14_a_refusal_recorded_here_keeps_the_yes_of_the_mis_out(says: Says) -> None:
    known = a_pupil(others=(recorded(says),))
    made = planned([cells(adno="1", press="Yes")], known)
    assert made.rows[0].held_back == {PRESS}
    assert made.changes(confirmed=True) == ()


def test_a14_a_no_of_the_mis_beside_a_yes_recorded_here_is_a_conflict() -> None:
    known = a_pupil(others=(recorded(Says.YES),))
    changed = after(planned([cells(adno="1", press="No"), cells(adno="2", press="yes")], known))
    answers = (*changed.others, changed.mis[PRESS].answer(PRESS))
    person = Person(token=Token("t"), names=frozenset(), answers=answers)
    assert standing(person, PRESS, TODAY) is Standing.CONFLICTING


def test_a15_a_carer_without_delegation_gives_nothing_to_the_mis() -> None:
    known = a_pupil(others=(recorded(Says.YES, "carer", capacity=Capacity.UNDELEGATED),))
    made = planned([cells(adno="1", press="")], known)
    assert not granted(made.rows[0].after, PRESS, TODAY, terms())


def test_a16_a_yes_ends_on_its_last_day() -> None:
    made = plan(
        sheet(cells(adno="1", press="yes", decided="05/09/2025"), made_on=date(2026, 3, 1)),
        {},
        terms(today=date(2026, 3, 1), made_on=date(2026, 3, 1)),
    )
    assert granted(after(made), PRESS, date(2026, 8, 31), terms())
    assert not granted(after(made), PRESS, date(2026, 9, 1), terms())


def test_a17_the_childs_own_no_wins_over_the_mis() -> None:
    known = a_pupil(others=(recorded(Says.NO, "child", capacity=Capacity.CHILD),))
    made = planned([cells(adno="1", press="Yes")], known)
    assert not granted(made.rows[0].after, PRESS, TODAY, terms())


def test_f_a_return_to_the_school_waits_for_a_person() -> None:
    gone = a_pupil(left_on=date(2026, 7, 20), mis={PRESS: said()})
    made = planned([cells(adno="1", press="Yes")], gone)
    assert made.rows[0].widens == {PRESS}
    assert made.changes(confirmed=False) == ()
    assert made.changes(confirmed=True)[0].after == replace(gone, left_on=None)


def test_f_a_leaver_of_the_file_leaves_and_one_who_was_never_here_does_not_join() -> None:
    rows = [
        cells(adno="1", status="Leaver", press="yes"),
        cells(adno="2", given="Ben", status="Left"),
    ]
    made = planned(rows, a_pupil())
    assert [row.kind for row in made.rows] == [Kind.LEFT, Kind.PASSED]


def test_twins_with_two_numbers_are_two_children() -> None:
    rows = [
        cells(upn=upn("000000026001"), given="Ada", born="1/2/2018", press="yes"),
        cells(upn=upn("000000026002"), given="Ada", born="1/2/2018"),
    ]
    assert [row.kind for row in planned(rows).rows] == [Kind.JOINED, Kind.JOINED]


def test_one_number_on_two_children_rejects_both_and_trips_the_brake() -> None:
    rows = [cells(adno="1", press="yes"), cells(adno="1", given="Ben")]
    made = planned(rows)
    assert [row.kind for row in made.rows] == [Kind.REJECTED, Kind.REJECTED]
    assert Brake.SAME_NUMBER in brakes(made, {}, TODAY, None)


def test_a_name_without_a_number_is_left_to_a_person() -> None:
    known = a_pupil(born=date(2018, 4, 3), reference="77")
    row = [cells(born="3/4/2018", press="yes")]
    assert planned(row, known).rows[0].doubt is Doubt.NAME_ONLY
    assert after(planned(row, known, choices={2: known.key})).key == known.key
    assert planned(row, known, choices={2: NEW}).rows[0].kind is Kind.JOINED


def test_a_choice_of_somebody_whom_the_row_cannot_mean_is_not_taken() -> None:
    first, second = many(2)
    row = [cells(given="Amara1", born="3/4/2018", press="yes")]
    assert planned(row, first, second, choices={2: second.key}).rows[0].kind is Kind.UNSURE


def test_an_older_file_a_vanishing_class_and_many_new_names_trip_brakes() -> None:
    first = a_pupil(classes=("3B",), born=date(2018, 4, 3))
    row = cells(adno="1", family="Other", born="3/4/2018", class_="4B", press="yes")
    made = planned([row], first)
    tripped = brakes(made, a_book(first), TODAY, date(2026, 12, 1))
    assert {Brake.NAMES, Brake.CLASS_VANISHES, Brake.OLDER_FILE} <= set(tripped)


def test_a_pupil_who_was_changed_in_between_stops_the_import() -> None:
    known = a_pupil()
    changes = planned([cells(adno="1", class_="3B", press="yes")], known).changes(confirmed=True)
    with pytest.raises(MovedError):
        apply(a_book(replace(known, year="4")), changes)
    with pytest.raises(MovedError):
        apply(a_book(known), inverse(changes))
