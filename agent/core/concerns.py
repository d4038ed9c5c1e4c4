# SPDX-License-Identifier: Apache-2.0
"""The closed list of concerns: every reason that a photo may be held or quarantined for.

Each concern carries its code, its severity, a sentence for the school office and a remedy. A rule
chooses a concern and nothing else, so no rule can choose a softer outcome than the list gives it.
`docs/codes.md` is generated from this module.

Rule: no sentence names a child, a device, a folder or the reason for a restriction.
"""

from collections.abc import Sequence
from enum import Enum, IntEnum


class Verdict(IntEnum):
    """What becomes of a medium, ordered by caution: the greatest verdict of all objections wins."""

    KEEP = 0
    HOLD = 1
    QUARANTINE = 2


_HOLD = Verdict.HOLD
_QUARANTINE = Verdict.QUARANTINE


class Concern(Enum):
    """One reason: (code, severity, sentence, remedy)."""

    MEDIA_EMPTY = (
        "media.empty",
        _QUARANTINE,
        "The file is empty.",
        "Copy the picture from the camera again; if it is empty there too, delete it.",
    )
    MEDIA_UNREADABLE = (
        "media.unreadable",
        _QUARANTINE,
        "The file is damaged or cut short and cannot be read safely.",
        "Copy it from the camera again; the original is still in the import folder.",
    )
    MEDIA_UNDECODED = (
        "media.undecoded",
        _QUARANTINE,
        "The file made the picture reader fail, so it was locked away unopened.",
        "Copy it from the camera again; if it happens twice, tell your technician.",
    )
    MEDIA_UNSUPPORTED = (
        "media.unsupported",
        _HOLD,
        "This type of file cannot be cleaned yet.",
        "Export the picture as JPEG or PNG on the device and copy it in again.",
    )
    MEDIA_UNVERIFIABLE = (
        "media.unverifiable",
        _HOLD,
        "This type of file cannot be proved free of hidden details: it is stored but never shared.",
        "Nothing needs doing; set the camera to JPEG if you want to use its pictures.",
    )
    MEDIA_UNVERIFIED = (
        "media.unverified",
        _HOLD,
        "After cleaning, a second check could not confirm that every hidden detail had gone.",
        "Tell your technician; the picture is safe and sealed.",
    )
    MEDIA_TOO_LARGE = (
        "media.too_large",
        _HOLD,
        "The picture is larger than the limit that protects this computer.",
        "Take a smaller picture, or ask your technician about the limit.",
    )
    DEVICE_UNREGISTERED = (
        "device.unregistered",
        _HOLD,
        "The file's metadata indicates a device that is not on the school's register.",
        "If it is a school device, add it to the register; if it is not, the headteacher decides.",
    )
    DEVICE_NO_EVIDENCE = (
        "device.no_evidence",
        _HOLD,
        "Nothing in the file says which device took it.",
        "Copy the original from the school device; screenshots and messages lose these details.",
    )
    DEVICE_CONTRADICTORY = (
        "device.contradictory",
        _HOLD,
        "The details in the file and the folder that it came by point to different devices.",
        "Check which device took it, and put it into that device's own import folder.",
    )
    DEVICE_UNROUTED = (
        "device.unrouted",
        _HOLD,
        "The school has devices of this model, but the file did not come by one's own folder.",
        "Copy it from the device into that device's own import folder.",
    )
    DEVICE_RETIRED = (
        "device.retired",
        _HOLD,
        "The file comes from a device that the school has retired.",
        "If the device is in use again, say so in the register; if not, tell the headteacher.",
    )
    DEVICE_MESSENGER = (
        "device.messenger_name",
        _HOLD,
        "The file's name is one that messaging apps give.",
        "Copy the original from the school device into that device's own import folder.",
    )
    DEVICE_PHONE_NAME = (
        "device.phone_name",
        _HOLD,
        "The file's name is one that telephones give, and nothing shows a school device.",
        "Copy the original from the school device into that device's own import folder.",
    )
    DEVICE_SCREENSHOT = (
        "device.screenshot",
        _HOLD,
        "It is a picture of a screen and not what a camera saw.",
        "Copy the original picture from the school device.",
    )
    DEVICE_EDITED = (
        "device.edited",
        _HOLD,
        "The file was written by a picture editor and not by a camera.",
        "Copy the original from the school device; crop or cover people here instead.",
    )
    CARD_PICTURE = (
        "card.picture",
        _HOLD,
        "This is a picture of a class card and not of a lesson.",
        "Nothing needs doing: it did its work, and is never used as a picture.",
    )
    CARD_FORGED = (
        "card.forged",
        _HOLD,
        "A class card before this picture looks like ours and was not printed here.",
        "Print a new card, and say who is in the pictures that were taken after it.",
    )
    CARD_EXPIRED = (
        "card.expired",
        _HOLD,
        "The class card before this picture is of another school year.",
        "Print the cards of this school year, and say who is in the picture.",
    )
    CARD_WITHDRAWN = (
        "card.withdrawn",
        _HOLD,
        "The class card before this picture was withdrawn.",
        "Print a new card, and say who is in the picture.",
    )
    CARD_UNKNOWN = (
        "card.unknown",
        _HOLD,
        "The class card before this picture is of a class that is not on the register.",
        "Publish the register with that class, or say who is in the picture.",
    )
    CARD_CONFLICTING = (
        "card.conflicting",
        _HOLD,
        "Two different class cards were photographed together before this picture.",
        "Say who is in the picture; photograph one card at a time.",
    )
    SITTING_DISORDERED = (
        "sitting.disordered",
        _HOLD,
        "The camera's times and picture numbers do not agree, so a class card may not count.",
        "Set the camera's clock, and say who is in the picture.",
    )
    PEOPLE_UNCOUNTED = (
        "people.uncounted",
        _HOLD,
        "More faces are in the picture than people are named or listed for it.",
        "Say who else is in the picture.",
    )
    PEOPLE_NOT_COUNTED = (
        "people.not_counted",
        _HOLD,
        "Nobody has counted who is in it, and the program could not: it never can in a recording.",
        "Say who is in it.",
    )
    PEOPLE_UNATTRIBUTED = (
        "people.unattributed",
        _HOLD,
        "Nothing says who is in the picture.",
        "Put it into the folder of the class or group that was photographed.",
    )
    PEOPLE_INCOMPLETE = (
        "people.incomplete",
        _HOLD,
        "Some people are named, but nothing says that they are the only ones in the picture.",
        "Put it into the folder of the class or group that was photographed.",
    )
    PEOPLE_UNNAMED_FACE = (
        "people.unnamed_face",
        _HOLD,
        "A face in the picture is marked but has no name.",
        "Name that person, or put the picture into the folder of the class or group.",
    )
    PEOPLE_UNKNOWN_NAME = (
        "people.unknown_name",
        _HOLD,
        "Someone named in the picture is not on the school's register.",
        "Check the spelling in the register, or add the person to it.",
    )
    PEOPLE_NOT_KNOWN = (
        "people.not_known",
        _HOLD,
        "Whoever looked at the picture does not know everybody who is in it.",
        "Ask somebody who knows the class, and say who it is.",
    )
    PEOPLE_VISITORS = (
        "people.visitors",
        _HOLD,
        "Visitors are in the picture whom nobody has asked whether it may be used for this.",
        "Keep it for the school's own records, or cover them.",
    )
    PEOPLE_AMBIGUOUS_NAME = (
        "people.ambiguous_name",
        _HOLD,
        "A name in the picture belongs to more than one person on the register.",
        "Say which of them it is.",
    )
    PEOPLE_NOTES_UNREADABLE = (
        "people.notes_unreadable",
        _HOLD,
        "A file of notes lay beside the picture and could not be read; it may name people.",
        "Say who is in the picture.",
    )
    PEOPLE_ROSTER_EMPTY = (
        "people.roster_empty",
        _HOLD,
        "The class or group of this folder has nobody on its list.",
        "Add its members to the register.",
    )
    PERMISSION_ABSENT = (
        "permission.absent",
        _HOLD,
        "Someone who may be in the picture has no recorded permission.",
        "Ask the family and record the answer.",
    )
    PERMISSION_REFUSED = (
        "permission.refused",
        _HOLD,
        "Someone who may be in the picture has not been given permission.",
        "Keep it held, or have a copy made without that person.",
    )
    PERMISSION_CHILD_REFUSED = (
        "permission.child_refused",
        _HOLD,
        "A child who may be in the picture has said no.",
        "Keep it held, or have a copy made without that child.",
    )
    PERMISSION_WITHDRAWN = (
        "permission.withdrawn",
        _HOLD,
        "Permission for someone who may be in the picture has been withdrawn.",
        "Keep it held, or have a copy made without that person.",
    )
    PERMISSION_EXPIRED = (
        "permission.expired",
        _HOLD,
        "Permission for someone who may be in the picture has run out.",
        "Ask the family to renew it and record the answer.",
    )
    PERMISSION_NOT_YET_VALID = (
        "permission.not_yet_valid",
        _HOLD,
        "Permission for someone who may be in the picture starts on a later day.",
        "Wait for that day; nothing else needs doing.",
    )
    PERMISSION_CONFLICTING = (
        "permission.conflicting",
        _HOLD,
        "The answers for someone who may be in the picture disagree, which counts as no.",
        "Ask the family; until all agree the answer stays no.",
    )
    PERMISSION_UNDELEGATED = (
        "permission.undelegated",
        _HOLD,
        "An answer came from someone whose authority to decide is not recorded.",
        "Record the delegation, or ask a person with parental responsibility.",
    )
    PERMISSION_RESTRICTED = (
        "permission.restricted",
        _HOLD,
        "Someone who may be in the picture must not be photographed at present.",
        "Ask the headteacher or the safeguarding lead.",
    )
    REGISTER_MISSING = (
        "register.missing",
        _HOLD,
        "This computer has no consent register.",
        "Publish the register from the office.",
    )
    REGISTER_STALE = (
        "register.stale",
        _HOLD,
        "The consent register on this computer is out of date.",
        "Publish the register from the office again.",
    )
    REGISTER_UNTRUSTED = (
        "register.untrusted",
        _HOLD,
        "The consent register is not the one that the office signed.",
        "Publish the register from the office again and tell your technician.",
    )
    REGISTER_ROLLED_BACK = (
        "register.rolled_back",
        _HOLD,
        "An older consent register took the place of a newer one.",
        "Publish the register from the office again and tell your technician.",
    )
    CLOCK_UNTRUSTED = (
        "clock.untrusted",
        _HOLD,
        "The clock of this computer cannot be right, so dates cannot be checked.",
        "Set the computer's date and time.",
    )
    FREEZE_COPY = (
        "freeze.copy",
        _HOLD,
        "A picture of the same scene is frozen.",
        "Leave it as it is and tell the safeguarding lead.",
    )
    DECISION_UNPROVEN = (
        "decision.unproven",
        _HOLD,
        "Not everything that must be shown for keeping the picture was shown.",
        "Tell your technician; the picture is safe and sealed.",
    )

    def __init__(self, code: str, severity: Verdict, sentence: str, remedy: str) -> None:
        self.code = code
        self.severity = severity
        self.sentence = sentence
        self.remedy = remedy

    @property
    def is_about_the_file(self) -> bool:
        """Whether it says only that these bytes cannot be read, cleaned or verified."""
        return self.code.startswith("media.")

    @property
    def sticks_to_copies(self) -> bool:
        """Whether it says something of the people in a scene, and so of every copy of it.

        How a copy came here, or that nobody has said who is in it, says nothing of the others.
        """
        return self.code.startswith("permission.") or self.code in _OF_PEOPLE

    @property
    def is_confidential(self) -> bool:
        """Whether only the headteacher may read why; everybody else reads that it is held.

        A personal device is a matter between its owner and the headteacher; why somebody must not
        be photographed is the safeguarding lead's.
        """
        return self in _CONFIDENTIAL

    @classmethod
    def of(cls, code: str) -> "Concern":
        """Return the concern with this code.

        Raises:
            KeyError: no concern has it.
        """
        return _BY_CODE[code]


def plain_reason(concerns: Sequence[Concern]) -> str:
    """Return the reason for a verdict in plain words for the office."""
    if not concerns:
        return "A school device took it and everyone who may be in it has permission."
    return " ".join(concern.sentence for concern in concerns)


def reason_for_colleagues(concerns: Sequence[Concern]) -> str:
    """Return the reason for a verdict without what only the headteacher may read."""
    if any(concern.is_confidential for concern in concerns):
        return "It is held; the office knows why."
    return plain_reason(concerns)


_OF_PEOPLE = frozenset({"people.unknown_name", "people.ambiguous_name", "people.not_known"})
_CONFIDENTIAL = frozenset(
    {
        Concern.DEVICE_UNREGISTERED,
        Concern.DEVICE_PHONE_NAME,
        Concern.PERMISSION_RESTRICTED,
        Concern.FREEZE_COPY,
    }
)
_BY_CODE = {concern.code: concern for concern in Concern}
