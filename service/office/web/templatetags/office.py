# SPDX-License-Identifier: Apache-2.0
"""Filters that templates use without loading them: a field with its class, codes drawn as SVG."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from urllib.parse import quote

from django import template
from django.forms import BoundField
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from service.office.policy import ROUTES
from service.office.register import words
from service.office.register.queries import Listed
from service.office.roles import Role

register = template.Library()

_PURPOSE_WORDS = dict([*words.BASES, *words.SCOPES, *words.RENEWALS])

_ANY_ID = "a" * 26

_CLASSES = {
    "select": "govuk-select",
    "textarea": "govuk-textarea",
    "file": "govuk-file-upload",
    "checkbox": "govuk-checkboxes__input",
    "radio": "govuk-radios__input",
}


@register.filter
def dressed(field: BoundField) -> SafeString:
    """Return a field's widget with the class of its kind."""
    kind = kind_of(field)
    classes = _CLASSES.get(kind, "govuk-input")
    if field.errors:
        classes += f" {classes}--error"
    own = field.field.widget.attrs.get("class", "")
    return field.as_widget(attrs={"class": f"{classes} {own}".strip()})


@register.filter
def kind_of(field: BoundField) -> str:
    """Return the kind of a field's widget: radio, checkboxes, checkbox, select, textarea, text."""
    widget = field.field.widget
    name = type(widget).__name__
    special = {"CheckboxSelectMultiple": "checkboxes", "Select": "select", "Textarea": "textarea"}
    return special.get(name, str(getattr(widget, "input_type", "text")))


@register.filter
def qr_code(text: str) -> SafeString:
    """Return a QR code as SVG without any style."""
    import segno  # noqa: PLC0415 - only the office's computer has it

    drawn = segno.make(text, error="m", micro=False)
    svg: str = drawn.svg_inline(scale=4, border=2, svgclass="qr", lineclass=None, omitsize=False)
    return mark_safe(svg)  # noqa: S308 - drawn here, from modules only


@register.filter
def open_to(route: str, roles: frozenset[Role]) -> bool:
    """Tell whether a route is open to these roles, so that a link leads somewhere."""
    return ROUTES[route].admits(roles)


@register.filter
def how_word(code: str) -> str:
    """Return how an answer came, in words."""
    return words.ALL_HOW.get(code, code)


@register.filter
def purpose_word(code: str) -> str:
    """Return a basis, a scope or a renewal in words."""
    return _PURPOSE_WORDS.get(code, code)


@register.filter
def address_of(id_: str, route: str) -> str:
    """Return the address of a route with one id: a page has hundreds, and only the id differs."""
    return _address(route).replace(_ANY_ID, quote(id_, safe=""))


@cache
def _address(route: str) -> str:
    return reverse(route, args=[_ANY_ID])


@register.filter
def options(choices: Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """Return the options of a select: pairs of a value and its words."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        (
            (value, mark_safe(" selected") if value == chosen else "", text)
            for value, text in choices
        ),
    )


@register.filter
def standing_rows(rows: Iterable[Listed], with_groups: object) -> SafeString:
    """Return the rows of a table of standings: a page has fifty, and most of a page's time."""
    return mark_safe("\n".join(_row(row, bool(with_groups)) for row in rows))  # noqa: S308 - of safe rows


def _row(row: Listed, with_groups: bool) -> SafeString:  # noqa: FBT001 - a filter's argument
    groups = format_html('<td class="govuk-table__cell">{}</td>', row.groups)
    return format_html(
        _ROW,
        address_of(row.id, "register:person"),
        row.name,
        _do_not_photograph() if row.restricted else "",
        _left(row.left_on) if row.left_on else "",
        groups if with_groups else "",
        _cells(row.cells, row.restricted),
        address_of(row.id, "register:withdraw"),
        row.name,
    )


_ROW = (
    '<tr class="govuk-table__row">'
    '<th scope="row" class="govuk-table__header"><a class="govuk-link" href="{}">{}</a>{}{}</th>'
    '{}{}<td class="govuk-table__cell"><a class="govuk-link" href="{}">Withdraw'
    '<span class="govuk-visually-hidden"> permission for {}</span></a></td></tr>'
)


@cache
def _do_not_photograph() -> SafeString:
    tag = {"text": "Do not photograph", "colour": "red"}
    return format_html(" {}", render_to_string("components/tag.html", tag))


def _left(day: date) -> SafeString:
    return format_html(' <span class="pw-note">left {}</span>', date_format(day, "j M Y"))


def _cells(cells: Sequence[words.Word], restricted: bool) -> SafeString:  # noqa: FBT001 - as above
    if restricted:
        cells = [words.RESTRICTED] * len(cells)
    return mark_safe("".join(map(_cell, cells)))  # noqa: S308 - each was escaped when it was made


@cache
def _cell(word: words.Word) -> str:
    return format_html(
        '<td class="govuk-table__cell"><span class="pw-word pw-word--{}">{}</span></td>',
        word.colour,
        word.word,
    )
