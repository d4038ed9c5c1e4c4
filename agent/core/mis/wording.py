# SPDX-License-Identifier: Apache-2.0
"""What of a file's wording nobody has explained yet: kinds of consent, and words for yes and no.

Nothing is concluded here from a likeness: what is found is counted and shown, and a person says
what it means. Whether a file has a row for each pupil or one for each consent is seen by its
structure and confirmed by a person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from agent.core.clues import normal_form
from agent.core.mis.cells import Word, clean, read_word
from agent.core.mis.headings import Field
from agent.core.mis.layout import Layout, consent_cells
from agent.core.mis.lines import NumberedCells

MAX_OWN_WORD: Final = 80
"""A longer text is a remark about one pupil and no word of the school."""


class Shape(Enum):
    """What a row of a file stands for."""

    PUPIL = "pupil"
    CONSENT = "consent"


@dataclass(frozen=True, slots=True)
class Found:
    """A wording of a file in normal form, as it is written there, and in how many cells."""

    key: str
    text: str
    count: int


def recognised(rows: Sequence[NumberedCells], layout: Layout) -> Shape:
    """Return what a row seems to stand for: a person confirms it.

    It is a consent where columns for kind and answer are known, or most pupils have several rows.
    """
    places = (layout.place(Field.CONSENT_TYPE), layout.place(Field.CONSENT_STATUS))
    if all(place is not None for place in places):
        return Shape.CONSENT
    number = next(
        (one for one in (Field.UPN, Field.ADMISSION) if layout.place(one) is not None), None
    )
    place = None if number is None else layout.place(number)
    if place is None:
        return Shape.PUPIL
    numbers = [clean(cells[place]) for _, cells in rows if place < len(cells)]
    counts = Counter(filter(None, numbers))
    several = sum(count > 1 for count in counts.values())
    return Shape.CONSENT if several * 2 > len(counts) else Shape.PUPIL


def kinds_of_consent(rows: Iterable[NumberedCells], layout: Layout) -> tuple[Found, ...]:
    """Return the kinds of consent that a file names, the most frequent first."""
    place = layout.place(Field.CONSENT_TYPE)
    if place is None:
        return ()
    texts = (clean(cells[place]) for _, cells in rows if place < len(cells))
    return _counted((normal_form(text), text) for text in texts)


def unknown_words(rows: Iterable[NumberedCells], layout: Layout) -> tuple[Found, ...]:
    """Return the texts of consent cells that say neither yes nor no, the most frequent first."""
    return _counted(
        (text.casefold(), text)
        for text, heading in _consent_texts(rows, layout)
        if read_word(text, heading, layout.words) is Word.UNCLEAR and len(text) <= MAX_OWN_WORD
    )


def own_words(rows: Iterable[NumberedCells], layout: Layout) -> tuple[tuple[Found, Word], ...]:
    """Return the school's own words that a file uses, and what a person said that they mean."""
    found = _counted(
        (text.casefold(), text)
        for text, heading in _consent_texts(rows, layout)
        if text.casefold() in layout.words and read_word(text, heading) is Word.UNCLEAR
    )
    return tuple((one, layout.words[one.key]) for one in found)


def _consent_texts(rows: Iterable[NumberedCells], layout: Layout) -> Iterable[tuple[str, str]]:
    for _, cells in rows:
        for text, heading, _purposes in consent_cells([clean(cell) for cell in cells], layout):
            yield text, heading


def _counted(texts: Iterable[tuple[str, str]]) -> tuple[Found, ...]:
    counts: Counter[str] = Counter()
    written: dict[str, str] = {}
    for key, text in texts:
        if key:
            counts[key] += 1
            written[key] = min(text, written.get(key, text))
    return tuple(
        Found(key, written[key], count)
        for key, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    )
