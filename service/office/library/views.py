# SPDX-License-Identifier: Apache-2.0
"""The page of the library: find pictures by child, class, day, sitting and purpose."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from service.office.act_page import actor
from service.office.keyring.holding import key_of
from service.office.library import finding
from service.office.middleware import roles_of
from service.office.register.queries import open_groups, visible


@require_safe
def pictures(request: HttpRequest) -> HttpResponse:
    """Show the pictures that somebody looks for; the list works without the key, by words.

    The address holds opaque ids, codes and days.
    """
    user, roles = actor(request), roles_of(request)
    wanted = finding.Wanted.of(request.GET)
    shelf = finding.shelf(user, roles, wanted)
    context = {
        "wanted": wanted,
        "pictures": shelf.pictures,
        "older": wanted.query(shelf.after) if shelf.after else "",
        "newest": wanted.query() if wanted.after else None,
        "child": visible(user, roles).filter(pk=wanted.child).first() if wanted.child else None,
        "groups": open_groups(user, roles),
        "purposes": finding.purposes(),
        "unlocked": key_of(request) is not None,
    }
    return render(request, "library/pictures.html", context)
