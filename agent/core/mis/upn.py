# SPDX-License-Identifier: Apache-2.0
"""Unique Pupil Numbers: their shape and their check letter.

Thirteen characters: a check letter, three digits of the local authority, four of the school, two of
the year, and a serial of three characters, of which the last is a letter while the number is
temporary. Each character from the second on is weighted with its position, 2 to 13; the sum modulo
23 picks the check letter from an alphabet without I, O and S. (Department for Education, "Unique
pupil numbers: guide for schools and local authorities".)
"""

import re
from dataclasses import dataclass
from typing import Final

_ALPHABET: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHAPE: Final = re.compile(rf"[{_ALPHABET}][0-9]{{11}}[0-9{_ALPHABET}]")


@dataclass(frozen=True, slots=True)
class UpnFault:
    """A number that is wrong; `correct` is the letter that its other characters ask for."""

    number: str
    correct: str = ""


def normal_upn(text: str) -> str:
    """Return a number as it is compared: capitals, without spaces."""
    return "".join(text.split()).upper()


def check_letter(rest: str) -> str:
    """Return the check letter of the twelve characters that follow it.

    Raises:
        ValueError: a character is neither a digit nor of the alphabet.
    """
    total = sum(weight * _value(character) for weight, character in enumerate(rest, start=2))
    return _ALPHABET[total % len(_ALPHABET)]


def fault_of(number: str) -> UpnFault | None:
    """Return what is wrong with a number in normal form, None where nothing is."""
    if not _SHAPE.fullmatch(number):
        return UpnFault(number)
    correct = check_letter(number[1:])
    return None if number[0] == correct else UpnFault(number, correct)


def is_temporary(number: str) -> bool:
    """Tell whether a number in normal form is temporary: its last character is a letter."""
    return number[-1:].isalpha()


def _value(character: str) -> int:
    return int(character) if character in "0123456789" else _ALPHABET.index(character)
