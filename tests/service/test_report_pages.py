# SPDX-License-Identifier: Apache-2.0
"""What a report looks like to a screen reader, to a printer, to an archive, and to a hostile name.

Set REPORT_PAGES to a folder to get every page of every scene as a picture, to look at.
"""

import io
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.report import chart, document, web
from service.report.archive import Printed
from service.report.printing import Printing, printed, square_code
from service.typesetting.coverage import BOX
from tests.service.scenes import SCENES, Scene, model_of

PAGES = os.environ.get("REPORT_PAGES", "")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
LARGE = "an ordinary term, in large print"


@cache
def print_of(name: str) -> Printed:
    scene = SCENES["an ordinary term" if name == LARGE else name]
    approved = date(2026, 11, 23) if name == LARGE else None
    return printed(model_of(scene), Printing(large_print=name == LARGE), AT, approved)


def page_of(name: str) -> str:
    return print_of(name).html.decode("utf-8")


def pdf_of(name: str) -> pikepdf.Pdf:
    return pikepdf.open(io.BytesIO(print_of(name).pdf or b""))


# The PDF


FEW = ("an ordinary term", "nothing at all", "small numbers", LARGE)


@pytest.mark.parametrize("name", FEW)
def test_the_pdf_says_what_it_is_and_in_which_language(name: str) -> None:
    with pdf_of(name) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "en-GB"
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as told:
            assert "Larkfield" in str(told["dc:title"])
            assert told["pdfuaid:part"] == "1"
            assert (told["pdfaid:part"], told["pdfaid:conformance"]) == ("2", "A")


def elements(pdf: pikepdf.Pdf) -> Iterator[tuple[str, Any]]:
    """Yield every element of the structure tree, with its kind, in order."""

    def walk(node: pikepdf.Object) -> Iterator[tuple[str, Any]]:
        if isinstance(node, pikepdf.Array):
            for one in node:
                yield from walk(one)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                yield str(node.S), node
            if "/K" in node:
                yield from walk(node.K)

    yield from walk(pdf.Root.StructTreeRoot.K)


def attribute(element: pikepdf.Object, name: str) -> list[str]:
    given_ = element.get("/A", pikepdf.Array())
    listed = given_ if isinstance(given_, pikepdf.Array) else [given_]
    return [str(one[name]) for one in listed if name in one]


@pytest.mark.parametrize("name", FEW)
def test_every_table_header_has_its_scope_and_every_picture_its_words(name: str) -> None:
    with pdf_of(name) as pdf:
        found = list(elements(pdf))
    kinds = [kind for kind, _ in found]
    heads = [element for kind, element in found if kind == "/TH"]
    assert heads
    assert {scope for head in heads for scope in attribute(head, "/Scope")} == {"/Column"}
    assert all(attribute(head, "/Scope") for head in heads)
    figures = [element for kind, element in found if kind == "/Figure"]
    assert figures
    assert all(len(str(figure.get("/Alt", ""))) > 20 for figure in figures)
    assert kinds.count("/Table") == kinds.count("/THead")


@pytest.mark.parametrize("name", FEW)
def test_headings_begin_at_one_and_skip_no_level(name: str) -> None:
    with pdf_of(name) as pdf:
        levels = [int(kind[2:]) for kind, _ in elements(pdf) if re.fullmatch(r"/H[1-6]", kind)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert set(levels) == {1, 2}


@pytest.mark.parametrize("name", FEW)
def test_every_font_is_in_the_file(name: str) -> None:
    with pdf_of(name) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert fonts
        for font in fonts:
            inner = font.DescendantFonts[0] if "/DescendantFonts" in font else font
            held = inner.FontDescriptor
            assert any(key in held for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def test_the_same_model_gives_the_same_bytes() -> None:
    model = model_of(SCENES["an ordinary term"])
    assert printed(model, Printing(), AT, None) == printed(model, Printing(), AT, None)


def test_an_ordinary_term_has_two_pages() -> None:
    with pdf_of("an ordinary term") as pdf:
        assert len(pdf.pages) == 2


def test_large_print_is_large() -> None:
    with pdf_of(LARGE) as large, pdf_of("an ordinary term") as normal:
        assert len(large.pages) > len(normal.pages)


def test_a_school_may_have_any_name() -> None:
    """Markup, arithmetic, another script, a character that no font has: none stops a report."""
    name = '#panic(1) *b* $y$ <script>alert("x")</script> Ysgol Gŵyr Ελλάδα 学校 \U0001f600'
    model = model_of(replace(SCENES["one picture"], school=name))
    files = printed(model, Printing(), AT, None)
    assert b"<script>" not in files.html
    assert "学校" in files.html.decode("utf-8")
    with pikepdf.open(io.BytesIO(files.pdf or b"")) as pdf, pdf.open_metadata() as told:
        assert "#panic(1) *b* $y$ <script>" in str(told["dc:title"])
        assert "Ελλάδα " + 2 * BOX in str(told["dc:title"])


@given(st.text(min_size=1, max_size=40))
@settings(max_examples=15)
def test_no_name_of_a_school_stops_a_report(name: str) -> None:
    model = {**model_of(Scene(counts=({},))), "school": name}
    if "\ud800" <= max(name) <= "\udfff":
        return
    assert printed(model, Printing(), AT, None).pdf


# The page


class Reader(HTMLParser):
    """Reads a page as strictly as is needed here: tags, texts, attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.mark.parametrize("name", SCENES)
def test_a_page_stands_alone_and_runs_nothing(name: str) -> None:
    reader = Reader(page_of(name))
    assert not reader.all("script")
    assert not reader.all("link")
    assert not reader.all("img")
    for _, attributes in reader.tags:
        assert not any(key.startswith("on") for key in attributes)
        for key, value in attributes.items():
            if key in {"src", "href", "action"}:
                pytest.fail(f"{key}={value}: a page fetches nothing")


@pytest.mark.parametrize("name", SCENES)
def test_a_page_has_one_title_one_language_and_headed_tables(name: str) -> None:
    reader = Reader(page_of(name))
    assert reader.all("html")[0]["lang"] == "en-GB"
    assert len(reader.all("h1")) == 1
    assert all(head["scope"] in {"col", "row"} for head in reader.all("th"))
    assert len(reader.all("caption")) == len(reader.all("table")) > 0


def test_page_and_paper_show_the_same_words() -> None:
    """Both come from the same blocks; the page has every text of them."""
    model = model_of(SCENES["an ordinary term"])
    page = web.web_page(model, "", None).decode("utf-8")
    for block in document.blocks_of(model):
        for text in texts(block):
            assert web.escape(text) in page, text


def texts(block: Mapping[str, Any]) -> Iterator[str]:
    for key in ("text", "title", "label", "caption"):
        if key in block:
            yield block[key]
    for key in ("columns", "items", "labels"):
        yield from (one for one in block.get(key, ()) if isinstance(one, str))
    for row in block.get("rows", ()):
        yield from row
    for one in block.get("inner", ()):
        yield from texts(one)


# Charts and colours


def luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_of_contrast_is_the_standards() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_colours_stand_out_as_wcag_asks() -> None:
    """Text 4.5 to 1 (1.4.3), shapes 3 to 1 (1.4.11); each colour on each ground it stands on."""
    for colour in chart.COLOURS:
        assert contrast(colour, "#ffffff") >= 4.5
    style = (Path(web.__file__).parent / "report.css").read_text("utf-8")
    typst = (Path(web.__file__).parent / "report.typ").read_text("utf-8")
    grounds = ("#ffffff", "#fff6e8", "#f2f6fb", "#e8eef6")
    inks = ("#222222", "#444444", "#1b4f8a", "#8a1c1c", "#9a4a00")
    for source in (style, typst):
        used = set(re.findall(r"#[0-9a-f]{6}", source)) - {"#767676"}
        assert used <= {*grounds, *inks}
    for ink in inks:
        assert all(contrast(ink, ground) >= 4.5 for ground in grounds)
    assert contrast("#767676", "#ffffff") >= 3


@pytest.mark.parametrize("most", [0, 1, 4, 5, 19, 99, 812, 1391, 91_377, 100_000, 9_999_999])
def test_the_axis_fits_any_count(most: int) -> None:
    series = [{"name": str(n), "values": [most]} for n in range(3)]
    drawn = chart.chart_svg({"title": "x", "groups": ["A"], "series": series}, "sans")
    heights = [float(h) for h in re.findall(r'height="([0-9.]+)"', drawn) if h != "12"]
    assert all(0 < height <= 171 for height in heights)
    assert len(heights) == (0 if most == 0 else 3)
    assert drawn.count("<path") <= 7


def test_a_count_that_is_not_shown_has_no_bar() -> None:
    series = [{"name": "a", "values": ["fewer than 5"]}, {"name": "b", "values": ["not shown"]}]
    drawn = chart.chart_svg(
        {"title": "x", "groups": ["A"], "series": [*series, {"name": "c", "values": [7]}]}, "sans"
    )
    assert drawn.count("<rect") == 3 + 1
    assert "&lt;5" in drawn
    assert "hidden" in drawn


def test_the_chart_in_words_has_every_figure() -> None:
    block = next(
        b for b in document.blocks_of(model_of(SCENES["an ordinary term"])) if b["block"] == "chart"
    )
    words = chart.told(block)
    assert "Autumn 2026. Kept, with permission: 1,102, Held: permission: 121" in words


# The square code


def test_the_square_code_reads_as_the_signed_state() -> None:
    """Drawn as pixels from the SVG's own path, and read by another library."""
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image, ImageDraw  # noqa: PLC0415 - for this test alone

    text = model_of(SCENES["an ordinary term"])["trust"]["checkpoint"]
    svg = square_code(text)
    side = int(re.findall(r'viewBox="0 0 (\d+)', svg)[0])
    image = Image.new("L", (side * 4, side * 4), 255)
    draw, x, y = ImageDraw.Draw(image), 0.0, 0.0
    path = re.findall(r' d="([^"]+)"', svg)[-1]
    for command, values in re.findall(r"([Mmh])([-0-9. ]+)", path):
        numbers = [float(value) for value in values.split()]
        if command == "h":
            draw.rectangle(
                (x * 4, (y - 0.5) * 4, (x + numbers[0]) * 4 - 1, (y + 0.5) * 4 - 1), fill=0
            )
            x += numbers[0]
        else:
            x, y = (numbers[0], numbers[1]) if command == "M" else (x + numbers[0], y + numbers[1])
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == text


# For people to look at


@pytest.mark.skipif(not PAGES, reason="set REPORT_PAGES to a folder for pictures of every page")
@pytest.mark.parametrize("name", [*SCENES, LARGE])
def test_every_page_is_drawn_for_people_to_look_at(name: str) -> None:
    if shutil.which("pdftoppm") is None:
        pytest.skip("pdftoppm is not here")
    folder = Path(PAGES)
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / name.replace(" ", "-").replace(",", "")
    stem.with_suffix(".pdf").write_bytes(print_of(name).pdf or b"")
    stem.with_suffix(".html").write_bytes(print_of(name).html)
    pdf = str(stem.with_suffix(".pdf"))
    subprocess.run(["pdftoppm", "-r", "100", "-png", pdf, str(stem)], check=True)
    assert list(folder.glob(f"{stem.name}*.png"))
