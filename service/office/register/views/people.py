# SPDX-License-Identifier: Apache-2.0
"""Pages about people: the list with search, one person with the grid, and what is done to them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from service.office.act_page import ActPage, actor, given
from service.office.house import now
from service.office.library.finding import count_of
from service.office.middleware import roles_of
from service.office.policy import RESTRICTION_REASONS
from service.office.register import queries
from service.office.register.acts import people as acts
from service.office.register.forms import (
    GuardianChangeForm,
    GuardianForm,
    LeavingForm,
    NewPersonForm,
    PersonForm,
    ReasonForm,
)
from service.office.register.models import Guardian, Person

page_of = require_http_methods(["GET", "POST"])
_SEARCH = "register_search"
_FIELDS = (
    "given_name", "family_name", "known_as", "reference", "upn", "born_on", "year_group",
    "also_tagged",
)  # fmt: skip


def address(person: Person) -> str:
    """Return the address of a person's page."""
    return reverse("register:person", args=[person.id])


def attached(content: bytes, name: str, kind: str) -> HttpResponse:
    """Return a file to be saved or printed; a browser runs nothing in it and keeps no copy."""
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def found(request: HttpRequest, person: str) -> Person:
    """Return a person whom whoever asks may see.

    Raises:
        Http404: there is none, or they may not.
    """
    return get_object_or_404(queries.visible(actor(request), roles_of(request)), pk=person)


@require_http_methods(["GET", "HEAD", "POST"])
def children(request: HttpRequest) -> HttpResponse:
    """Show the people that match a search, with how they stand.

    What is searched is sent and kept in the session: an address with a name in it would stay in the
    browser's history.
    """
    if request.method == "POST":
        cleared = "clear" in request.POST
        request.session[_SEARCH] = ["", ""] if cleared else _searched(request)
        return redirect("register:children")
    user, roles = actor(request), roles_of(request)
    text, group = request.session.get(_SEARCH, ["", ""])
    number = request.GET.get("page", "1")
    listing = queries.listing(
        queries.visible(user, roles),
        text,
        group,
        int(number) if number.isdecimal() else 1,
        now().today,
    )
    context = {
        "listing": listing,
        "text": text,
        "group": group,
        "groups": queries.open_groups(user, roles).values_list("id", "name"),
    }
    return render(request, "register/children.html", context)


@require_safe
def person(request: HttpRequest, person: str) -> HttpResponse:
    """Show one person: who answers, what they said, how the person stands."""
    one, roles = found(request, person), roles_of(request)
    full = queries.sees_everybody(roles)
    context = {
        "person": one,
        "full": full,
        "grid": queries.grid(one, now().today),
        "restricted": queries.is_restricted(one),
        "pictures": count_of(actor(request), roles, one),
        "may_read_reason": RESTRICTION_REASONS.admits(roles),
        "history": queries.history(one)[:60] if full else [],
        "groups": one.memberships.filter(until__isnull=True).select_related("group"),
    }
    return render(request, "register/person.html", context)


@page_of
def person_add(request: HttpRequest) -> HttpResponse:
    """Add somebody."""
    page = ActPage(
        title="Add a person", submit="Add", then=reverse("register:children"), said="Added."
    )
    return page.answer(
        request,
        NewPersonForm(**given(request)),
        lambda said: acts.AddPerson(by=actor(request), sort=said["sort"], fields=_fields(said)),
    )


@page_of
def person_change(request: HttpRequest, person: str) -> HttpResponse:
    """Change what is said of somebody."""
    one = found(request, person)
    page = ActPage(title=f"Change {one.name}", submit="Save", then=address(one))
    initial = {name: getattr(one, name) for name in _FIELDS}
    return page.answer(
        request,
        PersonForm(initial=initial, **given(request)),
        lambda said: acts.ChangePerson(by=actor(request), person=one, fields=_fields(said)),
    )


@page_of
def person_leave(request: HttpRequest, person: str) -> HttpResponse:
    """Say that somebody leaves."""
    one = found(request, person)
    page = ActPage(
        title=f"{one.name} leaves the school",
        submit="Save the last day",
        then=address(one),
        intro="Permission for whatever reaches families or the world ends with that day.",
    )
    return page.answer(
        request,
        LeavingForm(initial={"on": one.left_on}, **given(request)),
        lambda said: acts.LetPersonLeave(by=actor(request), person=one, on=said["on"]),
    )


@page_of
def restrict(request: HttpRequest, person: str) -> HttpResponse:
    """Say that somebody must not be photographed."""
    one = found(request, person)
    page = ActPage(
        title=f"Do not photograph {one.name}",
        submit="Set it now",
        then=address(one),
        intro="It counts at once and before every answer. Colleagues see that, never the reason.",
        warning=True,
    )
    return page.answer(
        request,
        ReasonForm(**given(request)),
        lambda said: acts.Restrict(by=actor(request), person=one, reason=said["reason"]),
    )


@page_of
def restriction_lift(request: HttpRequest, person: str) -> HttpResponse:
    """Say that somebody may be photographed again."""
    one = found(request, person)
    page = ActPage(
        title=f"Let {one.name} be photographed again",
        submit="Lift it",
        then=address(one),
        intro="From then on the answers of the family count again.",
        warning=True,
    )
    return page.answer(
        request,
        ReasonForm(**given(request)),
        lambda said: acts.LiftRestriction(by=actor(request), person=one, reason=said["reason"]),
    )


@page_of
def restriction_reasons(request: HttpRequest, person: str) -> HttpResponse:
    """Show why somebody must not be photographed; that it was read is recorded."""
    one = found(request, person)
    acts.ReadRestriction(by=actor(request), person=one).do()
    context = {"person": one, "reasons": queries.restriction_reasons(one)}
    return render(request, "register/reasons.html", context)


@page_of
def guardian_add(request: HttpRequest, person: str) -> HttpResponse:
    """Add somebody who answers for a child."""
    one = found(request, person)
    page = ActPage(title=f"Who answers for {one.name}?", submit="Add", then=address(one))
    return page.answer(
        request,
        GuardianForm(**given(request)),
        lambda said: acts.SetGuardian(by=actor(request), person=one, **said),
    )


@page_of
def guardian_change(request: HttpRequest, person: str, guardian: str) -> HttpResponse:
    """Change in what right somebody answers for a child."""
    one = found(request, person)
    theirs = Guardian.objects.filter(guardianships__person=one).distinct()
    who = get_object_or_404(theirs, pk=guardian)
    ship = who.guardianships.filter(person=one).latest("number")
    page = ActPage(title=f"{who.name}, for {one.name}", submit="Save", then=address(one))
    names = ("relationship", "capacity", "delegation_seen_on", "ended")
    return page.answer(
        request,
        GuardianChangeForm(initial={n: getattr(ship, n) for n in names}, **given(request)),
        lambda said: acts.SetGuardian(by=actor(request), person=one, guardian=who, **said),
    )


def _searched(request: HttpRequest) -> list[str]:
    return [request.POST.get("q", "")[:100], request.POST.get("class", "")[:26]]


def _fields(said: dict[str, object]) -> acts.PersonFields:
    return acts.PersonFields(**{name: said[name] for name in _FIELDS})  # type: ignore[arg-type]  # the form's types
