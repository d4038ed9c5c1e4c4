# SPDX-License-Identifier: Apache-2.0
"""The pages that belong to no part: today, the sign that somebody is still there, refusals."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from service.office.accounts import queries
from service.office.act_page import actor
from service.office.middleware import roles_of
from service.office.setup.queries import all_done
from service.office.today import waiting


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """Show what waits for this person today."""
    user = actor(request)
    context = {
        "broken_glass": queries.broken_glass(user),
        "waiting": waiting(user, roles_of(request)),
        "set_up": all_done(),
    }
    return render(request, "today.html", context)


@require_POST
def still_here(_request: HttpRequest) -> HttpResponse:
    """Answer a person who says that they are still there; the session has noted it by now."""
    return HttpResponse(status=204)


def closed(_request: HttpRequest) -> HttpResponse:
    """Answer where allauth would offer what we do not: signing up, a link by e-mail.

    Raises:
        Http404: always.
    """
    raise Http404


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that this page is for other roles, and nothing about it."""
    del exception
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    del exception
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Say that we failed, without what failed."""
    return render(request, "500.html", status=500)


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is too old to be believed."""
    del reason
    return render(request, "expired.html", status=403)
