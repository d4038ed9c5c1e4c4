# SPDX-License-Identifier: Apache-2.0
"""The review in a real browser: names by keyboard, absence, one answer for many, undo, axe."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Request

from tests.office.browsing import (
    Served,
    launched,
    page_of,
    playing,
    serve,
    shoot,
    sign_in,
    violations,
)
from tests.office.keys import PASSPHRASE

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("held") / "site", "served_pictures.py") as made:
        yield made


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with playing() as player, launched(player) as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    with page_of(chromium, served) as opened:
        yield opened


def cases(served: Served, name: str) -> list[str]:
    return served.arguments[name].split()


def at(served: Served, route: str, *given: str) -> str:
    return served.address + reverse(route, args=given)


def unlock(page: Page, served: Served, username: str = "olive") -> None:
    """Sign in and unlock the pictures."""
    sign_in(page, served, username)
    page.goto(at(served, "keyring:unlock"))
    page.get_by_label("passphrase").fill(PASSPHRASE)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()


def held_now(page: Page, served: Served, case: str) -> bool:
    page.goto(at(served, "review:picture", case))
    return page.get_by_role("heading", name="Why it is held").is_visible()


def test_a_picture_is_cleared_by_two_names_and_undone(page: Page, served: Served) -> None:
    unlock(page, served)
    case = cases(served, "undo")[0]
    page.goto(at(served, "review:picture", case))
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.activeElement.id") == "face-1-name"
    shoot(page, "review-picture")
    told = violations(page)
    page.keyboard.type("ama")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "face-2-name"
    page.keyboard.type("1")
    shoot(page, "review-picture-answered")
    assert page.evaluate("document.activeElement.textContent") == "Nobody else is here"
    page.keyboard.press("Enter")
    page.get_by_text("Decided again: it is kept.").wait_for()
    shoot(page, "review-next")
    told += violations(page)
    assert not held_now(page, served, case)
    told += violations(page)
    shoot(page, "review-kept")
    page.get_by_role("button", name="Undo what was said").click()
    page.get_by_text("Decided again: it is held.").wait_for()
    assert page.get_by_text("Took back what was said before.").is_visible()
    shoot(page, "review-undone")
    assert told + violations(page) == []


def test_a_missed_face_is_added_by_keyboard(page: Page, served: Served) -> None:
    unlock(page, served)
    page.goto(at(served, "review:picture", cases(served, "undo")[1]))
    page.get_by_role("button", name="Add a missed face").focus()
    page.keyboard.press("Enter")
    drawn = page.locator(".pw-box--drawn")
    before = drawn.bounding_box()
    for key in ("ArrowRight", "ArrowDown", "+", "+", "Shift+ArrowRight"):
        page.keyboard.press(key)
    after = drawn.bounding_box()
    assert before is not None
    assert after is not None
    assert after["x"] > before["x"]
    assert after["width"] > before["width"]
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == "missed-name"
    shoot(page, "review-missed-face")
    assert violations(page) == []
    page.keyboard.type("8")
    for face in (1, 2):
        page.locator(f"#face-{face}-name").focus()
        page.keyboard.press(str(face))
    page.get_by_role("button", name="Nobody else is here").press("Enter")
    page.get_by_role("status").wait_for()
    page.goto(at(served, "review:picture", cases(served, "undo")[1]))
    assert page.get_by_text("1 face that the computer missed").is_visible()


def test_single_letters_can_be_switched_off(page: Page, served: Served) -> None:
    unlock(page, served)
    page.goto(at(served, "review:picture", cases(served, "one")[0]))
    page.locator("h1").evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    page.get_by_role("heading", name="Keys").wait_for()
    shoot(page, "review-keys")
    assert violations(page) == []
    page.get_by_label("Single letters work").uncheck()
    page.get_by_role("button", name="Close").click()
    page.locator("h1").evaluate("document.activeElement.blur()")
    here = page.url
    page.keyboard.press("j")
    page.keyboard.press("a")
    assert page.url == here


def test_an_absence_frees_the_pictures_of_the_sitting(page: Page, served: Served) -> None:
    unlock(page, served)
    page.goto(at(served, "review:absent", cases(served, "one")[0]))
    shoot(page, "review-absent")
    told = violations(page)
    assert page.get_by_text("pictures are in this sitting").is_visible()
    page.get_by_label("Cleo Moss").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_text("decided otherwise with it").wait_for()
    assert not any(held_now(page, served, case) for case in cases(served, "one"))
    page.goto(at(served, "review:picture", cases(served, "one")[0]))
    shoot(page, "review-absence-said")
    page.get_by_role("button", name="Undo what was said").first.click()
    page.get_by_role("heading", name="Why it is held").wait_for()
    assert told + violations(page) == []


def test_one_answer_for_many_says_it_of_each(page: Page, served: Served) -> None:
    unlock(page, served)
    page.goto(at(served, "review:queue"))
    page.get_by_role("button", name="Lock now").wait_for()
    same, many = cases(served, "same"), cases(served, "many")
    for case in (many[30], *same[:3]):
        page.locator(f"#tick-{case}").check(force=True)
    shoot(page, "review-queue")
    told = violations(page)
    page.get_by_role("button", name="Same answer for 4").click()
    page.get_by_role("heading", name="The same answer for 4 pictures").wait_for()
    assert (
        page.get_by_text("It shows 1 faces").is_visible()
        or page.get_by_text("shows").first.is_visible()
    )
    shoot(page, "review-same-differ")
    told += violations(page)
    page.get_by_role("button", name="Go on with the 3 others").click()
    page.wait_for_load_state("networkidle")
    shoot(page, "review-same")
    told += violations(page)
    page.keyboard.type("12")
    page.keyboard.press("Enter")
    page.get_by_text("Said of 3 pictures").wait_for()
    told += violations(page)
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Said of 3 pictures: 0 kept now, 3 held.").wait_for()
    assert told == []


def test_a_redacted_copy_is_made_and_confirmed(page: Page, served: Served) -> None:
    unlock(page, served)
    page.goto(at(served, "review:cover", cases(served, "same")[3]))
    page.wait_for_load_state("networkidle")
    page.locator("#cover-1").check(force=True)
    page.locator("h1").evaluate("document.activeElement.blur()")
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    shoot(page, "review-cover")
    told = violations(page)
    page.locator("#still-1").fill("Amara Okafor (3B)")
    page.get_by_role("button", name="Make the copy").click()
    page.get_by_text("The copy is made.").wait_for()
    page.wait_for_load_state("networkidle")
    shoot(page, "review-covered")
    assert told + violations(page) == []


def test_fifty_held_pictures_are_cleared_by_keyboard(page: Page, served: Served) -> None:
    unlock(page, served)
    times: list[float] = []
    page.on("requestfinished", lambda request: times.append(_server_time(request)))
    todo = set(cases(served, "many"))
    page.goto(at(served, "review:queue"))
    presses = 0

    def press(key: str) -> None:
        nonlocal presses
        presses += 1
        page.keyboard.press(key)

    press("Enter")
    page.locator("#face-1-name").wait_for()
    for _ in range(len(todo) + 20):
        case = page.url.partition("?")[0].rpartition("/")[2]
        page.locator("#face-1-name[aria-expanded=true]").wait_for()
        if case in todo:
            for face in range(1, page.locator("[data-row]").count() + 1):
                press("1" if face == 1 else "2")
            press("Enter")
            todo.discard(case)
        else:  # of another test: leave the field, then go on
            press("Shift+Tab")
            press("j")
        if not todo:
            break
        page.wait_for_url(lambda url, here=case: here not in url)
    page.get_by_role("status").wait_for()
    cleared = len(cases(served, "many"))
    print(  # noqa: T201 - the figures that the issue asks for
        f"{cleared} held pictures cleared by {presses} presses; the server and the network took "
        f"{sum(times) / 1000:.1f} s over {len(times)} requests"
    )
    kept = [case for case in cases(served, "many") if not held_now(page, served, case)]
    assert len(kept) == cleared
    assert presses <= 6 * cleared


def _server_time(request: Request) -> float:
    """Return how long a request took from its start to its last byte, in milliseconds."""
    timing = request.timing
    return max(timing["responseEnd"] - timing["requestStart"], 0.0)


def test_the_library_is_accessible_and_finds_the_kept_by_keyboard(
    page: Page, served: Served
) -> None:
    sign_in(page, served, "olive")
    page.goto(at(served, "library:pictures"))
    assert page.locator(".pw-shelf__item").count() > 0
    shoot(page, "library")
    told = violations(page)
    page.get_by_label("Cleared right now for").focus()
    page.keyboard.press("ArrowDown")
    page.get_by_role("button", name="Find").press("Enter")
    page.get_by_text("stands granted at this moment").wait_for()
    shoot(page, "library-cleared")
    assert told + violations(page) == []
