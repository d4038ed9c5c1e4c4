# SPDX-License-Identifier: Apache-2.0
"""The pages of the key in a real browser: choose, open, unlock, lock; each page with axe."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.office.browsing import (
    CHROMIUM,
    FLAGS,
    Served,
    playing,
    serve,
    shoot,
    sign_in,
    violations,
    watch,
)
from tests.office.keys import OFFICE_PASSPHRASE, PASSPHRASE

pytestmark = pytest.mark.slow
PLANTED = (
    "() => { const one = document.createElement('img'); one.dataset.sealed = '';"
    " one.src = '/static/office/mark.svg'; one.alt = '';"
    " document.querySelector('main').append(one); }"
)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("keyring") / "site") as one:
        yield one


def looked_at(page: Page, name: str) -> None:
    assert violations(page) == [], name
    shoot(page, f"keyring-{name}")


def test_the_head_unlocks_and_locks_and_pictures_leave_every_tab(  # noqa: PLR0915 - one story
    served: Served, tmp_path: Path
) -> None:
    with playing() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=CHROMIUM, args=FLAGS
        )
        troubles = watch(context, served)
        page = context.new_page()
        sign_in(page, served, "hana", second=True)
        page.get_by_role("link", name="Pictures locked: unlock").click()
        looked_at(page, "begin")
        page.get_by_role("button", name="Choose your passphrase").click()
        page.get_by_label("New passphrase").fill(PASSPHRASE)
        page.get_by_label("The same once more").fill(PASSPHRASE)
        looked_at(page, "passphrase")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Open the office's key").click()
        looked_at(page, "first")
        page.get_by_label("Passphrase of the office's key").fill(OFFICE_PASSPHRASE)
        page.keyboard.press("Enter")
        page.get_by_label("Your passphrase").fill(PASSPHRASE)
        looked_at(page, "unlock")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Lock now").wait_for()
        page.goto(f"{served.address}/key/access")
        looked_at(page, "access")
        page.evaluate(PLANTED)
        other = context.new_page()
        other.goto(f"{served.address}/key/access")
        other.get_by_role("button", name="Lock now").click()
        other.get_by_role("link", name="Pictures locked: unlock").wait_for()
        page.get_by_role("link", name="Pictures locked: unlock").wait_for()
        assert page.locator("main img[data-sealed][src]").count() == 0
        assert troubles == []
        context.close()
