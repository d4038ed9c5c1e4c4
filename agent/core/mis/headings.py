# SPDX-License-Identifier: Apache-2.0
"""What the columns of an export are called, in the wordings of the systems that schools use.

An exact table on normalised headings, for what identifies a pupil only. A column about consent is
never guessed: schools name these freely, so a person says once what each means, and that is
remembered for files with the same headings. Likeness only orders what is offered to that person.
"""

import difflib
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Final

_SEARCHED_ROWS: Final = 25
_ENOUGH_KNOWN: Final = 2


class Field(Enum):
    """What a column can say of a pupil, beside answers."""

    UPN = "upn"
    ADMISSION = "admission"
    GIVEN = "given"
    FAMILY = "family"
    FULL_NAME = "full_name"
    KNOWN_AS = "known_as"
    BORN = "born"
    YEAR = "year"
    CLASS = "class"
    STATUS = "status"
    LEFT_ON = "left_on"
    DECIDED_ON = "decided_on"
    GIVEN_BY = "given_by"
    CONSENT_TYPE = "consent_type"
    CONSENT_STATUS = "consent_status"


_ALIASES: Final[Mapping[Field, tuple[str, ...]]] = {
    Field.UPN: ("upn", "uniquepupilnumber", "pupilupn", "studentupn", "currentupn"),
    Field.ADMISSION: (
        "adno",
        "admissionnumber",
        "admissionno",
        "admno",
        "admnumber",
        "studentid",
        "pupilid",
        "arborstudentid",
        "misid",
        "id",
    ),
    Field.GIVEN: (
        "legalforename",
        "legalfirstname",
        "forename",
        "firstname",
        "givenname",
        "pupilforename",
        "studentforename",
        "studentfirstname",
        "forenames",
    ),
    Field.FAMILY: (
        "legalsurname",
        "legallastname",
        "surname",
        "lastname",
        "familyname",
        "pupilsurname",
        "studentsurname",
        "studentlastname",
    ),
    Field.FULL_NAME: ("name", "pupil", "student", "fullname", "pupilname", "studentname"),
    Field.KNOWN_AS: (
        "knownas",
        "preferredforename",
        "preferredfirstname",
        "prefforename",
        "preferredname",
        "chosenname",
    ),
    Field.BORN: ("dob", "dateofbirth", "birthdate", "birthday", "pupildob", "studentdob"),
    Field.YEAR: (
        "year",
        "yr",
        "yeargroup",
        "ncyear",
        "ncy",
        "nationalcurriculumyear",
        "curriculumyear",
        "yeartaughtin",
    ),
    Field.CLASS: (
        "class",
        "classname",
        "reg",
        "reggroup",
        "registrationgroup",
        "registrationform",
        "form",
        "formgroup",
        "formtutorgroup",
        "tutorgroup",
        "tutorgroupname",
    ),
    Field.STATUS: ("status", "enrolmentstatus", "enrollmentstatus", "onroll", "onrollstatus"),
    Field.LEFT_ON: ("leavingdate", "dateofleaving", "dol", "leftdate", "dateleft", "leftschool"),
    Field.DECIDED_ON: (
        "consentdate",
        "dateofconsent",
        "consentgivenon",
        "responsedate",
        "dategiven",
        "consentdategiven",
    ),
    Field.GIVEN_BY: ("givenby", "consentgivenby", "consentedby", "answeredby", "respondent"),
    Field.CONSENT_TYPE: (
        "consenttype",
        "parentalconsenttype",
        "parentalconsent",
        "permission",
        "consentname",
        "consentdescription",
    ),
    Field.CONSENT_STATUS: (
        "consentstatus",
        "consentgiven",
        "response",
        "permissionstatus",
        "consentvalue",
        "consentresponse",
        "consentanswer",
    ),
}
_FIELD_OF: Final = {alias: field for field, words in _ALIASES.items() for alias in words}
_SENSITIVE: Final = frozenset(
    {"lac", "incare", "lookedafter", "lookedafterchild", "cp", "cpplan", "childprotection"}
    | {"safeguarding", "safeguardingflag", "cin", "childinneed", "adopted", "postlac", "sen"}
    | {"ethnicity", "religion", "fsm", "freeschoolmeals", "pupilpremium", "medical", "address"}
)


def normal_heading(text: str) -> str:
    """Return a heading as it is compared: letters and digits only, without case and accents."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in plain if character.isalnum())


def field_of(heading: str) -> Field | None:
    """Return what a heading means, None where the table does not know it."""
    return _FIELD_OF.get(normal_heading(heading))


def is_sensitive(heading: str) -> bool:
    """Tell whether a column is about something that this register must not hold."""
    return normal_heading(heading) in _SENSITIVE


def known_fields(headings: Sequence[str]) -> dict[int, Field]:
    """Return what the columns mean, by place; of two for one field, the better known wording."""
    found: dict[Field, int] = {}
    for place, heading in enumerate(headings):
        field = field_of(heading)
        if field is None:
            continue
        rival = found.get(field)
        if rival is None or _rank(field, heading) < _rank(field, headings[rival]):
            found[field] = place
    return {place: field for field, place in sorted(found.items(), key=lambda item: item[1])}


def suggestions(heading: str) -> tuple[Field, ...]:
    """Return every field, those whose wordings are most like the heading first."""
    wanted = normal_heading(heading)

    def likeness(field: Field) -> float:
        matcher = difflib.SequenceMatcher(b=wanted, autojunk=False)
        best = 0.0
        for alias in _ALIASES[field]:
            matcher.set_seq1(alias)
            best = max(best, matcher.ratio())
        return -best

    return tuple(sorted(Field, key=likeness))


def fingerprint(headings: Iterable[str]) -> str:
    """Return what a remembered layout is found by: a digest of the headings in any order."""
    words = sorted(normal_heading(heading) for heading in headings)
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()


def find_heading(rows: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the heading row, below title rows; None where no row looks like one."""
    for place, row in enumerate(rows[:_SEARCHED_ROWS]):
        if len({field for cell in row if (field := field_of(cell))}) >= _ENOUGH_KNOWN:
            return place
    return None


def _rank(field: Field, heading: str) -> int:
    return _ALIASES[field].index(normal_heading(heading))
