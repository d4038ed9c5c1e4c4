# SPDX-License-Identifier: Apache-2.0
"""The page of one picture, and what somebody says on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from agent.core.case import Record, State
from agent.core.clearance import Clearance
from agent.core.errors import AgentError
from agent.media.model import Family, Kind
from service.office.accounts.models import User
from service.office.act_page import actor
from service.office.house import house, now
from service.office.keyring.holding import key_of, needs_key
from service.office.library import access, seen
from service.office.library.cases import record_of
from service.office.library.models import IndexedCase
from service.office.library.sentences import reason_for, sentences_for
from service.office.middleware import roles_of
from service.office.policy import ROUTES
from service.office.review import forms, held
from service.office.review.candidates import Candidates
from service.office.review.saying import Unclear, say_present
from service.office.review.surroundings import Line, Surroundings, history, surroundings
from service.office.review.telling import is_kept, say, tell, told
from service.office.review.views import common

_BESIDE = 3
_ERASE = "safeguarding:erase"
_KEYS = [
    ("1 to 6", "in a name field: take this person of the list"),
    ("7, 8, 9", "in a name field: adult or visitor, too small, I do not know"),
    ("Enter", "take what is chosen; on a button: press it"),
    ("Arrows", "through the list; they move a box that you draw, plus and minus size it"),
    ("J, P", "next, previous"),
    ("Z, C", "zoom, one face"),
    ("+, A, X", "a missed face, somebody was absent, a redacted copy"),
]


@require_http_methods(["GET", "HEAD", "POST"])
def picture(request: HttpRequest, case: str) -> HttpResponse:
    """Show one picture: why it is held, who may be in it, what was said; or take an answer."""
    return _answer(request, case) if request.method == "POST" else _page(request, case)


@needs_key
def _answer(request: HttpRequest, case: str) -> HttpResponse:
    """Take what somebody says of who is in it, and go on to the next picture of the filter."""
    one = common.to_answer(request, case)
    record, among = record_of(one.pk), common.among(request)
    people = common.people_of(request, record)
    around = surroundings(record, with_clearance=False)
    if request.POST.get("basis", "") != around.basis:
        return _page(
            request,
            case,
            unclear="Somebody has said something of this picture meanwhile. Look again.",
        )
    try:
        faces = record.facts.faces or 0
        act = say_present(record.case, forms.said(request.POST, faces, people), faces)
    except Unclear as unclear:
        return _page(request, case, unclear=str(unclear))
    after = held.neighbours(actor(request), roles_of(request), among, one, now().today).after
    tell(request, say(request, [act]))
    if after is None:
        return redirect("review:picture", case=case)
    return redirect(held.with_query(held.address(after), among))


def _page(request: HttpRequest, case: str, unclear: str = "") -> HttpResponse:
    one, among = common.found(request, case), common.among(request)
    context = {
        "id": case,
        "here": case,
        "here_again": held.with_query(request.path, among),
        "among": among,
        "around": held.neighbours(actor(request), roles_of(request), among, one, now().today),
        "told": told(request),
        "keys": _KEYS,
        "unclear": unclear,
    }
    if one.station != house().site().station.station:
        context |= _elsewhere(request, one)
    else:
        context |= _here(request, one)
    return render(request, "review/picture.html", context)


def _elsewhere(request: HttpRequest, one: IndexedCase) -> dict[str, Any]:
    """Return what is known of a picture of another computer: nothing is asked of it here."""
    return {
        "elsewhere": True,
        "is_held": not one.is_kept,
        "is_frozen": one.is_frozen,
        "is_withheld": not access.may_read_why(roles_of(request), one.all_concerns),
        "sentences": sentences_for(roles_of(request), one.all_concerns),
        "seen_by": seen.seen_by(one),
    }


def _here(request: HttpRequest, one: IndexedCase) -> dict[str, Any]:
    record = record_of(one.pk)
    around = surroundings(record)
    context: dict[str, Any] = {"is_held": not is_kept(record), "is_frozen": around.is_frozen}
    if around.is_frozen:
        return context
    roles, people = roles_of(request), common.people_of(request, record)
    context["sentences"] = sentences_for(roles, record.ruling.concerns)
    context["is_withheld"] = not access.may_read_why(roles, record.ruling.concerns)
    if not context["is_withheld"]:
        context |= {
            "cleared": _cleared(around.cleared, roles),
            "lines": _shown_lines(history(around, people), record),
            "seen_by": seen.seen_by(one),
        }
    return context | _asked(request, one, record, around, people)


def _asked(
    request: HttpRequest,
    one: IndexedCase,
    record: Record,
    around: Surroundings,
    people: Candidates,
) -> dict[str, Any]:
    """Return what the page needs to show the picture and to ask: the key must be there."""
    if not common.may_look(request, one):
        return {}
    key = key_of(request)
    if key is None:
        return {"may_look": True}
    try:
        what = common.shown(key, record)
    except AgentError as error:
        return {"cannot": f"The picture cannot be opened: {error}. {error.remedy}"}
    beside = [text for text in request.POST.getlist("beside") if text.strip()]
    return {
        "may_look": True,
        "shown": common.typed(what, request) if request.method == "POST" else what,
        "asking": record.state not in (State.ERASING, State.ERASED),
        "people": people,
        "words": forms.WORDS,
        "basis": around.basis,
        "typed_beside": bool(beside),
        "beside": [*beside, *[""] * _BESIDE],
        "erase": _erase(request, record),
        "can_absent": bool(around.sittings),
        "can_cover": record.evidence.refusal is None and _is_still(record),
    }


def _erase(request: HttpRequest, record: Record) -> str:
    """Return where a held picture is proposed to be erased; nothing where that is not theirs."""
    rule = ROUTES.get(_ERASE)
    if rule is None or is_kept(record) or not rule.admits(roles_of(request)):
        return ""
    return reverse(_ERASE, args=[record.case])


def _is_still(record: Record) -> bool:
    kind = Kind.__members__.get(record.kind)
    return kind is not None and kind.family is Family.STILL


def _cleared(cleared: Sequence[Clearance], roles: frozenset[Any]) -> list[dict[str, str]]:
    labels = house().site().policy.purposes
    return [
        {
            "label": labels[one.purpose].label if one.purpose in labels else one.purpose,
            "why": "" if one.is_granted else reason_for(roles, one.concerns),
        }
        for one in cleared
    ]


def _shown_lines(lines: Sequence[Line], record: Record) -> list[dict[str, Any]]:
    """Return the time line with names of accounts, newest first, down to the arrival."""
    names = dict(
        User.objects.filter(pk__in={line.by.account for line in lines}).values_list("pk", "name")
    )
    shown: list[dict[str, Any]] = [
        {
            "id": line.id,
            "at": line.at,
            "by": names.get(line.by.account, "at the computer itself"),
            "what": line.what,
            "details": line.details,
            "may_be_taken_back": line.may_be_taken_back,
        }
        for line in lines
    ]
    shown.append(_of_program(record.ruling.decided_at, _decided(record)))
    shown.append(_of_program(record.arrived_at, "Arrived."))
    return sorted(shown, key=lambda line: line["at"], reverse=True)


def _decided(record: Record) -> str:
    times = "" if record.rulings == 1 else f", {record.rulings} times so far"
    return f"Decided{times}: {'kept' if is_kept(record) else 'held'}."


def _of_program(at: datetime, what: str) -> dict[str, Any]:
    return {"at": at, "by": "the program", "what": what}
