# SPDX-License-Identifier: Apache-2.0
"""The held queue: a grid of what waits for a word of somebody, and a list of text while locked."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from service.office.act_page import actor
from service.office.house import now
from service.office.keyring.holding import key_of
from service.office.library import access
from service.office.library.models import IndexedCase
from service.office.library.sentences import reason_for
from service.office.middleware import roles_of
from service.office.review import held
from service.office.review.telling import told
from service.office.review.views.common import picture_address

PAGE: Final = 60
_KEYS: Final = [
    ("Arrows", "from picture to picture"),
    ("Space", "tick; with Shift, tick all between"),
    ("Enter", "open"),
]


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Show the held pictures of a filter."""
    user, roles, today = actor(request), roles_of(request), now().today
    wanted = held.Filter.of(request.GET)
    page = Paginator(held.chosen(user, roles, wanted, today), PAGE).get_page(
        request.GET.get("page", "1")
    )
    unlocked = key_of(request) is not None
    cards = [
        _card(request, one, number, unlocked=unlocked)
        for number, one in enumerate(page.object_list, start=page.start_index())
    ]
    query = wanted.query
    context = {
        "cards": cards,
        "page": page,
        "filters": held.chips(user, roles, wanted, today),
        "filtered": bool(query),
        "among": query,
        "among_and": f"{query}&" if query else "",
        "here_again": held.with_query(request.path, query),
        "unlocked": unlocked,
        "told": told(request),
        "empty": held.nothing(user, roles, today),
        "keys": _KEYS,
    }
    return render(request, "review/queue.html", context)


def _card(request: HttpRequest, one: IndexedCase, number: int, *, unlocked: bool) -> dict[str, Any]:
    user, roles = actor(request), roles_of(request)
    looks = access.may_look_at(user, roles, one)
    why = "Frozen" if one.is_frozen else reason_for(roles, one.all_concerns)
    return {
        "id": one.pk,
        "number": number,
        "preview": picture_address("pictures:thumbnail", one.pk) if looks and unlocked else "",
        "grey": "Frozen" if one.is_frozen else ("Locked" if looks else "Held"),
        "why": why,
        "counts": "" if one.is_frozen else held.counts(one),
        "age": held.age_of(one.arrived_at, now().today),
        "can_tick": looks and unlocked,
    }
