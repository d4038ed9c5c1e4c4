# SPDX-License-Identifier: Apache-2.0
"""Pages about answers that somebody must ask for, letters that ask, and a class's card."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from agent.core.errors import AgentError
from service.office.act_page import ActPage, actor, given
from service.office.acts import Refused
from service.office.house import house, now
from service.office.middleware import roles_of
from service.office.register import asking, letters, queries
from service.office.register.acts.printing import PrintLetters, PrintList
from service.office.register.forms import CardForm
from service.office.register.models import Person
from service.office.register.views.people import attached, page_of

_CARD_DAYS = timedelta(days=7)
_TABS = dict(asking.TABS)


@require_safe
def answers(request: HttpRequest) -> HttpResponse:
    """Show whose answers end soon, are missing, disputed, or were withdrawn."""
    tab = request.GET.get("tab", "ending")
    tab = tab if tab in _TABS else "ending"
    user, roles = actor(request), roles_of(request)
    groups = queries.open_groups(user, roles)
    group = request.GET.get("class", "")
    found = asking.asked(queries.visible(user, roles), group, now().today)
    number = request.GET.get("page", "1")
    page = Paginator(found[tab], queries.PAGE).get_page(number)
    context = {
        "tab": tab,
        "tabs": [(word, label, len(found[word])) for word, label in asking.TABS],
        "page": page,
        "groups": groups,
        "group": group,
        "query": f"tab={tab}&class={group}&",
    }
    return render(request, "register/answers.html", context)


@require_POST
def print_letters(request: HttpRequest) -> HttpResponse:
    """Answer with letters, one a guardian, for the children that were ticked."""
    back = redirect("register:answers")
    people = list(
        queries.visible(actor(request), roles_of(request)).filter(
            pk__in=request.POST.getlist("people"), sort="pupil"
        )
    )
    made = letters.letters_of(people, now().today)
    if people and not made:
        messages.warning(
            request, "Nobody may decide for these children, or they must not be photographed."
        )
        return back
    try:
        content = letters.letters_pdf(
            made, house().site().station.school, timezone.localtime(now().at)
        )
        PrintLetters(by=actor(request), people=people).do()
    except Refused as error:
        messages.warning(request, error.messages[0])
        return back
    except AgentError as error:
        messages.warning(request, error.diagnostics())
        return back
    return attached(content, "letters.pdf", "application/pdf")


@page_of
def card(request: HttpRequest, group: str) -> HttpResponse:
    """Answer with a class's card that says who must not be photographed."""
    one = get_object_or_404(queries.open_groups(actor(request), roles_of(request)), pk=group)
    form = CardForm(**given(request))
    page = ActPage(
        title=f"Do not photograph: a card for {one.name}",
        submit="Make the card",
        then=reverse("register:group", args=[one.id]),
        intro="It counts for a week and says nobody's reason. With names it is a list of children "
        "whom somebody could look for: print it for somebody who needs it in the hand.",
    )
    if request.method == "POST" and form.is_valid():
        names = form.cleaned_data["contents"] == "names"
        try:
            content = _card(one.id, one.name, names=names)
            PrintList(by=actor(request), group=one, names=names).do()
        except AgentError as error:
            form.add_error(None, error.diagnostics())
        else:
            return attached(content, "do-not-photograph.pdf", "application/pdf")
    return render(request, page.template, {"page": page, "form": form})


def _card(group: str, name: str, *, names: bool) -> bytes:
    site, moment = house().site(), now()
    inside = Person.objects.filter(memberships__group=group, memberships__until__isnull=True)
    listed = asking.not_to_be_photographed(inside, site.policy_settings.base_purpose, moment.today)
    days = (moment.today, moment.today + _CARD_DAYS)
    data = letters.card_data(name, site.station.school, listed, days, names=names)
    return letters.card_pdf(data, moment.at)
