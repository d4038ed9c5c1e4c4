# SPDX-License-Identifier: Apache-2.0
"""The values in an export's cells, read strictly and never guessed.

An answer is one of a closed list of words; an empty cell is no decision, and so is everything else,
which is shown with its own text. Days are day first. A name with a damaged character stops its row,
because it was lost on the way here and cannot be recovered by reading.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from typing import Final

MAX_NAME: Final = 80


class Word(Enum):
    """What a cell about consent says; only `YES` can ever grant."""

    YES = "yes"
    NO = "no"
    WITHDRAWN = "withdrawn"
    BLANK = "blank"
    UNCLEAR = "unclear"


_WORDS: Final = {
    Word.YES: "yes y true t 1 granted given confirmed consented \u2713 \u2714",
    Word.NO: "no n false f 0 refused declined \u2717 \u2718",
    Word.WITHDRAWN: "withdrawn revoked",
    Word.BLANK: "- \u2013 ? pending requested unknown tbc n/a",
}
_TABLE: Final = {text: word for word, texts in _WORDS.items() for text in texts.split()} | {
    "": Word.BLANK,
    "not asked": Word.BLANK,
    "not known": Word.BLANK,
    "no response": Word.BLANK,
    "not granted": Word.NO,
    "not given": Word.NO,
    "consent given": Word.YES,
    "consent refused": Word.NO,
    "consent withdrawn": Word.WITHDRAWN,
}
_STRICTNESS: Final = (Word.NO, Word.WITHDRAWN, Word.UNCLEAR, Word.BLANK, Word.YES)
_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBERS: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d\d)")
_MONTH_NAMED: Final = re.compile(r"(\d{1,2})[ \-/]([a-z]{3,9})\.?[ \-/,]+(\d{4}|\d\d)")
_ISO: Final = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_MIDNIGHT: Final = re.compile(r"[T ]00?:00(?::00(?:\.0+)?)?$")
_SERIAL: Final = re.compile(r"[2-6]\d{4}")
_SERIAL_EPOCH: Final = date(1899, 12, 30)
_YEARS: Final = {"reception": "R", "rec": "R", "r": "R", "fs2": "R", "0": "R", "00": "R"} | {
    "nursery": "N",
    "n": "N",
    "fs1": "N",
}
_YEAR_NUMBER: Final = re.compile(r"(?:year|yr|y)?\s*0*(1[0-3]|[1-9])")
_LEAVER_WORDS: Final = frozenset({"leaver", "left", "former", "off roll", "left school"})
_FORMULA_STARTS: Final = ("=", "+", "-", "@")


def clean(text: str) -> str:
    """Return a cell's text in NFC, with single spaces; spaces that do not break become plain."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def read_word(text: str, heading: str = "", extra: Mapping[str, Word] | None = None) -> Word:
    """Return what a cell says; `extra` are words to which a person has given a meaning.

    What the closed list knows means what the list says, whatever a person chose.
    A cell that repeats its own heading is a tick, as SIMS writes "Photograph Student".
    """
    plain = clean(text).casefold()
    if plain and plain == clean(heading).casefold():
        return Word.YES
    return _TABLE.get(plain) or (extra or {}).get(plain, Word.UNCLEAR)


def strictest(*words: Word) -> Word:
    """Return the strictest of what several cells say to one purpose."""
    return min(words, key=_STRICTNESS.index)


def read_day(text: str, latest: date) -> date | None:
    """Return the calendar day in a cell, day first; two-digit years end the year after `latest`.

    Returns None where the cell holds no day, or one that no calendar has.
    """
    plain = _MIDNIGHT.sub("", clean(text)).lower()
    iso, numbers, named = (p.fullmatch(plain) for p in (_ISO, _NUMBERS, _MONTH_NAMED))
    if iso:
        return _day(int(iso[1]), int(iso[2]), int(iso[3]))
    if numbers:
        return _day(_year(numbers[3], latest), int(numbers[2]), int(numbers[1]))
    if named:
        return _day(_year(named[3], latest), _month(named[2]), int(named[1]))
    if _SERIAL.fullmatch(plain):
        return _SERIAL_EPOCH + timedelta(days=int(plain))
    return None


def read_year(text: str) -> str:
    """Return a year group as it is written here: N, R, 1 to 13; another text as it is."""
    plain = clean(text).casefold()
    numbered = _YEAR_NUMBER.fullmatch(plain)
    if numbered:
        return numbered[1]
    bare = plain.removeprefix("year ").removeprefix("yr ").removeprefix("y")
    return _YEARS.get(plain) or _YEARS.get(bare) or clean(text)


def is_leaver(status: str) -> bool:
    """Tell whether an enrolment status says that the pupil has left."""
    return clean(status).casefold() in _LEAVER_WORDS


def is_damaged(name: str) -> bool:
    """Tell whether a name lost a character on the way, or is no name but a formula."""
    broken = any(not character.isprintable() or character in "?\ufffd" for character in name)
    return broken or name.startswith(_FORMULA_STARTS) or len(name) > MAX_NAME


def split_name(text: str) -> tuple[str, str] | None:
    """Return given and family name of a whole name; None where it cannot be told which is which.

    "Surname, Forename" tells; of several words without a comma only two can be told apart.
    """
    plain = clean(text)
    family, comma, given = plain.partition(",")
    if comma:
        parts = (clean(given), clean(family))
        return parts if all(parts) else None
    words = plain.split()
    return (words[0], words[1]) if len(words) == 2 else None  # noqa: PLR2004 - one each


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _year(text: str, latest: date) -> int:
    if len(text) == 4:  # noqa: PLR2004 - a whole year
        return int(text)
    year = latest.year // 100 * 100 + int(text)
    return year if year <= latest.year + 1 else year - 100


def _month(word: str) -> int:
    """Return the number of a month's name or its first three letters; 0 where it is none."""
    for number, name in enumerate(_MONTHS, start=1):
        if word in (name, name[:3]) or (word == "sept" and name == "september"):
            return number
    return 0
