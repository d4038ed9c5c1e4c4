# SPDX-License-Identifier: Apache-2.0
"""A report's page in a browser: axe finds nothing, it fits a phone and 200 %, it prints."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from service.report.printing import Printing, printed
from tests.service.scenes import SCENES, model_of

pytestmark = pytest.mark.slow
PAGES = os.environ.get("REPORT_PAGES", "")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium here")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def shown(browser: Browser, folder: Path, name: str, width: int, *, large: bool = False) -> Page:
    model = model_of(SCENES[name])
    path = folder / "report.html"
    path.write_bytes(printed(model, Printing(large_print=large, pdf=False), AT, None).html)
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("name", SCENES)
def test_axe_finds_nothing(name: str, browser: Browser, tmp_path: Path) -> None:
    page = shown(browser, tmp_path, name, 1000)
    found = Axe().run(page)
    if PAGES:
        Path(PAGES).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(PAGES) / f"{name} (page).png", full_page=True)
    page.close()
    assert found.violations_count == 0, found.generate_report()


def test_axe_would_find_something(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    path.write_text('<html><body><img src="x"><p style="color:#aaa">x</p></body></html>')
    page = browser.new_page()
    page.goto(path.as_uri())
    assert Axe().run(page).violations_count >= 2
    page.close()


@pytest.mark.parametrize(("width", "large"), [(320, False), (500, False), (1000, True)])
def test_nothing_runs_out_of_a_narrow_window(
    width: int, large: bool, browser: Browser, tmp_path: Path
) -> None:
    """WCAG 1.4.10: at 320 pixels only tables may scroll, each by itself."""
    page = shown(browser, tmp_path, "an ordinary term", width, large=large)
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.close()
    assert wide <= width


def test_it_prints_on_few_sheets(browser: Browser, tmp_path: Path) -> None:
    page = shown(browser, tmp_path, "an ordinary term", 1000)
    sheet = page.pdf(prefer_css_page_size=True)
    page.close()
    assert 1 <= sheet.count(b"/Type /Page\n") + sheet.count(b"/Type /Page ") <= 4
