# SPDX-License-Identifier: Apache-2.0
"""The pages of a freeze: stop a picture, what to do now, what is frozen, release."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from agent.core.model import CaseId
from service.office.act_page import actor, given
from service.office.acts import Refused
from service.office.middleware import roles_of
from service.office.safeguarding import freezing
from service.office.safeguarding.cases import looked_at, typed_case
from service.office.safeguarding.forms import FreezeForm, ReleaseForm, StopForm

page_of = require_http_methods(["GET", "HEAD", "POST"])


@page_of
def stop(request: HttpRequest) -> HttpResponse:
    """Freeze the picture looked at last, or one by its number, from anywhere."""
    form = StopForm(**given(request))
    if request.method == "POST" and form.is_valid():
        try:
            case = typed_case(form.cleaned_data["number"])
            return _freeze(request, case, concerns_head=form.cleaned_data["concerns_head"])
        except Refused as error:
            form.add_error(None, error)
    context = {"form": form, "latest": looked_at(request), "latest_form": FreezeForm()}
    return render(request, "safeguarding/stop.html", context)


@page_of
def freeze(request: HttpRequest, case: str) -> HttpResponse:
    """Freeze a picture: nothing of it is shown and nothing is asked."""
    form = FreezeForm(**given(request))
    if request.method == "POST" and form.is_valid():
        try:
            return _freeze(request, CaseId(case), concerns_head=form.cleaned_data["concerns_head"])
        except Refused as error:
            form.add_error(None, error)
    return render(request, "safeguarding/freeze.html", {"form": form, "case": case})


def _freeze(request: HttpRequest, case: CaseId, *, concerns_head: bool) -> HttpResponse:
    freezing.freeze(actor(request), roles_of(request), case, concerns_head=concerns_head)
    messages.success(request, "Frozen. Nobody can look at it, copy it, change it or delete it.")
    return redirect("safeguarding:steps")


@require_safe
def steps(request: HttpRequest) -> HttpResponse:
    """Say whom to tell now. The page is the same whatever was frozen and whomever it concerns."""
    return render(request, "safeguarding/steps.html")


@require_safe
def frozen(request: HttpRequest) -> HttpResponse:
    """Show what is frozen, and what became of releases."""
    roles = roles_of(request)
    context = {
        "rows": freezing.listed(actor(request), roles),
        "releases": freezing.releases(roles),
    }
    return render(request, "safeguarding/frozen.html", context)


@page_of
def release(request: HttpRequest, case: str) -> HttpResponse:
    """Release a frozen picture with a reference."""
    form = ReleaseForm(**given(request))
    if request.method == "POST" and form.is_valid():
        try:
            settled = freezing.release(
                actor(request), roles_of(request), CaseId(case), form.cleaned_data["reference"]
            )
        except Refused as error:
            form.add_error(None, error)
        else:
            messages.success(request, _said(settled is None))
            return redirect("safeguarding:frozen")
    context = {"form": form, "case": case, "back": reverse("safeguarding:frozen")}
    return render(request, "safeguarding/release.html", context)


def _said(waits: bool) -> str:  # noqa: FBT001 - one question
    if waits:
        return "Handed in. The agent judges it within a minute; below stands what became of it."
    return "Released. The same rules decide about it again."
