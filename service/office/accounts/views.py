# SPDX-License-Identifier: Apache-2.0
"""Pages about accounts: who has which role, and how somebody comes back in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from service.office.accounts import acts, queries, tries
from service.office.accounts.forms import AccountForm, CodeForm, GrantForm, UseCodeForm
from service.office.accounts.models import User
from service.office.act_page import ActPage, actor, given
from service.office.acts import Act, Refused
from service.office.house import now
from service.office.roles import BY_CODE

page_of = require_http_methods(["GET", "POST"])


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Show every account."""
    return render(request, "accounts/people.html", {"accounts": queries.accounts()})


@require_safe
def person(request: HttpRequest, account: str) -> HttpResponse:
    """Show one account."""
    one = get_object_or_404(queries.accounts(), pk=account)
    return render(request, "accounts/person.html", {"account": one})


@page_of
def add(request: HttpRequest) -> HttpResponse:
    """Make an account."""
    page = ActPage(
        title="Add a person who signs in",
        submit="Add",
        then=reverse("accounts:people"),
        said="Added. Give them a role and a sign-in code.",
        intro="One log-in a person, never shared.",
    )
    return page.answer(
        request,
        AccountForm(**given(request)),
        lambda said: acts.CreateAccount(by=actor(request), **said),
    )


@page_of
def grant(request: HttpRequest, account: str) -> HttpResponse:
    """Give a role."""
    one = get_object_or_404(User, pk=account)
    page = ActPage(title=f"Give {one.name} a role", submit="Give it", then=_address(one))
    return page.answer(
        request,
        GrantForm(**given(request)),
        lambda said: acts.Grant(
            by=actor(request), account=one, role=BY_CODE[said["role"]], until=said["until"]
        ),
    )


@require_POST
def revoke(request: HttpRequest, account: str, role: str) -> HttpResponse:
    """Take a role away."""
    one = get_object_or_404(User, pk=account)
    if role in BY_CODE:
        _try(request, acts.Revoke(by=actor(request), account=one, role=BY_CODE[role]))
    return redirect(_address(one))


@require_POST
def close(request: HttpRequest, account: str) -> HttpResponse:
    """Close an account."""
    one = get_object_or_404(User, pk=account)
    _try(request, acts.CloseAccount(by=actor(request), account=one))
    return redirect(_address(one))


@require_POST
def reopen(request: HttpRequest, account: str) -> HttpResponse:
    """Open an account again."""
    one = get_object_or_404(User, pk=account)
    _try(request, acts.ReopenAccount(by=actor(request), account=one))
    return redirect(_address(one))


@page_of
def code(request: HttpRequest, account: str) -> HttpResponse:
    """Give a sign-in code and show it, this once."""
    one = get_object_or_404(User, pk=account)
    form = CodeForm(**given(request))
    if request.method == "POST" and form.is_valid():
        act = acts.GiveCode(by=actor(request), account=one, **form.cleaned_data)
        try:
            act.do()
        except Refused as error:
            form.add_error(None, error)
        else:
            return render(request, "accounts/code.html", {"account": one, "code": act.code})
    page = ActPage(
        title=f"Give {one.name} a sign-in code",
        submit="Make the code",
        then=_address(one),
        intro="Tell it to them in person. It is shown once and is good for 30 minutes.",
    )
    return render(request, "act.html", {"page": page, "form": form})


@page_of
def use_code(request: HttpRequest) -> HttpResponse:
    """Choose a password with a sign-in code; slowed down like a log-in."""
    page = ActPage(
        title="Use a sign-in code",
        submit="Set the password",
        then=reverse("account_login"),
        said="The password is set. Sign in with it.",
    )
    form = UseCodeForm(**given(request))
    name = f"code/{request.POST.get('username', '')}"
    wait = tries.wait_before(request, name)
    if request.method == "POST" and wait:
        form.add_error(None, tries.said(wait, timezone.localtime(now().at)))

    def act(said: dict[str, Any]) -> Act:
        tries.failed(request, name)
        keys = ("username", "code", "password")
        return acts.SetPassword(by=None, **{key: said[key] for key in keys})

    return page.answer(request, form, act)


@require_POST
def acknowledge(request: HttpRequest, account: str) -> HttpResponse:
    """Say that one has seen that the glass was broken."""
    one = get_object_or_404(User, pk=account)
    acts.Acknowledge(by=actor(request), account=one).do()
    return redirect("today")


def _try(request: HttpRequest, act: Act) -> None:
    try:
        act.do()
    except Refused as error:
        messages.warning(request, " ".join(error.messages))


def _address(one: User) -> str:
    return reverse("accounts:person", args=[one.id])
