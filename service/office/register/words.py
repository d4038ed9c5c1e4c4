# SPDX-License-Identifier: Apache-2.0
"""What pages call things: standings, bases, ways of answering. Colour only repeats the word."""

from typing import Final, NamedTuple

from agent.core.consent import Standing


class Word(NamedTuple):
    """A short word, its colour, and the sentence that says why."""

    word: str
    colour: str
    why: str


STANDINGS: Final = {
    Standing.GRANTED: Word("Yes", "green", "Somebody entitled said yes and nobody said no."),
    Standing.RESTRICTED: Word("Do not photograph", "red", "The school must not photograph them."),
    Standing.CHILD_REFUSED: Word("No (child)", "red", "The child said no, which always counts."),
    Standing.CONFLICTING: Word("No (disputed)", "red", "One said yes and another no: no counts."),
    Standing.REFUSED: Word("No", "red", "Somebody entitled said no."),
    Standing.WITHDRAWN: Word("Withdrawn", "red", "A yes was taken back."),
    Standing.UNDELEGATED: Word(
        "No (not entitled)", "orange", "A carer said yes whose delegation nobody has seen."
    ),
    Standing.EXPIRED: Word("Ended", "orange", "The yes ran out and was not renewed."),
    Standing.NOT_YET_VALID: Word("Not yet", "orange", "The yes begins on a later day."),
    Standing.ABSENT: Word("Not known", "grey", "Nobody has answered, so it counts as no."),
}
RESTRICTED: Final = Word("No", "red", "The school must not photograph them.")
BASES: Final = [
    ("consent", "Consent"),
    ("public_task", "Public task"),
    ("legitimate_interests", "Legitimate interests"),
]
SCOPES: Final = [
    ("internal", "Inside the school"),
    ("families", "Families of the school"),
    ("world", "Everybody"),
    ("third_party", "Other organisations"),
    ("modifier", "Goes with another purpose"),
]
RENEWALS: Final = [
    ("school_year", "Asked again every school year"),
    ("two_years", "Asked again after two years"),
    ("while_here", "As long as the child is here"),
]
HOW: Final = [
    ("form", "Paper form"),
    ("letter", "Letter"),
    ("e_mail", "E-mail"),
    ("telephone", "Telephone"),
    ("in_person", "In person"),
    ("online", "Online form"),
    ("child_said", "The child said so"),
]
SAYS: Final = [("yes", "Yes"), ("no", "No"), ("withdrawn", "Withdrawn")]
CAPACITIES: Final = [
    ("responsible", "Has parental responsibility"),
    ("delegated", "Carer, and I have seen the delegation"),
    ("undelegated", "Carer without delegation, or not known"),
]
SORTS: Final = [("pupil", "Pupil"), ("staff", "Member of staff"), ("visitor", "Visitor")]
ALL_HOW: Final = dict(HOW) | {"import": "Import"}
