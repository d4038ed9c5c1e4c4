# SPDX-License-Identifier: Apache-2.0
"""Documents: the same bytes everywhere, no value is markup, and no character ever stops one."""

import hashlib
import io
import sys
from datetime import UTC, datetime
from importlib.resources import files

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from agent.core.errors import ConfigurationError
from service.typesetting import FONTS, SPARE_FONT, font_bytes, typeset
from service.typesetting.coverage import BOX, covered, showable

BASIC = ImageFont.Layout.BASIC
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEMPLATE = '#set document(title: "Test")\n= Test\n#for line in data.lines [#line \\ ]\n'
LICENCES = ("AtkinsonHyperlegible-LICENSE.txt", "DejaVuSans-LICENSE.txt")


def a_document(*lines: str) -> bytes:
    return typeset(TEMPLATE, {"lines": list(lines)}, AT)


def test_the_same_input_gives_the_same_bytes() -> None:
    one = a_document("Class 3B", "Zoë")
    assert one == a_document("Class 3B", "Zoë")
    assert one.startswith(b"%PDF-")
    assert one != a_document("Class 3C", "Zoë")


def test_it_tells_the_moment_that_it_was_given() -> None:
    with pikepdf.open(io.BytesIO(a_document("x"))) as document:
        assert str(document.docinfo["/CreationDate"]).startswith("D:20261123120000")
        assert document.Root.MarkInfo.Marked


def test_only_the_fonts_that_ship_are_in_it() -> None:
    with pikepdf.open(io.BytesIO(a_document("Zoë Łucja", "Ελένη Иван \u0639\u0644\u064a"))) as pdf:
        names = {
            str(font.BaseFont).partition("+")[2]
            for page in pdf.pages
            for font in page.Resources.Font.values()
        }
    assert {name.partition("-")[0] for name in names} == {"AtkinsonHyperlegible", "DejaVuSans"}


def test_no_value_is_markup() -> None:
    document = a_document('#panic("x") *b* $y$ #read("AtkinsonHyperlegible-LICENSE.txt")')
    assert document.startswith(b"%PDF-")


def test_a_template_reads_no_file_outside_the_fonts() -> None:
    with pytest.raises(ValueError, match="cannot be set"):
        typeset('#read("../coverage.py")', {}, AT)


def test_a_character_that_no_font_has_becomes_a_box() -> None:
    coverage = covered(font_bytes(FONTS[0])) | covered(font_bytes(SPARE_FONT))
    assert (
        showable("李 Amara \N{GRINNING FACE}\u202e", coverage) == f"{BOX} Amara \N{GRINNING FACE}"
    )
    assert showable("Zoe\N{COMBINING DIAERESIS}", coverage) == "Zoë"
    assert showable("a\n\tb\0", coverage) == "a\n\tb"


@given(st.lists(st.text(max_size=40), max_size=5))
def test_no_text_stops_a_document(lines: list[str]) -> None:
    assert a_document(*lines).startswith(b"%PDF-")


@pytest.mark.parametrize("name", [*FONTS, SPARE_FONT])
def test_the_character_map_agrees_with_freetype(name: str) -> None:
    font = ImageFont.truetype(io.BytesIO(font_bytes(name)), 20, layout_engine=BASIC)
    missing = font.getmask("\U0010fffd").getbbox(), bytes(font.getmask("\U0010fffd"))
    coverage = covered(font_bytes(name))
    assert len(coverage) > 300
    for code in (*range(0x21, 0x500), 0x20AC, 0x2019, 0x627, 0x5D0):
        drawn = font.getmask(chr(code)).getbbox(), bytes(font.getmask(chr(code)))
        if code not in coverage and chr(code).isprintable():
            assert drawn == missing, hex(code)
    assert set(map(ord, "ABCabc0123éŁő\N{EN DASH}\N{RIGHT SINGLE QUOTATION MARK}")) <= coverage


def test_both_faces_show_the_same_characters() -> None:
    assert covered(font_bytes(FONTS[0])) == covered(font_bytes(FONTS[1]))


def test_every_font_ships_with_its_licence_and_the_others_do_not_ship() -> None:
    folder = files("service.typesetting") / "fonts"
    assert {one.name for one in folder.iterdir()} == {*FONTS, SPARE_FONT, *LICENCES}
    assert "SIL OPEN FONT LICENSE" in (folder / LICENCES[0]).read_text("utf-8")
    assert "Bitstream" in (folder / LICENCES[1]).read_text("utf-8")


def test_a_computer_without_typst_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(ConfigurationError) as told:
        a_document("x")
    assert "photowarden[office]" in told.value.remedy


def test_the_fonts_are_the_ones_that_were_checked() -> None:
    digests = {
        name: hashlib.sha256(font_bytes(name)).hexdigest()[:16] for name in (*FONTS, SPARE_FONT)
    }
    assert digests == {
        FONTS[0]: "7fb917c89019896d",
        FONTS[1]: "5a3b0c8cc8ca5451",
        SPARE_FONT: "abdc775b21b1bc47",
    }
