# SPDX-License-Identifier: Apache-2.0
"""What the pages of the review share: finding a case, what is shown of it, the filter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse

from agent.core.case import Record
from service.office.act_page import actor
from service.office.house import now
from service.office.keyring.holding import OpenKey
from service.office.library import access
from service.office.library.models import IndexedCase
from service.office.middleware import roles_of
from service.office.pictures.facts import facts_of
from service.office.policy import ROUTES
from service.office.review import held
from service.office.review.candidates import Candidates, candidates


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFace:
    """One numbered face: where it is, in percent of the picture, and what was typed of it."""

    number: int
    box: str = ""
    crop: str = ""
    typed: str = ""
    whose: str = ""
    covered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture as its page shows it: its numbered faces."""

    id: str
    preview: str
    faces: Sequence[ShownFace]
    is_counted: bool


def shown(key: OpenKey, record: Record) -> Shown:
    """Return the faces of a picture with their places, which only the sealed facts hold.

    Raises:
        AgentError: it cannot be opened.
    """
    listed = facts_of(key, record).get("faces") or []
    counted = record.facts.faces
    total = 0 if counted is None else max(counted, len(listed))
    faces = [
        ShownFace(
            number=n,
            box=_percent(listed[n - 1]),
            crop=picture_address("pictures:face", record.case, n),
        )
        if n <= len(listed)
        else ShownFace(number=n)
        for n in range(1, total + 1)
    ]
    preview = picture_address("pictures:preview", record.case)
    return Shown(id=record.case, preview=preview, faces=faces, is_counted=counted is not None)


def picture_address(route: str, *given: object) -> str:
    """Return where a picture is shown; nothing where this console shows none."""
    return reverse(route, args=given) if route in ROUTES else ""


def _percent(face: Sequence[str]) -> str:
    return " ".join(f"{float(part) * 100:.2f}" for part in face[:4])


def typed(what: Shown, request: HttpRequest) -> Shown:
    """Return the faces with what somebody typed of each, so that nothing is typed twice."""
    sent, ticked = request.POST, set(request.POST.getlist("cover"))
    faces = [
        replace(
            face,
            typed=sent.get(f"face-{face.number}-name", ""),
            whose=sent.get(f"face-{face.number}-is", ""),
            covered=str(face.number) in ticked,
        )
        for face in what.faces
    ]
    return replace(what, faces=faces)


def found(request: HttpRequest, case: str) -> IndexedCase:
    """Return a case that whoever asks may know of.

    Raises:
        Http404: there is none, or they may not.
    """
    return access.found(actor(request), roles_of(request), case)


def may_look(request: HttpRequest, case: IndexedCase) -> bool:
    """Tell whether whoever asks may look at a picture, as things stand at this moment."""
    return access.may_look_at(actor(request), roles_of(request), case)


def to_answer(request: HttpRequest, case: str) -> IndexedCase:
    """Return a case of which whoever asks may say something: only what they may look at.

    Raises:
        Http404: there is none, or they may not know of it.
        PermissionDenied: they may not look at it.
    """
    one = found(request, case)
    if not may_look(request, one):
        raise PermissionDenied("who may not look at a picture says nothing of it")
    return one


def people_of(request: HttpRequest, record: Record) -> Candidates:
    """Return whom whoever asks may name in a picture."""
    rosters = record.facts.attribution.rosters
    return candidates(actor(request), roles_of(request), rosters, now().today)


def among(request: HttpRequest) -> str:
    """Return the filter that somebody is working through, as a query; it comes with each page."""
    query = request.GET if request.method in ("GET", "HEAD") else request.POST
    if request.method == "POST":
        return held.Filter.from_text(query.get("among", "")).query
    return held.Filter.of(query).query
