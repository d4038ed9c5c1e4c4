# SPDX-License-Identifier: Apache-2.0
"""A large invented school for measuring: the same one each time, of any size, with real defects.

Every pupil has a valid UPN, two guardians, and an answer of each guardian to each purpose, most of
them yes, some no, some missing. Names repeat as they do in life, carry accents and apostrophes, and
every fiftieth pupil has a twin. Nothing is random: what a pupil is follows from their number.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from agent.core.mis.upn import check_letter

PURPOSES: Final = (
    ("identity_photo", "Identity photo and medical card"),
    ("photograph_and_store", "Being photographed, and kept in the school's storage"),
    ("display", "Display in classrooms and corridors"),
    ("learning_journal", "Learning journal of the child concerned"),
    ("other_journals", "Other children's journals and class pictures"),
    ("staff_training", "Training of staff and student teachers"),
    ("newsletter_paper", "Newsletter on paper"),
    ("newsletter", "Newsletter to families, behind a log-in"),
    ("website", "School website"),
    ("prospectus", "Prospectus, banners and adverts"),
    ("social_media", "Social media of the school"),
    ("press", "Local press"),
    ("partners", "Parents' association, trust, diocese and partner schools"),
    ("recordings", "Sound, video and live stream"),
    ("portrait", "Portraits by an outside photographer"),
    ("class_portrait", "Class portraits by an outside photographer"),
    ("archive", "The school's archive after leaving"),
)
"""Id and label of the 17 purposes."""
_EVERY_PURPOSE: Final = tuple(identifier for identifier, _ in PURPOSES)

_GIVEN: Final = (
    "Amara",
    "Ben",
    "Chloé",
    "Dylan",
    "Ella",
    "Finn",
    "Grace",
    "Hamza",
    "Isla",
    "Jakub",
    "Kezia",
    "Leo",
    "Maya",
    "Noah",
    "Olivia",
    "Priya",
    "Quinn",
    "Rory",
    "Siân",
    "Tomasz",
    "Una",
    "Viktor",
    "Willow",
    "Xanthe",
    "Yusuf",
    "Zoë",
    "Aoife",
    "Bartosz",
    "Caitlín",
    "Dev",
    "Esmé",
    "Femi",
    "Gwen",
    "Hugo",
    "Inès",
    "Joshua",
    "Kofi",
    "Łucja",
    "Mohammed",
    "Niamh",
    "Oisín",
    "Poppy",
    "Rhys",
    "Sofía",
    "Tariq",
    "Ursula",
    "Violet",
    "Wren",
    "Zara",
)
_FAMILY: Final = (
    "Adeyemi",
    "Brandt",
    "Castellan",
    "Demir",
    "Eastwick",
    "Fenn",
    "Garrick",
    "Hartwell",
    "Ibbotson",
    "Jessop",
    "Kowalczyk",
    "Lindqvist",
    "Marsh",
    "Novák",
    "O\N{RIGHT SINGLE QUOTATION MARK}Brien",
    "Pike",
    "Quill",
    "Rashid",
    "Størksen",
    "Tremaine",
    "Underhill",
    "Vasquez",
    "Whitlock",
    "Yardley",
    "Ziegler",
    "Ashdown-Pike",
    "Brückner",
    "D\N{RIGHT SINGLE QUOTATION MARK}Arcy",
    "Farrow",
    "Gill",
    "Hussain",
    "Jarvis",
    "Khumalo",
    "Lark",
    "McAllister",
    "Nwosu",
    "Okafor",
    "Penhaligon",
    "Rook",
    "Sallow",
    "Thorne",
    "Varga",
    "Wintle",
    "Ó\N{RIGHT SINGLE QUOTATION MARK}Malley",
    "St. Clare",
    "van Doorn",
    "Bystrom",
    "Cresswell",
    "Duffield",
)
_KNOWN_AS: Final = {"Joshua": "Josh", "Mohammed": "Mo", "Olivia": "Liv", "Viktor": "Vik"}
_YEARS: Final = ("R", "1", "2", "3", "4", "5", "6")
_SECTIONS: Final = "ABCDEFGHJK"
_TWIN_EVERY: Final = 50
_FIRST_BIRTHDAY: Final = date(2021, 9, 1)
"""The first birthday of the reception year 2026-27; each older year is born a year earlier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedGuardian:
    """Somebody who answers for one pupil."""

    reference: str
    name: str
    relationship: str
    responsible: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedAnswer:
    """One guardian's answer to one purpose."""

    guardian: str
    purpose: str
    says: str
    given_on: date
    valid_until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventedPupil:
    """One pupil with everything that a register holds of them."""

    reference: str
    upn: str
    given_name: str
    family_name: str
    known_as: str
    born: date
    year: str
    class_name: str
    restricted: bool
    guardians: tuple[InventedGuardian, ...]
    answers: tuple[InventedAnswer, ...]


def invented_pupils(
    count: int = 2000, purposes: Sequence[str] = _EVERY_PURPOSE
) -> Iterator[InventedPupil]:
    """Yield that many pupils, each with two guardians and their answers to the purposes."""
    classes = max(1, min(len(_SECTIONS), round(count / (30 * len(_YEARS)))))
    for number in range(count):
        yield _pupil(number, classes, purposes)


def _pupil(number: int, classes: int, purposes: Sequence[str]) -> InventedPupil:
    twin = number % _TWIN_EVERY == 1
    elder = number - 1 if twin else number
    place = elder % len(_YEARS)
    given = _GIVEN[number * 31 % len(_GIVEN)]
    family = _FAMILY[(elder * 17 + elder // len(_GIVEN)) % len(_FAMILY)]
    reference = f"{number + 1:06d}"
    guardians = _guardians(reference, family, number)
    return InventedPupil(
        reference=reference,
        upn=_upn(number),
        given_name=given,
        family_name=family,
        known_as=_KNOWN_AS.get(given, ""),
        born=_born(elder, place),
        year=_YEARS[place],
        class_name=_YEARS[place] + _SECTIONS[elder // len(_YEARS) % classes],
        restricted=number % 97 == 13,  # noqa: PLR2004 - about one in a hundred
        guardians=guardians,
        answers=tuple(
            answer
            for at, purpose in enumerate(purposes)
            for guardian in guardians
            if (answer := _answer(number, at, purpose, guardian)) is not None
        ),
    )


def _upn(number: int) -> str:
    """Return a valid UPN of an authority and a school that do not exist."""
    rest = f"0000000{20 + number // 1000 % 80:02d}{number % 1000:03d}"
    return check_letter(rest) + rest


def _born(number: int, place: int) -> date:
    first = _FIRST_BIRTHDAY.replace(year=_FIRST_BIRTHDAY.year - place)
    return first + timedelta(days=number * 7 % 365)


def _guardians(reference: str, family: str, number: int) -> tuple[InventedGuardian, ...]:
    other = _FAMILY[number * 13 % len(_FAMILY)]
    return (
        InventedGuardian(
            reference=f"{reference}-1",
            name=f"{_GIVEN[number * 11 % len(_GIVEN)]} {family}",
            relationship="mother",
            responsible=True,
        ),
        InventedGuardian(
            reference=f"{reference}-2",
            name=f"{_GIVEN[number * 19 % len(_GIVEN)]} {other}",
            relationship="foster carer" if number % 41 == 0 else "father",
            responsible=number % 41 != 0,
        ),
    )


def _answer(
    number: int, at: int, purpose: str, guardian: InventedGuardian
) -> InventedAnswer | None:
    """Return an answer: of 23, three are missing, two say no, one was withdrawn."""
    draw = (number * 7 + at * 5 + int(guardian.reference[-1])) % 23
    if draw in (3, 11, 19):
        return None
    given_on = date(2026, 9, 1) + timedelta(days=(number + at) % 20)
    says = {5: "no", 13: "no", 17: "withdrawn"}.get(draw, "yes")
    return InventedAnswer(
        guardian=guardian.reference,
        purpose=purpose,
        says=says,
        given_on=given_on,
        valid_until=date(2027, 8, 31) if says == "yes" else None,
    )


def register_rows(pupils: Iterable[InventedPupil]) -> Iterator[dict[str, str]]:
    """Yield the rows of the register file (docs/register-file.md) that say the same."""
    for pupil in pupils:
        yield {
            "kind": "pupil",
            "reference": pupil.reference,
            "given_name": pupil.given_name,
            "family_name": pupil.family_name,
            "known_as": pupil.known_as,
            "class": pupil.class_name,
            "restricted": "yes" if pupil.restricted else "",
        }
        for guardian in pupil.guardians:
            yield {
                "kind": "guardian",
                "reference": guardian.reference,
                "person": pupil.reference,
                "capacity": "responsible" if guardian.responsible else "undelegated",
            }
        for answer in pupil.answers:
            yield {
                "kind": "answer",
                "person": pupil.reference,
                "by": answer.guardian,
                "purpose": answer.purpose,
                "says": answer.says,
                "given_on": answer.given_on.isoformat(),
                "valid_until": answer.valid_until.isoformat() if answer.valid_until else "",
            }
