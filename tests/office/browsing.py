# SPDX-License-Identifier: Apache-2.0
"""A real browser before a real server: start both, sign in, look at a page with axe."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from tests.office.cast import PASSWORD
from tests.office.served import TOTP_SECRET
from tests.shared import REPOSITORY

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SHOTS = os.environ.get("PHOTOWARDEN_SCREENSHOTS")  # before a test hides what the computer says
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


@dataclass(frozen=True)
class Served:
    """A school behind a server."""

    address: str
    arguments: dict[str, str]
    folder: Path
    process: int = 0
    """The server's process id."""


@contextmanager
def serve(folder: Path, program: str = "served.py") -> Iterator[Served]:
    """Serve an invented school in a process of its own; `program` fills it and tells of it."""
    process = subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tests/office" / program), str(folder)],
        cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        told = json.loads(process.stdout.readline())
        yield Served(f"http://localhost:{told['port']}", told["arguments"], folder, process.pid)
    finally:
        process.stdin.close()
        process.wait(timeout=30)
        process.stdout.close()


@contextmanager
def playing() -> Iterator[Playwright]:
    """Start what drives Chromium, or skip and say so."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        yield playwright


@contextmanager
def launched(player: Playwright) -> Iterator[Browser]:
    """Start Chromium."""
    opened = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield opened
    opened.close()


@contextmanager
def page_of(chromium: Browser, served: Served) -> Iterator[Page]:
    """Open a page of a browser of its own; at its end nothing went wrong in it."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(15_000)
    troubles = watch(context, served)
    yield context.new_page()
    context.close()
    assert troubles == []


def one_time_code(at: float | None = None) -> str:
    """Return the six digits of now (RFC 6238) for the secret of the invented school."""
    counter = int(time.time() if at is None else at) // 30
    key = base64.b32decode(TOTP_SECRET)
    digest = hmac.new(key, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**6:06d}"


def sign_in(page: Page, served: Served, username: str, *, second: bool = False) -> None:
    """Sign in as people do, by keyboard."""
    page.goto(f"{served.address}/sign-in")
    page.get_by_label("Name to sign in with").focus()
    page.keyboard.type(username)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    if second:
        page.get_by_label("Code").fill(one_time_code())
        page.keyboard.press("Enter")
    page.get_by_role("heading", name="Today").wait_for()


def prove(page: Page, served: Served) -> None:
    """Give the password once more, as changes of one's own log-in ask for."""
    page.goto(f"{served.address}/prove")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: not address.endswith("/prove"))


def watch(context: BrowserContext, served: Served) -> list[str]:
    """Return a list that grows by every console error and every request to somewhere else."""
    troubles: list[str] = []

    def listen(page: Page) -> None:
        page.on("console", lambda m: troubles.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith(served.address) else troubles.append(r.url),
        )

    context.on("page", listen)
    return troubles


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page."""
    found: dict[str, Any] = Axe().run(page, options=RULES).response
    return [
        f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]
    ]


def shoot(page: Page, name: str) -> None:
    """Write a picture of a page where the environment asks for that."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
