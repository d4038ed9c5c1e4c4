# SPDX-License-Identifier: Apache-2.0
"""The pages of the first run: the set-up code, the head's account, then steps to resume."""

from typing import Any

from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from service.office.accounts import tries
from service.office.accounts.acts import CreateAccount, Grant
from service.office.accounts.models import User
from service.office.act_page import ActPage, actor, given
from service.office.house import house, now
from service.office.roles import Role
from service.office.setup import code, queries
from service.office.setup import keys as school_keys
from service.office.setup.acts import FinishStep, MakeKeys
from service.office.setup.forms import (
    CodeForm,
    HeadForm,
    KeysForm,
    PassphraseForm,
    RecoveryForm,
)

page_of = require_http_methods(["GET", "POST"])
_OPENED = "setup_code_given"
_ENDING = 8
_BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@page_of
def start(request: HttpRequest) -> HttpResponse:
    """Ask for the set-up code."""
    if User.objects.exists():
        return redirect("account_login")
    form = CodeForm(**given(request))
    wait = tries.wait_before(request, "set-up")
    if request.method == "POST" and wait:
        form.add_error(None, tries.said(wait, timezone.localtime(now().at)))
    elif request.method == "POST" and form.is_valid():
        if code.fits(form.cleaned_data["code"]):
            request.session[_OPENED] = True
            return redirect("setup:head")
        tries.failed(request, "set-up")
        form.add_error("code", "That is not the code that was printed.")
    return render(request, "setup/start.html", {"form": form})


@page_of
def head(request: HttpRequest) -> HttpResponse:
    """Make the head's account, and sign the head in."""
    if User.objects.exists():
        return redirect("account_login")
    if request.session.get(_OPENED) is not True:
        return redirect("setup:start")
    form = HeadForm(**given(request))
    if request.method == "POST" and form.is_valid():
        try:
            user = _make_head(form.cleaned_data)
        except ValidationError as error:
            form.add_error("password", error)
        else:
            code.forget()
            login(request, user, backend=_BACKEND)
            return redirect("setup:steps")
    return render(request, "setup/head.html", {"form": form})


def _make_head(said: dict[str, Any]) -> User:
    validate_password(said["password"])
    with transaction.atomic():
        if User.objects.exists():
            raise PermissionDenied("there is an account already")
        CreateAccount(by=None, username=said["username"], name=said["name"]).do()
        user = User.objects.get()
        user.set_password(said["password"])
        user.save(update_fields=["password"])
        Grant(by=None, account=user, role=Role.HEAD).do()
        FinishStep(by=None, step="head").do()
    return user


@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    """Show what is done and what comes next."""
    school_keys.resume()
    if queries.keys_are_safe():
        FinishStep(by=actor(request), step="keys").do()
    return render(
        request, "setup/steps.html", {"steps": queries.steps(), "all": queries.all_done()}
    )


@page_of
def keys(request: HttpRequest) -> HttpResponse:
    """Make the school's keys, unless they are there."""
    school_keys.resume()
    if house().has_site:
        return redirect("setup:recovery" if school_keys.waits_for_print() else "setup:steps")
    page = ActPage(
        title="Make the school's keys",
        submit="Make the keys",
        then="/set-up/recovery",
        said="The keys are made.",
        intro="Every picture is sealed to them. The passphrase opens the office's key; on the next "
        "page a recovery key is shown once, to be printed for the safe.",
    )
    return page.answer(
        request,
        KeysForm(**given(request)),
        lambda said: MakeKeys(
            by=actor(request), school=said["school"], passphrase=said["passphrase"]
        ),
    )


@page_of
def recovery(request: HttpRequest) -> HttpResponse:
    """Show the recovery key until its end is typed back from the print; then never again."""
    if not school_keys.waits_for_print():
        return redirect("setup:steps")
    text = school_keys.recovery()
    if text is None:
        return _asked_for_passphrase(request)
    form = RecoveryForm(**given(request))
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["ending"].strip().upper() == text[-_ENDING:].upper():
            school_keys.printed()
            return redirect("setup:steps")
        form.add_error("ending", "These are not the last eight letters of the key.")
    return render(request, "setup/recovery.html", {"form": form, "text": text})


def _asked_for_passphrase(request: HttpRequest) -> HttpResponse:
    """Ask for the passphrase, because the console was stopped before the key was on paper."""
    form = PassphraseForm(**given(request))
    wait = tries.wait_before(request, "recovery")
    if request.method == "POST" and wait:
        form.add_error(None, tries.said(wait, timezone.localtime(now().at)))
    elif request.method == "POST" and form.is_valid():
        if school_keys.unlock(form.cleaned_data["passphrase"]):
            return redirect("setup:recovery")
        tries.failed(request, "recovery")
        form.add_error("passphrase", "That is not the passphrase of the keys.")
    return render(request, "setup/passphrase.html", {"form": form})


@require_POST
def finish(request: HttpRequest) -> HttpResponse:
    """End the first run."""
    if queries.ready():
        FinishStep(by=actor(request), step="done").do()
    return redirect("today")
