# SPDX-License-Identifier: Apache-2.0
"""Files as schools' systems write them are read alike; hostile and foreign ones are refused."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date

import pytest
from openpyxl import Workbook

from agent.core.mis.headings import find_heading
from agent.core.mis.layout import Column, Layout, first_layout
from agent.core.mis.lines import Sheet, read_sheet
from agent.core.model import PurposeId
from agent.tables import Limits, Rows, TableRefused, read_table, safe_cell, write_csv

WEBSITE = PurposeId("website")
MADE_ON = date(2026, 11, 23)
NAMES = [("Zoë", "O\N{RIGHT SINGLE QUOTATION MARK}Brien"), ("Siân", "Ångström")]
SIMS = (
    "Adno,Forename,Surname,Reg Group,DOB,Photograph Student\n"
    f"001,{NAMES[0][0]},{NAMES[0][1]},3B,03/04/2018,Photograph Student\n"
    f"002,{NAMES[1][0]},{NAMES[1][1]},3B,04/04/2018,\n"
)
ARBOR = (
    "Arbor Student ID,Legal First Name,Legal Last Name,Date of Birth,Website photographs\n"
    f"1,{NAMES[0][0]},{NAMES[0][1]},03 Apr 2018,Granted\n"
    f"2,{NAMES[1][0]},{NAMES[1][1]},04 Apr 2018,Not known\n"
)
BROMCOM = (
    "Larkfield Primary;;;;\nParental consents;;;;\nAdNo;First Name;Last Name;DOB;Web\n"
    f"1;{NAMES[0][0]};{NAMES[0][1]};2018-04-03;Y\n2;{NAMES[1][0]};{NAMES[1][1]};2018-04-04;\n"
)
SCHOLARPACK = (
    "Admission Number\tPupil\tBirth Date\tConsent: web\n"
    f'1\t"{NAMES[0][1]}, {NAMES[0][0]}"\t03/04/2018\t1\n'
    f'2\t"{NAMES[1][1]}, {NAMES[1][0]}"\t04/04/2018\t?\n'
)


def packed(**members: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return made.getvalue()


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book, made = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    book.save(made)
    return made.getvalue()


def understood(rows: Rows) -> Sheet:
    heading = find_heading(rows)
    assert heading is not None
    known = first_layout(rows[heading])
    last = Column(heading=known.columns[-1].heading, purposes=(WEBSITE,))
    layout = Layout(columns=(*known.columns[:-1], last))
    assert layout.faults() == ()
    return read_sheet(list(enumerate(rows, 1))[heading + 1 :], layout, MADE_ON)


@pytest.mark.parametrize(
    "data",
    [
        SIMS.encode("cp1252"),
        SIMS.encode("utf-8-sig"),
        SIMS.replace("\n", "\r\n").encode("utf-8"),
        SIMS.replace(",", "|").encode("utf-8"),
        ("sep=,\r\n" + SIMS).encode("utf-8"),
        ARBOR.encode("utf-8"),
        ARBOR.replace(",", "\t").encode("utf-16"),
        BROMCOM.encode("cp1252"),
        SCHOLARPACK.encode("utf-16-be").join([b"\xfe\xff", b""]),
        workbook([line.split(",") for line in SIMS.splitlines()]),
        workbook([["Larkfield"], [], *(line.split(",") for line in ARBOR.splitlines())]),
    ],
    ids=[
        *("SIMS cp1252", "SIMS BOM", "SIMS CRLF", "SIMS pipes", "sep="),
        *("Arbor", "Arbor UTF-16", "Bromcom titles", "ScholarPack", "SIMS xlsx", "Arbor xlsx"),
    ],
)
def test_a02_exports_of_every_system_say_the_same(data: bytes) -> None:
    sheet = understood(read_table(data, "export"))
    assert sheet.rejected == ()
    assert [(line.given, line.family) for line in sheet.lines] == NAMES
    assert [line.born for line in sheet.lines] == [date(2018, 4, 3), date(2018, 4, 4)]
    assert [line.says[WEBSITE].value for line in sheet.lines] == ["yes", "blank"]


def test_days_and_numbers_of_a_workbook_are_text() -> None:
    rows = read_table(workbook([["Adno", "DOB", "Web"], [12.0, date(2018, 4, 3), True]]), "a.xlsx")
    assert rows[1] == ["12", "2018-04-03", "True"]


def test_a_workbook_that_lies_about_its_size_is_read_whole() -> None:
    honest = workbook([["Adno", "DOB"], *([number, "x"] for number in range(5))])
    lying = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(honest)) as old, zipfile.ZipFile(lying, "w") as new:
        for member in old.infolist():
            content = old.read(member)
            if member.filename.endswith("sheet1.xml"):
                assert b'ref="A1:B6"' in content
                content = content.replace(b'ref="A1:B6"', b'ref="A1"')
            new.writestr(member.filename, content)
    assert len(read_table(lying.getvalue(), "a.xlsx")) == 6


def test_a_formula_is_never_read() -> None:
    assert read_table(workbook([["Adno", "Web"], [1, '=IF(1,"Yes","")']]), "a.xlsx")[1] == ["1"]


def test_a_hidden_sheet_is_passed_over() -> None:
    book, made = Workbook(), io.BytesIO()
    first = book.active
    assert first is not None
    first.append(["hidden"])
    first.sheet_state = "hidden"
    book.create_sheet().append(["shown"])
    book.save(made)
    assert read_table(made.getvalue(), "a.xlsx") == [["shown"]]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "a.csv", "empty"),
        (b"\n\n,,\n", "a.csv", "empty"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "a.xls", "old Excel"),
        (b"anything", "~$a.xlsx", "Close it in Excel"),
        (b"%PDF-1.7\0\0", "a.csv", "neither"),
        (b"\xff\xfe\x00\xd8", "a.csv", "damaged"),
        (b'a,"b\n', "a.csv", "not a table"),
        (b"PK\x03\x04nothing", "a.xlsx", "damaged"),
        (packed(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), "a.ods", "not an Ex"),
        (packed(xl__workbook_dot_xml=b"<w/>", xl__vbaProject_dot_bin=b"x"), "a.xlsm", "macros"),
        (packed(xl__workbook_dot_xml=b"<w/>"), "a.xlsx", "damaged"),
        (packed(xl__workbook_dot_xml=b"0" * (41 << 20)), "a.xlsx", "far larger inside"),
        (packed(xl__workbook_dot_xml=b"", **{f"m{n}": b"" for n in range(200)}), "a", "far larger"),
        (b"a,b\n" * 20_001, "a.csv", "20,000 rows"),
        (b"a" + b",a" * 200, "a.csv", "200 columns"),
        (b"a," + b"b" * 2_001, "a.csv", "unlikely length"),
    ],
)
def test_what_cannot_be_read_for_certain_is_refused(data: bytes, name: str, words: str) -> None:
    with pytest.raises(TableRefused, match=words):
        read_table(data, name)


def test_a_cell_far_away_is_refused_and_needs_no_memory() -> None:
    book, made = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet["XFD1"] = "far"
    book.save(made)
    with pytest.raises(TableRefused, match="200 columns"):
        read_table(made.getvalue(), "a.xlsx")


def test_a_large_file_is_refused() -> None:
    with pytest.raises(TableRefused, match="larger than 0 MB"):
        read_table(b"a,b", "a.csv", Limits(size=2))


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_what_is_exported_is_never_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f" {text}") == f" {text}"
    assert write_csv([[text]]).startswith(b"\xef\xbb\xbf\"'")


def test_what_is_exported_can_be_read_again() -> None:
    rows = [["UPN", "Forename"], ["1", 'Zoë "Zo"']]
    assert read_table(write_csv(rows), "a.csv") == rows
