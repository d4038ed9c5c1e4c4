# SPDX-License-Identifier: Apache-2.0
"""Absence, one answer for many pictures, and taking back: each a fact with who said it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from agent.core.attribution import NOTHING_SAID
from agent.core.case import Record
from agent.core.desk import Act, SayAbsent, SayPresent
from agent.core.statements import StatementKind
from service.office.keyring.holding import OpenKey, key_of, needs_key
from service.office.library.cases import record_of
from service.office.library.models import IndexedCase
from service.office.review import forms, held
from service.office.review.candidates import Candidates
from service.office.review.saying import (
    Looks,
    Unclear,
    check_for_many,
    differences,
    is_newest,
    say_present,
    take_back,
)
from service.office.review.surroundings import (
    Surroundings,
    pictures_of_sittings,
    surroundings,
)
from service.office.review.telling import last_act, say, tell
from service.office.review.views import common

MOST = 200
_MANY = "review.many"


@require_http_methods(["GET", "HEAD", "POST"])
@needs_key
def absent(request: HttpRequest, case: str) -> HttpResponse:
    """Show who belongs to the sitting's classes, and take who of them was not there."""
    one = common.to_answer(request, case)
    record = record_of(one.pk)
    around, people = surroundings(record, with_clearance=False), common.people_of(request, record)
    context = _roster(record, around, people)
    if request.method == "POST":
        try:
            act = _absent(request, record, around, people)
        except Unclear as unclear:
            context["unclear"] = str(unclear)
        else:
            tell(request, say(request, [act]))
            return redirect(held.with_query(held.address(case), common.among(request)))
    return render(
        request,
        "review/absent.html",
        {"id": case, "among": common.among(request), **context},
    )


def _roster(record: Record, around: Surroundings, people: Candidates) -> dict[str, Any]:
    return {
        "basis": around.basis,
        "pictures": pictures_of_sittings(record),
        "roster": [
            {"token": row.token, "label": row.label, "is_absent": row.token in around.absent}
            for row in people.near
        ],
    }


def _absent(
    request: HttpRequest, record: Record, around: Surroundings, people: Candidates
) -> SayAbsent:
    """Return who was absent: those ticked, and those whom this person may not see stay absent."""
    if request.POST.get("basis", "") != around.basis:
        raise Unclear("Somebody has said something of this sitting meanwhile. Look again.")
    ticked = people.known(request.POST.getlist("absent"))
    listed = {row.token for row in people.near}
    unseen = {token for token in around.absent if token not in listed}
    return SayAbsent(case=record.case, people=tuple(sorted({*ticked, *unseen})))


@require_http_methods(["GET", "HEAD", "POST"])
@needs_key
def same(request: HttpRequest) -> HttpResponse:
    """Answer several ticked pictures at once; each gets a statement of its own.

    Where one of them looks otherwise than the first, nothing is said: they are shown.
    """
    chosen = _chosen(request)
    among = common.among(request)
    if not chosen:
        return redirect(held.with_query(reverse("review:queue"), among))
    records = [record_of(one.pk) for one in chosen]
    different = differences(_looks(records[0]), {r.case: _looks(r) for r in records[1:]})
    fitting = [record for record in records if record.case not in different]
    context: dict[str, Any] = {
        "among": among,
        "count": len(records),
        "fitting": [record.case for record in fitting],
        "previews": [_thumbnail(record.case) for record in fitting],
        "differing": [
            {"id": case, "why": why, "preview": _thumbnail(case)} for case, why in different.items()
        ],
    }
    if not different:
        people = common.people_of(request, records[0])
        if request.method == "POST" and "everyone" in request.POST:
            try:
                acts = [_same(request, record, people) for record in records]
            except Unclear as unclear:
                context["unclear"] = str(unclear)
            else:
                tell(request, say(request, acts))
                return redirect(held.with_query(reverse("review:queue"), among))
        context |= _asked(request, records[0], people, key_of(request))
    return render(request, "review/same.html", context)


def _chosen(request: HttpRequest) -> list[IndexedCase]:
    """Return the ticked pictures, kept in the session from the queue to the answer.

    Raises:
        PermissionDenied: one of them is not theirs to look at.
    """
    if request.method == "POST" and "case" in request.POST:
        request.session[_MANY] = request.POST.getlist("case")[:MOST]
    return [common.to_answer(request, case) for case in request.session.get(_MANY, [])]


def _thumbnail(case: str) -> str:
    return common.picture_address("pictures:thumbnail", case)


def _looks(record: Record) -> Looks:
    around = surroundings(record, with_clearance=False)
    return Looks(
        faces=record.facts.faces,
        kind=record.kind,
        rosters=frozenset(record.facts.attribution.rosters),
        is_said=around.is_said,
    )


def _same(request: HttpRequest, record: Record, people: Candidates) -> Act:
    faces = record.facts.faces or 0
    answer = forms.said(request.POST, faces, people)
    check_for_many(answer)
    return say_present(record.case, answer, faces)


def _asked(
    request: HttpRequest, first: Record, people: Candidates, key: OpenKey | None
) -> dict[str, Any]:
    if key is None:
        raise PermissionDenied("the key was locked meanwhile")
    what = common.shown(key, first)
    beside = [text for text in request.POST.getlist("beside") if text.strip()]
    return {
        "shown": common.typed(what, request) if request.method == "POST" else what,
        "people": people,
        "words": [(value, text) for value, text in forms.WORDS if value != "too_small"],
        "beside": [*beside, "", ""],
    }


@require_POST
@needs_key
def undo(request: HttpRequest, case: str, statement: str) -> HttpResponse:
    """Say again what was said before one statement, or that nothing is said."""
    acts = _undone(request, case, statement)
    tell(request, say(request, acts), undone=True)
    return redirect(held.with_query(held.address(case), common.among(request)))


@require_POST
@needs_key
def undo_last(request: HttpRequest) -> HttpResponse:
    """Take back the last act of this session, of however many pictures it was."""
    acts = [
        act for case, statement in last_act(request) for act in _undone(request, case, statement)
    ]
    tell(request, say(request, acts), undone=True)
    cases = {str(act.case) for act in acts}
    there = held.address(cases.pop()) if len(cases) == 1 else reverse("review:queue")
    return redirect(held.with_query(there, common.among(request)))


def _undone(request: HttpRequest, case: str, statement: str) -> list[SayPresent | SayAbsent]:
    """Return what takes one statement back; nothing where something newer was said."""
    record = record_of(common.to_answer(request, case).pk)
    said = surroundings(record, with_clearance=False).statements
    mine = [one for one in said if one.id == statement]
    if not mine:
        raise Http404
    if not all(is_newest(one, said) for one in mine):
        return []
    if mine[0].kind is StatementKind.PRESENT and _says_nothing(mine[0].present, mine[0].people):
        return []
    about = {one.about for one in mine}
    earlier = [one for one in said[: said.index(mine[0])] if one.about in about]
    return list(take_back(mine[0], earlier, record.case))


def _says_nothing(present: object, people: object) -> bool:
    return present == NOTHING_SAID and not people
