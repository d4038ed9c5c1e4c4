# SPDX-License-Identifier: Apache-2.0
"""Cells and headings are read by closed lists, never by likeness."""

from datetime import date

import pytest

from agent.core.mis.cells import Word, read_day, read_word, read_year, split_name, strictest
from agent.core.mis.headings import Field, field_of, find_heading, fingerprint, known_fields
from agent.core.mis.layout import (
    Column,
    Layout,
    LayoutFault,
    first_layout,
    layout_from_plain,
    layout_to_plain,
    remembered_for,
)
from agent.core.mis.lines import FaultCode, read_sheet
from agent.core.model import PurposeId
from tests.core.mis.files import LAYOUT, PRESS, TODAY, cells, sheet


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Yes", Word.YES),
        (" y ", Word.YES),
        ("TRUE", Word.YES),
        ("1", Word.YES),
        ("Granted", Word.YES),
        ("\N{CHECK MARK}", Word.YES),
        ("No", Word.NO),
        ("not granted", Word.NO),
        ("Withdrawn", Word.WITHDRAWN),
        ("", Word.BLANK),
        ("not asked", Word.BLANK),
        ("?", Word.BLANK),
        ("yes but not Facebook", Word.UNCLEAR),
        ("x", Word.UNCLEAR),
        ("2", Word.UNCLEAR),
    ],
)
def test_a_cell_says_what_the_closed_list_knows(text: str, word: Word) -> None:
    assert read_word(text) is word


def test_a_cell_that_repeats_its_heading_is_a_tick() -> None:
    assert read_word("Photograph Student", "Photograph  student") is Word.YES
    assert read_word("Photograph Student", "Website") is Word.UNCLEAR


def test_a_word_of_the_school_means_what_a_person_said() -> None:
    assert read_word("OK", extra={"ok": Word.YES}) is Word.YES


def test_of_several_cells_the_strictest_counts() -> None:
    assert strictest(Word.YES, Word.BLANK) is Word.BLANK
    assert strictest(Word.YES, Word.WITHDRAWN, Word.NO) is Word.NO


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("03/04/2018", date(2018, 4, 3)),
        ("3.4.18", date(2018, 4, 3)),
        ("2018-04-03", date(2018, 4, 3)),
        ("2018-04-03 00:00:00", date(2018, 4, 3)),
        ("3 April 2018", date(2018, 4, 3)),
        ("03-Apr-2018", date(2018, 4, 3)),
        ("43193", date(2018, 4, 3)),
        ("31/02/2018", None),
        ("13/13/2018", None),
        ("April", None),
        ("12/1/98", date(1998, 1, 12)),
    ],
)
def test_days_are_day_first_and_never_guessed(text: str, day: date | None) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "year"),
    [("Year 3", "3"), ("Reception", "R"), ("Y03", "3"), ("N", "N"), ("Owls", "Owls")],
)
def test_years_have_one_writing(text: str, year: str) -> None:
    assert read_year(text) == year


def test_a_whole_name_is_split_only_where_that_is_certain() -> None:
    assert split_name("van Doorn, Ada Mary") == ("Ada Mary", "van Doorn")
    assert split_name("Ada Doorn") == ("Ada", "Doorn")
    assert split_name("Ada van Doorn") is None


def test_headings_are_known_exactly_and_consent_columns_never() -> None:
    assert field_of("Pref. Forename") is Field.KNOWN_AS
    assert field_of("Year Group") is Field.YEAR
    assert field_of("Class Name") is Field.CLASS
    assert field_of("Website photographs") is None
    assert known_fields(["Forename", "Legal Forename"]) == {1: Field.GIVEN}


def test_the_heading_is_found_below_titles() -> None:
    rows = [["Consents of Larkfield"], [""], ["UPN", "Surname", "Website"]]
    assert find_heading(rows) == 2
    assert find_heading([["one", "two"]]) is None


def test_a_layout_is_remembered_for_the_same_headings_in_any_order() -> None:
    layout = Layout(columns=LAYOUT.columns, words={"ok": Word.YES}, kinds={"press": (PRESS,)})
    again = layout_from_plain(layout_to_plain(layout))
    assert again == layout
    turned = [column.heading for column in reversed(layout.columns)]
    assert fingerprint(turned) == fingerprint(column.heading for column in layout.columns)
    assert remembered_for(again, turned).columns == tuple(reversed(layout.columns))
    with pytest.raises(ValueError, match="other headings"):
        remembered_for(again, ["Other", *turned[1:]])


def test_a_layout_without_names_or_numbers_is_faulty() -> None:
    assert first_layout(["Website"]).faults() == (LayoutFault.NO_NAME, LayoutFault.NO_KEY)
    assert first_layout(["UPN", "Name"]).faults() == ()


def test_rows_a_consent_are_one_pupil() -> None:
    layout = Layout(
        columns=(
            Column(heading="Adno", field=Field.ADMISSION),
            Column(heading="Name", field=Field.FULL_NAME),
            Column(heading="Consent type", field=Field.CONSENT_TYPE),
            Column(heading="Consent status", field=Field.CONSENT_STATUS),
        ),
        kinds={"web": (PurposeId("website"),), "local press": (PRESS,)},
    )
    rows = [["1", "Okafor, Amara", "Web", "Yes"], ["1", "Okafor, Amara", "Local press", "No"]]
    read = read_sheet(enumerate(rows, 2), layout, TODAY)
    assert read.lines[0].says == {"website": Word.YES, PRESS: Word.NO}
    assert read.lines[0].numbers == (2, 3)


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (cells(adno="1", given=""), FaultCode.NO_NAME),
        (cells(adno="1", given="=HYPERLINK(1)"), FaultCode.DAMAGED_NAME),
        (cells(adno=""), FaultCode.NO_KEY),
        (cells(upn="123"), FaultCode.UPN_SHAPE),
        (cells(adno="1", born="1/1/1980"), FaultCode.BIRTH_OUT_OF_RANGE),
        (cells(adno="1", decided="1/1/2027"), FaultCode.DECIDED_LATER),
        (cells(adno="1" * 41), FaultCode.TOO_LONG),
        ([*cells(adno="1"), "more"], FaultCode.TOO_MANY_CELLS),
    ],
)
def test_a_faulty_row_is_rejected_with_its_only_reason(row: list[str], code: FaultCode) -> None:
    read = sheet(row)
    assert read.lines == ()
    assert [fault.code for fault in read.rejected[0].faults] == [code]
