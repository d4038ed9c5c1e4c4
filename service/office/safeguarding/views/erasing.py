# SPDX-License-Identifier: Apache-2.0
"""The pages of erasing and of strange devices: propose, confirm, take back; what is due."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agent.core.errors import AgentError
from agent.handing_in import take_in_now
from service.office.act_page import actor, given
from service.office.acts import Act, Refused
from service.office.four_eyes import are_two
from service.office.house import house, now
from service.office.middleware import roles_of
from service.office.safeguarding import devices, erasing
from service.office.safeguarding.acts import ConfirmErasure, ProposeErasure, TakeBackErasure
from service.office.safeguarding.forms import CountForm, EraseForm
from service.office.safeguarding.models import ErasureProposal

_REMEMBERED = 20
_SAID: Mapping[type[Act], str] = {
    ProposeErasure: "Proposed. Another person of the office, or the head, confirms it.",
    ConfirmErasure: "Confirmed: it was handed in to the agent, which erases it for ever.",
    TakeBackErasure: "Taken back.",
}


@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, case: str) -> HttpResponse:
    """Show what is known of a held picture, and propose to erase it."""
    if not house().has_site:
        raise Http404
    with erasing.facts() as known:
        record = known.find(case)
        if record is None:
            raise Http404
        one = erasing.held(record, roles_of(request))
        may = known.shown(case) is not None
        frozen = known.is_frozen(record)
    waiting = [one for one in erasing.open_proposals() if one.case == case]
    form = EraseForm(**(given(request) or {"initial": {"shown": one.shown}}))
    act = _about_one(request, case, waiting, form) if request.method == "POST" else None
    if act is not None and _done(request, act):
        return redirect("safeguarding:proposals")
    confirmable = [p for p in waiting if are_two(p.proposed_by, actor(request), now().at)]
    context = {
        "form": form,
        "one": one,
        "may": may,
        "frozen": frozen,
        "waiting": waiting,
        "mine": confirmable,
    }
    return render(request, "safeguarding/erase.html", context)


def _about_one(
    request: HttpRequest, case: str, waiting: Sequence[ErasureProposal], form: EraseForm
) -> Act | None:
    """Return the act that one picture's page asks for; None where it is not filled in rightly."""
    if "confirm" in request.POST:
        asked = [one.id for one in waiting if one.id == request.POST["confirm"]]
        return ConfirmErasure(by=actor(request), proposals=asked)
    if not form.is_valid():
        return None
    said = form.cleaned_data
    return ProposeErasure(by=actor(request), cases={case: said["shown"]}, reason=said["reason"])


@require_http_methods(["GET", "HEAD", "POST"])
def proposals(request: HttpRequest) -> HttpResponse:
    """Show what waits for a second person, what is due, and what became of the rest."""
    if not house().has_site:
        return render(request, "safeguarding/proposals.html", {"rows": [], "due": [], "days": 0})
    context = _context(request)
    if request.method == "POST":
        act = _batch(request, context)
        if act is not None and _done(request, act):
            return redirect("safeguarding:proposals")
    return render(request, "safeguarding/proposals.html", context)


@require_POST
def take_back(request: HttpRequest, proposal: str) -> HttpResponse:
    """Take a proposal back."""
    _done(request, TakeBackErasure(by=actor(request), proposal=proposal))
    return redirect("safeguarding:proposals")


@require_safe
def strange(request: HttpRequest) -> HttpResponse:
    """Show pictures whose metadata indicates a device that is not on the register."""
    return render(request, "safeguarding/devices.html", {"rows": devices.detections()})


def _context(request: HttpRequest) -> dict[str, Any]:
    user, roles, at = actor(request), roles_of(request), now().at
    with erasing.facts() as known:
        waiting = [(one, erasing.standing(one, known, at)) for one in erasing.open_proposals()]
        found = known.due()
        open_cases = {one.case for one, dead in waiting if not dead}
        cases = [case for case in found.proposed if case not in open_cases][: erasing.MOST]
        due = [erasing.held(r, roles) for case in cases if (r := known.find(case)) is not None]
        trusted, days = known.moment.trusted, known.days
    rows = [
        (one, dead or ("" if are_two(one.proposed_by, user, at) else "Somebody else must confirm"))
        for one, dead in waiting
    ]
    mine = [one for one, why_not in rows if not why_not][: erasing.MOST]
    done = ErasureProposal.objects.filter(confirmed_at__isnull=False).order_by("-confirmed_at")
    done = done.select_related("proposed_by", "confirmed_by")[:_REMEMBERED]
    return {
        "rows": rows,
        "mine": mine,
        "due": due,
        "days": days,
        "frozen": len(found.frozen),
        "trusted": trusted,
        "done": [(one, erasing.became(one)) for one in done],
        "confirm_form": _count_form(request, "confirm", len(mine), _of([p.id for p in mine])),
        "due_form": _count_form(
            request, "due", len(due), _of([one.case + one.shown for one in due])
        ),
    }


def _count_form(request: HttpRequest, what: str, number: int, listed: str) -> CountForm:
    """Return the form that asks for a count, bound if it is the one that was sent."""
    sent = request.method == "POST" and request.POST.get("what") == what
    start = {"what": what, "listed": listed}
    return CountForm(
        number, listed, data=request.POST if sent else None, initial=start, prefix="", what=what
    )


def _batch(request: HttpRequest, context: dict[str, Any]) -> Act | None:
    """Return the act that one of the two forms asks for; None where it is not filled in rightly."""
    confirm, due = context["confirm_form"], context["due_form"]
    if confirm.is_bound and confirm.is_valid():
        return ConfirmErasure(by=actor(request), proposals=[p.id for p in context["mine"]])
    if due.is_bound and due.is_valid():
        cases = {one.case: one.shown for one in context["due"]}
        return ProposeErasure(by=actor(request), cases=cases, reason="held_too_long")
    return None


def _of(ids: Sequence[str]) -> str:
    """Return the digest of a listing: what is confirmed is what was shown."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def _done(request: HttpRequest, act: Act) -> bool:
    """Do an act and say so; what was confirmed is taken in at once where no agent runs."""
    try:
        act.do()
    except Refused as error:
        messages.warning(request, " ".join(error.messages))
        return False
    messages.success(request, _SAID[type(act)])
    if isinstance(act, ConfirmErasure):
        with suppress(AgentError):  # it lies on the desk; what became of it stands on the page
            take_in_now(house().site())
    return True
