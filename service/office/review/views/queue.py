# SPDX-License-Identifier: Apache-2.0
"""The held queue: a grid of what waits for a word of somebody, and a list of text while locked."""

from collections.abc import Sequence
from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from agent.core.model import CaseId
from agent.freezing import is_frozen
from agent.ports import Known
from service.office.act_page import actor
from service.office.house import now
from service.office.keyring.holding import key_of
from service.office.library import access
from service.office.library.looking import open_looking
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
    cards = _cards(request, list(page.object_list), page.start_index(), unlocked=unlocked)
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


def _cards(
    request: HttpRequest, cases: Sequence[IndexedCase], first: int, *, unlocked: bool
) -> list[dict[str, Any]]:
    """Return the cards of a page; journal and desk are opened once for all of them."""
    if not cases:
        return []
    with open_looking() as known:
        return [
            _card(request, known, one, number, unlocked=unlocked)
            for number, one in enumerate(cases, start=first)
        ]


def _card(
    request: HttpRequest, known: Known, one: IndexedCase, number: int, *, unlocked: bool
) -> dict[str, Any]:
    user, roles = actor(request), roles_of(request)
    record = known.journal.find(CaseId(one.pk))
    frozen = one.is_frozen or (record is not None and is_frozen(known, record.case, record.group))
    looks = access.may_look(known, user, roles, record)
    return {
        "id": one.pk,
        "number": number,
        "preview": picture_address("pictures:thumbnail", one.pk) if looks and unlocked else "",
        "grey": "Frozen" if frozen else ("Locked" if looks else "Held"),
        "why": "Frozen" if frozen else reason_for(roles, one.all_concerns),
        "counts": "" if frozen else held.counts(one),
        "age": held.age_of(one.arrived_at, now().today),
        "can_tick": looks and unlocked,
    }
