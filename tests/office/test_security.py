# SPDX-License-Identifier: Apache-2.0
"""What every answer carries, what no template may hold, and how many statements a page needs."""

import logging
import re
import sys
from pathlib import Path

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from service.office.house import House
from service.office.quiet import CodesOnly
from service.office.record.models import Event
from service.office.register.acts.answers import KeepEvidence
from service.office.register.acts.arrangement import JoinGroup
from service.office.register.acts.people import Restrict
from service.office.register.models import Evidence
from tests.office.cast import enter, person
from tests.office.school import a_group, a_guardian, a_pupil, answer
from tests.office.test_policy import routes
from tests.shared import REPOSITORY

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TEMPLATES = sorted((REPOSITORY / "service" / "office").rglob("*.html"))
FORBIDDEN = {
    "a style in a tag": re.compile(r"\sstyle\s*="),
    "a style sheet in the page": re.compile(r"<style\b"),
    "a handler in a tag": re.compile(r"\son[a-z]+\s*="),
    "a script in the page": re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)"),
    "an address elsewhere": re.compile(r"(?:https?:)?//[a-z]"),
    "a text that is not escaped": re.compile(r"\|\s*safe\b|autoescape off"),
}


def directives(policy: str) -> set[str]:
    return {part.strip() for part in policy.split(";")}


def every_answer(username: str) -> list[tuple[str, HttpResponse]]:
    client = enter(username)
    return [
        (name, client.get(reverse(name, kwargs=arguments)))
        for name, arguments in routes()
        if name != "account_logout"
    ]


@pytest.mark.usefixtures("office")
def test_every_answer_carries_the_exact_policy_and_is_never_kept() -> None:
    for name, response in every_answer("hana"):
        assert directives(response.headers["Content-Security-Policy"]) == directives(POLICY), name
        assert response.headers["Cache-Control"] == "no-store, private", name
        assert response.headers["X-Content-Type-Options"] == "nosniff", name
        assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin", name
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", name
        assert "camera=()" in response.headers["Permissions-Policy"], name


@pytest.mark.usefixtures("office")
def test_another_host_is_refused_and_the_number_is_led_to_the_name() -> None:
    client = enter("olive")
    assert client.get("/", headers={"host": "photos.evil.example"}).status_code == 400
    led = client.get("/children", headers={"host": "127.0.0.1:8765"})
    assert (led.status_code, led.headers["Location"]) == (301, "http://localhost:8765/children")


@pytest.mark.usefixtures("office")
def test_the_session_cookie_is_for_this_site_and_no_script() -> None:
    client = enter("olive")
    client.get("/")
    cookie = client.cookies["photowarden_session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["max-age"]


@pytest.mark.usefixtures("office")
def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
    client.force_login(person("olive"))
    assert client.post(reverse("register:person_add"), {"sort": "pupil"}).status_code == 403


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_needs_what_the_policy_forbids(path: Path) -> None:
    content = path.read_text("utf-8")
    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(content)] == []


@pytest.mark.parametrize(
    ("what", "planted"),
    [
        ("a style in a tag", '<p style="color: red">'),
        ("a style sheet in the page", "<style>p {}</style>"),
        ("a handler in a tag", '<a onclick="go()">'),
        ("a script in the page", "<script>go()</script>"),
        ("an address elsewhere", '<img src="//cdn.example/a.png">'),
        ("a text that is not escaped", "{{ name|safe }}"),
    ],
)
def test_the_search_of_templates_sees_what_is_planted(what: str, planted: str) -> None:
    assert FORBIDDEN[what].search(planted)


@pytest.mark.parametrize("username", ["olive", "tariq", "dev", "tess", "gita"])
@pytest.mark.usefixtures("office")
def test_only_head_and_safeguarding_lead_read_the_reason_and_that_is_recorded(
    username: str,
) -> None:
    child = a_pupil()
    a_group("3B", child, teacher="tariq")
    Restrict(by=person("hana"), person=child, reason="Zebracrossing order.").do()
    client = enter(username)
    for name in ("register:person", "register:children", "register:reasons", "register:groups"):
        arguments = [child.id] if name in {"register:person", "register:reasons"} else []
        assert b"Zebracrossing" not in client.get(reverse(name, args=arguments)).content
    before = Event.objects.count()
    shown = enter("sam").get(reverse("register:reasons", args=[child.id]))
    assert b"Zebracrossing" in shown.content
    assert Event.objects.order_by("number")[before + 1].kind == "restriction.read"


@pytest.mark.usefixtures("office")
def test_a_teacher_sees_the_children_of_her_classes_and_no_guardian() -> None:
    hers, other = a_pupil("Ben", "Ito"), a_pupil("Cleo", "Marsh")
    a_group("3B", hers, teacher="tariq")
    answer(hers, a_guardian(hers, name="Gwendoline Ito"))
    client = enter("tariq")
    listed = client.get(reverse("register:children")).content
    assert b"Ben Ito" in listed
    assert b"Cleo Marsh" not in listed
    page = client.get(reverse("register:person", args=[hers.id])).content
    assert b"Gwendoline" not in page
    assert client.get(reverse("register:person", args=[other.id])).status_code == 404


@pytest.mark.usefixtures("office")
def test_what_is_typed_is_shown_as_text() -> None:
    child = a_pupil("<script>alert(1)</script>", "Ito")
    page = enter("olive").get(reverse("register:person", args=[child.id])).content
    assert b"<script>alert(1)" not in page
    assert b"&lt;script&gt;" in page


def statements(path: str) -> int:
    client = enter("olive")
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.usefixtures("office")
def test_a_page_needs_no_more_statements_for_more_people() -> None:
    children = [a_pupil(f"Child{number}", "Ito") for number in range(3)]
    group = a_group("3B", *children)
    mothers = [a_guardian(child) for child in children]
    for child, mother in zip(children, mothers, strict=True):
        answer(child, mother, "yes", "website", "press")
    pages = [
        reverse("register:children"),
        reverse("register:group", args=[group.id]),
        reverse("register:person", args=[children[0].id]),
    ]
    few = [statements(page) for page in pages]
    more = [a_pupil(f"Other{number}", "Marsh") for number in range(12)]
    for child in more:
        answer(child, a_guardian(child), "yes", "website", "press")
    JoinGroup(by=person("olive"), group=group, people=more).do()
    assert [statements(page) for page in pages] == few
    assert max(few) <= 16


def test_evidence_rests_sealed(office_site: House) -> None:
    child = a_pupil()
    scan = b"%PDF-1.7 a planted signature of Ada Okafor"
    KeepEvidence(by=person("olive"), person=child, content=scan).do()
    kept = Evidence.objects.get(person=child)
    sealed = (office_site.folder / "office" / "evidence" / f"{kept.id}.age").read_bytes()
    assert sealed.startswith(b"age-encryption.org/v1")
    for path in office_site.folder.rglob("*"):
        assert not path.is_file() or b"planted signature" not in path.read_bytes()


def test_what_failed_is_logged_without_what_was_typed() -> None:
    try:
        int("Amara Okafor, 3B")
    except ValueError:
        record = logging.LogRecord(
            "django.request", logging.ERROR, "", 1, "failed for %s", ("Amara",), sys.exc_info()
        )
    line = CodesOnly().format(record)
    assert "Amara" not in line
    assert "ValueError at test_security.py:" in line
