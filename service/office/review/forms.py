# SPDX-License-Identifier: Apache-2.0
"""What a page sends, read into what is said; explicit fields only, names resolved in the list."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Final

from django.http import QueryDict

from agent.core.covering import Place
from agent.core.model import Token
from service.office.review.candidates import Candidates
from service.office.review.saying import Face, Said, Unclear, Whose

MAX_FACES: Final = 200
"""More faces than that are no picture that somebody answers one by one."""
MAX_BOXES: Final = 100
WORDS: Final = [
    (Whose.VISITOR.value, "Adult or visitor, on no register"),
    (Whose.TOO_SMALL.value, "Too small to recognise"),
    (Whose.NOT_KNOWN.value, "I do not know"),
]


def said(untrusted: QueryDict, faces: int, people: Candidates) -> Said:
    """Return what a page says of a picture with so many counted faces.

    Raises:
        Unclear: a name is not in the list, or something does not fit together.
    """
    counted = {
        number: face
        for number in range(1, min(faces, MAX_FACES) + 1)
        if (
            face := _face(
                untrusted.get(f"face-{number}-name", ""),
                untrusted.get(f"face-{number}-is", ""),
                f"Face {number}",
                people,
            )
        )
    }
    names, kinds = untrusted.getlist("missed-name"), untrusted.getlist("missed-is")
    missed = [
        face
        for name, whose in zip_longest(names[:MAX_FACES], kinds[:MAX_FACES], fillvalue="")
        if (face := _face(name, whose, "A face that you added", people))
    ]
    return Said(
        faces=counted,
        missed=tuple(missed),
        beside=_named(untrusted.getlist("beside"), "Without a face", people),
        is_everyone=untrusted.get("everyone") == "yes",
    )


def _face(untrusted_name: str, untrusted_whose: str, where: str, people: Candidates) -> Face | None:
    name = untrusted_name.strip()
    if name and untrusted_whose:
        raise Unclear(f"{where}: there is a name and another answer. Leave one of them empty.")
    if name:
        return Face(whose=Whose.PERSON, person=people.token(name, where))
    if not untrusted_whose:
        return None
    if untrusted_whose not in dict(WORDS):
        raise Unclear(f"{where}: this answer is not one of the list. Load the page again.")
    return Face(whose=Whose(untrusted_whose))


def _named(untrusted: Sequence[str], where: str, people: Candidates) -> tuple[Token, ...]:
    names = [name for name in untrusted[:MAX_FACES] if name.strip()]
    return tuple(people.token(name, where) for name in names)


def still_there(untrusted: QueryDict, people: Candidates) -> tuple[Token, ...]:
    """Return who a page says is still to be seen in a copy.

    Raises:
        Unclear: a name is not in the list.
    """
    return _named(untrusted.getlist("left"), "Still to be seen", people)


def numbers(untrusted: QueryDict) -> list[int]:
    """Return the numbers of the faces that are to be covered.

    Raises:
        Unclear: one is no number.
    """
    chosen = untrusted.getlist("cover")[:MAX_FACES]
    if not all(text.isascii() and text.isdecimal() for text in chosen):
        raise Unclear("A face has no such number. Load the page again.")
    return [int(text) for text in chosen]


def boxes(untrusted: QueryDict) -> list[Place]:
    """Return the boxes that somebody drew: left, top, width, height in percent of the picture.

    Raises:
        Unclear: one is no box within the picture.
    """
    texts = [text for text in untrusted.getlist("box")[:MAX_BOXES] if text.strip()]
    return [_box(text) for text in texts]


def _box(untrusted_text: str) -> Place:
    try:
        left, top, width, height = (float(part) / 100 for part in untrusted_text.split(","))
        return Place(left=left, top=top, width=width, height=height)
    except ValueError as error:
        raise Unclear(
            "A box is four numbers in percent of the picture: left, top, width, height, "
            "such as 25, 40, 10, 15."
        ) from error
