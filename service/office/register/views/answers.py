# SPDX-License-Identifier: Apache-2.0
"""Pages on which answers are recorded, taken back and corrected."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from service.office.act_page import ActPage, actor, given
from service.office.acts import Act
from service.office.house import now
from service.office.register.acts import answers as acts
from service.office.register.forms import AnswersForm, CorrectionForm, WithdrawForm
from service.office.register.models import Answer, Evidence
from service.office.register.views.people import address, found, page_of


@page_of
def record(request: HttpRequest, person: str) -> HttpResponse:
    """Record what somebody said."""
    one = found(request, person)
    form = AnswersForm(person=one, initial={"given_on": now().today}, **given(request))
    page = ActPage(
        title=f"Record answers for {one.name}",
        submit="Record",
        then=address(one),
        said="Recorded.",
        files=True,
    )

    def act(said: dict[str, Any]) -> Act:
        return acts.RecordAnswers(
            by=actor(request),
            person=one,
            guardian=form.guardian(),
            says=form.says(),
            given_on=said["given_on"],
            valid_until=said["valid_until"],
            how=said["how"],
            note=said["note"],
            evidence=_kept(request, said["scan"], one.id),
        )

    return page.answer(request, form, act)


@page_of
def withdraw(request: HttpRequest, person: str) -> HttpResponse:
    """Take permission back, at once: everything that has an answer is ticked already."""
    one = found(request, person)
    answered = one.answers.filter(correction__isnull=True, says="yes")
    guardians = list(answered.values_list("guardian", flat=True).distinct())
    initial = {
        "purposes": sorted(set(answered.values_list("purpose", flat=True))),
        "answerer": (guardians[0] if guardians else None) or "self",
        "given_on": now().today,
        "how": "telephone",
    }
    form = WithdrawForm(person=one, initial=initial, **given(request))
    page = ActPage(
        title=f"Withdraw permission for {one.name}",
        submit="Withdraw now",
        then=address(one),
        said="Withdrawn. It counts from now on, everywhere.",
        intro="It counts at once. The picture in the school's own records, which identifies "
        "pupils, and whatever is frozen are not touched. Ask for a letter that confirms a call.",
        warning=True,
    )
    return page.answer(
        request,
        form,
        lambda said: acts.Withdraw(
            by=actor(request),
            person=one,
            guardian=form.guardian(),
            says=dict.fromkeys(said["purposes"], "withdrawn"),
            given_on=said["given_on"],
            how=said["how"],
            note=said["note"],
        ),
    )


@page_of
def correct(request: HttpRequest, person: str, answer: str) -> HttpResponse:
    """Say that an answer was entered by mistake."""
    one = found(request, person)
    wrong = get_object_or_404(Answer, id=answer, person=one)
    page = ActPage(
        title="Correct an entry",
        submit="Correct it",
        then=address(one),
        said="Corrected. The mistake stays in the history.",
        intro=f"{one.name}, {wrong.purpose.label}: {wrong.says}, {wrong.given_on:%d/%m/%Y}.",
    )
    return page.answer(
        request,
        CorrectionForm(**given(request)),
        lambda said: acts.CorrectAnswer(
            by=actor(request),
            person=one,
            guardian=wrong.guardian,
            says={wrong.purpose: said["says"]} if said["says"] else {},
            given_on=wrong.given_on,
            how=wrong.how,
            answer=wrong,
            why=said["why"],
        ),
    )


def _kept(request: HttpRequest, scan: Any, person: str) -> Evidence | None:  # noqa: ANN401 - an upload
    """Keep a scan as an act of its own, before the answers that cite it."""
    if scan is None:
        return None
    one = found(request, person)
    event = acts.KeepEvidence(by=actor(request), person=one, content=scan.read()).do()
    return Evidence.objects.get(id=event.body["evidence"]) if event else None
