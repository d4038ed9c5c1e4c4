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
from agent.media.frames import MAX_JSON
from agent.table_parsing import parse_table
from agent.tables import (
    Limits,
    Refusal,
    Rows,
    TableChild,
    TableRefused,
    read_table,
    read_workbook,
    safe_cell,
    write_csv,
)

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


def with_styles(styles: bytes) -> bytes:
    """Return a small workbook whose table of styles unpacks to far more than it seems."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook([["Adno", "DOB"]]))) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            content = old.read(member)
            if member.filename == "xl/styles.xml":
                place = content.index(b"</cellXfs>")
                content = content[:place] + styles + content[place:]
            new.writestr(member.filename, content)
    return made.getvalue()


ANSWER = (
    "from agent.media.frames import read_frame, write_frame; read_frame(sys.stdin.buffer); "
    "out = sys.stdout.buffer; "
)
MISDEEDS = {
    "it exits": "sys.exit(0)",
    "garbage": "out.write(b'?' * 64)",
    "no rows but a number": "write_frame(out, {{}}, b'1')",
    "a number in a row": "write_frame(out, {{}}, b'[\"a\", 1]')",
    "nested without end": "write_frame(out, {{}}, b'[' * 90000)",
    "no JSON": "write_frame(out, {{}}, b'[\"a\"]\\n?')",
    "a cell too long": "write_frame(out, {{}}, b'[\"' + b'a' * 2001 + b'\"]')",
    "too many columns": "write_frame(out, {{}}, b'[' + b','.join([b'\"\"'] * 201) + b']')",
    "too many rows": "write_frame(out, {{}}, b'[]\\n' * 20001)",
    "an unknown refusal": "write_frame(out, dict(refusal='X', row=0))",
    "no row": "write_frame(out, dict(refusal='CELL'))",
    "a row that is no number": "write_frame(out, dict(refusal='CELL', row='evil'))",
    "a row of no file": "write_frame(out, dict(refusal='CELL', row=-1))",
    "a refusal of ours for media": "write_frame(out, dict(refused='Malformed', why='x'))",
    "words of its own": "write_frame(out, dict(why='x'))",
}
"""What a child that was taken over might answer; braces are doubled for the program's format."""


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
    sheet = understood(parse_table(data, Limits()))
    assert sheet.rejected == ()
    assert [(line.given, line.family) for line in sheet.lines] == NAMES
    assert [line.born for line in sheet.lines] == [date(2018, 4, 3), date(2018, 4, 4)]
    assert [line.says[WEBSITE].value for line in sheet.lines] == ["yes", "blank"]


def test_days_and_numbers_of_a_workbook_are_text() -> None:
    rows = parse_table(workbook([["Adno", "DOB", "Web"], [12.0, date(2018, 4, 3), True]]), Limits())
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
    assert len(parse_table(lying.getvalue(), Limits())) == 6


def test_a_formula_is_never_read() -> None:
    assert parse_table(workbook([["Adno", "Web"], [1, '=IF(1,"Yes","")']]), Limits())[1] == ["1"]


def test_a_hidden_sheet_is_passed_over() -> None:
    book, made = Workbook(), io.BytesIO()
    first = book.active
    assert first is not None
    first.append(["hidden"])
    first.sheet_state = "hidden"
    book.create_sheet().append(["shown"])
    book.save(made)
    assert parse_table(made.getvalue(), Limits()) == [["shown"]]


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


@pytest.mark.parametrize("misdeed", MISDEEDS)
def test_what_the_child_says_is_not_believed(misdeed: str) -> None:
    said = f"import sys; sys.path.insert(0, {{root!r}}); {ANSWER}{MISDEEDS[misdeed]}"
    with TableChild(Limits(), said) as child, pytest.raises(TableRefused) as refused:
        child.rows(b"a,b", book=False)
    assert refused.value.refusal is Refusal.EXHAUSTED


def test_a_child_that_hangs_is_ended_after_its_time() -> None:
    slow = "import time; time.sleep(600)"
    with TableChild(Limits(seconds=0.2), slow) as child, pytest.raises(TableRefused) as refused:
        child.rows(b"a,b", book=False)
    assert refused.value.refusal is Refusal.EXHAUSTED


def test_a_child_that_takes_too_much_is_ended_by_the_parent_where_the_system_has_no_limits() -> (
    None
):
    eats = "x = b'x' * (300 << 20); import time; time.sleep(600)"
    child = TableChild(Limits(seconds=60), eats, memory=200 << 20)
    with child, pytest.raises(TableRefused) as refused:
        child.rows(b"a,b", book=False)
    assert refused.value.refusal is Refusal.EXHAUSTED


def test_a_bomb_ends_its_child_and_the_next_file_is_read() -> None:
    bomb = with_styles(b"<xf/>" * 7_000_000)
    assert len(bomb) < 1 << 16
    with pytest.raises(TableRefused) as refused:
        read_table(bomb, "a.xlsx")
    assert refused.value.refusal in {Refusal.EXHAUSTED, Refusal.BROKEN_BOOK}
    assert read_table(SIMS.encode(), "a.csv") == parse_table(SIMS.encode(), Limits())


def test_a_slow_bomb_is_ended_by_the_memory_that_it_takes() -> None:
    bomb = with_styles(b"<xf><alignment/></xf>" * 400_000)
    with TableChild(Limits(), memory=160 << 20) as child, pytest.raises(TableRefused) as refused:
        child.rows(bomb, book=True)
    assert refused.value.refusal is Refusal.EXHAUSTED


def test_a_workbook_goes_through_the_child_as_a_table_does() -> None:
    data = workbook([["Adno", "Näme"], [1, "Zoë"]])
    assert (
        read_table(data, "a.xlsx") == read_workbook(data, Limits()) == parse_table(data, Limits())
    )
    with pytest.raises(TableRefused, match="not an Ex"):
        read_workbook(packed(mimetype=b"x"), Limits())


def test_the_largest_table_that_is_let_in_comes_back_whole() -> None:
    rows = [["\u20ac" * 8] * 100 for _ in range(2_000)]
    assert len(write_csv(rows)) > MAX_JSON  # more than the message beside the data may have
    assert read_table(write_csv(rows), "a.csv") == rows


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
