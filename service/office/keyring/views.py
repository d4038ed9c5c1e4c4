# SPDX-License-Identifier: Apache-2.0
"""Pages about the key of sealed pictures: unlock, lock, one's passphrase, who has access."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from service.office.accounts.models import User
from service.office.act_page import actor, given
from service.office.acts import Act, Refused
from service.office.house import house
from service.office.keyring import acts, holding, queries, unlocking, wrapping
from service.office.keyring.forms import ChangeForm, FirstForm, NewForm, UnlockForm
from service.office.keyring.queries import Access
from service.office.middleware import roles_of
from service.office.roles import Role

page_of = require_http_methods(["GET", "HEAD", "POST"])


@sensitive_post_parameters()
@page_of
def unlock(request: HttpRequest) -> HttpResponse:
    """Ask for the passphrase and unlock; lead on to where somebody wanted to go."""
    user = actor(request)
    then = holding.safe_address(request, request.GET.get("next", ""))
    form = UnlockForm(**given(request))
    if _done(request, form, lambda said: unlocking.unlock(request, user, said["passphrase"])):
        return redirect(then)
    roles = roles_of(request)
    context = {
        "form": form,
        "access": queries.access_of(user).code,
        "may_begin": Role.HEAD in roles and house().has_site and _lacks_current(user),
        "has_site": house().has_site,
        "last": queries.last_unlocked(),
        "minutes": house().settings.unlock_minutes,
        "most_minutes": house().settings.unlock_most_minutes,
    }
    return render(request, "keyring/unlock.html", context)


@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock at once."""
    holding.drop(session=request.session.session_key)
    messages.success(request, "The pictures are locked.")
    return redirect("today")


@sensitive_post_parameters()
@page_of
def passphrase(request: HttpRequest) -> HttpResponse:
    """Choose a passphrase, or another one."""
    user = actor(request)
    access = queries.access_of(user)
    form = (NewForm if access is Access.NONE else ChangeForm)(**given(request))
    if _done(request, form, lambda said: _choose(request, user, said)):
        messages.success(request, "Your passphrase is set.")
        return redirect("keyring:unlock")
    return render(request, "keyring/passphrase.html", {"form": form, "access": access.code})


@sensitive_post_parameters()
@page_of
def first(request: HttpRequest) -> HttpResponse:
    """Open the office's key file for the first holder."""
    user = actor(request)
    if not house().has_site or queries.access_of(user) is Access.NONE:
        return redirect("keyring:unlock")
    form = FirstForm(**given(request))
    if _done(request, form, lambda said: unlocking.open_first(request, user, said["passphrase"])):
        messages.success(request, "You have access now. Unlock with your own passphrase.")
        return redirect("keyring:unlock")
    return render(request, "keyring/first.html", {"form": form})


@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """Show who has access, and who waits for it."""
    context = {
        "holders": queries.holders(),
        "unlocked": holding.peek(request) is not None,
        "is_head": Role.HEAD in roles_of(request),
        "me": actor(request).pk,
        "last": queries.last_unlocked(),
        "here": urlencode({"next": reverse("keyring:access")}),
    }
    return render(request, "keyring/access.html", context)


@require_POST
@holding.needs_key
def give(request: HttpRequest, account: str) -> HttpResponse:
    """Give somebody access."""
    colleague = get_object_or_404(User, pk=account)
    key = holding.key_of(request)
    if key is not None:
        act = acts.GiveAccess(by=actor(request), account=colleague, key=key)
        _try(request, act, f"{colleague.name} has access now.")
    return redirect("keyring:access")


@require_POST
def remove(request: HttpRequest, account: str) -> HttpResponse:
    """Take somebody's access away."""
    holder = get_object_or_404(User, pk=account)
    act = acts.RemoveAccess(by=actor(request), account=holder)
    _try(request, act, f"{holder.name} has no access any more.")
    return redirect("keyring:access")


def _choose(request: HttpRequest, user: User, said: dict[str, Any]) -> None:
    """Change the passphrase where the present one was given; otherwise begin anew."""
    if not said.get("present"):
        acts.SetPassphrase(by=user, passphrase=said["new"]).do()
        return
    with wrapping.fleeting(unlocking.proven(request, user, said["present"])) as seed:
        acts.ChangePassphrase(by=user, seed=seed, passphrase=said["new"]).do()


def _lacks_current(user: User) -> bool:
    office_key = wrapping.name_of(house().site().station.keys.office)
    return queries.lacks_office_key(user, office_key)


def _done(request: HttpRequest, form: forms.Form, act: Callable[[dict[str, Any]], object]) -> bool:
    """Do what a form that was sent asks for; a refusal stands above the form."""
    if request.method != "POST" or not form.is_valid():
        return False
    try:
        act(form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


def _try(request: HttpRequest, act: Act, said: str) -> None:
    try:
        act.do()
    except Refused as error:
        messages.warning(request, " ".join(error.messages))
    else:
        messages.success(request, said)
