# SPDX-License-Identifier: Apache-2.0
"""Printed letters to families, and the card of a class that says who must not be photographed.

A letter holds what its guardian may know and nothing else: the school, the child's name, the
purposes, and what this guardian said so far. What another guardian said, how the child stands, and
where anybody lives is never in it. A card holds no reason, and names only where the school wants
them.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any, Final

from service.office.register import images, words
from service.office.register.models import Guardian, Guardianship, Person, Purpose
from service.typesetting import pictures, typeset

MOST: Final = 300
"""How many children one printing is for at most."""
_ANSWERING: Final = ("responsible", "delegated")
_SCOPES: Final = {
    "internal": "seen inside the school",
    "families": "seen by families of the school",
    "world": "seen by everybody",
    "third_party": "given to another organisation",
    "modifier": "goes with another purpose",
}


def letters_of(people: Sequence[Person], day: date) -> list[dict[str, Any]]:
    """Return the data of one letter for each guardian who may decide for one of these pupils.

    Nobody is written to about a child who must not be photographed: nothing is to be asked.
    """
    gathered = images.gather([person.id for person in people])
    used = [purpose for purpose in gathered.purposes.values() if purpose.used]
    answering = _answering(people)
    return [
        _letter(person, guardian, used, gathered, day)
        for person in people
        if person.id not in gathered.restricted and person.sort == "pupil"
        for guardian in answering.get(person.id, ())
    ]


def _answering(people: Iterable[Person]) -> Mapping[str, list[Guardian]]:
    """Return who may decide for each pupil today: the newest row of each guardian counts."""
    ships = Guardianship.objects.filter(person__in=people).select_related("guardian")
    newest = {(ship.person_id, ship.guardian_id): ship for ship in ships.order_by("number")}
    found: dict[str, list[Guardian]] = {}
    for ship in newest.values():
        if not ship.ended and ship.capacity in _ANSWERING:
            found.setdefault(ship.person_id, []).append(ship.guardian)
    return found


def _letter(
    person: Person,
    guardian: Guardian,
    used: Sequence[Purpose],
    gathered: images.Gathered,
    day: date,
) -> dict[str, Any]:
    own: dict[str, images.Fact] = {}
    for fact in sorted(gathered.facts.get(person.id, ()), key=lambda one: one.given_on):
        if fact.guardian == guardian.id and fact.given_on <= day:
            own[fact.purpose] = fact
    return {
        "guardian": guardian.name,
        "child": person.name,
        "purposes": [
            {
                "label": purpose.label,
                "who": _SCOPES[purpose.scope],
                "said": _said(own.get(purpose.id), day),
            }
            for purpose in used
        ],
    }


def _said(fact: images.Fact | None, day: date) -> str:
    if fact is None:
        return "no answer yet"
    word = dict(words.SAYS)[fact.says].lower()
    if fact.valid_until is None or fact.says != "yes":
        return f"{word} ({in_words(fact.given_on)})"
    past = "ended" if fact.valid_until < day else "until"
    return f"{word}, {past} {in_words(fact.valid_until)}"


def letters_pdf(letters: Sequence[Mapping[str, Any]], school: str, at: datetime) -> bytes:
    """Return a PDF (PDF/UA-1), one letter a page or more.

    Raises:
        ConfigurationError: this computer cannot set documents.
    """
    return typeset(_template("letter.typ"), _letters(letters, school, at), at)


def letters_pictures(
    letters: Sequence[Mapping[str, Any]], school: str, at: datetime
) -> list[bytes]:
    """Return the same pages as PNG, for looking at them."""
    return pictures(_template("letter.typ"), _letters(letters, school, at), at, 80)


def _letters(letters: Sequence[Mapping[str, Any]], school: str, at: datetime) -> dict[str, Any]:
    return {"school": school, "day": in_words(at.date()), "letters": list(letters)}


def card_data(
    name: str, school: str, people: Sequence[Person], days: tuple[date, date], *, names: bool
) -> dict[str, Any]:
    """Return the data of a class's card: how many, from when until when; names where wanted."""
    listed = sorted(person.name for person in people) if names else []
    return {
        "school": school,
        "class": name,
        "count": len(people),
        "names": listed,
        "printed": in_words(days[0]),
        "until": in_words(days[1]),
    }


def card_pdf(data: Mapping[str, Any], at: datetime) -> bytes:
    """Return the card as PDF (PDF/UA-1).

    Raises:
        ConfigurationError: this computer cannot set documents.
    """
    return typeset(_template("do_not_photograph.typ"), data, at)


def card_pictures(data: Mapping[str, Any], at: datetime) -> list[bytes]:
    """Return the card as PNG, for looking at it."""
    return pictures(_template("do_not_photograph.typ"), data, at, 80)


def in_words(day: date) -> str:
    """Return a day as people write it, such as "1 September 2026"."""
    return f"{day.day} {day:%B %Y}"


def _template(name: str) -> str:
    return (files("service.office.register") / name).read_text("utf-8")
