# SPDX-License-Identifier: Apache-2.0
"""A redacted copy: choose what is covered, say who stays, let the rules decide about the copy.

The original is opened in memory with the person's own key; the copy is made by the same code as
`photowarden cover`, under the site's lock. While an agent works here it has the lock: then nothing
is made, and the page says so.
"""

import json
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from agent import bootstrap
from agent.core.case import Record
from agent.core.errors import AgentError, ConfigurationError, UnavailableError
from agent.core.model import Token
from agent.opening import opened
from agent.ports import OpenedCase
from agent.redaction import Redaction, places_of, redact
from agent.site import new_id
from service.office.act_page import actor
from service.office.house import house
from service.office.keyring.holding import OpenKey, key_of, needs_key
from service.office.library.cases import record_of
from service.office.library.index import catch_up
from service.office.middleware import roles_of
from service.office.review import forms, held
from service.office.review.candidates import Candidates
from service.office.review.saying import Unclear, Wish, wish
from service.office.review.telling import SAYS
from service.office.review.views import common
from service.office.who import who_of

_MOST: Final = 128 << 20
"""Bytes of a picture that this process opens to cover it."""
_LEFT: Final = 3
_AT_WORK: Final = (
    "The agent is at work on this computer, and only one program may make a picture at a time. "
    "Nothing was made. Stop the agent for a moment, or wait until it has finished, and press again."
)
_KEYS: Final = [
    ("B", "draw a box: arrows move it, plus and minus size it, Delete takes it away"),
    ("Z, C", "zoom, one face"),
]


@require_http_methods(["GET", "HEAD", "POST"])
@needs_key
def cover(request: HttpRequest, case: str) -> HttpResponse:
    """Show what can be covered, and make the copy."""
    one = common.to_answer(request, case)
    key = key_of(request)
    if key is None:
        return redirect(held.address(case))
    record = record_of(one.pk)
    people = common.people_of(request, record)
    context = _asked(request, key, record, people)
    if request.method == "POST":
        try:
            made = _make(request, key, record, people)
        except Unclear as unclear:
            context["unclear"] = str(unclear)
        except (ConfigurationError, UnavailableError) as error:
            context["unclear"] = _why_not(error)
        else:
            messages.success(request, "The copy is made. Look at it and confirm who is in it.")
            return redirect(held.address(made.case))
    return render(request, "review/cover.html", {"id": case, "keys": _KEYS, **context})


def _why_not(error: AgentError) -> str:
    if error.code == "site.locked":
        return _AT_WORK
    text = str(error)
    return f"{text[:1].upper()}{text[1:]}. {error.remedy}"


def _asked(
    request: HttpRequest, key: OpenKey, record: Record, people: Candidates
) -> dict[str, Any]:
    sent = request.POST
    written = [text for text in sent.getlist("left") if text.strip()]
    return {
        "shown": common.typed(common.shown(key, record), request),
        "people": people,
        "left": [*written, *[""] * _LEFT],
        "nobody": sent.get("nobody") == "yes",
        "named": [
            {"token": token, "label": people.label(token), "said": sent.get(f"named-{token}", "")}
            for token in record.facts.attribution.tagged
        ],
    }


def _make(request: HttpRequest, key: OpenKey, record: Record, people: Candidates) -> Record:
    """Make, seal, decide and store the copy.

    Raises:
        Unclear: what was said is not complete.
        ConfigurationError: it cannot be made, and why.
        UnavailableError: an agent works here, or the storage is away.
    """
    site = house().site()
    there = _opened(site, record, key)
    made = _wish(request, record, people, there)
    redaction = Redaction(
        id=new_id(),
        by=who_of(actor(request), roles_of(request), SAYS),
        places=made.places,
        covered=made.covered,
        left=made.left,
    )
    with bootstrap.open_ports(site) as (ports, _):
        copy = redact(ports, record, there, redaction)
    catch_up()
    return copy


def _wish(request: HttpRequest, record: Record, people: Candidates, there: OpenedCase) -> Wish:
    faces: Any = there.details.get("faces") or []
    words = {"covered": True, "left": False}
    named: dict[Token, bool | None] = {
        token: words.get(request.POST.get(f"named-{token}", ""))
        for token in record.facts.attribution.tagged
    }
    return wish(
        [*places_of(faces, forms.numbers(request.POST)), *forms.boxes(request.POST)],
        named,
        forms.still_there(request.POST, people),
        nobody_left=request.POST.get("nobody") == "yes",
    )


def _opened(site: bootstrap.Site, record: Record, key: OpenKey) -> OpenedCase:
    """Open the whole picture in memory.

    Raises:
        ConfigurationError: it is too large for that.
    """
    parts: list[bytes] = []
    with opened(site, record, key.identities) as (facts, _, chunks):
        for chunk in chunks:
            parts.append(chunk)
            if sum(map(len, parts)) > _MOST:
                raise ConfigurationError(
                    "the picture is too large to be covered here",
                    code="cover.too_large",
                    remedy="Cover it with photowarden cover.",
                )
    return OpenedCase(
        case=record.case,
        evidence=record.evidence,
        details=json.loads(facts),
        content=b"".join(parts),
    )
