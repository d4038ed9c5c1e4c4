# SPDX-License-Identifier: Apache-2.0
"""Real browser, real server: every page with axe, office tasks by keyboard, nothing on the disk."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, Playwright

from service.office.policy import ROUTES
from tests.office.browsing import (
    CHROMIUM,
    FLAGS,
    Served,
    launched,
    page_of,
    playing,
    prove,
    serve,
    shoot,
    sign_in,
    violations,
)
from tests.office.served import FAMILY, MARKER
from tests.office.test_policy import routes

pytestmark = pytest.mark.slow

NO_PAGE = {
    "still_here", "account_signup", "account_reset_password", "account_logout", "mfa_authenticate",
    "mfa_login_webauthn", "mfa_edit_webauthn", "mfa_remove_webauthn", "accounts:revoke",
    "accounts:close", "accounts:reopen", "accounts:acknowledge", "setup:finish", "setup:start",
    "mfa_view_recovery_codes", "setup:head", "setup:keys", "setup:recovery", "account_login",
    "accounts:use_code", "setup:folder_remove", "register:letters", "register:evidence",
    "safeguarding:take_back", "keyring:lock", "keyring:give", "keyring:remove",
}  # fmt: skip
"""Routes that only take a form, lead elsewhere, or are looked at on their own."""


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("served") / "site") as made:
        yield made


@pytest.fixture(scope="module")
def player() -> Iterator[Playwright]:
    with playing() as made:
        yield made


@pytest.fixture(scope="module")
def chromium(player: Playwright) -> Iterator[Browser]:
    with launched(player) as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser, served: Served) -> Iterator[Page]:
    with page_of(chromium, served) as opened:
        yield opened


def test_every_page_is_accessible_and_keeps_the_policy(page: Page, served: Served) -> None:
    found = {}
    for name in ("account_login", "accounts:use_code"):
        page.goto(served.address + reverse(name))
        shoot(page, name.replace(":", "-"))
        found[name] = violations(page)
    sign_in(page, served, "hana", second=True)
    shoot(page, "today-head")
    prove(page, served)
    for name, arguments in routes():
        part = name.split(":")[0]
        if name in NO_PAGE or part in {"imports", "review", "library", "pictures", "reports"}:
            continue  # pictures are no pages; the others have tests of their own
        given = {key: served.arguments[key] for key in arguments}
        response = page.goto(served.address + reverse(name, kwargs=given))
        assert response is not None
        assert response.status == 200, (name, response.status)
        shoot(page, name.replace(":", "-"))
        found[name] = violations(page)
    assert {name: told for name, told in found.items() if told} == {}
    assert len(found) >= 40
    assert set(found) <= set(ROUTES)


def test_an_import_is_accessible_at_every_step(page: Page, served: Served) -> None:
    sign_in(page, served, "olive")
    page.goto(served.address + reverse("imports:list"))
    told = violations(page)
    text = "Adno,Forename,Surname,DOB,Web\nX1,Zoë,Lowe,3/4/2018,Yes\nX2,Ben,,,No\n"
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[type=file]", [file])
    page.fill("[name=made_on]", "1/9/2026")
    page.click("text=Read the file")
    page.select_option("[name=column4]", "purpose.website")
    told += violations(page)
    shoot(page, "imports-columns")
    page.click("text=Look at the changes")
    assert "Rejected: 1" in page.inner_text("main")
    shoot(page, "imports-changes")
    assert told + violations(page) == []


def bring(page: Page, served: Served, text: str) -> None:
    """Bring a file to the page of the import."""
    page.goto(served.address + reverse("imports:list"))
    file = {"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.set_input_files("input[type=file]", [file])
    page.fill("[name=made_on]", "1/9/2026")
    page.click("text=Read the file")


def test_own_words_rows_for_consents_and_refusals_are_imported_by_keyboard_and_accessible(
    page: Page, served: Served
) -> None:
    sign_in(page, served, "olive")
    bring(
        page,
        served,
        "Adno,Surname,Forename,Consent type,Consent status,Date given,Given by\n"
        "X7,Lowe,Zoë,Web pictures,Fine by us,1/8/2026,Ada Lowe\n"
        "X7,Lowe,Zoë,Web pictures,No,2/8/2026,Ben Lowe\n",
    )
    assert page.get_by_label("One consent of a pupil").is_checked()
    told = violations(page)
    shoot(page, "imports-columns-consents")
    page.click("text=Look at the changes")
    page.select_option("[name=kind0]", "website")
    told += violations(page)
    shoot(page, "imports-kinds")
    page.focus("[name=kind0]")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What do these words mean?").wait_for()
    told += violations(page)
    page.get_by_label("Yes", exact=True).focus()
    page.keyboard.press("Space")
    shoot(page, "imports-own-words")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What would change").wait_for()
    assert "“Fine by us” counts as yes, in 1 cell." in page.inner_text("main")
    assert "given by Ben Lowe" in page.inner_text("main")
    shoot(page, "imports-conflict")
    assert told + violations(page) == []


def test_words_can_be_changed_and_a_list_of_refusals_is_offered(page: Page, served: Served) -> None:
    sign_in(page, served, "olive")
    bring(page, served, "Adno,Forename,Surname,Web\nX8,Cai,Lowe,Rather not\n")
    page.select_option("[name=column3]", "purpose.website")
    page.click("text=Look at the changes")
    page.get_by_label("No", exact=True).check()
    page.click("text=Remember and look")
    page.goto(served.address + reverse("imports:words"))
    told = violations(page)
    shoot(page, "imports-words")
    page.get_by_role("link", name="Change rather not").click()
    told += violations(page)
    shoot(page, "imports-word")
    bring(page, served, "Adno,Forename,Surname,Web\nX7,Zoë,Lowe,No\n")
    page.select_option("[name=column3]", "purpose.website")
    page.click("text=Look at the changes")
    assert "Every answer in this file is no." in page.inner_text("main")
    told += violations(page)
    shoot(page, "imports-refusals")
    assert told == []


def test_axe_sees_a_page_that_is_not_accessible(page: Page, served: Served) -> None:
    page.goto(f"{served.address}/sign-in")
    page.evaluate(
        """() => {
            document.documentElement.removeAttribute('lang');
            document.title = '';
            const img = document.createElement('img');
            document.querySelector('main').append(img);
            document.querySelector('label').remove();
        }"""
    )
    told = " ".join(violations(page))
    for rule in ("html-has-lang", "document-title", "image-alt", "label"):
        assert rule in told


def test_a_withdrawal_takes_two_presses_and_counts_at_once(page: Page, served: Served) -> None:
    sign_in(page, served, "olive")
    page.goto(served.address + reverse("register:children"))
    page.keyboard.press("/")
    page.keyboard.type(MARKER[:5])
    page.keyboard.press("Enter")
    page.get_by_role("link", name=f"Withdraw permission for {MARKER}").click()
    shoot(page, "withdraw-filled")
    page.get_by_role("button", name="Withdraw now").click()
    page.get_by_text("It counts from now on, everywhere.").wait_for()
    row = page.get_by_role("row", name="School website")
    assert row.get_by_text("Withdrawn").first.is_visible()
    shoot(page, "withdrawn")


def test_a_form_is_recorded_by_keyboard_alone(page: Page, served: Served) -> None:
    sign_in(page, served, "olive")
    page.goto(served.address + reverse("register:record", args=[served.arguments["person"]]))
    page.get_by_role("radio", name="Bola Featherstonehaugh").focus()
    page.keyboard.press("Space")
    page.get_by_role("radio", name="Paper form").focus()
    page.keyboard.press("Space")
    group = page.get_by_role("group", name="Newsletter on paper")
    group.get_by_role("radio", name="Yes").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_text("Recorded.").wait_for()
    assert page.get_by_role("row", name="Newsletter on paper").first.is_visible()


def test_a_mistake_is_said_above_the_form_and_focused(page: Page, served: Served) -> None:
    sign_in(page, served, "olive")
    page.goto(served.address + reverse("register:person_add"))
    page.get_by_role("button", name="Add").click()
    summary = page.get_by_role("alert")
    assert summary.is_visible()
    assert page.evaluate("document.activeElement.className").startswith("govuk-error-summary")
    assert page.title().startswith("Error:")
    assert violations(page) == []
    shoot(page, "form-with-mistakes")


def test_a_narrow_window_needs_no_sideways_scrolling(page: Page, served: Served) -> None:
    sign_in(page, served, "olive")
    page.set_viewport_size({"width": 320, "height": 640})
    for name in ("today", "register:children"):
        page.goto(served.address + reverse(name))
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 320, name
    shoot(page, "narrow")


def test_nothing_with_a_name_is_left_in_the_browsers_profile(
    player: Playwright, served: Served, tmp_path: Path
) -> None:
    context = player.chromium.launch_persistent_context(
        str(tmp_path / "profile"), executable_path=CHROMIUM, args=FLAGS
    )
    page = context.new_page()
    sign_in(page, served, "olive")
    page.goto(served.address + reverse("register:children"))
    assert page.get_by_text(FAMILY).first.is_visible()
    page.goto(served.address + reverse("register:person", args=[served.arguments["person"]]))
    page.goto(served.address + "/static/office/office.css")
    context.close()
    kept = [p for p in (tmp_path / "profile").rglob("*") if p.is_file()]
    holding = [p.name for p in kept if b"pw-plain" in p.read_bytes()]
    assert holding, "the style sheet must be found, or the search would prove nothing"
    content = b"\n".join(path.read_bytes() for path in kept)
    assert FAMILY.encode() not in content
    assert FAMILY.encode("utf-16-le") not in content


def test_a_passkey_is_added_and_signs_in_alone(page: Page, served: Served) -> None:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    sign_in(page, served, "gita")
    prove(page, served)
    page.goto(served.address + reverse("mfa_add_webauthn"))
    page.get_by_label("Name").fill("Office computer")
    page.get_by_label("Passwordless").check()
    page.locator("#mfa_webauthn_add").click()
    page.wait_for_url("**/me/**")
    page.wait_for_load_state("networkidle")
    shoot(page, "passkey-added")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_role("heading", name="Today").wait_for()


def test_a_teacher_stops_a_picture_by_keyboard_without_seeing_it(
    page: Page, served: Served
) -> None:
    asked: list[str] = []
    page.on("request", lambda r: asked.append(r.resource_type))
    sign_in(page, served, "tariq")
    page.get_by_role("link", name="Stop a picture").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Number of the picture").focus()
    page.keyboard.type(served.arguments["case"][:8])
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What to do now").wait_for()
    told = page.inner_text("main")
    assert "Frozen. Nobody can look at it" in told
    assert "999" in told
    assert violations(page) == []
    shoot(page, "safeguarding-steps-frozen")
    page.emulate_media(media="print")
    assert not page.locator("header.pw-top").is_visible()
    assert page.locator("main img").count() == 0
    assert "image" not in asked
