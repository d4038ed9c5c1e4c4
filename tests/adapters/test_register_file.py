# SPDX-License-Identifier: Apache-2.0
"""The register file is read as it stands, or refused as a whole; the example that ships works."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

import pytest
from openpyxl import Workbook

from agent.adapters.register_file import COLUMNS, read_register_file
from agent.core.errors import ConfigurationError
from agent.core.model import PurposeId
from agent.core.register_rows import KINDS, Terms, build_snapshot
from tests.shared import REPOSITORY

EXAMPLE = REPOSITORY / "config" / "register-example.csv"
PAGE = REPOSITORY / "docs" / "register-file.md"


def ids() -> Iterator[str]:
    return (f"id{number:024d}".translate(str.maketrans("0189", "abcd")) for number in count())


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "register.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_the_example_that_ships_can_be_published() -> None:
    terms = Terms(
        school="Larkfield Primary School",
        school_year="2026-27",
        purposes=frozenset({PurposeId("photograph_and_store"), PurposeId("website")}),
        now=datetime(2026, 11, 24, tzinfo=UTC),
        valid_days=30,
    )
    numbers = ids()
    snapshot = build_snapshot(read_register_file(EXAMPLE), terms, None, lambda: next(numbers))
    assert len(snapshot.people) == 5
    assert len(snapshot.devices) == 3
    assert [roster.names[0] for roster in snapshot.rosters] == ["2D", "3B", "4A", "Chess Club"]


def test_the_example_shows_every_kind_and_every_column() -> None:
    rows = [row for _, row in read_register_file(EXAMPLE)]
    assert {row["kind"] for row in rows} == set(KINDS)
    assert set(rows[0]) == set(COLUMNS)


def test_the_page_explains_every_kind_and_every_column() -> None:
    page = PAGE.read_text("utf-8")
    assert [word for word in (*KINDS, *COLUMNS) if f"`{word}`" not in page] == []


def test_a_workbook_means_the_same_as_a_csv(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["kind", "reference", "given_on", "serials"])
    sheet.append(["device", "camera-1", date(2026, 9, 1), 43052001234])
    book.save(tmp_path / "register.xlsx")
    same = write(
        tmp_path, "kind,reference,given_on,serials\ndevice,camera-1,2026-09-01,43052001234\n"
    )
    assert read_register_file(tmp_path / "register.xlsx") == read_register_file(same)


@pytest.mark.parametrize(
    "text",
    [
        "kind,reference,says_what\npupil,P01,yes\n",
        "kind,kind\npupil,pupil\n",
        "reference\nP01\n",
        "",
        "kind,reference\npupil,P01,no\n",
        "kind,reference,\npupil,P01,no\n",
        'kind,reference\npupil,"P01\n',
    ],
    ids=["unknown", "twice", "no kind", "empty", "too many cells", "no heading", "open quote"],
)
def test_a_table_that_could_hide_an_answer_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read_register_file(write(tmp_path, text))
    assert refused.value.code == "register_file.refused"


def test_empty_cells_beyond_the_heading_are_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, "kind,reference\npupil,P01,,\n,,,\n")
    assert read_register_file(path) == [(2, {"kind": "pupil", "reference": "P01"})]


def test_a_bomb_of_a_workbook_is_refused(tmp_path: Path) -> None:
    import zipfile  # noqa: PLC0415 - for this test only

    path = tmp_path / "register.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for number in range(3):
            packed.writestr(f"xl/{number}.xml", bytes(90 << 20))
    with pytest.raises(ConfigurationError):
        read_register_file(path)
