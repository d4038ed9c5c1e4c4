# SPDX-License-Identifier: Apache-2.0
"""What each column of a file means, as a person confirmed it once; remembered for the next file.

Boundary: a layout is data about headings, never about pupils, so it may be kept in clear.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from agent.core.clues import normal_form
from agent.core.mis.cells import Word, clean
from agent.core.mis.headings import Field, known_fields
from agent.core.model import PurposeId

_NAMES: Final = (Field.GIVEN, Field.FAMILY)
_KEYS: Final = (Field.UPN, Field.ADMISSION, Field.BORN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: a field, or purposes that its cells answer, or neither: it is not imported."""

    heading: str
    field: Field | None = None
    purposes: tuple[PurposeId, ...] = ()


class LayoutFault(Enum):
    """Why a file cannot be imported under a layout; the value is the sentence for the office."""

    TWICE = "Two columns are set to mean the same. Choose one and leave the other out."
    NO_NAME = "No column holds the names: set first name and surname, or one column with both."
    NO_KEY = (
        "Nothing tells pupils with the same name apart: "
        "set the UPN, the admission number or the date of birth."
    )
    HALF_LONG = "A column with the kind of consent needs a column with the answer, and the reverse."


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns in their order, and what this school's own words mean.

    `words` maps a text in normal form to what it says; `kinds` maps the text of a consent-type
    column to purposes. Both hold only what a person chose.
    """

    columns: tuple[Column, ...]
    words: Mapping[str, Word] = field(default_factory=dict)
    kinds: Mapping[str, tuple[PurposeId, ...]] = field(default_factory=dict)

    def place(self, wanted: Field) -> int | None:
        """Return the place of the column of a field, None where there is none."""
        for place, column in enumerate(self.columns):
            if column.field is wanted:
                return place
        return None

    def purposes(self) -> frozenset[PurposeId]:
        """Return every purpose that the file may answer."""
        wide = {purpose for column in self.columns for purpose in column.purposes}
        return frozenset(wide.union(*self.kinds.values()))

    def faults(self) -> tuple[LayoutFault, ...]:
        """Return why nothing can be imported under this layout; none where it can."""
        counts = Counter(column.field for column in self.columns if column.field)
        whole = Field.FULL_NAME in counts or all(name in counts for name in _NAMES)
        long = (Field.CONSENT_TYPE in counts, Field.CONSENT_STATUS in counts)
        found = {
            LayoutFault.TWICE: any(count > 1 for count in counts.values()),
            LayoutFault.NO_NAME: not whole,
            LayoutFault.NO_KEY: not any(key in counts for key in _KEYS),
            LayoutFault.HALF_LONG: long[0] is not long[1],
        }
        return tuple(fault for fault, stands in found.items() if stands)


def consent_cells(
    texts: Sequence[str], layout: Layout
) -> list[tuple[str, str, tuple[PurposeId, ...]]]:
    """Return each cell of a row that answers purposes, with its heading and these.

    In a row for one consent the kind of consent is the heading of its answer.
    """

    def at(place: int | None) -> str:
        return texts[place] if place is not None and place < len(texts) else ""

    found = [
        (at(place), column.heading, column.purposes)
        for place, column in enumerate(layout.columns)
        if column.purposes
    ]
    kind = normal_form(at(layout.place(Field.CONSENT_TYPE)))
    if layout.kinds.get(kind):
        found.append((at(layout.place(Field.CONSENT_STATUS)), kind, layout.kinds[kind]))
    return found


def first_layout(headings: Sequence[str]) -> Layout:
    """Return the layout that the table of headings knows; consent columns are left to a person."""
    fields = known_fields(headings)
    return Layout(
        columns=tuple(
            Column(heading=clean(heading), field=fields.get(place))
            for place, heading in enumerate(headings)
        )
    )


def remembered_for(layout: Layout, headings: Sequence[str]) -> Layout:
    """Return a remembered layout with its columns in the order of a file with the same headings.

    Raises:
        ValueError: the headings are not those of the layout.
    """
    waiting = list(layout.columns)
    columns = []
    for heading in map(clean, headings):
        column = next((one for one in waiting if one.heading == heading), None)
        if column is None:
            raise ValueError("a layout of other headings")
        waiting.remove(column)
        columns.append(column)
    if waiting:
        raise ValueError("a layout of more headings")
    return Layout(columns=tuple(columns), words=layout.words, kinds=layout.kinds)


def layout_to_plain(layout: Layout) -> dict[str, Any]:
    """Return a layout as plain JSON values."""
    return {
        "columns": [
            {
                "heading": column.heading,
                "field": column.field.value if column.field else None,
                "purposes": list(column.purposes),
            }
            for column in layout.columns
        ],
        "words": {text: word.value for text, word in layout.words.items()},
        "kinds": {text: list(purposes) for text, purposes in layout.kinds.items()},
    }


def layout_from_plain(plain: Mapping[str, Any]) -> Layout:
    """Return the layout of plain JSON values.

    Raises:
        KeyError, TypeError, ValueError: they are not what `layout_to_plain` wrote.
    """
    return Layout(
        columns=tuple(
            Column(
                heading=column["heading"],
                field=Field(column["field"]) if column["field"] else None,
                purposes=tuple(map(PurposeId, column["purposes"])),
            )
            for column in plain["columns"]
        ),
        words={text: Word(word) for text, word in plain["words"].items()},
        kinds={text: tuple(map(PurposeId, ids)) for text, ids in plain["kinds"].items()},
    )
