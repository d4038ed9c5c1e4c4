# SPDX-License-Identifier: Apache-2.0
"""The pages of an import: file, columns, changes, confirmation, apply, undo; and the export."""

import hashlib
import secrets
from dataclasses import replace
from itertools import islice

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from agent.core.mis.cells import clean
from agent.core.mis.headings import find_heading, fingerprint
from agent.core.mis.layout import (
    Layout,
    first_layout,
    layout_from_plain,
    layout_to_plain,
    remembered_for,
)
from agent.core.mis.planning import Kind, Wishes
from agent.core.mis.wording import kinds_of_consent, recognised, unknown_words
from agent.core.mis.wording import own_words as own_words_of
from agent.site import new_id
from agent.tables import Refusal, TableRefused, read_table, write_csv
from service.office.act_page import ActPage, actor, given
from service.office.acts import Refused
from service.office.house import now
from service.office.imports import queries
from service.office.imports.acts import ApplyImport, SetWord, UndoImport, can_undo
from service.office.imports.book import read_book
from service.office.imports.forms import ColumnsForm, FileForm, KindsForm, WordForm, WordsForm
from service.office.imports.held import SHELF, Held
from service.office.imports.models import Import, KnownLayout, OwnWord

_EXAMPLES = 3
_MOST_WORDS = 40
_EXPORTED = ("UPN", "Admission number", "Surname", "First name", "Known as", "DOB", "Year", "Class")


@require_http_methods(["GET", "HEAD", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """Show what was imported and what waits, and take a file."""
    form = FileForm(**given(request))
    if request.method == "POST" and form.is_valid():
        try:
            held = _read(request, form)
        except TableRefused as refused:
            form.add_error("file", str(refused))
        else:
            SHELF.put(held)
            return redirect("imports:columns", held.id)
    done = list(Import.objects.select_related("by", "confirmed_by")[:20])
    context = {
        "form": form,
        "waiting": SHELF.all(now().at),
        "done": [(one, can_undo(one)) for one in done],
    }
    return render(request, "imports/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, held: str) -> HttpResponse:
    """Ask what each column means; what is known of these headings is offered."""
    one = _held(held)
    shape = recognised(one.rows, one.layout)
    form = ColumnsForm(one.layout, _examples(one), shape, **given(request))
    if request.method == "POST" and form.is_valid():
        return _remember(one, replace(form.layout(), kinds=one.layout.kinds))
    return render(request, "imports/columns.html", {"form": form, "names": _accented(one)})


@require_http_methods(["GET", "HEAD", "POST"])
def kinds(request: HttpRequest, held: str) -> HttpResponse:
    """Ask what each kind of consent is for, where a row stands for one consent."""
    one = _held(held)
    form = KindsForm(one.layout, kinds_of_consent(one.rows, one.layout), **given(request))
    if request.method == "POST" and form.is_valid():
        return _remember(one, replace(one.layout, kinds=form.kinds()))
    return render(request, "imports/kinds.html", {"form": form, "held": one})


@require_http_methods(["GET", "HEAD", "POST"])
def own_words(request: HttpRequest, held: str) -> HttpResponse:
    """Ask what words mean that are neither yes nor no, with how often they stand in the file."""
    one = _held(held)
    found = unknown_words(one.rows, queries.layout_now(one))[:_MOST_WORDS]
    if not found:
        return redirect("imports:changes", held)
    form = WordsForm(found, **given(request))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            for text, says in form.words():
                SetWord(by=actor(request), text=text, says=says).do()
        return redirect("imports:changes", held)
    return render(request, "imports/own_words.html", {"form": form, "held": one})


@require_safe
def words(request: HttpRequest) -> HttpResponse:
    """Show the school's own words and what they mean."""
    return render(request, "imports/words.html", {"words": queries.words_now()})


@require_http_methods(["GET", "HEAD", "POST"])
def word(request: HttpRequest, word: str) -> HttpResponse:
    """Change what a remembered word means."""
    known = get_object_or_404(OwnWord, id=word)
    page = ActPage(
        title=f"What does “{known.text}” mean?",
        submit="Save",
        then=reverse("imports:words"),
        intro="It counts for the next file. What was imported already does not change by it.",
    )
    form = WordForm(initial={"says": known.says}, **given(request))
    who = actor(request)
    return page.answer(
        request, form, lambda said: SetWord(by=who, text=known.text, says=said["says"])
    )


@require_POST
def refusals(request: HttpRequest, held: str) -> HttpResponse:
    """Take a file as a list of refusals, or as a whole export."""
    one = _held(held)
    only = request.POST.get("only") == "yes"
    SHELF.change(held, wishes=replace(one.wishes, refusals=only, choices={}, leaving=frozenset()))
    return redirect("imports:changes", held)


@require_safe
def changes(request: HttpRequest, held: str) -> HttpResponse:
    """Show what would change, by kind, and what brakes it."""
    one = _held(held)
    if not one.ready:
        return redirect("imports:columns", held)
    view, layout = queries.planned(one, now()), queries.layout_now(one)
    digest = view.plan.digest()
    rows = queries.shown(view.plan)
    confirmed = one.confirmed is not None and one.confirmed[1] == digest
    context = {
        "held": one,
        "digest": digest,
        "refusals": view.plan.refusals,
        "offered": view.sheet.only_refuses() and one.wishes.refusals is None,
        "own_words": own_words_of(one.rows, layout),
        "unknown": len(unknown_words(one.rows, layout)),
        "groups": [(kind.value, rows[kind]) for kind in Kind if kind is not Kind.UNCHANGED],
        "unchanged": len(rows[Kind.UNCHANGED]),
        "brakes": [queries.BRAKES[brake] for brake in view.brakes],
        "confirmed": confirmed,
        "may_confirm": bool(view.brakes) and not confirmed and one.by != actor(request).pk,
        "by_me": confirmed and one.confirmed is not None and one.confirmed[0] == actor(request).pk,
        "may_apply": bool(view.plan.changes(confirmed=confirmed)),
    }
    return render(request, "imports/changes.html", context)


@require_POST
def choose(request: HttpRequest, held: str) -> HttpResponse:
    """Take what a person decided: who has left, whom an unsure row means."""
    one = _held(held)
    choices = {
        int(name.removeprefix("row")): value
        for name, value in request.POST.items()
        if name.startswith("row") and name[3:].isdecimal() and isinstance(value, str) and value
    }
    SHELF.change(
        one.id,
        wishes=Wishes(
            choices=choices,
            leaving=frozenset(map(str, request.POST.getlist("leaving"))),
            refusals=one.wishes.refusals,
        ),
    )
    return redirect("imports:changes", held)


@require_POST
def confirm(request: HttpRequest, held: str) -> HttpResponse:
    """Confirm the plan that was looked at, as somebody else than who brought the file."""
    one, who = _held(held), actor(request)
    if one.by == who.pk:
        messages.error(request, "Somebody else must confirm it.")
    else:
        SHELF.change(held, confirmed=(who.pk, str(request.POST.get("digest", ""))))
        messages.success(request, "Confirmed. It can be applied now.")
    return redirect("imports:changes", held)


@require_POST
def apply(request: HttpRequest, held: str) -> HttpResponse:
    """Apply the plan that was looked at."""
    one = _held(held)
    try:
        ApplyImport(by=actor(request), held=one, digest=str(request.POST.get("digest", ""))).do()
    except Refused as refused:
        messages.error(request, refused.messages[0])
        return redirect("imports:changes", held)
    if one.confirmed is not None:
        SHELF.drop(held)
    messages.success(request, "Imported. It can be undone until the register changes again.")
    return redirect("imports:list")


@require_POST
def put_away(request: HttpRequest, held: str) -> HttpResponse:
    """Forget a file."""
    SHELF.drop(held)
    messages.success(request, "The file was put away. Nothing was imported.")
    return redirect("imports:list")


@require_POST
def undo(request: HttpRequest, done: str) -> HttpResponse:
    """Undo an import."""
    found = get_object_or_404(Import, id=done)
    try:
        UndoImport(by=actor(request), done=found).do()
    except Refused as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, "The import was undone.")
    return redirect("imports:list")


@require_safe
def export(_request: HttpRequest) -> HttpResponse:
    """Give the pupils as a CSV file that no spreadsheet takes for formulas."""
    pupils = sorted(read_book().values(), key=lambda one: (one.family, one.given, one.key))
    rows = [
        [
            *(one.upn, one.reference, one.family, one.given, one.known_as),
            one.born.strftime("%d/%m/%Y") if one.born else "",
            *(one.year, "; ".join(one.classes)),
        ]
        for one in pupils
        if one.is_here(now().today)
    ]
    answer = HttpResponse(write_csv([_EXPORTED, *rows]), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="pupils.csv"'
    return answer


def _read(request: HttpRequest, form: FileForm) -> Held:
    file = form.cleaned_data["file"]
    data = file.read()
    rows = read_table(data, str(file.name))
    place = find_heading(rows)
    if place is None:
        raise TableRefused(Refusal.NO_HEADINGS)
    headings = tuple(map(clean, rows[place]))
    return Held(
        id=new_id(),
        by=actor(request).pk,
        at=now().at,
        sha256=hashlib.sha256(data).hexdigest(),
        headings=headings,
        rows=tuple((number, row) for number, row in enumerate(rows, 1) if number > place + 1),
        made_on=form.cleaned_data["made_on"],
        seed=secrets.token_bytes(32),
        layout=_layout(headings),
    )


def _remember(held: Held, layout: Layout) -> HttpResponse:
    """Remember what columns and kinds mean, and go to what nobody has explained yet."""
    KnownLayout.objects.update_or_create(
        fingerprint=fingerprint(held.headings), defaults={"layout": layout_to_plain(layout)}
    )
    SHELF.change(held.id, layout=layout, ready=True, wishes=Wishes())
    if any(one.key not in layout.kinds for one in kinds_of_consent(held.rows, layout)):
        return redirect("imports:kinds", held.id)
    return redirect("imports:own_words", held.id)


def _layout(headings: tuple[str, ...]) -> Layout:
    """Return the remembered layout of these headings, else what is known of them."""
    known = KnownLayout.objects.filter(fingerprint=fingerprint(headings)).first()
    if known is None:
        return first_layout(headings)
    try:
        return remembered_for(layout_from_plain(known.layout), headings)
    except (KeyError, TypeError, ValueError):
        return first_layout(headings)


def _held(identifier: str) -> Held:
    one = SHELF.get(identifier, now().at)
    if one is None:
        raise Http404
    return one


def _examples(held: Held) -> list[list[str]]:
    """Return the first few different texts of each column."""
    found: list[list[str]] = []
    for place in range(len(held.headings)):
        texts = (clean(cells[place]) for _, cells in held.rows if place < len(cells))
        found.append(list(islice(dict.fromkeys(filter(None, texts)), _EXAMPLES)))
    return found


def _accented(held: Held) -> list[str]:
    """Return a few names with letters that a wrong reading would spoil."""
    names = (
        clean(cells[place])
        for _, cells in held.rows
        for place, column in enumerate(held.layout.columns)
        if column.field and column.field.value in {"given", "family", "full_name"}
        if place < len(cells)
    )
    return list(islice(dict.fromkeys(name for name in names if not name.isascii()), _EXAMPLES))
