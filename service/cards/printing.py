# SPDX-License-Identifier: Apache-2.0
"""From the published register to a PDF of cards, one A5 page each.

Rule: a card is chosen from the register that stations decide on, and from no other, so a card that
was printed counts at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from importlib.resources import files
from typing import Any, Final

from agent.core.cards import END_ID, Card, CardKind, card_text
from agent.core.clues import normal_form
from agent.core.errors import ConfigurationError
from agent.core.snapshot import NamedPerson, NamedRoster, Snapshot
from service.typesetting import pictures, typeset

_TEMPLATE: Final = "card.typ"
_QUIET_ZONE: Final = 4
"""Modules of white around a code (ISO/IEC 18004, 6.3.8)."""
_OVERLAP: Final = "1.02"
"""Height of a row in modules: rows that only touch show white hairs on some screens."""


class Wording(Enum):
    """What stands above the name on a card, and what a teacher does with it."""

    CLASS = ("Class", "Photograph this card first. The pictures after it are of this class.")
    GROUP = ("Group", "Photograph this card first. The pictures after it are of this group.")
    CHILD = ("Child", "Photograph this card first. This child is in the pictures after it.")
    END = ("End", "Photograph this card last. The pictures after it are of no card.")

    def __init__(self, word: str, use: str) -> None:
        self.word = word
        self.use = use


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintedCard:
    """One card as it is printed: its wording, the name on it, its kind and id."""

    wording: Wording
    name: str
    kind: CardKind
    id: str

    @property
    def shown_id(self) -> str:
        """The id as people read it out."""
        return "-".join(self.id[at : at + 4] for at in range(0, len(self.id), 4))


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What all cards of one printing share."""

    snapshot: Snapshot
    printed_on: date
    counts_until: date
    at: datetime


END_CARD: Final = PrintedCard(wording=Wording.END, name="End", kind=CardKind.END, id=END_ID)


def card_of_roster(snapshot: Snapshot, name: str, wording: Wording) -> PrintedCard:
    """Return the card that counts for a class or group.

    Raises:
        ConfigurationError: no class or group has that name.
    """
    found = roster_named(snapshot, name)
    card = snapshot.card_ids(CardKind.CLASS, found.id)[-1]
    return PrintedCard(wording=wording, name=found.names[0], kind=CardKind.CLASS, id=card)


def card_of_child(snapshot: Snapshot, reference: str, *, with_name: bool) -> PrintedCard:
    """Return the card that counts for one child; without a name unless the office wants it.

    Raises:
        ConfigurationError: nobody on the register has that reference.
    """
    found = person_of(snapshot, reference)
    card = snapshot.card_ids(CardKind.CHILD, found.token)[-1]
    name = found.names[0] if with_name else ""
    return PrintedCard(wording=Wording.CHILD, name=name, kind=CardKind.CHILD, id=card)


def roster_named(snapshot: Snapshot, name: str) -> NamedRoster:
    """Return a class or group by name, as folders are compared.

    Raises:
        ConfigurationError: there is none.
    """
    wanted = normal_form(name)
    for roster in snapshot.rosters:
        if wanted in map(normal_form, roster.names):
            return roster
    raise _unknown("no class or group of that name is on the published register")


def person_of(snapshot: Snapshot, reference: str) -> NamedPerson:
    """Return a person by the school's own reference.

    Raises:
        ConfigurationError: there is none.
    """
    for person in snapshot.people:
        if person.reference == reference:
            return person
    raise _unknown("nobody on the published register has that reference")


def pdf_of(cards: Sequence[PrintedCard], edition: Edition) -> bytes:
    """Return a PDF (PDF/UA-1) with one A5 page a card.

    Raises:
        ConfigurationError: this computer lacks what the office's computer has.
    """
    return typeset(_template(), _data(cards, edition), edition.at)


def pictures_of(cards: Sequence[PrintedCard], edition: Edition, ppi: int) -> list[bytes]:
    """Return the same pages as PNG, at so many pixels an inch."""
    return pictures(_template(), _data(cards, edition), edition.at, ppi)


def _template() -> str:
    return (files("service.cards") / _TEMPLATE).read_text("utf-8")


def _data(cards: Iterable[PrintedCard], edition: Edition) -> dict[str, Any]:
    return {
        "school": edition.snapshot.school,
        "year": edition.snapshot.school_year,
        "printed": in_words(edition.printed_on),
        "until": in_words(edition.counts_until),
        "cards": [
            {
                "word": card.wording.word,
                "name": card.name,
                "use": card.wording.use,
                "id": card.shown_id,
                "code": _code(card, edition.snapshot),
            }
            for card in cards
        ],
    }


def in_words(day: date) -> str:
    """Return a day as people write it, such as "1 September 2026"."""
    return f"{day.day} {day:%B %Y}"


def _code(card: PrintedCard, snapshot: Snapshot) -> str:
    """Return the code of a card as SVG, its quiet zone included."""
    segno = _segno()
    said = Card(kind=card.kind, id=card.id, year=snapshot.short_year)
    text = card_text(said, snapshot.card_key)
    rows = list(segno.make(text, error="m", boost_error=False, micro=False).matrix)
    side = len(rows) + 2 * _QUIET_ZONE
    runs = "".join(
        f"M{_QUIET_ZONE + start} {_QUIET_ZONE + y}h{length}v{_OVERLAP}h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{runs}"/></svg>'
    )


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Return where dark modules begin in a row, and how many stand together."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((x, 1))
    return found


def _segno() -> Any:  # noqa: ANN401 - a module without types
    try:
        import segno  # noqa: PLC0415 - only the office's computer has it
    except ImportError as error:
        raise ConfigurationError(
            "this computer cannot print cards: the package segno is not installed",
            code="office.packages_missing",
            remedy="Install photowarden[office] on the office's computer and run this there.",
        ) from error
    return segno


def _unknown(what: str) -> ConfigurationError:
    return ConfigurationError(
        what,
        code="cards.unknown",
        remedy="`photowarden cards list` shows the classes and groups; publish the register first.",
    )
