# SPDX-License-Identifier: Apache-2.0
"""Who may use which route: every route has a rule, every rule is kept for every role."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from agent.site import new_id
from service.office.policy import ROUTES, Rule
from service.office.roles import Role
from tests.office.cast import ROLES, enter, person

pytestmark = pytest.mark.usefixtures("office")


def routes() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every route of the console with arguments of the right kind."""

    def walk(patterns: list[Any], space: str) -> Iterator[tuple[str, dict[str, Any]]]:
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns, f"{one.namespace}:" if one.namespace else space)
            elif isinstance(one, URLPattern):
                made = {
                    name: 1 if type(converter).__name__ == "IntConverter" else new_id()
                    for name, converter in one.pattern.converters.items()
                }
                yield f"{space}{one.name}", made

    yield from walk(get_resolver().url_patterns, "")


def test_every_route_has_a_rule_and_every_rule_a_route() -> None:
    named = [name for name, _ in routes()]
    assert sorted(named) == sorted(ROUTES)
    assert len(named) == len(set(named))


@pytest.mark.parametrize("username", [*ROLES, None])
def test_every_route_lets_in_whom_the_table_admits(username: str | None) -> None:
    client = enter(username)
    roles = ROLES[username][1] if username else frozenset()
    for name, arguments in routes():
        if name == "account_logout":
            continue
        response = client.get(reverse(name, kwargs=arguments))
        rule = ROUTES[name]
        refused = response.status_code == 403 or "sign-in?next" in response.headers.get(
            "Location", ""
        )
        assert refused is not (rule.public or rule.admits(roles)), (name, response.status_code)


def test_a_route_without_a_rule_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    client = enter("hana")
    assert client.get("/").status_code == 200
    monkeypatch.setattr(
        "service.office.middleware.ROUTES", {k: r for k, r in ROUTES.items() if k != "today"}
    )
    assert client.get("/").status_code == 403


def test_a_rule_admits_only_its_roles() -> None:
    rule = Rule(roles=frozenset({Role.HEAD}))
    assert rule.admits(frozenset({Role.HEAD, Role.TEACHER}))
    assert not rule.admits(frozenset({Role.TEACHER}))
    assert not rule.admits(frozenset())


def test_a_head_without_a_second_factor_reaches_only_her_own_log_in() -> None:
    client = Client(headers={"host": "localhost"})
    client.force_login(person("hana"))
    assert client.get("/").headers["Location"] == "/me/factors"
    assert client.get("/me/factors").status_code == 200
